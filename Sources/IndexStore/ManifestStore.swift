// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Glossary

/// Stores manifests in the catalog: whole, or as what they change on one that is stored, where that is much smaller.
struct ManifestStore {
  /// Where a manifest is stored.
  struct Place {
    var id: Int64
    /// Deltas between it and its keyframe.
    var depth: Int
    /// Of its own row.
    var byteCount: Int
  }

  let database: Database
  let path: String

  /// A longer chain of deltas is cut: the next is stored against the keyframe, as all that changed since.
  static let longestChain = 256
  /// A keyframe takes some 35 bytes a path; a chain of deltas pays as long as each is much smaller.
  private static let mostDeltaBytesPerPath = 8

  func place(_ id: Int64) throws -> Place {
    let depth = try Int.fetchOne(database, sql: "SELECT depth FROM manifest WHERE id = ?", arguments: [id])
    return Place(id: id, depth: depth ?? 0, byteCount: 0)
  }

  /// Stores a manifest that is known whole.
  func insert(_ table: ManifestTable, on base: Place?) throws -> Place {
    if let base {
      let delta = table.delta(from: try Generation.manifest(base.id, database, path: path))
      if let place = try insert(delta.bytes, changes: delta.count, on: base, fileCount: table.count) { return place }
    }
    return try insertKeyframe(table)
  }

  /// Stores a manifest of which only the changes to a stored one are known.
  func insert(_ changes: [ManifestChange], on base: Place, fileCount: Int) throws -> Place {
    let delta = ManifestTable.encoded(changes)
    if let place = try insert(delta, changes: changes.count, on: base, fileCount: fileCount) { return place }
    return try insertKeyframe(try Generation.manifest(base.id, database, path: path).applying(changes))
  }

  /// Nil where the delta is so large that a keyframe is better.
  private func insert(_ delta: [UInt8], changes: Int, on base: Place, fileCount: Int) throws -> Place? {
    var (delta, base) = (delta, base)
    if base.depth >= ManifestStore.longestChain { (delta, base) = try onKeyframe(delta, base) }
    guard delta.count < fileCount * ManifestStore.mostDeltaBytesPerPath else { return nil }
    return try insertRow(delta, changes: changes, base: base.id, depth: base.depth + 1)
  }

  private func insertKeyframe(_ table: ManifestTable) throws -> Place {
    try insertRow(table.encoded(), changes: table.count, base: nil, depth: 0)
  }

  private func insertRow(_ payload: [UInt8], changes: Int, base: Int64?, depth: Int) throws -> Place {
    try database.execute(
      sql: "INSERT INTO manifest (base_id, depth, changed_paths, checksum, payload) VALUES (?, ?, ?, ?, ?)",
      arguments: [base, depth, changes, ManifestTable.checksum(payload), Data(payload)])
    return Place(id: database.lastInsertedRowID, depth: depth, byteCount: payload.count)
  }

  /// The same manifest as a delta on the keyframe at the other end of the chain.
  private func onKeyframe(_ delta: [UInt8], _ base: Place) throws -> ([UInt8], Place) {
    var deltas = [delta]
    var row = try Generation.manifestRow(base.id, database, path: path)
    var keyframe = base.id
    while let next = row.base {
      deltas.append(row.payload)
      keyframe = next
      row = try Generation.manifestRow(next, database, path: path)
    }
    guard let combined = ManifestTable.combined(deltas.reversed()) else {
      throw Segment.damage(path, "manifest \(base.id) cannot be read")
    }
    return (combined, Place(id: keyframe, depth: 0, byteCount: 0))
  }
}
