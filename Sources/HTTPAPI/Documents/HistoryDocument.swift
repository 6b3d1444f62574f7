// SPDX-License-Identifier: Apache-2.0
import Glossary
package import KnowledgeDiff

/// What `nenrin history --json` prints.
package struct HistoryDocument: Encodable, Sendable {
  /// What a snapshot shows beside the one before.
  package struct Event: Encodable, Sendable {
    package var snapshot: SnapshotReferenceDocument
    /// Left out in the first snapshot of all.
    package var previous: SnapshotReferenceDocument?
    /// One of the two is there.
    package var symbol: DiffSymbolDocument?
    package var members: [DiffSymbolDocument]?
    package var file: DiffDocument.File?

    init(_ event: HistoryEvent) {
      snapshot = SnapshotReferenceDocument(event.snapshot)
      previous = event.previous.map(SnapshotReferenceDocument.init)
      switch event.change {
      case .symbol(let entry):
        let rows = DiffSymbolDocument.rows(entry)
        symbol = rows.first
        members = rows.count > 1 ? Array(rows.dropFirst()) : nil
      case .file(let entry): file = DiffDocument.File(entry)
      }
    }
  }

  package var name: String
  /// How many snapshots were looked at.
  package var snapshots: Int
  package var events: [Event]

  package init(name: String, snapshots: Int, events: [HistoryEvent]) {
    self.name = name
    self.snapshots = snapshots
    self.events = events.map(Event.init)
  }
}
