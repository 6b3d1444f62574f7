// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// Where a server's pages show what a document names.
package struct PageLinks: Sendable {
  let source: @Sendable (SnapshotInfo, TreePath, ClosedRange<Int>) -> String
  let commit: @Sendable (SnapshotInfo, ObjectID) -> String

  package init(
    source: @escaping @Sendable (SnapshotInfo, TreePath, ClosedRange<Int>) -> String,
    commit: @escaping @Sendable (SnapshotInfo, ObjectID) -> String
  ) {
    self.source = source
    self.commit = commit
  }

  /// The page of a file at a line; at the first where none is known.
  func line(_ line: Int?, of path: TreePath, in snapshot: SnapshotInfo) -> String {
    source(snapshot, path, (line ?? 1)...(line ?? 1))
  }
}
