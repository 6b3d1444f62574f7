// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Glibc
import Glossary

/// What freeing a home came to.
package struct CollectionOutcome: Hashable, Sendable {
  /// How many of a thing stayed, and how many went.
  package struct Share: Hashable, Sendable {
    package var kept: Int
    package var freed: Int
  }

  /// Bytes that the home takes less than before.
  package var freedBytes: Int64
  /// Bytes of all files below the home, afterwards.
  package var indexBytes: Int64
  package var segmentsBefore: Int
  package var segmentsAfter: Int
  package var blobs: Share
  package var chunks: Share
}

extension HomeWriter {
  /// More segments than these are merged even where all of them is needed: every question looks into each.
  private static let mostSegments = 8

  /// Frees what no snapshot names: copies what is live into new segments, publishes them in one transaction, and removes
  /// the old ones; views that have them open go on. Killed at any moment, it leaves what is published whole, and the
  /// next writer clears away what it left. Throws `indexDamaged` before anything is changed, `diskFull`.
  ///
  /// - Parameters:
  ///   - mostTokens: how much goes into one new segment.
  ///   - grace: seconds for which the files that were replaced stay, for readers on other machines that have them open:
  ///     a file that is removed on an NFS server is gone for its clients at once. The first writer after that removes
  ///     them, as does a call with 0.
  package func collect(mostTokens: Int? = nil, grace: Int64 = 0) throws -> CollectionOutcome {
    try seal()
    let before = HomeLayout.byteCount(below: layout.root)
    let old = segments
    let live = try liveContent()
    let merge = SegmentMerge(segments: old, live: live, mostTokens: mostTokens ?? SegmentMerge.mostTokens)
    let (blobs, chunks) = (old.reduce(0) { $0 + $1.blobs.count }, live.chunks.count)
    let isCrowded = old.count > HomeWriter.mostSegments && merge.parts.count < old.count
    let isWanted = live.blobCount < blobs || live.chunkCount < chunks || isCrowded
    if isWanted || grace == 0 { try keepReplaced(until: grace == 0 ? 0 : Int64(time(nil)) + grace) }
    if isWanted { try replaceSegments(by: merge) } else { try shareAnew() }
    removeLeftovers()
    removeUnnamedObjects()
    // A catalog that cannot be shrunk, because the disk is full, is whole all the same.
    _ = try? catalog.queue.vacuum()
    let after = HomeLayout.byteCount(below: layout.root)
    return CollectionOutcome(
      freedBytes: max(0, before - after), indexBytes: after, segmentsBefore: old.count, segmentsAfter: segments.count,
      blobs: CollectionOutcome.Share(kept: live.blobCount, freed: blobs - live.blobCount),
      chunks: CollectionOutcome.Share(kept: live.chunkCount, freed: chunks - live.chunkCount))
  }

  private func keepReplaced(until time: Int64) throws {
    try Catalog.translating(layout.catalog) {
      try catalog.queue.write {
        try $0.execute(sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('keep_until', ?)", arguments: [time])
      }
    }
  }

  private func liveContent() throws -> LiveContent {
    var live = LiveContent(segments: segments)
    try forEachManifest { _, manifest in try live.mark(manifest) }
    return live
  }

  /// Calls `body` for every snapshot, the one that was indexed first at the beginning, each manifest as what it changes
  /// on the one before.
  private func forEachManifest(_ body: (SnapshotRow, NewManifest) throws -> Void) throws {
    var reader = ManifestReader(catalog)
    for row in generation.snapshots.sorted(by: { $0.info.id < $1.info.id }) {
      try body(row, try reader.next(row.manifest).manifest)
    }
  }

  /// What each snapshot holds that none before it does; what a forgotten one left falls to the next that has it.
  private func rings(_ segments: [Segment]) throws -> [Int64: RingCounts] {
    var tally = SnapshotTally(HomeContent(segments), firstFree: 0)
    var rings: [Int64: RingCounts] = [:]
    try forEachManifest { row, manifest in
      try tally.count(manifest)
      rings[row.info.id] = tally.ring
    }
    return rings
  }

  /// Writes the new segments, then makes them the home's in one step.
  private func replaceSegments(by merge: SegmentMerge) throws {
    // Copied, damage would get a checksum that says all is well.
    for segment in merge.segments {
      if let section = segment.damagedSections().first {
        throw Segment.damage(segment.file.path, "section '\(section)' is not what was written: its checksum differs")
      }
    }
    let first = try nextSegmentNumber()
    var replaced: [Segment] = []
    var byteCounts: [Int] = []
    for part in merge.parts.indices {
      let number = first + Int64(part)
      let path = layout.segment(number)
      byteCounts.append(try merge.write(part: part, into: path))
      let base = replaced.last?.chunkRange.upperBound ?? 0
      replaced.append(try Segment(path: path, number: number, chunkBase: base))
    }
    try copyVectors(from: merge.segments, to: replaced, numbers: merge.numbers)
    let rings = try rings(replaced)
    try Catalog.translating(layout.catalog) {
      try catalog.queue.write { database in
        try HomeWriter.replaceRows(zip(replaced, byteCounts), highest: first + Int64(replaced.count) - 1, database)
        try HomeWriter.share(byteCounts.reduce(0, +), among: rings, database)
      }
    }
    generation = try Generation(catalog)
    reopen(replaced)
    try publishGeneration()
  }

  private static func replaceRows(
    _ replaced: some Sequence<(Segment, Int)>, highest: Int64, _ database: Database
  ) throws {
    try Catalog.beginGeneration(database)
    try database.execute(sql: "DELETE FROM segment")
    for (segment, byteCount) in replaced {
      try insertSegment(segment, byteCount: byteCount, database)
    }
    try database.execute(sql: "UPDATE snapshot SET last_segment = ?", arguments: [highest])
    try database.execute(
      sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('segment', ?), ('claimed', ?)",
      arguments: [highest, highest])
  }

  /// What a forgotten snapshot held falls to those that still need it, where nothing is freed too.
  private func shareAnew() throws {
    let rings = try rings(segments)
    guard generation.snapshots.contains(where: { $0.info.ownChunks != rings[$0.info.id]?.chunks }) else { return }
    let byteCount = generation.segments.reduce(0) { $0 + $1.byteCount }
    try Catalog.translating(layout.catalog) {
      try catalog.queue.write { database in
        try Catalog.beginGeneration(database)
        try HomeWriter.share(byteCount, among: rings, database)
      }
    }
    generation = try Generation(catalog)
    try publishGeneration()
  }

  /// Gives each snapshot its own size: its part of the segments, and its manifest.
  private static func share(_ byteCount: Int, among rings: [Int64: RingCounts], _ database: Database) throws {
    let weight = rings.values.reduce(0) { $0 + Double($1.weight) }
    for (id, ring) in rings {
      let bytes = weight > 0 ? Int64(Double(ring.weight) / weight * Double(byteCount)) : 0
      try database.execute(
        sql: """
          UPDATE snapshot SET own_bytes = ? + (SELECT length(payload) FROM manifest WHERE manifest.id = manifest_id)
          WHERE id = ?
          """,
        arguments: [bytes, id])
      try database.execute(
        sql: "UPDATE ring SET own_blobs = ?, own_chunks = ? WHERE snapshot_id = ?",
        arguments: [ring.blobs, ring.chunks, id])
    }
  }

  /// Removes repositories that the home keeps for collections that are gone.
  private func removeUnnamedObjects() {
    let folder = "\(layout.root)/\(StoreFormat.objectsName)"
    let named = Set(generation.collections.map { "\($0.name).git" })
    for name in SmallFile.names(in: folder) where !named.contains(name) {
      try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
    let histories = "\(layout.root)/\(StoreFormat.commitsName)"
    let collections = Set(generation.collections.map(\.name))
    for name in SmallFile.names(in: histories) where !collections.contains(name) {
      try? FileManager.default.removeItem(atPath: "\(histories)/\(name)")
    }
  }
}
