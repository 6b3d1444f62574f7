// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// A field of a table with designated initialisers, and what a chunk of the snapshot binds to it.
package struct BoundField: Sendable {
  package var field: String
  package var target: String
  /// The chunk's home-wide number.
  package var chunk: UInt32
  /// Its line, counted from the chunk's first, from 0.
  package var lineInChunk: Int
  /// The table's name, where the chunk has one.
  package var table: String?
}

extension SnapshotView {
  /// What tables bind to a field, or the fields that they bind to a target, in the order in which chunks are stored:
  /// put them in order of place before they are shown. At most `limit` of them, and whether there are more.
  package func bindings(field: String? = nil, target: String? = nil, limit: Int) -> (found: [BoundField], hasMore: Bool)
  {
    var found: [BoundField] = []
    for segment in segments {
      let wantedField = field.map { segment.names.find(Array($0.utf8))?.number ?? -1 }
      let wantedTarget = target.map { segment.names.find(Array($0.utf8))?.number ?? -1 }
      if wantedField == -1 || wantedTarget == -1 { continue }
      let rows = segment.bindings.withBuffer { rows in
        rows.filter { row in
          (wantedField == nil || Int(row.field) == wantedField)
            && (wantedTarget == nil || Int(row.target) == wantedTarget)
            && layout.chunkFile[segment.chunkBase + Int(row.chunk)] >= 0
        }
      }
      for row in rows {
        if found.count == limit { return (found, true) }
        let name = segment.chunkTraits[Int(row.chunk)].name
        found.append(
          BoundField(
            field: segment.name(row.field), target: segment.name(row.target),
            chunk: UInt32(segment.chunkBase + Int(row.chunk)), lineInChunk: Int(row.line),
            table: name == UInt32.max ? nil : segment.name(name)))
      }
    }
    return (found, false)
  }

  /// What a chunk is, whatever file holds it; nil for a run of small declarations or a window of lines.
  package func kind(ofChunk number: UInt32) -> SymbolKind? {
    let segment = Segment.holding(number, among: segments)
    return SymbolKind(rawValue: segment.chunkTraits[Int(number) - segment.chunkBase].kind)
  }

  /// The first file, in order of path, that holds a chunk; nil where none of the snapshot does.
  package func firstFile(ofChunk number: UInt32) -> Int? {
    let file = Int(layout.chunkFile[Int(number)])
    return file < 0 ? nil : file
  }
}
