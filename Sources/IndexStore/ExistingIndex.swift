// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// What a home holds already, for planning; an empty or missing home holds nothing. Reads what is published.
package struct ExistingIndex {
  private let generation: Generation?
  fileprivate let segments: [Segment]
  fileprivate let vectors: VectorFolder

  /// Throws `formatMismatch`, `indexDamaged`.
  package init(home path: String) throws {
    let layout = HomeLayout(root: path)
    vectors = VectorFolder(path: layout.vectors)
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

/// Texts that would be sent to an embedder's servers.
package struct PlannedInputs: Sendable {
  package var count = 0
  package var byteCount = 0

  package init() {}

  package static func += (left: inout PlannedInputs, right: PlannedInputs) {
    left.count += right.count
    left.byteCount += right.byteCount
  }
}

/// Counts what snapshots would add to a home, from blobs that were read and are not written.
package struct PlanCounter {
  private let known: KnownContent
  private let existing: ExistingIndex
  private var content: HomeContent
  private var tally: SnapshotTally?
  /// Nil where no text is sent anywhere.
  private let space: VectorSpace?
  private var knownInputs = KnownInputs()
  private var plannedInputs = Set<UInt64>()
  private var plannedChunks = Set<ChunkKey>()
  private var lookedBlobs = Set<BlobKey>()

  /// - Parameter space: that of an embedder to whose servers texts would be sent.
  package init(_ existing: ExistingIndex, sendingTo space: VectorSpace? = nil) {
    self.existing = existing
    self.space = space
    known = KnownContent(segments: existing.segments)
    content = HomeContent(existing.segments)
    guard let space else { return }
    for segment in existing.segments {
      for file in SegmentVectors(segment, space, in: existing.vectors).files { knownInputs.add(file) }
    }
  }

  /// Whether the home holds the blob, or it was added.
  package func contains(_ key: BlobKey) -> Bool { known.contains(key) || content.contains(unwritten: key) }

  /// Takes in a blob that indexing would read; gives back what would be sent for its new chunks. Comes before all
  /// counting.
  package mutating func add(_ blob: PreparedBlob) -> PlannedInputs {
    var inputs = PlannedInputs()
    for chunk in blob.chunks where chunk.input != 0 {
      guard known.chunkNumber(chunk.key) == nil, plannedChunks.insert(chunk.key).inserted,
        knownInputs.vector(of: chunk.input) == nil, plannedInputs.insert(chunk.input).inserted
      else { continue }
      inputs.count += 1
      inputs.byteCount += chunk.chunk.head.count
    }
    content.add(blob)
    return inputs
  }

  /// What would be sent for chunks of these blobs that the home holds without a vector, each blob counted once. Their
  /// texts are not read: some may be the same.
  package mutating func unembedded(_ blobs: some Sequence<BlobKey>) -> PlannedInputs {
    guard let space else { return PlannedInputs() }
    let fresh = blobs.filter { lookedBlobs.insert($0).inserted }
    var inputs = PlannedInputs()
    for segment in UnembeddedHeads.of(fresh, among: existing.segments, in: space, existing.vectors) {
      for place in segment.blobs.lazy.flatMap(\.places) where !place.isLoose {
        inputs.count += 1
        inputs.byteCount += place.bytes.count
      }
    }
    return inputs
  }

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
