// SPDX-License-Identifier: Apache-2.0
import CIndexKernels

extension SegmentBuilder {
  /// Writes everything into the file at `path` and makes it durable; returns its size in bytes.
  func seal(into path: String) throws -> Int { try seal(into: path) { try sealTerms($0) } }

  /// The same with terms that come from elsewhere.
  func seal(into path: String, terms: (SegmentFileWriter) throws -> Void) throws -> Int {
    let file = try SegmentFileWriter(path: path)
    try sealBlobs(file)
    try sealChunks(file)
    try sealNames(file)
    try terms(file)
    return try file.finish()
  }

  /// Blobs are stored in order of key, so that one is found by bisection.
  private func sealBlobs(_ file: SegmentFileWriter) throws {
    let order = blobs.indices.sorted { blobs[$0].key < blobs[$1].key }
    try file.write(.blobs, order.map { blobs[$0] })
    var starts: [UInt32] = [0]
    var chunks: [UInt32] = []
    chunks.reserveCapacity(blobChunks.count)
    var place = Array(repeating: 0, count: blobs.count)
    for (position, blob) in order.enumerated() {
      place[blob] = position
      chunks.append(contentsOf: blobChunks[Int(blobChunkStarts[blob])..<Int(blobChunkStarts[blob + 1])])
      starts.append(UInt32(chunks.count))
    }
    try file.write(.blobChunkStarts, starts)
    try file.write(.blobChunks, chunks)
    try sealUsedNames(file, order)
    var bits: [UInt8] = []
    var rows: [TableRow] = []
    for (blob, filter) in filters.sorted(by: { place[$0.blob] < place[$1.blob] }) {
      rows.append(
        TableRow(
          blob: UInt32(place[blob]), nameCount: UInt32(filter.nameCount), offset: UInt64(bits.count),
          byteCount: UInt64(filter.bits.count)))
      bits.append(contentsOf: filter.bits)
    }
    try file.write(.tables, rows)
    try file.write(.tableBits, bits)
  }

  private func sealUsedNames(_ file: SegmentFileWriter, _ order: [Int]) throws {
    var starts: [UInt32] = [0]
    var names: [UInt16] = []
    names.reserveCapacity(usedNames.count)
    for blob in order {
      names.append(contentsOf: usedNames[Int(usedNameStarts[blob])..<Int(usedNameStarts[blob + 1])])
      starts.append(UInt32(names.count))
    }
    try file.write(.usedNameStarts, starts)
    try file.write(.usedNames, names)
  }

  private func sealChunks(_ file: SegmentFileWriter) throws {
    try file.write(.chunkKeys, chunkKeys)
    let order = (0..<UInt32(chunkKeys.count)).sorted { chunkKeys[Int($0)] < chunkKeys[Int($1)] }
    try file.write(.chunkKeyOrder, order)
    try file.write(.chunkByteCounts, chunkByteCounts)
    try file.write(.chunkLineCounts, chunkLineCounts)
    try file.write(.chunkLengths, chunkLengths)
    try file.write(.chunkDefinitionStarts, chunkDefinitionStarts)
  }

  /// Names are renumbered in byte order; rows that carry a name's number follow.
  private func sealNames(_ file: SegmentFileWriter) throws {
    let order = names.sortedNumbers()
    var place = [UInt32](repeating: 0, count: order.count)
    for (position, number) in order.enumerated() { place[Int(number)] = UInt32(position) }
    try file.write(
      .chunkTraits,
      chunkTraits.map { traits in
        var traits = traits
        if traits.name != UInt32.max { traits.name = place[Int(traits.name)] }
        return traits
      })
    var rows = definitions
    for index in rows.indices { rows[index].name = place[Int(rows[index].name)] }
    try file.write(.definitions, rows)
    try file.write(
      .bindings,
      bindings.map {
        BindingRow(chunk: $0.chunk, field: place[Int($0.field)], target: place[Int($0.target)], line: $0.line)
      })
    let byName = CountingSort(keys: rows.map(\.name), keyCount: order.count)
    var dictionary = TermDictionaryWriter()
    var postings: [UInt8] = []
    for (position, number) in order.enumerated() {
      let start = postings.count
      var next: UInt32 = 0
      for row in byName.items(of: position) {
        postings.appendVarint(UInt64(row - next))
        next = row + 1
      }
      names.withTerm(number) { dictionary.append($0, postingByteCount: postings.count - start) }
    }
    try file.write(.nameIndex, dictionary.index)
    try file.write(.nameEntries, dictionary.entries)
    try file.write(.namePostings, postings)
  }

  private func sealTerms(_ file: SegmentFileWriter) throws {
    let order = terms.sortedNumbers()
    let byTerm = CountingSort(keys: postingTerms, keyCount: terms.count)
    var dictionary = TermDictionaryWriter()
    var postings: [UInt8] = []
    postings.reserveCapacity(postingTerms.count * 2)
    for number in order {
      let start = postings.count
      var next: UInt32 = 0
      for posting in byTerm.items(of: Int(number)) {
        let chunk = postingChunks[Int(posting)]
        let frequency = postingFrequencies[Int(posting)]
        postings.appendVarint(UInt64(chunk - next) << 1 | (frequency > 1 ? 1 : 0))
        if frequency > 1 { postings.append(frequency) }
        next = chunk + 1
      }
      terms.withTerm(number) { dictionary.append($0, postingByteCount: postings.count - start) }
    }
    try file.write(.termIndex, dictionary.index)
    try file.write(.termEntries, dictionary.entries)
    try file.write(.termPostings, postings)
  }
}

/// The positions of an array grouped by the key that stands there, each group in ascending order.
struct CountingSort {
  private let starts: [UInt32]
  private let positions: [UInt32]

  init(keys: [UInt32], keyCount: Int) {
    var starts = [UInt32](repeating: 0, count: keyCount + 1)
    for key in keys { starts[Int(key) + 1] += 1 }
    for index in 0..<keyCount { starts[index + 1] += starts[index] }
    var next = starts
    positions = [UInt32](unsafeUninitializedCapacity: keys.count) { buffer, count in
      for (position, key) in keys.enumerated() {
        buffer[Int(next[Int(key)])] = UInt32(position)
        next[Int(key)] += 1
      }
      count = keys.count
    }
    self.starts = starts
  }

  func items(of key: Int) -> ArraySlice<UInt32> { positions[Int(starts[key])..<Int(starts[key + 1])] }
}

/// Writes a segment file: a header, the sections one after the other, then the table that says where each lies.
///
/// Layout: magic `NENRINSG`, format version (UInt32), 0 (UInt32); sections, each at a multiple of eight; the table, for
/// each section its number (UInt32), 0 (UInt32), offset, byte count and checksum (UInt64 each); at the very end the
/// table's offset, its byte count and its checksum (UInt64 each).
final class SegmentFileWriter {
  static let magic = Array("NENRINSG".utf8)
  static let tableRowSize = 32
  static let footerSize = 24

  private let file: DurableFile
  private var table: [UInt8] = []

  init(path: String) throws {
    file = try DurableFile(path: path)
    var header = SegmentFileWriter.magic
    header.appendRaw(StoreFormat.version)
    header.appendRaw(UInt32(0))
    try file.write(header)
  }

  func write<Row: BitwiseCopyable>(_ section: SegmentSection, _ rows: [Row]) throws {
    let offset = file.byteCount
    let checksum = try rows.withUnsafeBytes { bytes in
      try file.write(bytes)
      return nenrin_checksum(bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count)
    }
    let byteCount = file.byteCount - offset
    try file.write(Array(repeating: 0, count: (8 - byteCount % 8) % 8))
    table.appendRaw(section.rawValue)
    table.appendRaw(UInt32(0))
    table.appendRaw(UInt64(offset))
    table.appendRaw(UInt64(byteCount))
    table.appendRaw(checksum)
  }

  /// Returns the file's size.
  func finish() throws -> Int {
    var footer: [UInt8] = []
    footer.appendRaw(UInt64(file.byteCount))
    footer.appendRaw(UInt64(table.count))
    footer.appendRaw(table.withUnsafeBufferPointer { nenrin_checksum($0.baseAddress, $0.count) })
    try file.write(table)
    try file.write(footer)
    try file.commit()
    return file.byteCount
  }
}
