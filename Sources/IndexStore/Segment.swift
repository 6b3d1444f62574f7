// SPDX-License-Identifier: Apache-2.0
import CIndexKernels
import CodeReading
import Glossary

/// One segment file, mapped. Immutable; shared by every view and by the writer.
final class Segment: Sendable {
  let number: Int64
  /// The home-wide number of its first chunk.
  let chunkBase: Int
  let file: MappedFile
  private let sections: [SegmentSection: SectionPlace]

  let blobs: Column<BlobRow>
  let blobChunkStarts: Column<UInt32>
  let blobChunks: Column<UInt32>
  let chunkKeys: Column<ChunkKey>
  let chunkKeyOrder: Column<UInt32>
  let chunkByteCounts: Column<UInt32>
  let chunkLineCounts: Column<UInt32>
  let chunkLengths: Column<UInt16>
  let chunkTraits: Column<ChunkTraits>
  let chunkDefinitionStarts: Column<UInt32>
  let definitions: Column<DefinitionRow>
  let bindings: Column<BindingRow>
  let tables: Column<TableRow>
  private let usedNameStarts: Column<UInt32>
  private let usedNames: Column<UInt16>
  let names: TermDictionary
  let terms: TermDictionary
  private let namePostings: Range<Int>
  private let termPostings: Range<Int>
  private let tableBits: Range<Int>

  struct SectionPlace: Sendable {
    var range: Range<Int>
    var checksum: UInt64
  }

  /// Throws `indexDamaged` where the file is not a whole segment, `formatMismatch` where another version wrote it.
  init(path: String, number: Int64, chunkBase: Int) throws {
    self.number = number
    self.chunkBase = chunkBase
    let file = try MappedFile(path: path)
    let sections = try Segment.readTable(file)
    func place(_ section: SegmentSection) throws -> Range<Int> {
      guard let place = sections[section] else { throw Segment.damage(path, "section '\(section)' is missing") }
      return place.range
    }
    self.file = file
    self.sections = sections
    blobs = Column(file, try place(.blobs))
    blobChunkStarts = Column(file, try place(.blobChunkStarts))
    blobChunks = Column(file, try place(.blobChunks))
    chunkKeys = Column(file, try place(.chunkKeys))
    chunkKeyOrder = Column(file, try place(.chunkKeyOrder))
    chunkByteCounts = Column(file, try place(.chunkByteCounts))
    chunkLineCounts = Column(file, try place(.chunkLineCounts))
    chunkLengths = Column(file, try place(.chunkLengths))
    chunkTraits = Column(file, try place(.chunkTraits))
    chunkDefinitionStarts = Column(file, try place(.chunkDefinitionStarts))
    definitions = Column(file, try place(.definitions))
    bindings = Column(file, try place(.bindings))
    tables = Column(file, try place(.tables))
    usedNameStarts = Column(file, sections[.usedNameStarts]?.range ?? 0..<0)
    usedNames = Column(file, sections[.usedNames]?.range ?? 0..<0)
    names = TermDictionary(file: file, index: try place(.nameIndex), entries: try place(.nameEntries))
    terms = TermDictionary(file: file, index: try place(.termIndex), entries: try place(.termEntries))
    namePostings = try place(.namePostings)
    termPostings = try place(.termPostings)
    tableBits = try place(.tableBits)
    guard blobChunkStarts.count == blobs.count + 1, chunkDefinitionStarts.count == chunkKeys.count + 1,
      chunkTraits.count == chunkKeys.count, chunkLengths.count == chunkKeys.count
    else { throw Segment.damage(path, "its columns do not have the same length") }
  }

  /// The segment at a place of a generation. Throws as above, and `indexDamaged` for a file that is not the one meant.
  convenience init(_ place: Generation.SegmentPlace, in layout: HomeLayout) throws {
    let path = layout.segment(place.number)
    try self.init(path: path, number: place.number, chunkBase: place.chunkBase)
    guard chunkCount == place.chunkCount, file.count == place.byteCount else {
      throw Segment.damage(
        path,
        "it has \(chunkCount) chunks and \(file.count) bytes, the catalog says \(place.chunkCount) and \(place.byteCount)"
      )
    }
  }

  var chunkCount: Int { chunkKeys.count }
  var chunkRange: Range<Int> { chunkBase..<(chunkBase + chunkCount) }

  /// The row of a blob. Object names are spread evenly, so the search begins where the name should stand and widens.
  func blobRow(_ key: BlobKey) -> Int? {
    blobs.withBuffer { rows in
      guard rows.count > 0 else { return nil }
      var low = Int(key.object.high.multipliedFullWidth(by: UInt64(rows.count)).high)
      var high = low
      var step = 16
      while low > 0, !(rows[low].key < key) {
        low = max(0, low - step)
        step *= 2
      }
      step = 16
      while high < rows.count, rows[high].key < key {
        high = min(rows.count, high + step)
        step *= 2
      }
      while low < high {
        let middle = (low + high) / 2
        if rows[middle].key < key { low = middle + 1 } else { high = middle }
      }
      return low < rows.count && rows[low].key == key ? low : nil
    }
  }

  /// The home-wide number of a chunk.
  func chunkNumber(_ key: ChunkKey) -> UInt32? {
    var low = 0
    var high = chunkKeyOrder.count
    while low < high {
      let middle = (low + high) / 2
      if chunkKeys[Int(chunkKeyOrder[middle])] < key { low = middle + 1 } else { high = middle }
    }
    guard low < chunkKeyOrder.count else { return nil }
    let local = chunkKeyOrder[low]
    return chunkKeys[Int(local)] == key ? UInt32(chunkBase) + local : nil
  }

  /// A blob's chunks, home-wide numbers in order of line.
  func chunks(ofBlob row: Int) -> Range<Int> { Int(blobChunkStarts[row])..<Int(blobChunkStarts[row + 1]) }

  /// A blob's chunks by their home-wide numbers, in order of line. Throws `indexDamaged` where there is no such chunk.
  func chunkNumbers(ofBlob row: Int) throws -> [UInt32] {
    let (start, end) = (Int(blobChunkStarts[row]), Int(blobChunkStarts[row + 1]))
    guard start <= end, end <= blobChunks.count else {
      throw Segment.damage(file.path, "the chunks of a blob lie outside its list of chunks")
    }
    let numbers = blobChunks.withBuffer { Array($0[start..<end]) }
    guard numbers.allSatisfy({ Int($0) < chunkRange.upperBound }) else {
      throw Segment.damage(file.path, "a blob names a chunk that does not exist")
    }
    return numbers
  }

  /// Whether a blob may use any name with one of these fingerprints (`UsedNames`).
  func mayUse(_ fingerprints: [UInt16], blob row: Int) -> Bool {
    guard blobs[row].usedNamesVersion == UsedNames.version, let range = usedNameRange(ofBlob: row) else { return true }
    return usedNames.withBuffer { names in
      fingerprints.contains { fingerprint in
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
          let middle = (low + high) / 2
          if names[middle] < fingerprint { low = middle + 1 } else { high = middle }
        }
        return low < range.upperBound && names[low] == fingerprint
      }
    }
  }

  /// The fingerprints of the names that a blob uses, in whichever version its row says; nil where there are none.
  func usedNames(ofBlob row: Int) -> [UInt16]? {
    usedNameRange(ofBlob: row).map { range in usedNames.withBuffer { Array($0[range]) } }
  }

  private func usedNameRange(ofBlob row: Int) -> Range<Int>? {
    guard row + 1 < usedNameStarts.count else { return nil }
    let (start, end) = (Int(usedNameStarts[row]), Int(usedNameStarts[row + 1]))
    return start <= end && end <= usedNames.count ? start..<end : nil
  }

  /// The rows of `definitions` with this name.
  func definitionRows(named name: [UInt8]) -> [Int] {
    guard let entry = names.find(name) else { return [] }
    return definitionRows(entry)
  }

  /// Damaged postings give fewer rows, never rows that do not exist.
  func definitionRows(_ entry: TermEntry) -> [Int] {
    guard entry.postings.upperBound <= namePostings.count else { return [] }
    return file.withBytes { bytes in
      var reader = ByteReader(
        UnsafeRawBufferPointer(rebasing: bytes[namePostings][shifted(entry.postings, namePostings)]))
      var rows: [Int] = []
      var next = 0
      while let gap = reader.varint(), gap < UInt64(definitions.count - next) {
        rows.append(next + Int(gap))
        next += Int(gap) + 1
      }
      return rows
    }
  }

  /// The chunk (counted from this segment's first) that holds a row of `definitions`.
  func chunk(ofDefinition row: Int) -> Int {
    var low = 0
    var high = chunkCount
    while low < high {
      let middle = (low + high) / 2
      if Int(chunkDefinitionStarts[middle + 1]) <= row { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The rows of `definitions` of a chunk counted from this segment's first.
  func definitionRows(ofChunk local: Int) -> Range<Int> {
    Int(chunkDefinitionStarts[local])..<Int(chunkDefinitionStarts[local + 1])
  }

  /// The rows of `bindings` of a chunk counted from this segment's first.
  func bindingRows(ofChunk local: Int) -> [BindingRow] {
    bindings.withBuffer { rows in
      var low = 0
      var high = rows.count
      while low < high {
        let middle = (low + high) / 2
        if Int(rows[middle].chunk) < local { low = middle + 1 } else { high = middle }
      }
      return Array(rows[low...].prefix { Int($0.chunk) == local })
    }
  }

  func name(_ number: UInt32) -> String { String(decoding: names.term(at: Int(number)), as: UTF8.self) }

  func withTermPostings<R>(_ entry: TermEntry, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    guard entry.postings.upperBound <= termPostings.count else {
      return try body(UnsafeRawBufferPointer(start: nil, count: 0))
    }
    return try file.withBytes {
      try body(UnsafeRawBufferPointer(rebasing: $0[termPostings][shifted(entry.postings, termPostings)]))
    }
  }

  func withTableBits<R>(_ table: TableRow, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    file.withBytes { bytes in
      let start = tableBits.lowerBound + Int(table.offset)
      return body(UnsafeRawBufferPointer(rebasing: bytes[start..<(start + Int(table.byteCount))]))
    }
  }

  private func shifted(_ range: Range<Int>, _ section: Range<Int>) -> Range<Int> {
    (range.lowerBound + section.lowerBound)..<(range.upperBound + section.lowerBound)
  }

  /// The sections whose bytes are not what was written.
  func damagedSections() -> [String] {
    sections.filter { file.checksum($0.value.range) != $0.value.checksum }.map { "\($0.key)" }.sorted()
  }
}

extension Segment {
  static func damage(_ path: String, _ reason: String) -> NenrinError {
    NenrinError(
      .indexDamaged, "\(path) is damaged", reason: reason,
      remedies: ["Run `nenrin verify` to see what else is, then `nenrin index` again into a fresh home."])
  }

  static func readTable(_ file: MappedFile) throws -> [SegmentSection: SectionPlace] {
    let footer = SegmentFileWriter.footerSize
    guard file.count >= 16 + footer, file.withBytes({ $0.prefix(8).elementsEqual(SegmentFileWriter.magic) }) else {
      throw damage(file.path, "it is not a segment file, or it was cut short")
    }
    let version = file.load(UInt32.self, at: 8)
    guard version == StoreFormat.version else { throw HomeLayout.formatMismatch(file.path, found: version) }
    let offset = Int(truncatingIfNeeded: file.load(UInt64.self, at: file.count - footer))
    let count = Int(truncatingIfNeeded: file.load(UInt64.self, at: file.count - footer + 8))
    let checksum = file.load(UInt64.self, at: file.count - footer + 16)
    guard offset >= 16, count >= 0, count <= file.count, offset <= file.count - footer - count,
      offset + count + footer == file.count, file.checksum(offset..<(offset + count)) == checksum
    else { throw damage(file.path, "its table of sections is not what was written; it was cut short or changed") }
    var sections: [SegmentSection: SectionPlace] = [:]
    for row in stride(from: offset, to: offset + count, by: SegmentFileWriter.tableRowSize) {
      guard let section = SegmentSection(rawValue: file.load(UInt32.self, at: row)) else { continue }
      let start = Int(truncatingIfNeeded: file.load(UInt64.self, at: row + 8))
      let length = Int(truncatingIfNeeded: file.load(UInt64.self, at: row + 16))
      guard start >= 16, length >= 0, start + length <= offset else {
        throw damage(file.path, "section '\(section)' lies outside the file")
      }
      sections[section] = SectionPlace(range: start..<(start + length), checksum: file.load(UInt64.self, at: row + 24))
    }
    return sections
  }
}

/// What the home's segments hold already.
package struct KnownContent: Sendable {
  let segments: [Segment]

  package func contains(_ key: BlobKey) -> Bool { segments.contains { $0.blobRow(key) != nil } }

  package func contains(_ key: ChunkKey) -> Bool { chunkNumber(key) != nil }

  /// The home-wide number of a chunk, or nil where it is new.
  func chunkNumber(_ key: ChunkKey) -> UInt32? {
    for segment in segments {
      if let number = segment.chunkNumber(key) { return number }
    }
    return nil
  }

  /// The number that the next new chunk gets.
  var nextChunk: UInt32 { UInt32(segments.last?.chunkRange.upperBound ?? 0) }
}
