// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// One repository (or folder) under its short name.
package struct CollectionInfo: Hashable, Sendable {
  package var name: String
  /// The git directory that its objects are read from.
  package var gitDirectory: String
  /// What a person pointed at.
  package var source: String

  package init(name: String, gitDirectory: String, source: String) {
    self.name = name
    self.gitDirectory = gitDirectory
    self.source = source
  }
}

/// The folder that holds everything Nenrin keeps, opened for reading. Never creates, never writes.
package final class Home: Sendable {
  package let path: String

  /// Throws `homeNotFound` (nothing was indexed there yet), `formatMismatch`, `indexDamaged`.
  package init(reading path: String) throws {
    self.path = path
    fatalError("being written")
  }

  /// By name.
  package func collections() throws -> [CollectionInfo] { fatalError("being written") }

  /// By collection, then newest first (commit date, then when it was indexed).
  package func snapshots() throws -> [SnapshotInfo] { fatalError("being written") }

  /// The snapshot that a name means: by revision, full commit id or an unambiguous prefix of 7 or more digits; without
  /// a revision the newest of the collection; without a collection the only one there is, or the newest of all where
  /// no revision is given either. Throws `snapshotNotFound`, `collectionNotFound` with near misses.
  package func resolve(_ name: SnapshotName) throws -> SnapshotInfo { fatalError("being written") }

  /// The view that answers for a snapshot; views are kept and shared.
  package func view(of snapshot: SnapshotInfo) throws -> SnapshotView { fatalError("being written") }

  /// Bytes of all files below the home.
  package func byteCount() throws -> Int64 { fatalError("being written") }
}
