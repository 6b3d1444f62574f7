// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// A path of a snapshot and what the index knows of its blob.
package struct SnapshotFile: Sendable {
  /// Its place among the snapshot's paths in byte order, from 0.
  package var index: Int
  package var path: TreePath
  package var kind: EntryKind
  package var object: ObjectID
  package var language: Language
  package var skip: SkipReason
  package var byteCount: Int
  package var lineCount: Int
}

/// One chunk where it stands in a file of the snapshot.
package struct ChunkLocation: Sendable {
  /// The file's `SnapshotFile.index`.
  package var file: Int
  /// 1-based and inclusive.
  package var lines: ClosedRange<Int>
  /// The byte range in the blob.
  package var bytes: Range<Int>
  package var kind: SymbolKind?
  package var symbol: String?
  /// Whether it carries on the chunk before it.
  package var continues: Bool
}

/// A definition where it stands in a file of the snapshot.
package struct SymbolLocation: Sendable {
  package var definition: Definition
  package var chunk: ChunkLocation
}

/// One snapshot, immutable: the only way to ask the index anything.
package final class SnapshotView: Sendable {
  package let info: SnapshotInfo

  init(info: SnapshotInfo) { self.info = info }

  /// Paths in the snapshot, symlinks and submodules included.
  package var fileCount: Int { fatalError("being written") }

  package func file(at index: Int) -> SnapshotFile { fatalError("being written") }

  package func file(_ path: TreePath) -> SnapshotFile? { fatalError("being written") }

  /// Paths of the snapshot that are like one that is not there: same file name elsewhere, near spelling.
  package func nearPaths(_ path: TreePath, limit: Int) -> [TreePath] { fatalError("being written") }

  /// In order of line.
  package func chunks(inFile index: Int) -> [ChunkLocation] { fatalError("being written") }

  /// In order of line.
  package func definitions(inFile index: Int) -> [SymbolLocation] { fatalError("being written") }

  /// Exact, case-sensitive; ordered by path, then line. No register tables (see `Retriever.symbol`).
  package func definitions(named name: String) -> [SymbolLocation] { fatalError("being written") }
}
