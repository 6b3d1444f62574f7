// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Glibc
package import Glossary

/// The one writer of a home. Blobs are added, sealed into segments as they pile up, and become visible when a snapshot
/// that needs them is published; what is sealed survives a crash and is not read again. Not Sendable.
package final class HomeWriter {
  package let layout: HomeLayout
  private let lock: HomeLock
  let catalog: Catalog
  var generation: Generation
  var segments: [Segment]
  private var builder: SegmentBuilder

  /// Postings that are held in memory before a segment is sealed: about 9 bytes each, and as many again while sealing.
  private static let mostPostings = 30_000_000

  /// Takes the home for writing, making it where there is none, and clears away what an interrupted run left unfinished.
  /// Throws `indexBusy` where another process writes, `homeNotWritable`, `formatMismatch`, `indexDamaged`.
  package init(home path: String) throws {
    layout = HomeLayout(root: path)
    for folder in [path, layout.segments, layout.generations] { try HomeWriter.makeFolder(folder) }
    lock = try HomeLock(layout.lock)
    catalog = try Catalog(writing: layout.catalog)
    generation = try Generation(catalog)
    let layout = layout
    segments = try generation.segments.map { try Segment($0, in: layout) }
    let known = KnownContent(segments: segments)
    builder = SegmentBuilder(chunkBase: known.nextChunk, known: known)
    // Published first: until then readers may need files that the catalog does not name any more.
    if generation.number > 0, !isPublished { try publishGeneration() }
    removeLeftovers()
  }

  /// Whether readers find what the catalog holds.
  private var isPublished: Bool {
    let text = SmallFile.read(layout.pointer)
    guard text?.hasPrefix("\(StoreFormat.version) \(generation.number)\n") == true else { return false }
    let copy = try? Generation(Catalog(reading: layout.generation(generation.number)))
    return copy.map(generation.isPublished) ?? false
  }

  /// Makes sure that blobs are read as those that are in the home: mixed, snapshots would not be comparable, and what was
  /// indexed before would show in what comes after. Throws `formatMismatch`.
  package func expect(chunkerVersion: UInt32) throws {
    let version = Int64(chunkerVersion) * 1_000 + Int64(TermAnalyzer.version)
    let found = try catalog.read { try Int64.fetchOne($0, sql: "SELECT value FROM meta WHERE key = 'reading'") }
    if found == version { return }
    guard segments.isEmpty || found == nil && version == 1_001 else {
      throw NenrinError(
        .formatMismatch,
        "\(layout.root) was read by chunker \((found ?? 1_001) / 1_000), this program has chunker \(chunkerVersion)",
        reason: "files of one home are all read in one way, so that its snapshots can be compared",
        remedies: ["Index again into another home with --home DIR; this one can still be asked."])
    }
    try Catalog.translating(layout.catalog) {
      try catalog.queue.write {
        try $0.execute(sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('reading', ?)", arguments: [version])
      }
    }
  }

  /// What is sealed already, for the workers that prepare blobs.
  package var known: KnownContent { KnownContent(segments: segments) }

  package func snapshots() -> [SnapshotInfo] { generation.snapshots.map(\.info) }

  package func collections() -> [CollectionInfo] { generation.collections }

  /// The snapshot of a commit, where it is indexed.
  package func snapshot(collection: String, commit: ObjectID) -> SnapshotInfo? {
    generation.snapshots.first { $0.info.collection == collection && $0.info.commit == commit }?.info
  }

  /// The commit that a revision name stands for in the index.
  package func commit(collection: String, revision: String) -> ObjectID? {
    let id = generation.revisions[SnapshotName(collection: collection, revision: revision)]
    return generation.snapshots.first { $0.info.id == id }?.info.commit
  }

  /// The manifest of an indexed snapshot; empty where there is none. Throws `indexDamaged`.
  package func manifest(of snapshot: SnapshotInfo) throws -> ManifestTable {
    guard let row = generation.snapshots.first(where: { $0.info.id == snapshot.id }) else { return ManifestTable() }
    return try Generation.manifest(row.manifest, in: catalog)
  }

  /// Whether a blob is indexed or waiting to be sealed.
  package func contains(_ key: BlobKey) -> Bool {
    builder.contains(key) || KnownContent(segments: segments).contains(key)
  }

  /// Adds a blob; returns how many of its chunks are new to the home. Throws `diskFull` when sealing fails.
  package func add(_ blob: PreparedBlob) throws -> Int {
    let newChunks = builder.add(blob)
    if builder.postingCount >= HomeWriter.mostPostings { try seal() }
    return newChunks
  }

  /// Writes what is waiting into a segment of its own; a later run finds it there.
  package func seal() throws {
    guard !builder.isEmpty else { return }
    let number = try nextSegmentNumber()
    let path = layout.segment(number)
    let byteCount = try builder.seal(into: path)
    let segment = try Segment(path: path, number: number, chunkBase: Int(builder.chunkBase))
    try Catalog.translating(layout.catalog) {
      try catalog.queue.write { database in
        try HomeWriter.insertSegment(segment, byteCount: byteCount, database)
      }
    }
    segments.append(segment)
    let known = KnownContent(segments: segments)
    builder = SegmentBuilder(chunkBase: known.nextChunk, known: known)
  }

  static func insertSegment(_ segment: Segment, byteCount: Int, _ database: Database) throws {
    try database.execute(
      sql: "INSERT INTO segment (number, chunk_base, chunk_count, byte_count) VALUES (?, ?, ?, ?)",
      arguments: [segment.number, segment.chunkBase, segment.chunkCount, byteCount])
  }

  /// The number of the next segment file: never one that was used before, so that nobody takes a file for another.
  func nextSegmentNumber() throws -> Int64 {
    let highest = try Catalog.translating(layout.catalog) {
      try catalog.queue.read { try Int64.fetchOne($0, sql: "SELECT value FROM meta WHERE key = 'segment'") ?? 0 }
    }
    return max(segments.last?.number ?? 0, highest) + 1
  }

  /// Begins anew with other segments, where nothing is waiting to be sealed.
  func reopen(_ replaced: [Segment]) {
    segments = replaced
    let known = KnownContent(segments: replaced)
    builder = SegmentBuilder(chunkBase: known.nextChunk, known: known)
  }

  /// Gives an indexed snapshot one more name. Publishes.
  package func name(_ snapshot: SnapshotInfo, _ revision: String) throws {
    try Catalog.translating(layout.catalog) {
      try catalog.queue.write { database in
        try Catalog.beginGeneration(database)
        let id = try Int64.fetchOne(
          database, sql: "SELECT id FROM collection WHERE name = ?", arguments: [snapshot.collection])
        try database.execute(
          sql: "INSERT OR REPLACE INTO revision (collection_id, name, snapshot_id) VALUES (?, ?, ?)",
          arguments: [id, revision, snapshot.id])
      }
    }
    generation = try Generation(catalog)
    try publishGeneration()
  }
}

extension HomeWriter {
  /// Copies the catalog for readers and swaps the pointer to it. The transaction that changed the catalog has counted
  /// the generation, so that where this does not come to its end, the next writer sees what is missing and does it.
  func publishGeneration() throws {
    let number = generation.number
    let path = layout.generation(number)
    let partial = path + ".partial"
    unlink(partial)
    try catalog.copy(to: partial)
    try DurableFile.adopt(partial, as: path)
    let pointer = try DurableFile(path: layout.pointer)
    try pointer.write(Array("\(StoreFormat.version) \(number)\n".utf8))
    try pointer.commit()
    removeOldGenerations(before: number - 2)
  }

  private func removeOldGenerations(before number: Int64) {
    for name in SmallFile.names(in: layout.generations) {
      guard let old = Int64(name.split(separator: ".").first ?? ""), old < number else { continue }
      unlink("\(layout.generations)/\(name)")
    }
  }

  /// Removes files that no catalog row names: an interrupted run's segments and copies, and what `collect` replaced
  /// once its time of grace is over.
  func removeLeftovers() {
    let live = Set(generation.segments.map { "\($0.number).segment" })
    let keepUntil = try? catalog.read { try Int64.fetchOne($0, sql: "SELECT value FROM meta WHERE key = 'keep_until'") }
    if Int64(time(nil)) >= keepUntil ?? 0 {
      for name in SmallFile.names(in: layout.segments) where !live.contains(name) {
        unlink("\(layout.segments)/\(name)")
      }
      VectorFolder(path: layout.vectors).removeLeftovers(live: Set(generation.segments.map(\.number)))
    }
    for name in SmallFile.names(in: layout.generations) where name.hasSuffix(".partial") {
      unlink("\(layout.generations)/\(name)")
    }
  }

  /// Makes a folder and those above it.
  static func makeFolder(_ path: String) throws {
    if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
      throw DurableFile.failure(path, errno)
    }
    try makeFolder(String(path[..<slash]))
    if mkdir(path, 0o755) != 0, errno != EEXIST { throw DurableFile.failure(path, errno) }
  }
}

/// Holds the write lock of a home as long as it lives; the system lets go of it when the process ends, however it ends.
private final class HomeLock {
  private let descriptor: Int32

  init(_ path: String) throws {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw DurableFile.failure(path, errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let owner = SmallFile.read(path)?.split(separator: "\n").first.map { " (process \($0))" } ?? ""
      // `deinit` runs now, since all is initialised, and closes: by closing here, too, what another thread opened
      // meanwhile would be closed.
      throw NenrinError(
        .indexBusy, "another process\(owner) is writing to this home", reason: path,
        remedies: ["Wait until it is done, or index into another home with --home DIR. Searching works meanwhile."])
    }
    ftruncate(descriptor, 0)
    let text = Array("\(getpid())\n".utf8)
    _ = write(descriptor, text, text.count)
  }

  deinit {
    // Said aloud: a program that is being started may hold a copy of the descriptor for a moment.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
