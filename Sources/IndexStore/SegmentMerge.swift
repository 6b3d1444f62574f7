// SPDX-License-Identifier: Apache-2.0
import Glossary

/// What of a home's segments some snapshot names.
struct LiveContent {
  /// By segment, then by row of `blobs`.
  private(set) var blobs: [[Bool]]
  /// By home-wide chunk number.
  private(set) var chunks: [Bool]
  private(set) var blobCount = 0
  private(set) var chunkCount = 0
  private let segments: [Segment]

  init(segments: [Segment]) {
    self.segments = segments
    blobs = segments.map { Array(repeating: false, count: $0.blobs.count) }
    chunks = Array(repeating: false, count: segments.last?.chunkRange.upperBound ?? 0)
  }

  /// Everything that some segments hold.
  init(allOf segments: [Segment]) {
    self.init(segments: segments)
    for (index, segment) in segments.enumerated() {
      blobs[index] = Array(repeating: true, count: segment.blobs.count)
      for chunk in segment.chunkRange { chunks[chunk] = true }
      blobCount += segment.blobs.count
      chunkCount += segment.chunkCount
    }
  }

  /// Marks what a manifest names; of changes, what they bring. Throws `indexDamaged` where a blob is in no segment.
  mutating func mark(_ manifest: NewManifest) throws {
    switch manifest {
    case .whole(let table):
      for index in 0..<table.count where table.kind(at: index).isFile { try mark(table.blobKey(at: index)) }
    case .changes(let changes):
      for change in changes {
        switch change {
        case .added(let entry), .modified(_, let entry): if entry.kind.isFile { try mark(entry.blobKey) }
        case .removed: break
        }
      }
    }
  }

  private mutating func mark(_ key: BlobKey) throws {
    guard let (segment, row) = find(key) else {
      throw Segment.damage(segments.first?.file.path ?? "the index", "blob \(key.object) is not indexed")
    }
    if !blobs[segment][row] { mark(row, ofSegment: segment) }
  }

  private mutating func mark(_ row: Int, ofSegment index: Int) {
    blobs[index][row] = true
    blobCount += 1
    for place in segments[index].chunks(ofBlob: row) {
      let chunk = Int(segments[index].blobChunks[place])
      if !chunks[chunk] { chunkCount += 1 }
      chunks[chunk] = true
    }
  }

  private func find(_ key: BlobKey) -> (Int, Int)? {
    for index in segments.indices {
      if let row = segments[index].blobRow(key) { return (index, row) }
    }
    return nil
  }
}

/// Copies what is live out of segments into new ones, without a look at git.
///
/// Chunks keep their order, so the new number of each is how many live ones stand before it, every new segment holds a
/// contiguous range of old numbers, and a posting list stays in order when it is copied. Only what goes into one new
/// segment is held in memory.
struct SegmentMerge {
  let segments: [Segment]
  let live: LiveContent
  /// For each old chunk its new number, or `UInt32.max`.
  let numbers: [UInt32]
  /// The ranges of old chunks that each new segment takes.
  let parts: [Range<Int>]

  /// Tokens of a new segment: about a gigabyte of source, whose postings are some 200 MB while it is written.
  static let mostTokens = 100_000_000

  init(segments: [Segment], live: LiveContent, mostTokens: Int = SegmentMerge.mostTokens) {
    self.segments = segments
    self.live = live
    var numbers = Array(repeating: UInt32.max, count: live.chunks.count)
    var parts: [Range<Int>] = []
    var (next, tokens, start): (UInt32, Int, Int) = (0, 0, 0)
    // Segments before these stay as they are.
    while Int(next) < segments.first?.chunkBase ?? 0 {
      numbers[Int(next)] = next
      next += 1
    }
    for segment in segments {
      for local in 0..<segment.chunkCount where live.chunks[segment.chunkBase + local] {
        let chunk = segment.chunkBase + local
        if tokens >= mostTokens {
          parts.append(start..<chunk)
          (tokens, start) = (0, chunk)
        }
        tokens += Int(segment.chunkLengths[local])
        numbers[chunk] = next
        next += 1
      }
    }
    self.numbers = numbers
    self.parts = live.blobCount == 0 ? [] : parts + [start..<live.chunks.count]
  }

  /// Writes one of the new segments and returns its size in bytes. Throws `diskFull`.
  func write(part index: Int, into path: String) throws -> Int {
    let part = parts[index]
    let base = live.chunks[part].firstIndex(of: true).map { numbers[$0] } ?? 0
    let builder = SegmentBuilder(chunkBase: base, known: KnownContent(segments: []))
    for (place, segment) in segments.enumerated() {
      copyChunks(of: segment, in: part, to: builder)
      copyBlobs(of: segment, live.blobs[place], part: index, to: builder)
    }
    return try builder.seal(into: path) { try writeTerms(of: part, base: base, $0) }
  }

  private func copyChunks(of segment: Segment, in part: Range<Int>, to builder: SegmentBuilder) {
    let chunks = segment.chunkRange.clamped(to: part).filter { live.chunks[$0] }
    guard !chunks.isEmpty else { return }
    let names = newNames(segment, chunks, builder.names)
    for chunk in chunks {
      builder.copy(chunk: chunk - segment.chunkBase, of: segment) { names[Int($0)] }
    }
  }

  /// For each name of a segment that these chunks use its number in `table`, where it is entered.
  private func newNames(_ segment: Segment, _ chunks: [Int], _ table: TermTable) -> [UInt32] {
    var isUsed = Array(repeating: false, count: segment.names.room)
    for chunk in chunks {
      let local = chunk - segment.chunkBase
      let name = segment.chunkTraits[local].name
      if name != UInt32.max { isUsed[Int(name)] = true }
      for row in segment.definitionRows(ofChunk: local) { isUsed[Int(segment.definitions[row].name)] = true }
      for binding in segment.bindingRows(ofChunk: local) {
        isUsed[Int(binding.field)] = true
        isUsed[Int(binding.target)] = true
      }
    }
    var numbers = Array(repeating: UInt32.max, count: isUsed.count)
    var cursor = segment.names.cursor()
    while cursor.advance() {
      guard isUsed[cursor.entry.number] else { continue }
      numbers[cursor.entry.number] = cursor.term.withUnsafeBytes {
        table.insert($0, hash: TermTable.hash($0)).number
      }
    }
    return numbers
  }
}
