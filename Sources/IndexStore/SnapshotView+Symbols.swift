// SPDX-License-Identifier: Apache-2.0
import Glossary

extension SnapshotView {
  /// In order of line.
  package func definitions(inFile index: Int) -> [SymbolLocation] {
    chunks(inFile: index).flatMap { chunk -> [SymbolLocation] in
      let segment = Segment.holding(chunk.number, among: segments)
      let local = Int(chunk.number) - segment.chunkBase
      let rows = Int(segment.chunkDefinitionStarts[local])..<Int(segment.chunkDefinitionStarts[local + 1])
      let bindings = bindings(segment, local, chunk)
      return rows.map { symbol(segment.definitions[$0], segment, chunk, bindings) }
    }
  }

  /// Calls `body` with the names of what a file defines that has a body of its own: functions, types, options, macros;
  /// `limit` at most. The array is filled anew for each: whoever keeps it pays for a copy.
  package func forEachName(inFile index: Int, limit: Int, _ body: (_ name: [UInt8]) -> Void) {
    var name: [UInt8] = []
    var count = 0
    for number in chunkNumbers(inFile: index) {
      let segment = Segment.holding(number, among: segments)
      let local = Int(number) - segment.chunkBase
      for row in Int(segment.chunkDefinitionStarts[local])..<Int(segment.chunkDefinitionStarts[local + 1]) {
        switch SymbolKind(rawValue: segment.definitions[row].kind) {
        case .enumerator, .label, .variable, .node, nil: continue
        default:
          segment.names.read(Int(segment.definitions[row].name), into: &name)
          body(name)
          count += 1
        }
        if count >= limit { return }
      }
    }
  }

  /// Exact, case-sensitive; ordered by path, then line. No register tables (see `tableFiles(naming:)`).
  package func definitions(named name: String) -> [SymbolLocation] {
    let bytes = Array(name.utf8)
    var found: [SymbolLocation] = []
    for segment in segments {
      for row in segment.definitionRows(named: bytes) { found += places(ofDefinition: row, in: segment) }
    }
    return found.sorted(by: SnapshotView.isBefore)
  }

  /// Names that are defined in the snapshot and begin with `prefix`, in byte order.
  package func definedNames(prefix: String, limit: Int) -> [String] {
    var names = Set<[UInt8]>()
    for segment in segments {
      var taken = 0
      segment.names.forEach(prefix: Array(prefix.utf8)) { name, entry in
        if isDefined(entry, in: segment) {
          names.insert(name)
          taken += 1
        }
        return taken < limit
      }
    }
    return names.sorted { $0.lexicographicallyPrecedes($1) }.prefix(limit).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Names like one that is not defined: other case, two edits away with the same first letters.
  package func nearNames(_ name: String, limit: Int) -> [String] {
    let prefix = String(name.prefix(3))
    let candidates = definedNames(prefix: prefix, limit: 20_000)
    return NearMiss.near(candidates, to: name, within: max(2, name.utf8.count / 6), limit: limit)
  }

  /// The register tables of the snapshot that may define a name; the blob's text tells for sure.
  package func tableFiles(naming name: String) -> [Int] {
    let hash = NameFilter.hash(name)
    var files: [Int] = []
    for (segmentIndex, segment) in segments.enumerated() {
      let rows = segment.tables.withBuffer { tables in
        tables.filter { table in segment.withTableBits(table) { NameFilter.mayContain(hash, bits: $0) } }.map(\.blob)
      }
      guard !rows.isEmpty else { continue }
      let wanted = Set(rows.map { Int32($0) })
      files += (0..<fileCount).filter {
        layout.blobSegment[$0] == Int16(segmentIndex) && wanted.contains(layout.blobRow[$0])
      }
    }
    return files.sorted()
  }

  private func isDefined(_ entry: TermEntry, in segment: Segment) -> Bool {
    segment.definitionRows(entry).contains { row in
      layout.chunkFile[segment.chunkBase + segment.chunk(ofDefinition: row)] >= 0
    }
  }

  private func places(ofDefinition row: Int, in segment: Segment) -> [SymbolLocation] {
    let local = segment.chunk(ofDefinition: row)
    return locations(ofChunk: UInt32(segment.chunkBase + local)).map { chunk in
      symbol(segment.definitions[row], segment, chunk, bindings(segment, local, chunk))
    }
  }

  private func symbol(
    _ row: DefinitionRow, _ segment: Segment, _ chunk: ChunkLocation, _ bindings: [Binding]
  ) -> SymbolLocation {
    let start = chunk.bytes.lowerBound + Int(row.signatureStart)
    let definition = Definition(
      name: segment.name(row.name), kind: SymbolKind(rawValue: row.kind) ?? .label,
      line: chunk.lines.lowerBound + Int(row.line), signature: start..<(start + Int(row.signatureCount)),
      signatureHash: row.signatureHash, bodyHash: row.bodyHash, isStatic: row.flags & 1 != 0,
      isExported: row.flags & 2 != 0)
    let isTable = definition.kind == .variable && definition.name == chunk.symbol
    return SymbolLocation(definition: definition, chunk: chunk, bindings: isTable ? bindings : [])
  }

  private func bindings(_ segment: Segment, _ local: Int, _ chunk: ChunkLocation) -> [Binding] {
    segment.bindingRows(ofChunk: local).map {
      Binding(
        field: segment.name($0.field), target: segment.name($0.target),
        line: chunk.lines.lowerBound + Int($0.line))
    }
  }

  private static func isBefore(_ left: SymbolLocation, _ right: SymbolLocation) -> Bool {
    (left.chunk.file, left.definition.line) < (right.chunk.file, right.definition.line)
  }
}
