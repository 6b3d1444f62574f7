// SPDX-License-Identifier: Apache-2.0
import CodeReading
import Glossary

/// Collects what is new in a run of indexing, in memory, until it is sealed into a segment file.
///
/// Blobs arrive one by one; a chunk that an earlier segment or an earlier blob holds is only referred to. Chunk numbers
/// are home-wide: this segment's begin at `chunkBase`.
final class SegmentBuilder {
  let chunkBase: UInt32
  private let known: KnownContent

  private(set) var blobs: [BlobRow] = []
  private(set) var blobNumbers: [BlobKey: Int] = [:]
  private(set) var blobChunkStarts: [UInt32] = [0]
  private(set) var blobChunks: [UInt32] = []
  private(set) var filters: [(blob: Int, filter: NameFilter)] = []
  private(set) var usedNameStarts: [UInt32] = [0]
  private(set) var usedNames: [UInt16] = []

  private(set) var chunkKeys: [ChunkKey] = []
  private var chunkNumbers: [ChunkKey: UInt32] = [:]
  private(set) var chunkByteCounts: [UInt32] = []
  private(set) var chunkLineCounts: [UInt32] = []
  private(set) var chunkLengths: [UInt16] = []
  private(set) var chunkTraits: [ChunkTraits] = []
  private(set) var chunkDefinitionStarts: [UInt32] = [0]
  private(set) var definitions: [DefinitionRow] = []
  private(set) var bindings: [BindingRow] = []

  let names = TermTable()
  let terms: TermTable
  /// For each posting: the term's number, the chunk counted from `chunkBase`, the frequency.
  private(set) var postingTerms: [UInt32] = []
  private(set) var postingChunks: [UInt32] = []
  private(set) var postingFrequencies: [UInt8] = []

  /// - Parameter termCapacity: room for about half as many different terms before the table has to grow.
  init(chunkBase: UInt32, known: KnownContent, termCapacity: Int = 1 << 20) {
    self.chunkBase = chunkBase
    self.known = known
    terms = TermTable(capacity: termCapacity)
  }

  var isEmpty: Bool { blobs.isEmpty }
  var postingCount: Int { postingTerms.count }

  func contains(_ key: BlobKey) -> Bool { blobNumbers[key] != nil }

  /// Adds a blob; returns how many of its chunks were new to the home.
  func add(_ blob: PreparedBlob) -> Int {
    guard blobNumbers.updateValue(blobs.count, forKey: blob.key) == nil else { return 0 }
    let object = blob.key.object
    let number = blobs.count
    blobs.append(
      BlobRow(
        high: object.high, middle: object.middle, low: object.low, pathLanguage: blob.key.language.rawValue,
        language: blob.language.rawValue, skip: blob.skip.rawValue,
        usedNamesVersion: blob.usedNames == nil ? 0 : UsedNames.version, byteCount: UInt64(blob.byteCount),
        lineCount: UInt32(clamping: blob.lineCount)))
    if let filter = blob.filter { filters.append((number, filter)) }
    addUsedNames(blob.usedNames ?? [])
    var newChunks = 0
    for prepared in blob.chunks {
      if let number = known.chunkNumber(prepared.key) ?? chunkNumbers[prepared.key] {
        blobChunks.append(number)
      } else {
        blobChunks.append(add(prepared, of: blob))
        newChunks += 1
      }
    }
    blobChunkStarts.append(UInt32(blobChunks.count))
    return newChunks
  }

  /// Adds a blob as another segment holds it; `chunks` are numbers as they are in the new segments.
  func copy(_ row: BlobRow, chunks: some Sequence<UInt32>, filter: NameFilter?, usedNames: [UInt16]) {
    if let filter { filters.append((blobs.count, filter)) }
    addUsedNames(usedNames)
    blobs.append(row)
    blobChunks.append(contentsOf: chunks)
    blobChunkStarts.append(UInt32(blobChunks.count))
  }

  private func addUsedNames(_ names: [UInt16]) {
    usedNames.append(contentsOf: names)
    usedNameStarts.append(UInt32(usedNames.count))
  }

  /// Adds a chunk as another segment holds it. `name` gives the number among `names` for the other segment's.
  func copy(chunk local: Int, of segment: Segment, name: (UInt32) -> UInt32) {
    let number = UInt32(chunkKeys.count)
    chunkKeys.append(segment.chunkKeys[local])
    chunkByteCounts.append(segment.chunkByteCounts[local])
    chunkLineCounts.append(segment.chunkLineCounts[local])
    chunkLengths.append(segment.chunkLengths[local])
    var traits = segment.chunkTraits[local]
    if traits.name != UInt32.max { traits.name = name(traits.name) }
    chunkTraits.append(traits)
    for index in segment.definitionRows(ofChunk: local) {
      var row = segment.definitions[index]
      row.name = name(row.name)
      definitions.append(row)
    }
    chunkDefinitionStarts.append(UInt32(definitions.count))
    for binding in segment.bindingRows(ofChunk: local) {
      bindings.append(
        BindingRow(chunk: number, field: name(binding.field), target: name(binding.target), line: binding.line))
    }
  }

  private func add(_ prepared: PreparedChunk, of blob: PreparedBlob) -> UInt32 {
    let local = UInt32(chunkKeys.count)
    let chunk = prepared.chunk
    chunkKeys.append(prepared.key)
    chunkNumbers[prepared.key] = chunkBase + local
    chunkByteCounts.append(UInt32(clamping: prepared.byteCount))
    chunkLineCounts.append(UInt32(clamping: chunk.lineCount))
    chunkLengths.append(UInt16(clamping: prepared.length))
    chunkTraits.append(
      ChunkTraits(
        kind: chunk.kind?.rawValue ?? 255, flags: chunk.continues ? 1 : 0,
        headStart: UInt16(clamping: chunk.head.lowerBound - prepared.byteStart),
        headCount: UInt16(clamping: chunk.head.count), name: chunk.symbol.map(name) ?? UInt32.max))
    for definition in chunk.definitions { definitions.append(row(of: definition, in: prepared)) }
    chunkDefinitionStarts.append(UInt32(definitions.count))
    for binding in chunk.bindings {
      bindings.append(
        BindingRow(
          chunk: local, field: name(binding.field), target: name(binding.target),
          line: UInt32(clamping: binding.line - prepared.lineStart)))
    }
    if let range = prepared.terms { addPostings(blob.terms, range, chunk: local) }
    return chunkBase + local
  }

  private func row(of definition: Definition, in prepared: PreparedChunk) -> DefinitionRow {
    let start = definition.signature.lowerBound - prepared.byteStart
    let isPlaced = (0..<65_536).contains(start)
    return DefinitionRow(
      name: name(definition.name), line: UInt16(clamping: definition.line - prepared.lineStart),
      signatureStart: isPlaced ? UInt16(start) : 0,
      signatureCount: isPlaced ? UInt16(clamping: definition.signature.count) : 0, kind: definition.kind.rawValue,
      flags: (definition.isStatic ? 1 : 0) | (definition.isExported ? 2 : 0),
      signatureHash: definition.signatureHash, bodyHash: definition.bodyHash)
  }

  private func addPostings(_ batch: TermBatch, _ range: Range<Int>, chunk: UInt32) {
    batch.bytes.withUnsafeBytes { bytes in
      for occurrence in batch.occurrences[range] {
        let start = Int(occurrence.offset)
        let term = UnsafeRawBufferPointer(rebasing: bytes[start..<(start + Int(occurrence.length))])
        postingTerms.append(terms.insert(term, hash: occurrence.hash).number)
        postingChunks.append(chunk)
        postingFrequencies.append(occurrence.frequency)
      }
    }
  }

  /// Names are cut at 255 bytes, which no language's identifiers reach.
  private func name(_ text: String) -> UInt32 {
    var text = text
    return text.withUTF8 { utf8 in
      let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(utf8).prefix(255))
      return names.insert(bytes, hash: TermTable.hash(bytes)).number
    }
  }
}
