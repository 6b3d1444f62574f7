// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// A path as two snapshots have it, by its place in each; one side may lack it.
package struct FilePair: Hashable, Sendable {
  package var from: Int?
  package var to: Int?

  package init(from: Int?, to: Int?) {
    self.from = from
    self.to = to
  }
}

/// One definition of a file as a comparison needs it: hashes and numbers. Its name is looked up only where it is shown.
package struct DefinitionRecord: Sendable {
  /// Of the name; the same in every segment and home.
  package var nameHash: UInt64
  package var bodyHash: UInt64
  package var signatureHash: UInt32
  /// The 1-based line in the blob.
  package var line: Int32
  /// Where the declaration begins in the blob, in bytes.
  package var signatureStart: Int32
  package var signatureCount: UInt16
  /// The place of its chunk among the file's, from 0.
  package var ordinal: Int32
  package var kind: SymbolKind
  package var isStatic: Bool
  package var isExported: Bool
  fileprivate var segment: Int16
  fileprivate var name: UInt32

  /// The byte range of the declaration in the blob.
  package var signature: Range<Int> {
    Int(signatureStart)..<(Int(signatureStart) + Int(signatureCount))
  }
}

/// Hashes of the names that segments hold, so that names of two segments can be compared by number. Made for one
/// comparison; all names of a segment at once where many will be asked for.
package final class NameHashes: @unchecked Sendable {  // because the tables never change once made, nor without them
  private var tables: [Int64: [UInt64]] = [:]

  /// - Parameter isComplete: whether all names are hashed beforehand, which costs about 0.1 s a million names.
  package init(_ views: [SnapshotView], isComplete: Bool) {
    guard isComplete else { return }
    for view in views {
      for segment in view.segments where tables[segment.number] == nil {
        tables[segment.number] = NameHashes.table(segment)
      }
    }
  }

  private static func table(_ segment: Segment) -> [UInt64] {
    var hashes: [UInt64] = []
    hashes.reserveCapacity(segment.names.room)
    var cursor = segment.names.cursor()
    while cursor.advance() { hashes.append(hash(cursor.term)) }
    return hashes
  }

  /// The hash of a name as it is written.
  package static func hash(_ name: [UInt8]) -> UInt64 { name.withUnsafeBytes { TermTable.hash($0) } }

  fileprivate func hash(_ name: UInt32, in segment: Segment) -> UInt64 {
    if let table = tables[segment.number] { return Int(name) < table.count ? table[Int(name)] : 0 }
    return NameHashes.hash(segment.names.term(at: Int(name)))
  }
}

extension SnapshotView {
  /// The paths at which the other snapshot holds something else than this one, in byte order: this one's are the `from`
  /// side. Whole manifests are merged; what both hold costs a comparison of object names.
  package func changedFiles(to other: SnapshotView) -> [FilePair] {
    var pairs: [FilePair] = []
    var (mine, theirs) = (0, 0)
    while mine < fileCount || theirs < other.fileCount {
      let order = ManifestTable.order(manifest, mine, other.manifest, theirs)
      if order == 0 {
        if manifest.objects[mine] != other.manifest.objects[theirs]
          || manifest.kind(at: mine) != other.manifest.kind(at: theirs)
        {
          pairs.append(FilePair(from: mine, to: theirs))
        }
        mine += 1
        theirs += 1
      } else if order < 0 {
        pairs.append(FilePair(from: mine, to: nil))
        mine += 1
      } else {
        pairs.append(FilePair(from: nil, to: theirs))
        theirs += 1
      }
    }
    return pairs
  }

  /// The object at a path.
  package func object(at index: Int) -> ObjectID { manifest.objects[index] }

  /// What the entry at a path is.
  package func entryKind(at index: Int) -> EntryKind { manifest.kind(at: index) }

  /// The blob's length in bytes; 0 for symlinks and submodules.
  package func byteCount(ofFile index: Int) -> Int {
    blob(at: index).map { Int($0.0.blobs[$0.1].byteCount) } ?? 0
  }

  /// The language that the blob was read as.
  package func language(ofFile index: Int) -> Language {
    blob(at: index).flatMap { Language(rawValue: $0.0.blobs[$0.1].language) } ?? .unknown
  }

  /// Why the blob has no chunks.
  package func skip(ofFile index: Int) -> SkipReason {
    guard let (segment, row) = blob(at: index) else {
      return entryKind(at: index) == .submodule ? .submodule : .symlink
    }
    return SkipReason(rawValue: segment.blobs[row].skip) ?? .none
  }

  /// Whether the snapshot holds a chunk anywhere.
  package func holds(chunk number: UInt32) -> Bool {
    Int(number) < layout.chunkFile.count && layout.chunkFile[Int(number)] >= 0
  }

  /// The places among the paths that hold a chunk; a path stands there once for each time it does.
  package func files(ofChunk number: UInt32) -> [Int] { layout.files(ofChunk: number) }

  /// The length of a chunk in bytes, of one that the home holds.
  package func byteCount(ofChunk number: UInt32) -> Int {
    let segment = Segment.holding(number, among: segments)
    return Int(segment.chunkByteCounts[Int(number) - segment.chunkBase])
  }

  /// Calls `body` with the definitions of a file's chunks that are wanted, in order of line.
  package func forEachDefinition(
    inFile index: Int, names: NameHashes, where isWanted: (UInt32) -> Bool = { _ in true },
    _ body: (DefinitionRecord) -> Void
  ) {
    guard let (segment, row) = blob(at: index) else { return }
    var (line, byte) = (1, 0)
    for (ordinal, place) in segment.chunks(ofBlob: row).enumerated() {
      let number = segment.blobChunks[place]
      let holder = Segment.holding(number, among: segments)
      let local = Int(number) - holder.chunkBase
      if isWanted(number) {
        for definition in holder.definitionRows(ofChunk: local) {
          let row = holder.definitions[definition]
          body(record(row, holder, names, line: line, byte: byte, ordinal: ordinal))
        }
      }
      line += max(1, Int(holder.chunkLineCounts[local]))
      byte += Int(holder.chunkByteCounts[local])
    }
  }

  private func record(
    _ row: DefinitionRow, _ segment: Segment, _ names: NameHashes, line: Int, byte: Int, ordinal: Int
  ) -> DefinitionRecord {
    DefinitionRecord(
      nameHash: names.hash(row.name, in: segment), bodyHash: row.bodyHash, signatureHash: row.signatureHash,
      line: Int32(clamping: line + Int(row.line)), signatureStart: Int32(clamping: byte + Int(row.signatureStart)),
      signatureCount: row.signatureCount, ordinal: Int32(clamping: ordinal),
      kind: SymbolKind(rawValue: row.kind) ?? .label, isStatic: row.flags & 1 != 0, isExported: row.flags & 2 != 0,
      segment: Int16(clamping: segments.firstIndex { $0 === segment } ?? 0), name: row.name)
  }

  /// The name that a record of this view stands for.
  package func name(of record: DefinitionRecord) -> String { segments[Int(record.segment)].name(record.name) }

  /// The places of files that define a name, each once, in order of path; none where there are more than `limit`.
  package func files(defining name: String, limit: Int) -> [Int] {
    let bytes = Array(name.utf8)
    var files = Set<Int>()
    for segment in segments {
      for row in segment.definitionRows(named: bytes) {
        files.formUnion(layout.files(ofChunk: UInt32(segment.chunkBase + segment.chunk(ofDefinition: row))))
        if files.count > limit { return [] }
      }
    }
    return files.sorted()
  }
}

extension SnapshotView {
  /// Whether any blob of some length stands in both snapshots, wherever.
  package func sharesBlobs(with other: SnapshotView) -> Bool {
    let mine = Set((0..<fileCount).filter { byteCount(ofFile: $0) > 64 }.map { manifest.objects[$0] })
    return other.manifest.objects.contains { mine.contains($0) }
  }
}
