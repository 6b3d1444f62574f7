// SPDX-License-Identifier: Apache-2.0
import Glossary

/// How a snapshot's paths, blobs and chunks hang together, worked out once when its view is opened.
struct SnapshotLayout: Sendable {
  /// For each path: the segment (its place in the list) and the row of its blob; -1 for symlinks and submodules.
  private(set) var blobSegment: [Int16] = []
  private(set) var blobRow: [Int32] = []
  /// For each chunk of the home: the first path that holds it, or -1 where none of the snapshot does.
  private(set) var chunkFile: [Int32]
  /// Further places of chunks that stand in several paths (or several times in one), in order of chunk, then path.
  private(set) var repeats: [ChunkRepeat] = []
  /// For each path: the tokens of its chunks.
  private(set) var fileLengths: [UInt32] = []
  /// Distinct chunks, and their tokens.
  private(set) var chunkCount = 0
  private(set) var chunkTokens = 0
  /// Paths with at least one chunk, and their tokens.
  private(set) var textFileCount = 0
  private(set) var fileTokens = 0

  struct ChunkRepeat: Sendable {
    var chunk: UInt32
    var file: Int32
  }

  /// Throws `indexDamaged` where a blob of the manifest is in none of the segments.
  init(manifest: ManifestTable, segments: [Segment]) throws {
    chunkFile = [Int32](repeating: -1, count: segments.last?.chunkRange.upperBound ?? 0)
    let places = BlobPlaces(manifest, in: segments)
    (blobSegment, blobRow) = (places.segments, places.rows)
    fileLengths = [UInt32](repeating: 0, count: manifest.count)
    let chunks = try SnapshotLayout.chunkRanges(manifest, places, segments)
    let lengths = Segment.chunkLengths(of: segments)
    // A million turns while a person waits: every segment's list of chunks is looked up once, not at each.
    try withExtendedLifetime(segments) {
      let lists = segments.map { $0.blobChunks.withBuffer(\.self) }
      for index in 0..<manifest.count where blobSegment[index] >= 0 {
        let segment = Int(blobSegment[index])
        let list = UnsafeBufferPointer(rebasing: lists[segment][chunks[index]])
        if let outside = place(list, at: index, lengths) {
          throw Segment.damage(segments[segment].file.path, "a blob names chunk \(outside), which does not exist")
        }
      }
    }
    repeats.sort { ($0.chunk, $0.file) < ($1.chunk, $1.file) }
  }

  /// For each path the part of its segment's list of chunks that is its blob's.
  private static func chunkRanges(
    _ manifest: ManifestTable, _ places: BlobPlaces, _ segments: [Segment]
  ) throws -> [Range<Int>] {
    try withExtendedLifetime(segments) {
      let starts = segments.map { $0.blobChunkStarts.withBuffer(\.self) }
      return try (0..<manifest.count).map { index in
        guard manifest.kind(at: index).isFile else { return 0..<0 }
        let segment = Int(places.segments[index])
        guard segment >= 0 else {
          throw Segment.damage(
            segments.first?.file.path ?? "the index",
            "blob \(manifest.objects[index]) of \(manifest.path(at: index)) is not indexed")
        }
        let row = Int(places.rows[index])
        let (start, end) = (Int(starts[segment][row]), Int(starts[segment][row + 1]))
        guard start <= end, end <= segments[segment].blobChunks.count else {
          throw Segment.damage(segments[segment].file.path, "the chunks of a blob lie outside its list of chunks")
        }
        return start..<end
      }
    }
  }

  /// The first chunk that does not exist, if one is named.
  private mutating func place(_ chunks: UnsafeBufferPointer<UInt32>, at index: Int, _ lengths: [UInt16]) -> UInt32? {
    let file = Int32(index)
    var (tokens, newCount, newTokens) = (0, 0, 0)
    for chunk in chunks {
      guard Int(chunk) < chunkFile.count else { return chunk }
      let length = Int(lengths[Int(chunk)])
      tokens += length
      if chunkFile[Int(chunk)] < 0 {
        chunkFile[Int(chunk)] = file
        newCount += 1
        newTokens += length
      } else {
        repeats.append(ChunkRepeat(chunk: chunk, file: file))
      }
    }
    chunkCount += newCount
    chunkTokens += newTokens
    fileLengths[index] = UInt32(clamping: tokens)
    if !chunks.isEmpty {
      textFileCount += 1
      fileTokens += tokens
    }
    return nil
  }

  /// The segments, of those it was made with, in which anything of the snapshot lies; places count among them from now
  /// on. What other snapshots brought need not be looked into for this one.
  mutating func dropUnneeded(_ segments: [Segment]) -> [Segment] {
    var isNeeded = segments.map { segment in chunkFile[segment.chunkRange].contains { $0 >= 0 } }
    for segment in blobSegment where segment >= 0 { isNeeded[Int(segment)] = true }
    guard isNeeded.contains(false) else { return segments }
    var places: [Int16] = []
    var next: Int16 = 0
    for isNeeded in isNeeded {
      places.append(next)
      if isNeeded { next += 1 }
    }
    for index in blobSegment.indices where blobSegment[index] >= 0 {
      blobSegment[index] = places[Int(blobSegment[index])]
    }
    return zip(segments, isNeeded).filter(\.1).map(\.0)
  }

  /// Bytes of all files.
  ///
  /// - Parameter segments: those in which places count.
  func byteCount(_ segments: [Segment]) -> Int64 {
    zip(blobSegment, blobRow).reduce(0) { sum, place in
      place.0 < 0 ? sum : sum + Int64(segments[Int(place.0)].blobs[Int(place.1)].byteCount)
    }
  }

  /// `chunkFile` with only those chunks that stand in a file that passes.
  func chunkFiles(_ accepts: (Int) -> Bool) -> [Int32] {
    let passes = blobRow.indices.map(accepts)
    var files = chunkFile.map { $0 >= 0 && passes[Int($0)] ? $0 : -1 }
    for place in repeats where files[Int(place.chunk)] < 0 && passes[Int(place.file)] {
      files[Int(place.chunk)] = place.file
    }
    return files
  }

  /// The places of a chunk in the snapshot: paths in order, one entry for each time it stands there.
  func files(ofChunk chunk: UInt32) -> [Int] {
    guard Int(chunk) < chunkFile.count, chunkFile[Int(chunk)] >= 0 else { return [] }
    var low = 0
    var high = repeats.count
    while low < high {
      let middle = (low + high) / 2
      if repeats[middle].chunk < chunk { low = middle + 1 } else { high = middle }
    }
    return [Int(chunkFile[Int(chunk)])] + repeats[low...].prefix { $0.chunk == chunk }.map { Int($0.file) }
  }
}

extension Segment {
  /// The tokens of each chunk of the home that lies in one of these segments, by chunk number.
  static func chunkLengths(of segments: [Segment]) -> [UInt16] {
    var lengths: [UInt16] = []
    lengths.reserveCapacity(segments.last?.chunkRange.upperBound ?? 0)
    for segment in segments {
      lengths.append(contentsOf: repeatElement(0, count: segment.chunkBase - lengths.count))
      segment.chunkLengths.withBuffer { lengths.append(contentsOf: $0) }
    }
    return lengths
  }

  /// The segment that a chunk number lies in; chunk numbers run through the segments without a gap.
  static func holding(_ chunk: UInt32, among segments: [Segment]) -> Segment {
    var low = 0
    var high = segments.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if segments[middle].chunkBase <= Int(chunk) { low = middle } else { high = middle }
    }
    return segments[low]
  }
}
