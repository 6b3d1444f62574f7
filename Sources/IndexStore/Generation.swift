// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Glossary

/// A row of the catalog's `snapshot` and what a view of it needs.
struct SnapshotRow: Hashable, Sendable {
  var info: SnapshotInfo
  /// The newest segment that holds anything of it.
  var lastSegment: Int64
  var manifest: Int64
  /// Nil where an older program published it.
  var counts: SnapshotCounts?
}

/// One published state of a home, read whole: nothing in it ever changes.
struct Generation: Sendable {
  var number: Int64 = 0
  var collections: [CollectionInfo] = []
  /// By collection, then newest first.
  var snapshots: [SnapshotRow] = []
  /// By collection and revision name: the snapshot's id.
  var revisions: [SnapshotName: Int64] = [:]
  var segments: [SegmentPlace] = []

  struct SegmentPlace: Hashable, Sendable {
    var number: Int64
    var chunkBase: Int
    var chunkCount: Int
    var byteCount: Int
  }

  init(_ catalog: Catalog) throws {
    try catalog.read { database in
      number = try Int64.fetchOne(database, sql: "SELECT value FROM meta WHERE key = 'generation'") ?? 0
      collections = try Row.fetchAll(database, sql: "SELECT * FROM collection ORDER BY name").map {
        CollectionInfo(name: $0["name"], gitDirectory: $0["git_directory"], source: $0["source"])
      }
      // A catalog that was published before rings were counted has no table of them.
      let rings =
        try database.tableExists("ring")
        ? "ring" : "(SELECT NULL snapshot_id, NULL blobs, NULL skipped, NULL own_chunks)"
      snapshots = try Row.fetchAll(
        database,
        sql: """
          SELECT snapshot.*, collection.name AS collection, blobs, skipped, own_chunks FROM snapshot
          JOIN collection ON collection.id = collection_id LEFT JOIN \(rings) ON snapshot_id = snapshot.id
          ORDER BY collection.name, date DESC, indexed_at DESC, snapshot.id DESC
          """
      ).map(Generation.snapshotRow)
      for row in try Row.fetchAll(
        database,
        sql: """
          SELECT revision.name AS name, snapshot_id, collection.name AS collection FROM revision
          JOIN collection ON collection.id = revision.collection_id
          """)
      {
        revisions[SnapshotName(collection: row["collection"], revision: row["name"])] = row["snapshot_id"]
      }
      segments = try Row.fetchAll(database, sql: "SELECT * FROM segment ORDER BY number").map {
        SegmentPlace(
          number: $0["number"], chunkBase: $0["chunk_base"], chunkCount: $0["chunk_count"],
          byteCount: $0["byte_count"])
      }
    }
  }

  /// Whether a published copy holds what this, the writer's catalog at the same generation, holds. Segments that were
  /// sealed since are no part of what is published.
  func isPublished(as copy: Generation) -> Bool {
    collections == copy.collections && snapshots == copy.snapshots && revisions == copy.revisions
      && segments.starts(with: copy.segments)
  }

  private static func snapshotRow(_ row: Row) -> SnapshotRow {
    let commit: [UInt8] = Array(row["commit_id"] as Data)
    return SnapshotRow(
      info: SnapshotInfo(
        id: row["id"], collection: row["collection"], revision: row["revision"],
        commit: commit.withUnsafeBytes { $0.count == 20 ? ObjectID(bytes: $0) : .zero }, date: row["date"],
        indexedAt: row["indexed_at"], files: row["files"], bytes: row["bytes"], chunks: row["chunks"],
        ownBytes: row["own_bytes"], ownChunks: row["own_chunks"]),
      lastSegment: row["last_segment"], manifest: row["manifest_id"], counts: counts(row))
  }

  private static func counts(_ row: Row) -> SnapshotCounts? {
    guard let blobs = row["blobs"] as Int?, let skipped = row["skipped"] as String? else { return nil }
    return SnapshotCounts(
      files: row["files"], bytes: row["bytes"], blobs: blobs, chunks: row["chunks"],
      skipped: SnapshotCounts.decodedSkipped(skipped))
  }

  /// The manifest with this number: its keyframe with the deltas after it. Throws `indexDamaged`.
  static func manifest(_ id: Int64, in catalog: Catalog) throws -> ManifestTable {
    // Taken apart outside: the catalog reads for one at a time, and two snapshots may be opened at once.
    let chain = try catalog.read { try ManifestChain(id, $0, path: catalog.path, known: nil) }
    return try chain.table(path: catalog.path)
  }

  /// - Parameter known: a manifest that was read before; where the one wanted is stored as changes to it, only those are
  ///   read.
  static func manifest(
    _ id: Int64, _ database: Database, path: String, known: (id: Int64, table: ManifestTable)? = nil
  ) throws -> ManifestTable {
    try ManifestChain(id, database, path: path, known: known).table(path: path)
  }

  /// One stored manifest: a keyframe, or a delta on another. Throws `indexDamaged`.
  static func manifestRow(
    _ id: Int64, _ database: Database, path: String
  ) throws -> (base: Int64?, payload: [UInt8]) {
    // A cursor's row is not copied; a keyframe is megabytes.
    let rows = try Row.fetchCursor(database, sql: "SELECT * FROM manifest WHERE id = ?", arguments: [id])
    guard let row = try rows.next() else { throw Segment.damage(path, "manifest \(id) is missing") }
    let payload = try row.withUnsafeData(named: "payload") { Array($0 ?? Data()) }
    guard ManifestTable.checksum(payload) == row["checksum"] as Int64 else {
      throw Segment.damage(path, "manifest \(id) is not what was written")
    }
    return (row["base_id"], payload)
  }

  /// The snapshot that a name means, with near misses where there is none.
  func resolve(_ name: SnapshotName) throws -> SnapshotRow {
    let inCollection = try candidates(name)
    guard let revision = name.revision else {
      guard let newest = inCollection.first else { throw noSnapshot(name, among: inCollection) }
      return newest
    }
    let named = collections.compactMap { collection -> Int64? in
      guard name.collection == nil || name.collection == collection.name else { return nil }
      return revisions[SnapshotName(collection: collection.name, revision: revision)]
    }
    let byName = inCollection.filter { named.contains($0.info.id) }
    if byName.count == 1 { return byName[0] }
    if byName.count > 1 { throw ambiguous(name, byName) }
    let lower = revision.lowercased()
    let byCommit = ObjectID.mayBegin(with: lower) ? inCollection.filter { $0.info.commit.hex.hasPrefix(lower) } : []
    if byCommit.count == 1 { return byCommit[0] }
    throw byCommit.isEmpty ? noSnapshot(name, among: inCollection) : ambiguous(name, byCommit)
  }

  private func candidates(_ name: SnapshotName) throws -> [SnapshotRow] {
    guard let wanted = name.collection else {
      // By date over all collections where only one is there or nothing narrower was asked.
      return snapshots.sorted {
        ($0.info.date, $0.info.indexedAt, $0.info.id) > ($1.info.date, $1.info.indexedAt, $1.info.id)
      }
    }
    guard collections.contains(where: { $0.name == wanted }) else {
      let known = collections.map(\.name).joined(separator: ", ")
      throw NenrinError(
        .collectionNotFound, "no collection '\(wanted)'",
        reason: known.isEmpty ? "nothing is indexed here" : "indexed here: \(known)",
        remedies: ["Run `nenrin snapshots` for the list, or `nenrin index SOURCE --name \(wanted)` to add it."])
    }
    return snapshots.filter { $0.info.collection == wanted }
  }

  private func noSnapshot(_ name: SnapshotName, among rows: [SnapshotRow]) -> NenrinError {
    let all = rows.map { name.collection == nil && collections.count > 1 ? $0.info.name : $0.info.revision }
    let near = NearMiss.rank(all, like: name.revision ?? "", limit: 8)
    let known = rows.isEmpty ? "nothing is indexed here" : "indexed here are \(near.joined(separator: ", "))"
    return NenrinError(
      .snapshotNotFound, "no snapshot '\(name)'", reason: known,
      remedies: ["Run `nenrin index SOURCE \(name.revision ?? "REV")` to add it, or `nenrin snapshots` for the list."])
  }

  private func ambiguous(_ name: SnapshotName, _ rows: [SnapshotRow]) -> NenrinError {
    NenrinError(
      .snapshotNotFound, "'\(name)' names \(rows.count) snapshots",
      reason: rows.map { "\($0.info.name) (\($0.info.commit.hex.prefix(12)))" }.joined(separator: ", "),
      remedies: ["Say which: COLLECTION@REVISION, or more digits of the commit id."])
  }
}

/// A manifest as it is stored.
private struct ManifestChain {
  let id: Int64
  /// What the deltas apply to, where it was known.
  private var known: ManifestTable?
  private var keyframe: [UInt8] = []
  /// The newest first.
  private var deltas: [[UInt8]] = []

  init(_ id: Int64, _ database: Database, path: String, known: (id: Int64, table: ManifestTable)?) throws {
    self.id = id
    var next: Int64? = id
    while let current = next {
      if let known, known.id == current {
        self.known = known.table
        break
      }
      let row = try Generation.manifestRow(current, database, path: path)
      next = row.base
      if next == nil { keyframe = row.payload } else { deltas.append(row.payload) }
    }
  }

  func table(path: String) throws -> ManifestTable {
    var table = known ?? ManifestTable(decoding: keyframe)
    if !deltas.isEmpty {
      table = ManifestTable.combined(deltas.reversed()).flatMap { delta in table?.applying(delta: delta) }
    }
    guard let table else { throw Segment.damage(path, "manifest \(id) cannot be read") }
    return table
  }
}

/// Reads manifests one after the other, each with what it changes on the one before.
struct ManifestReader {
  let catalog: Catalog
  private var last: (id: Int64, table: ManifestTable)?

  init(_ catalog: Catalog) { self.catalog = catalog }

  /// Whole the first time, and after `forgetLast`. Throws `indexDamaged`; what comes after that is whole again.
  mutating func next(_ id: Int64) throws -> (table: ManifestTable, manifest: NewManifest) {
    let known = last
    last = nil
    let table = try catalog.read { try Generation.manifest(id, $0, path: catalog.path, known: known) }
    last = (id, table)
    return (table, known.map { .changes(table.changes(from: $0.table)) } ?? .whole(table))
  }

  mutating func forgetLast() { last = nil }
}
