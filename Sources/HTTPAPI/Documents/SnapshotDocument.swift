// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// Which snapshot an answer speaks of: `"snapshot":{"collection","revision","commit"}`.
package struct SnapshotReferenceDocument: Codable, Hashable, Sendable {
  package var collection: String
  package var revision: String
  package var commit: String

  package init(_ snapshot: SnapshotInfo) {
    collection = snapshot.collection
    revision = snapshot.revision
    commit = snapshot.commit.hex
  }
}

/// One element of the list that `nenrin snapshots --json` and `GET /api/snapshots` give.
package struct SnapshotDocument: Codable, Hashable, Sendable {
  package var collection: String
  package var revision: String
  package var commit: String
  /// The commit's date, ISO 8601 in UTC.
  package var date: String
  package var files: Int
  /// Of all its files.
  package var bytes: Int64
  package var chunks: Int
  /// When it was published, ISO 8601 in UTC.
  package var indexedAt: String
  /// What its own ring takes: what it holds and none that was indexed before it does.
  package var ownBytes: Int64
  /// Chunks of that ring, and those that were there already; absent where an older program published it.
  package var ownChunks: Int?
  package var sharedChunks: Int?

  private enum CodingKeys: String, CodingKey {
    case collection, revision, commit, date, files, bytes, chunks
    case indexedAt = "indexed_at"
    case ownBytes = "own_bytes"
    case ownChunks = "own_chunks"
    case sharedChunks = "shared_chunks"
  }

  package init(_ snapshot: SnapshotInfo) {
    collection = snapshot.collection
    revision = snapshot.revision
    commit = snapshot.commit.hex
    date = DocumentFormat.timestamp(snapshot.date)
    files = snapshot.files
    bytes = snapshot.bytes
    chunks = snapshot.chunks
    indexedAt = DocumentFormat.timestamp(snapshot.indexedAt)
    ownBytes = snapshot.ownBytes
    ownChunks = snapshot.ownChunks
    sharedChunks = snapshot.ownChunks.map { snapshot.chunks - $0 }
  }
}
