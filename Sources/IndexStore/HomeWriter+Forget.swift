// SPDX-License-Identifier: Apache-2.0
import GRDB
package import Glossary

extension HomeWriter {
  /// The snapshot that a name means, as `Home.resolve` says it. Throws `snapshotNotFound`, `collectionNotFound`.
  package func resolve(_ name: SnapshotName) throws -> SnapshotInfo { try generation.resolve(name).info }

  /// Takes snapshots out of the index, all or none, with every name they have; a collection goes with its last one. What
  /// only they held stays in the segments until `collect`. Publishes. Throws `diskFull`.
  package func forget(_ snapshots: [SnapshotInfo]) throws {
    guard !snapshots.isEmpty else { return }
    try Catalog.translating(layout.catalog) {
      try catalog.queue.write { database in
        try Catalog.beginGeneration(database)
        for snapshot in snapshots {
          try database.execute(sql: "DELETE FROM snapshot WHERE id = ?", arguments: [snapshot.id])
        }
        try HomeWriter.removeUnneededRows(database)
      }
    }
    generation = try Generation(catalog)
    try publishGeneration()
  }

  /// Manifests that no snapshot needs, neither as its own nor as what its own is a delta on, and empty collections.
  private static func removeUnneededRows(_ database: Database) throws {
    try database.execute(
      sql: """
        WITH RECURSIVE needed (id) AS (
          SELECT manifest_id FROM snapshot
          UNION SELECT base_id FROM manifest JOIN needed ON manifest.id = needed.id WHERE base_id IS NOT NULL)
        DELETE FROM manifest WHERE id NOT IN (SELECT id FROM needed);
        DELETE FROM collection WHERE id NOT IN (SELECT collection_id FROM snapshot);
        """)
  }
}
