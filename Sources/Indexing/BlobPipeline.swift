// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// Runs blobs through the workers and hands them on in order, never more than a few batches ahead of the one that takes
/// them, so that memory stays bounded however slow the taker is.
struct BlobPipeline {
  let workers: BlobWorkers
  /// Batches being worked on at once.
  let width: Int

  /// Blobs in a batch: enough that handing over costs nothing, few enough that a batch of large ones is no burden.
  static let batchSize = 32

  /// Prepares every blob and calls `take` with each batch, in the order of `keys`. Stops at the first error, or when the
  /// task is cancelled (`CancellationError`).
  func run(_ keys: [BlobKey], take: ([PreparedBlob]) throws -> Void) async throws {
    let starts = Array(stride(from: 0, to: keys.count, by: BlobPipeline.batchSize))
    try await withThrowingTaskGroup(of: (Int, [PreparedBlob]).self) { group in
      var (issued, taken) = (0, 0)
      var waiting: [Int: [PreparedBlob]] = [:]
      func issue() {
        let index = issued
        let batch = keys[starts[index]..<min(starts[index] + BlobPipeline.batchSize, keys.count)]
        let workers = workers
        group.addTask { (index, try workers.prepare(batch)) }
        issued += 1
      }
      while issued < min(width, starts.count) { issue() }
      while let (index, batch) = try await group.next() {
        try Task.checkCancellation()
        waiting[index] = batch
        while let next = waiting.removeValue(forKey: taken) {
          taken += 1
          try take(next)
        }
        while issued < starts.count, issued - taken < width * 4, issued - taken - waiting.count < width { issue() }
      }
    }
  }
}
