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
  /// Bytes of all files.
  private(set) var byteCount: Int64 = 0

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
    var lengths = LengthTable(segments)
    for index in 0..<manifest.count where manifest.kind(at: index).isFile {
      let segment = Int(blobSegment[index])
      guard segment >= 0 else {
        throw Segment.damage(
          segments.first?.file.path ?? "the index",
          "blob \(manifest.objects[index]) of \(manifest.path(at: index)) is not indexed")
      }
      try place(blob: Int(blobRow[index]), of: segments[segment], at: index, lengths: &lengths)
    }
    repeats.sort { ($0.chunk, $0.file) < ($1.chunk, $1.file) }
  }

  private mutating func place(
    blob row: Int, of segment: Segment, at index: Int, lengths: inout LengthTable
  ) throws {
    let (start, end) = (Int(segment.blobChunkStarts[row]), Int(segment.blobChunkStarts[row + 1]))
    guard start <= end, end <= segment.blobChunks.count else {
      throw Segment.damage(segment.file.path, "the chunks of a blob lie outside its list of chunks")
    }
    let file = Int32(index)
    var (tokens, newCount, newTokens) = (0, 0, 0)
    var again: [ChunkRepeat] = []
    // A million turns while a person waits: the arrays' own checks at each would be most of it.
    let outside = segment.blobChunks.withBuffer { chunks in
      chunkFile.withUnsafeMutableBufferPointer { files -> UInt32? in
        for chunk in chunks[start..<end] {
          guard Int(chunk) < files.count else { return chunk }
          let length = lengths[chunk]
          tokens += length
          if files[Int(chunk)] < 0 {
            files[Int(chunk)] = file
            newCount += 1
            newTokens += length
          } else {
            again.append(ChunkRepeat(chunk: chunk, file: file))
          }
        }
        return nil
      }
    }
    if let outside { throw Segment.damage(segment.file.path, "a blob names chunk \(outside), which does not exist") }
    repeats += again
    chunkCount += newCount
    chunkTokens += newTokens
    fileLengths[index] = UInt32(clamping: tokens)
    byteCount += Int64(segment.blobs[row].byteCount)
    if start < end {
      textFileCount += 1
      fileTokens += tokens
    }
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

/// Tokens of each chunk of the home, found through its segment. Chunks that follow each other mostly lie in one segment.
struct LengthTable {
  private let segments: [Segment]
  private var range = 0..<0
  private var lengths: Column<UInt16>?

  init(_ segments: [Segment]) { self.segments = segments }

  subscript(chunk: UInt32) -> Int {
    mutating get {
      if !range.contains(Int(chunk)) {
        let segment = Segment.holding(chunk, among: segments)
        range = segment.chunkRange
        lengths = segment.chunkLengths
      }
      return lengths.map { Int($0[Int(chunk) - range.lowerBound]) } ?? 0
    }
  }
}

extension Segment {
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
