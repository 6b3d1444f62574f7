// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// What a home holds already, for planning; an empty or missing home holds nothing. Reads what is published.
package struct ExistingIndex {
  private let generation: Generation?
  private let known: KnownContent

  /// Throws `formatMismatch`, `indexDamaged`.
  package init(home path: String) throws {
    let layout = HomeLayout(root: path)
    guard SmallFile.read(layout.pointer) != nil else {
      generation = nil
      known = KnownContent(segments: [])
      return
    }
    let generation = try Home.publishedGeneration(layout)
    self.generation = generation
    known = KnownContent(segments: try generation.segments.map { try Segment($0, in: layout) })
  }

  /// Whether a commit of the collection is published.
  package func contains(_ commit: ObjectID, collection: String) -> Bool {
    generation?.snapshots.contains { $0.info.collection == collection && $0.info.commit == commit } ?? false
  }

  /// Whether a segment holds the blob.
  package func contains(_ key: BlobKey) -> Bool { known.contains(key) }
}
