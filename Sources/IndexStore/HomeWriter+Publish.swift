// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Glibc
package import Glossary

/// The paths of a snapshot to publish.
package enum NewManifest: Sendable {
  case whole(ManifestTable)
  /// Those of the snapshot before it in the same call, with changes in order of path.
  case changes([ManifestChange])
}

/// A snapshot to publish.
package struct NewSnapshot: Sendable {
  package var collection: CollectionInfo
  package var revision: String
  package var commit: ObjectID
  /// Committer time, in seconds since 1970.
  package var date: Int64
  package var manifest: NewManifest
  /// A commit of the collection that is like it and is indexed: a whole manifest may be stored against that one's.
  package var like: ObjectID?

  package init(
    collection: CollectionInfo, revision: String, commit: ObjectID, date: Int64, manifest: NewManifest,
    like: ObjectID? = nil
  ) {
    self.collection = collection
    self.revision = revision
    self.commit = commit
    self.date = date
    self.manifest = manifest
    self.like = like
  }
}

/// What publishing a snapshot came to.
package struct PublishedSnapshot: Sendable {
  package var info: SnapshotInfo
  package var counts: SnapshotCounts
}

extension HomeWriter {
  /// Publishes snapshots, all or none: from here on readers see them. Every blob of their manifests must have been added.
  /// From the second on, one that is given as changes costs what it changes. Throws `indexDamaged`, `diskFull`.
  package func publish(_ snapshots: [NewSnapshot]) throws -> [PublishedSnapshot] {
    try mergeNewest(claimed: try unclaimedSegments().first - 1)
    try seal()
    let unclaimed = try unclaimedSegments()
    let counted = try count(snapshots, firstFree: unclaimed.first)
    let weight = counted.reduce(0) { $0 + Double($1.ring.weight) }
    let ids = try Catalog.translating(layout.catalog) {
      try catalog.queue.write { database in
        try Catalog.beginGeneration(database)
        let store = ManifestStore(database: database, path: layout.catalog)
        var previous: ManifestStore.Place?
        let ids = try zip(snapshots, counted).map { snapshot, counted in
          let place = try insertManifest(snapshot, counted.counts.files, store, after: previous)
          previous = place
          let share = weight > 0 ? Double(counted.ring.weight) / weight * Double(unclaimed.bytes) : 0
          return try insert(snapshot, counted, place, ownBytes: Int64(share) + Int64(place.byteCount), database)
        }
        try database.execute(
          sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('claimed', ?)", arguments: [segments.last?.number ?? 0]
        )
        return ids
      }
    }
    generation = try Generation(catalog)
    try publishGeneration()
    let infos = Dictionary(uniqueKeysWithValues: generation.snapshots.map { ($0.info.id, $0.info) })
    return zip(ids, counted).compactMap { id, counted in
      infos[id].map { PublishedSnapshot(info: $0, counts: counted.counts) }
    }
  }

  /// The segments that no snapshot's own size counts yet: the number that the first has or would have, and their bytes.
  private func unclaimedSegments() throws -> (first: Int64, bytes: Int64) {
    let newest = generation.snapshots.map(\.lastSegment).max() ?? 0
    return try catalog.read { database in
      let claimed = try Int64.fetchOne(database, sql: "SELECT value FROM meta WHERE key = 'claimed'") ?? newest
      let bytes = try Int64.fetchOne(
        database, sql: "SELECT sum(byte_count) FROM segment WHERE number > ?", arguments: [claimed])
      return (claimed + 1, bytes ?? 0)
    }
  }

  private func count(
    _ snapshots: [NewSnapshot], firstFree: Int64
  ) throws -> [(counts: SnapshotCounts, ring: RingCounts)] {
    var tally = SnapshotTally(HomeContent(segments), firstFree: firstFree)
    return try snapshots.map { snapshot in
      try tally.count(snapshot.manifest)
      return (tally.counts, tally.ring)
    }
  }

  /// What an indexed snapshot holds; counted anew where the catalog does not say it.
  package func counts(of snapshot: SnapshotInfo) throws -> SnapshotCounts {
    let row = generation.snapshots.first { $0.info.id == snapshot.id }
    if let counts = row?.counts { return counts }
    var tally = SnapshotTally(HomeContent(segments), firstFree: Int64.max)
    try tally.count(.whole(try manifest(of: snapshot)))
    return tally.counts
  }

  private func insertManifest(
    _ snapshot: NewSnapshot, _ fileCount: Int, _ store: ManifestStore, after previous: ManifestStore.Place?
  ) throws -> ManifestStore.Place {
    switch snapshot.manifest {
    case .changes(let changes):
      guard let previous else { preconditionFailure("changes come after what they change") }
      return try store.insert(changes, on: previous, fileCount: fileCount)
    case .whole(let table):
      let like = generation.snapshots.first {
        $0.info.collection == snapshot.collection.name && $0.info.commit == snapshot.like
      }
      return try store.insert(table, on: like.map { try store.place($0.manifest) })
    }
  }

  private func insert(
    _ snapshot: NewSnapshot, _ counted: (counts: SnapshotCounts, ring: RingCounts), _ manifest: ManifestStore.Place,
    ownBytes: Int64, _ database: Database
  ) throws -> Int64 {
    try database.execute(
      sql: """
        INSERT INTO collection (name, source, git_directory) VALUES (?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET source = excluded.source, git_directory = excluded.git_directory
        """,
      arguments: [snapshot.collection.name, snapshot.collection.source, snapshot.collection.gitDirectory])
    let collection = try Int64.fetchOne(
      database, sql: "SELECT id FROM collection WHERE name = ?", arguments: [snapshot.collection.name])
    let (counts, ring) = counted
    try database.execute(
      sql: """
        INSERT INTO snapshot (collection_id, revision, commit_id, date, indexed_at, files, bytes, chunks, own_bytes,
          last_segment, manifest_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        collection, snapshot.revision, Data(snapshot.commit.bytes), snapshot.date, Int64(time(nil)), counts.files,
        counts.bytes, counts.chunks, ownBytes, segments.last?.number ?? 0, manifest.id,
      ])
    let id = database.lastInsertedRowID
    try database.execute(
      sql: "INSERT INTO ring (snapshot_id, blobs, skipped, own_blobs, own_chunks) VALUES (?, ?, ?, ?, ?)",
      arguments: [id, counts.blobs, SnapshotCounts.encoded(counts.skipped), ring.blobs, ring.chunks])
    try database.execute(
      sql: "INSERT OR REPLACE INTO revision (collection_id, name, snapshot_id) VALUES (?, ?, ?)",
      arguments: [collection, snapshot.revision, id])
    return id
  }
}

extension SnapshotCounts {
  /// `3:57 5:1`: raw values of reasons with their counts, as the catalog keeps them.
  static func encoded(_ skipped: [SkipReason: Int]) -> String {
    skipped.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue):\($0.value)" }.joined(separator: " ")
  }

  static func decodedSkipped(_ text: String) -> [SkipReason: Int] {
    var skipped: [SkipReason: Int] = [:]
    for pair in text.split(separator: " ") {
      let fields = pair.split(separator: ":").compactMap { Int($0) }
      guard fields.count == 2, let reason = SkipReason(rawValue: UInt8(clamping: fields[0])) else { continue }
      skipped[reason] = fields[1]
    }
    return skipped
  }
}
