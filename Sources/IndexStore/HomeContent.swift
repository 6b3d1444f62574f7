// SPDX-License-Identifier: Apache-2.0
import Glossary

/// The blobs and chunks of a home's segments, each blob with a number as chunks have one; and after them those that
/// were read and are not written, because somebody only wants to know what they would add.
struct HomeContent {
  /// A blob, as far as counting needs it.
  struct Blob {
    var number: Int
    var byteCount: Int64
    var skip: SkipReason
    /// Home-wide numbers.
    var chunks: [UInt32]
  }

  private let segments: [Segment]
  /// By segment: the number of its first blob.
  private var firstBlobs: [Int] = []
  private var unwritten: [Blob] = []
  private var unwrittenBlobs: [BlobKey: Int] = [:]
  private var unwrittenChunks: [ChunkKey: UInt32] = [:]
  private var unwrittenByteCounts: [Int] = []
  private let writtenBlobCount: Int
  private let writtenChunkCount: Int

  init(_ segments: [Segment]) {
    self.segments = segments
    var next = 0
    for segment in segments {
      firstBlobs.append(next)
      next += segment.blobs.count
    }
    writtenBlobCount = next
    writtenChunkCount = segments.last?.chunkRange.upperBound ?? 0
  }

  var blobCount: Int { writtenBlobCount + unwritten.count }
  var chunkCount: Int { writtenChunkCount + unwrittenByteCounts.count }

  /// How many blobs and chunks lie in the segments before this number.
  func extent(before segment: Int64) -> (blobs: Int, chunks: Int) {
    guard let index = segments.firstIndex(where: { $0.number >= segment }) else {
      return (writtenBlobCount, writtenChunkCount)
    }
    return (firstBlobs[index], segments[index].chunkBase)
  }

  /// Throws `indexDamaged` where no segment holds the blob.
  func blob(_ key: BlobKey) throws -> Blob {
    for (index, segment) in segments.enumerated() {
      guard let row = segment.blobRow(key) else { continue }
      let blob = segment.blobs[row]
      return Blob(
        number: firstBlobs[index] + row, byteCount: Int64(blob.byteCount),
        skip: SkipReason(rawValue: blob.skip) ?? .none, chunks: try segment.chunkNumbers(ofBlob: row))
    }
    guard let number = unwrittenBlobs[key] else {
      throw Segment.damage(segments.first?.file.path ?? "the index", "blob \(key.object) is not indexed")
    }
    return unwritten[number]
  }

  func byteCount(ofChunk chunk: UInt32) -> Int {
    guard Int(chunk) < writtenChunkCount else { return unwrittenByteCounts[Int(chunk) - writtenChunkCount] }
    let segment = Segment.holding(chunk, among: segments)
    return Int(segment.chunkByteCounts[Int(chunk) - segment.chunkBase])
  }

  func contains(unwritten key: BlobKey) -> Bool { unwrittenBlobs[key] != nil }

  /// Takes in a blob that is not written.
  mutating func add(_ blob: PreparedBlob) {
    let known = KnownContent(segments: segments)
    let chunks = blob.chunks.map { chunk in
      if let number = known.chunkNumber(chunk.key) ?? unwrittenChunks[chunk.key] { return number }
      let number = UInt32(chunkCount)
      unwrittenChunks[chunk.key] = number
      unwrittenByteCounts.append(chunk.byteCount)
      return number
    }
    unwrittenBlobs[blob.key] = unwritten.count
    unwritten.append(
      Blob(number: blobCount, byteCount: Int64(blob.byteCount), skip: blob.skip, chunks: chunks))
  }
}
