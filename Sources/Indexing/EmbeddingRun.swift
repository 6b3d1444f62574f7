// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore
import Inference
import Synchronization

/// Gives the chunks of some blobs their vectors, each once: reads their heads from git and asks the embedder.
struct EmbeddingRun {
  let embedder: any Embedder
  let writer: HomeWriter
  let gitDirectory: String
  /// Batches asked for at once.
  let width: Int
  /// Told how many of how many blobs are done.
  let progress: (_ done: Int, _ total: Int) -> Void

  /// Blobs in a batch: some hundred texts.
  private static let batchSize = 32

  /// What was embedded, and what ended it.
  private struct Embedded {
    var heads: [(place: HeadPlace, vector: [Float]?)]
    var failure: NenrinError?
  }

  /// What is made is written at the latest after this time and 1/`shareAtRisk` of what is there, so that a killed run
  /// loses little and does not leave many files.
  var longestUnwritten = Duration.seconds(60)
  private static let shareAtRisk = 64

  static func space(of identity: EmbedderIdentity) -> VectorSpace {
    VectorSpace(name: identity.name, dimensions: identity.dimensions, fingerprint: identity.fingerprint)
  }

  /// Embeds what has no vector yet; the blobs must be sealed. Returns how many vectors are new. Where the embedder
  /// fails or the task is cancelled, what is finished is kept and the next run goes on from there.
  func run(_ blobs: some Sequence<BlobKey>) async throws -> Int {
    let segments = writer.unembedded(blobs, in: EmbeddingRun.space(of: embedder.identity))
    let total = segments.reduce(0) { $0 + $1.blobs.count }
    var (done, new) = (0, 0)
    for segment in segments {
      var batch = segment.batch()
      var (written, since) = (0, ContinuousClock.now)
      let result: Result<Void, any Error>
      do {
        try await embed(segment.blobs) { embedded, blobCount in
          for (place, vector) in embedded { batch.add(place, vector) }
          done += blobCount
          progress(done, total)
          guard since.duration(to: .now) >= longestUnwritten, batch.count * Self.shareAtRisk >= written else { return }
          try writer.add(batch, to: segment)
          written += batch.count
          new += batch.count
          (batch, since) = (segment.batch(), .now)
        }
        result = .success(())
      } catch { result = .failure(error) }
      try writer.add(batch, to: segment)
      new += batch.count
      try result.get()
    }
    return new
  }

  private func embed(
    _ blobs: [BlobHeads], take: ([(place: HeadPlace, vector: [Float]?)], Int) throws -> Void
  ) async throws {
    let readers = HeadReaders(gitDirectory: gitDirectory)
    let starts = Array(stride(from: 0, to: blobs.count, by: EmbeddingRun.batchSize))
    try await withThrowingTaskGroup(of: (Embedded, Int).self) { group in
      var issued = 0
      func issue() {
        let part = blobs[starts[issued]..<min(starts[issued] + EmbeddingRun.batchSize, blobs.count)]
        let embedder = embedder
        group.addTask { (try await EmbeddingRun.embed(part, embedder, readers), part.count) }
        issued += 1
      }
      while issued < min(width, starts.count) { issue() }
      // What is under way when one fails is waited for and kept: somebody's server has worked on it.
      var failure: (any Error)?
      while let result = await group.nextResult() {
        switch result {
        case .success(let (embedded, count)):
          do { try take(embedded.heads, count) } catch { failure = failure ?? error }
          failure = failure ?? embedded.failure
        case .failure(let error): failure = failure ?? error
        }
        if Task.isCancelled { failure = failure ?? CancellationError() }
        if failure == nil, issued < starts.count { issue() }
      }
      if let failure { throw failure }
    }
  }

  private static func embed(
    _ blobs: ArraySlice<BlobHeads>, _ embedder: any Embedder, _ readers: HeadReaders
  ) async throws -> Embedded {
    let (heads, passedOver) = try readers.heads(of: blobs)
    let result = try await embedder.embedKeeping(heads.map(\.text), as: .passage)
    guard result.vectors.count == heads.count else {
      throw NenrinError(.internalFailure, "\(result.vectors.count) vectors came for \(heads.count) texts")
    }
    let made = zip(heads, result.vectors).compactMap { head, vector in vector.map { (head.place, Optional($0)) } }
    return Embedded(heads: made + passedOver.map { ($0, nil) }, failure: result.failure)
  }
}

/// Repository handles for reading heads; as many are opened as are in use at once.
private final class HeadReaders: Sendable {
  private let gitDirectory: String
  private let idle = Mutex<[Handle]>([])

  private final class Handle: @unchecked Sendable {  // because `idle` lends each to one task at a time
    let repository: Repository
    init(_ repository: Repository) { self.repository = repository }
  }

  init(gitDirectory: String) { self.gitDirectory = gitDirectory }

  /// The text of each head that is worth a vector, and the places of those that are not.
  func heads(
    of blobs: ArraySlice<BlobHeads>
  ) throws -> (heads: [(place: HeadPlace, text: String)], passedOver: [HeadPlace]) {
    let handle = try idle.withLock { $0.popLast() } ?? Handle(try Repository(opening: gitDirectory))
    defer { idle.withLock { $0.append(handle) } }
    var heads: [(place: HeadPlace, text: String)] = []
    var passedOver: [HeadPlace] = []
    for blob in blobs {
      try handle.repository.withBytes(of: blob.object) { bytes in
        for place in blob.places {
          let head = UnsafeRawBufferPointer(rebasing: bytes[place.bytes.clamped(to: 0..<bytes.count)])
          if place.isLoose, !HeadReaders.isExplained(head) {
            passedOver.append(place)
          } else {
            heads.append((place, String(decoding: head, as: UTF8.self)))
          }
        }
      }
    }
    return (heads, passedOver)
  }

  /// A run of declarations without a word on top has nothing to say that its names do not.
  private static func isExplained(_ head: UnsafeRawBufferPointer) -> Bool {
    guard let start = head.firstIndex(where: { $0 > 0x20 }) else { return false }
    let next = start + 1 < head.count ? head[start + 1] : 0
    return head[start] == UInt8(ascii: "#") && (next == UInt8(ascii: " ") || next == UInt8(ascii: "!"))
      || head[start] == UInt8(ascii: "/") && (next == UInt8(ascii: "*") || next == UInt8(ascii: "/"))
      || head[start] == UInt8(ascii: "\"")
  }
}
