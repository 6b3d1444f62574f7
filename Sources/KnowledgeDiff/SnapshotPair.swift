// SPDX-License-Identifier: Apache-2.0
package import Glossary
package import IndexStore
package import Retrieval

/// Which of two snapshots: what was, or what is.
package enum DiffSide: String, Sendable {
  case from, to

  package var other: DiffSide { self == .from ? .to : .from }
}

/// Two snapshots and where their blobs are read, for one comparison by one task.
package struct SnapshotPair {
  package let from: SnapshotView
  package let to: SnapshotView
  private let fromSource: any BlobSource
  private let toSource: any BlobSource
  let lexicons: Lexicons

  package init(
    from: SnapshotView, to: SnapshotView, fromSource: any BlobSource, toSource: any BlobSource,
    lexicons: Lexicons = .empty
  ) {
    self.lexicons = lexicons
    self.from = from
    self.to = to
    self.fromSource = fromSource
    self.toSource = toSource
  }

  package func view(_ side: DiffSide) -> SnapshotView { side == .from ? from : to }

  func source(_ side: DiffSide) -> any BlobSource { side == .from ? fromSource : toSource }

  /// The bytes of a file; none for a submodule. Throws `objectUnreadable`.
  package func bytes(_ side: DiffSide, _ file: Int) throws -> [UInt8] {
    let view = view(side)
    if view.entryKind(at: file) == .submodule { return [] }
    return try source(side).bytes(of: view.object(at: file))
  }
}
