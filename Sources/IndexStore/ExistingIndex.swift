// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// What a home holds already, for planning; an empty or missing home holds nothing. Reads what is published.
package struct ExistingIndex {
  private let generation: Generation?
  fileprivate let segments: [Segment]

  /// Throws `formatMismatch`, `indexDamaged`.
  package init(home path: String) throws {
    let layout = HomeLayout(root: path)
    guard SmallFile.read(layout.pointer) != nil else {
      generation = nil
      segments = []
      return
    }
    let generation = try Home.publishedGeneration(layout)
    self.generation = generation
    segments = try generation.segments.map { try Segment($0, in: layout) }
  }

  /// The snapshot of a commit, where it is published, and its blobs where they were counted.
  package func snapshot(_ commit: ObjectID, collection: String) -> (info: SnapshotInfo, blobs: Int?)? {
    let row = generation?.snapshots.first { $0.info.collection == collection && $0.info.commit == commit }
    return row.map { ($0.info, $0.counts?.blobs) }
  }
}

/// Counts what snapshots would add to a home, from blobs that were read and are not written.
package struct PlanCounter {
  private let known: KnownContent
  private var content: HomeContent
  private var tally: SnapshotTally?

  package init(_ existing: ExistingIndex) {
    known = KnownContent(segments: existing.segments)
    content = HomeContent(existing.segments)
  }

  /// Whether the home holds the blob, or it was added.
  package func contains(_ key: BlobKey) -> Bool { known.contains(key) || content.contains(unwritten: key) }

  /// Takes in a blob that indexing would read. Comes before all counting.
  package mutating func add(_ blob: PreparedBlob) { content.add(blob) }

  /// Counts a snapshot, whose changes are those to the one counted before, and what of it is new. Throws `indexDamaged`.
  package mutating func count(_ manifest: NewManifest) throws -> (counts: SnapshotCounts, new: RingCounts) {
    var tally = tally ?? SnapshotTally(content, firstFree: Int64.max)
    // Held in one place only, or every snapshot would copy it.
    self.tally = nil
    try tally.count(manifest)
    self.tally = tally
    return (tally.counts, tally.ring)
  }
}
