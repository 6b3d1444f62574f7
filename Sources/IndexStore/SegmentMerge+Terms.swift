// SPDX-License-Identifier: Apache-2.0
import CIndexKernels

extension SegmentMerge {
  /// A blob goes where the last of its chunks goes, so that it names only chunks of its segment and earlier ones.
  func copyBlobs(of segment: Segment, _ isLive: [Bool], part index: Int, to builder: SegmentBuilder) {
    var filters: [UInt32: NameFilter] = [:]
    for place in 0..<segment.tables.count {
      let table = segment.tables[place]
      guard isLive[Int(table.blob)] else { continue }
      let bits = segment.withTableBits(table) { Array($0) }
      filters[table.blob] = NameFilter(bits: bits, nameCount: Int(table.nameCount))
    }
    for row in 0..<segment.blobs.count where isLive[row] {
      let chunks = segment.chunks(ofBlob: row).map { segment.blobChunks[$0] }
      let isHere = chunks.max().map { parts[index].contains(Int($0)) } ?? (index == 0)
      guard isHere else { continue }
      var blob = segment.blobs[row]
      let usedNames = segment.usedNames(ofBlob: row)
      if usedNames == nil { blob.usedNamesVersion = 0 }
      builder.copy(
        blob, chunks: chunks.map { numbers[Int($0)] }, filter: filters[UInt32(row)], usedNames: usedNames ?? [])
    }
  }

  /// Merges the dictionaries of the segments that a part draws from, term by term.
  func writeTerms(of part: Range<Int>, base: UInt32, _ file: SegmentFileWriter) throws {
    var sources = segments.filter { !$0.chunkRange.clamped(to: part).isEmpty }.map(TermSource.init)
    sources.removeAll { !$0.isOpen }
    var dictionary = TermDictionaryWriter()
    var postings: [UInt8] = []
    while let term = sources.map(\.cursor.term).min(by: { $0.lexicographicallyPrecedes($1) }) {
      let start = postings.count
      var next = base
      for index in sources.indices where sources[index].cursor.term == term {
        try sources[index].read()
        append(sources[index], in: part, after: &next, to: &postings)
        sources[index].advance()
      }
      sources.removeAll { !$0.isOpen }
      guard postings.count > start else { continue }
      term.withUnsafeBytes { dictionary.append($0, postingByteCount: postings.count - start) }
    }
    try file.write(.termIndex, dictionary.index)
    try file.write(.termEntries, dictionary.entries)
    try file.write(.termPostings, postings)
  }

  /// Writes the live postings of a list under their new numbers, as a gap from `next` on.
  private func append(
    _ source: TermSource, in part: Range<Int>, after next: inout UInt32, to postings: inout [UInt8]
  ) {
    for index in 0..<source.count {
      let old = source.segment.chunkBase + Int(source.chunks[index])
      guard part.contains(old), numbers[old] != UInt32.max else { continue }
      let frequency = source.frequencies[index]
      postings.appendVarint(UInt64(numbers[old] - next) << 1 | (frequency > 1 ? 1 : 0))
      if frequency > 1 { postings.append(frequency) }
      next = numbers[old] + 1
    }
  }
}

/// The terms of one segment, read from front to back, with room for one posting list.
private struct TermSource {
  let segment: Segment
  private(set) var cursor: TermCursor
  private(set) var isOpen: Bool
  private(set) var chunks: [UInt32] = []
  private(set) var frequencies: [UInt8] = []
  private(set) var count = 0

  init(_ segment: Segment) {
    self.segment = segment
    cursor = segment.terms.cursor()
    isOpen = cursor.advance()
  }

  mutating func advance() { isOpen = cursor.advance() }

  /// Decodes the list of the term it stands at. Throws `indexDamaged`.
  mutating func read() throws {
    let capacity = cursor.entry.postings.count
    if chunks.count < capacity {
      chunks = Array(repeating: 0, count: capacity * 2)
      frequencies = Array(repeating: 0, count: capacity * 2)
    }
    count = segment.withTermPostings(cursor.entry) { bytes in
      nenrin_postings_decode(
        bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count, UInt32(segment.chunkCount), &chunks,
        &frequencies, capacity)
    }
    guard (0...capacity).contains(count) else {
      throw Segment.damage(segment.file.path, "a posting list of it cannot be read")
    }
  }
}
