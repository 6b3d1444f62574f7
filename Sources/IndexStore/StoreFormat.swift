// SPDX-License-Identifier: Apache-2.0

/// The version of everything below a home, and its history. There is no migration: an older home is indexed again.
/// A new version gets a line here and a kept home in `Tests/Kept`, which `tools/kept-index` makes.
///
/// 1. Segments of blobs, chunks, definitions, names and terms; manifests as keyframes and deltas; a catalog in SQLite
///    of which readers open published copies. Segments may have the names that their blobs use, or lack them: what is
///    found is the same, later.
package enum StoreFormat {
  package static let version: UInt32 = 1

  /// Files and folders of a home.
  static let pointerName = "CURRENT"
  static let catalogName = "catalog.sqlite"
  static let generationsName = "generations"
  static let segmentsName = "segments"
  static let vectorsName = "vectors"
  /// A folder for each collection whose history was read.
  static let commitsName = "commits"
  static let lockName = "write.lock"
  /// Bare repositories that Nenrin keeps itself: imported folders and self-contained snapshots.
  package static let objectsName = "objects"
}
