// SPDX-License-Identifier: Apache-2.0

/// `[COLLECTION@]REVISION`, as a person names a snapshot.
package struct SnapshotName: Hashable, Sendable, CustomStringConvertible {
  package var collection: String?
  /// Nil where only a collection was named: its newest snapshot.
  package var revision: String?

  package init(collection: String? = nil, revision: String? = nil) {
    self.collection = collection
    self.revision = revision
  }

  /// Reads `linux@v6.12.117` or `v6.12.117`; text without `@` is a revision.
  package init(_ text: String) {
    guard let at = text.firstIndex(of: "@"), at != text.startIndex else {
      self.init(revision: text)
      return
    }
    let revision = String(text[text.index(after: at)...])
    self.init(collection: String(text[..<at]), revision: revision.isEmpty ? nil : revision)
  }

  /// The revision that means a checkout as it stands, uncommitted changes and all.
  package static let workTree = "worktree"

  package var description: String {
    [collection, revision].compactMap(\.self).joined(separator: "@")
  }
}

/// A snapshot that is indexed, as the catalog knows it.
package struct SnapshotInfo: Hashable, Sendable {
  /// The catalog's number for it.
  package var id: Int64
  package var collection: String
  /// The revision it was asked for.
  package var revision: String
  package var commit: ObjectID
  /// Committer time, in seconds since 1970.
  package var date: Int64
  /// When it was published, in seconds since 1970.
  package var indexedAt: Int64
  /// Paths in its tree, symlinks and submodules included.
  package var files: Int
  /// Bytes of all its files.
  package var bytes: Int64
  /// Distinct chunks it holds.
  package var chunks: Int
  /// Bytes that its own ring takes: what it holds and none that was indexed before it.
  package var ownBytes: Int64
  /// Chunks of that ring; nil where the program that published it did not count them.
  package var ownChunks: Int?

  package init(
    id: Int64, collection: String, revision: String, commit: ObjectID, date: Int64, indexedAt: Int64, files: Int,
    bytes: Int64, chunks: Int, ownBytes: Int64, ownChunks: Int? = nil
  ) {
    self.id = id
    self.collection = collection
    self.revision = revision
    self.commit = commit
    self.date = date
    self.indexedAt = indexedAt
    self.files = files
    self.bytes = bytes
    self.chunks = chunks
    self.ownBytes = ownBytes
    self.ownChunks = ownChunks
  }

  package var name: String { "\(collection)@\(revision)" }
}

/// Gives the bytes of blobs; the git object store stands behind it. Each reading task takes its own.
package protocol BlobSource: AnyObject {
  /// The whole blob. Throws `objectUnreadable`.
  func bytes(of blob: ObjectID) throws -> [UInt8]
}
