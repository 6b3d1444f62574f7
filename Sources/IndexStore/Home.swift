// SPDX-License-Identifier: Apache-2.0
import Glibc
package import Glossary
import Synchronization

/// One repository (or folder) under its short name.
package struct CollectionInfo: Hashable, Sendable {
  package var name: String
  /// The git directory that its objects are read from.
  package var gitDirectory: String
  /// What a person pointed at.
  package var source: String

  package init(name: String, gitDirectory: String, source: String) {
    self.name = name
    self.gitDirectory = gitDirectory
    self.source = source
  }
}

/// The folder that holds everything Nenrin keeps, opened for reading. Never creates, never writes; what a writer
/// publishes meanwhile is picked up by the next call.
package final class Home: Sendable {
  package let layout: HomeLayout
  private let state: Mutex<State>

  private struct State: Sendable {
    var pointer: String
    var catalog: Catalog
    var generation: Generation
    var segments: [Int64: Segment] = [:]
    /// Least recently used first.
    var views: [SnapshotView] = []
  }

  /// How many snapshots' views are kept in memory (some 30 MB each for a kernel).
  private static let keptViews = 12

  /// Throws `homeNotFound` (nothing was indexed there yet), `formatMismatch`, `indexDamaged`.
  package init(reading path: String) throws {
    layout = HomeLayout(root: path)
    let pointer = try Home.readPointer(layout)
    let catalog = try Catalog(reading: layout.generation(pointer.number))
    state = Mutex(State(pointer: pointer.text, catalog: catalog, generation: try Generation(catalog)))
  }

  package var path: String { layout.root }

  /// By name.
  package func collections() throws -> [CollectionInfo] { try withState { $0.generation.collections } }

  /// By collection, then newest first (commit date, then when it was indexed).
  package func snapshots() throws -> [SnapshotInfo] { try withState { $0.generation.snapshots.map(\.info) } }

  /// The snapshot that a name means: by revision, full commit id or an unambiguous prefix of 7 or more digits; without
  /// a revision the newest of the collection; without a collection the only one there is, or the newest of all where
  /// no revision is given either. Throws `snapshotNotFound`, `collectionNotFound` with near misses.
  package func resolve(_ name: SnapshotName) throws -> SnapshotInfo {
    try withState { try $0.generation.resolve(name).info }
  }

  /// The view that answers for a snapshot; views are kept and shared.
  package func view(of snapshot: SnapshotInfo) throws -> SnapshotView { try views(of: [snapshot])[0] }

  /// The views of several snapshots, in order; those that are not kept are opened at the same time.
  package func views(of snapshots: [SnapshotInfo]) throws -> [SnapshotView] {
    try withState { state in
      let rows = try snapshots.map { snapshot in
        try state.generation.snapshots.first { $0.info.id == snapshot.id }
          ?? state.generation.resolve(SnapshotName(revision: snapshot.commit.hex))
      }
      var closed: [(SnapshotRow, [Segment])] = []
      for row in rows {
        let isOpen =
          state.views.contains { $0.info.id == row.info.id } || closed.contains { $0.0.info.id == row.info.id }
        if !isOpen { closed.append((row, try segments(of: row, &state))) }
      }
      let (catalog, vectors) = (state.catalog, VectorFolder(path: layout.vectors))
      let opened = try closed.concurrentMap { row, segments in
        let view = try SnapshotView(
          info: row.info, manifest: Generation.manifest(row.manifest, in: catalog), segments: segments,
          vectorFolder: vectors)
        view.openVectors()
        return view
      }
      // Where the next generation is published meanwhile, files may be gone; `withState` then looks at that one.
      guard try opened.isEmpty || Home.readPointer(layout).text == state.pointer else {
        throw Segment.damage(layout.pointer, "another generation was published")
      }
      let views = rows.compactMap { row in
        (opened + state.views).first { $0.info.id == row.info.id }
      }
      for view in views {
        state.views.removeAll { $0 === view }
        state.views.append(view)
      }
      state.views.removeFirst(max(0, state.views.count - Home.keptViews))
      return views
    }
  }

  /// What an overlay over a snapshot is made from. Throws as `view(of:)` does.
  package func overlayBase(_ snapshot: SnapshotInfo) throws -> OverlayBase {
    try withState { state in
      let row =
        try state.generation.snapshots.first { $0.info.id == snapshot.id }
        ?? state.generation.resolve(SnapshotName(revision: snapshot.commit.hex))
      // All segments, so that a chunk has one number in the overlay and in every other view.
      let segments = try segments(upTo: .max, &state)
      let manifest = try Generation.manifest(row.manifest, in: state.catalog)
      guard try Home.readPointer(layout).text == state.pointer else {
        throw Segment.damage(layout.pointer, "another generation was published")
      }
      return OverlayBase(
        manifest: manifest, segments: segments, vectorFolder: VectorFolder(path: layout.vectors))
    }
  }

  /// Whether the chunks of a view are still numbered as those of the views that are opened now.
  package func isCurrent(_ view: SnapshotView) throws -> Bool {
    try withState { state in
      let places = Set(state.generation.segments.map(\.number))
      return view.segments.allSatisfy { $0.number == OverlayBase.segmentNumber || places.contains($0.number) }
    }
  }

  private func segments(of row: SnapshotRow, _ state: inout State) throws -> [Segment] {
    try segments(upTo: row.lastSegment, &state)
  }

  private func segments(upTo last: Int64, _ state: inout State) throws -> [Segment] {
    try state.generation.segments.filter { $0.number <= last }.map { place in
      let segment = try state.segments[place.number] ?? Segment(place, in: layout)
      state.segments[place.number] = segment
      return segment
    }
  }

  /// Runs `body` on the published generation. A writer may publish the next one and remove files of this one meanwhile:
  /// what failed is then tried again on the next.
  private func withState<R>(_ body: (inout State) throws -> sending R) throws -> sending R {
    var pointer = try Home.readPointer(layout)
    while true {
      do { return try withState(at: pointer, body) } catch let error as NenrinError where error.code == .indexDamaged {
        let next = try Home.readPointer(layout)
        guard next.text != pointer.text else { throw error }
        pointer = next
      }
    }
  }

  private func withState<R>(
    at pointer: (text: String, number: Int64), _ body: (inout State) throws -> sending R
  ) throws -> sending R {
    try state.withLock { state in
      if pointer.text != state.pointer {
        let catalog = try Catalog(reading: layout.generation(pointer.number))
        state.generation = try Generation(catalog)
        state.catalog = catalog
        state.pointer = pointer.text
        let live = Set(state.generation.snapshots.map(\.info.id))
        let places = Set(state.generation.segments.map(\.number))
        // A view of segments that were merged meanwhile would hold on to files that are gone.
        state.views.removeAll { view in
          !live.contains(view.info.id) || !view.segments.allSatisfy { places.contains($0.number) }
        }
        state.segments = state.segments.filter { places.contains($0.key) }
      }
      return try body(&state)
    }
  }

  /// Bytes of all files below the home.
  package func byteCount() throws -> Int64 { HomeLayout.byteCount(below: layout.root) }

  /// The generation that the pointer names.
  static func publishedGeneration(_ layout: HomeLayout) throws -> Generation {
    try Generation(Catalog(reading: layout.generation(publishedNumber(layout))))
  }

  /// The number of the published generation.
  static func publishedNumber(_ layout: HomeLayout) throws -> Int64 { try readPointer(layout).number }

  private static func readPointer(_ layout: HomeLayout) throws -> (text: String, number: Int64) {
    guard let text = SmallFile.read(layout.pointer) else {
      throw NenrinError(
        .homeNotFound, "nothing is indexed in \(layout.root)",
        remedies: ["Run `nenrin index SOURCE` first, or name another home with --home DIR or NENRIN_HOME."])
    }
    let fields = text.split(separator: "\n").first?.split(separator: " ") ?? []
    guard fields.count == 2, let format = UInt32(fields[0]), let number = Int64(fields[1]) else {
      throw Segment.damage(layout.pointer, "it should hold the format and the number of the published generation")
    }
    guard format == StoreFormat.version else { throw HomeLayout.formatMismatch(layout.root, found: format) }
    return (text, number)
  }
}
