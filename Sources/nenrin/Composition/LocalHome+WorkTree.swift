// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore
import Indexing
import Synchronization

/// Whose uncommitted changes may be looked at.
enum WorkTreeAccess: Sendable {
  case none
  /// The checkout that a collection was indexed from.
  case collections
  /// That one, and the one that the program was started in.
  case anywhere
}

/// The overlays that were made lately. One is looked for on the disk again when it is asked for after a moment, and made
/// anew where anything changed.
final class WorkTreeOverlays: Sendable {
  private struct Entry {
    var overlay: WorkTreeOverlay
    var checked: ContinuousClock.Instant
  }

  private struct State {
    /// The one that was made last is the last.
    var entries: [Entry] = []
    var nextID: Int64 = -1
  }

  private let state = Mutex(State())
  /// Held while one is made.
  private let making = Mutex(())

  private static let mostKept = 6
  /// As long as a page or an answer takes to ask several questions.
  private static let freshness = Duration.seconds(2)

  func overlay(id: Int64) -> WorkTreeOverlay? {
    state.withLock { $0.entries.last { $0.overlay.view.info.id == id }?.overlay }
  }

  /// The overlay of a checkout, the one from before where the work tree is as it was.
  func overlay(
    of tree: WorkTree, over base: SnapshotInfo, in home: Home, grammars: String
  ) throws -> (overlay: WorkTreeOverlay, isNew: Bool) {
    try making.withLock { _ in
      let known = state.withLock { state in
        state.entries.last { $0.overlay.checkout == tree.path && $0.overlay.base.id == base.id }
      }
      let isCurrent = try known.map { try home.isCurrent($0.overlay.view) } ?? false
      let now = ContinuousClock.now
      if let known, isCurrent, known.checked.duration(to: now) < WorkTreeOverlays.freshness {
        return (known.overlay, false)
      }
      let content = try tree.state()
      if let known, isCurrent, known.overlay.state.entries == content.entries,
        try known.overlay.view.info.commit == tree.head.id
      {
        keep(Entry(overlay: known.overlay, checked: now))
        return (known.overlay, false)
      }
      let id = state.withLock { state in
        defer { state.nextID -= 1 }
        return state.nextID
      }
      let overlay = try WorkTreeOverlay(
        tree, state: content, over: base, in: home, id: id, grammars: grammars, queries: Locations.queries())
      keep(Entry(overlay: overlay, checked: now))
      return (overlay, true)
    }
  }

  private func keep(_ entry: Entry) {
    state.withLock { state in
      state.entries.removeAll { $0.overlay === entry.overlay }
      state.entries.append(entry)
      state.entries.removeFirst(max(0, state.entries.count - WorkTreeOverlays.mostKept))
    }
  }
}

extension LocalHome {
  /// The snapshot that a name means: `worktree` is a checkout as it stands, `HEAD` its commit. Throws as `Home.resolve`
  /// does, and where there is no checkout.
  func resolve(_ name: SnapshotName) throws -> SnapshotInfo {
    switch name.revision {
    case SnapshotName.workTree: return try overlay(name).view.info
    case "HEAD" where workTreeAccess != .none:
      if let known = try? home.resolve(name) { return known }
      let (tree, collection) = try checkout(name)
      return try home.resolve(SnapshotName(collection: collection.name, revision: tree.head.id.hex))
    default: return try home.resolve(name)
    }
  }

  /// The view of a snapshot that `resolve` gave.
  func view(of snapshot: SnapshotInfo) throws -> SnapshotView {
    guard snapshot.id < 0 else { return try home.view(of: snapshot) }
    if let overlay = overlays.overlay(id: snapshot.id) { return overlay.view }
    return try overlay(SnapshotName(collection: snapshot.collection, revision: SnapshotName.workTree)).view
  }

  private func overlay(_ name: SnapshotName) throws -> WorkTreeOverlay {
    let (tree, collection) = try checkout(name)
    let snapshots = try home.snapshots().filter { $0.collection == collection.name }
    let indexed = Dictionary(snapshots.map { ($0.commit, $0) }) { first, _ in first }
    guard let (commit, distance) = try tree.nearest(where: { indexed[$0] != nil }), let base = indexed[commit.id] else {
      throw NenrinError(
        .snapshotNotFound, "no snapshot under the work tree \(tree.path)",
        reason: "neither its HEAD (\(try tree.head.id.shortHex)) nor a commit not far before it is indexed in "
          + "'\(collection.name)'",
        remedies: ["Run `nenrin index \(tree.path) HEAD --name \(collection.name)` first."])
    }
    let (overlay, isNew) = try overlays.overlay(of: tree, over: base, in: home, grammars: grammars)
    if isNew, workTreeAccess == .anywhere { LocalHome.tell(overlay, distance) }
    return overlay
  }

  /// On standard error, so that nobody takes another checkout's state for the one meant.
  private static func tell(_ overlay: WorkTreeOverlay, _ distance: Int) {
    let state = overlay.state
    let behind = distance > 0 ? ", \(Figures.counted(distance, "commit")) before HEAD" : ""
    Console.notice(
      "\(overlay.checkout) over \(overlay.base.name)\(behind): \(Figures.counted(state.changedCount, "file")) changed or "
        + "new, \(state.removedCount) removed")
    for note in state.notes.prefix(10) { Console.notice("  \(note)") }
    if state.notes.count > 10 { Console.notice("  … and \(state.notes.count - 10) more") }
  }

  /// The checkout that a name means, and the collection that its commits are indexed in.
  private func checkout(_ name: SnapshotName) throws -> (WorkTree, CollectionInfo) {
    guard workTreeAccess != .none else {
      throw NenrinError(
        .unsupported, "the work tree is not served",
        reason: "uncommitted files are shown where that is asked for alone",
        remedies: ["Name a snapshot, or set [server] worktree = true where the server is started."])
    }
    let collections = try home.collections().filter { name.collection == nil || $0.name == name.collection }
    if collections.isEmpty { _ = try home.resolve(SnapshotName(collection: name.collection)) }
    if workTreeAccess == .anywhere, let tree = try WorkTree(holding: ".") {
      if let own = collections.first(where: { LocalHome.isRepository($0, of: tree) }) { return (tree, own) }
      // Another clone shows by its commits that it is one.
      for collection in collections {
        let commits = Set(try home.snapshots().filter { $0.collection == collection.name }.map(\.commit))
        if try tree.nearest(where: commits.contains) != nil { return (tree, collection) }
      }
    }
    let found = collections.compactMap { collection in
      [collection.source, collection.gitDirectory].lazy.compactMap { path -> WorkTree? in
        guard let tree = try? WorkTree(holding: path), LocalHome.isRepository(collection, of: tree) else { return nil }
        return tree
      }.first.map { ($0, collection) }
    }
    if found.count == 1 { return found[0] }
    let names = (found.isEmpty ? collections : found.map(\.1)).map(\.name).joined(separator: ", ")
    throw NenrinError(
      .notARepository,
      found.isEmpty ? "no work tree of \(names)" : "\(found.count) collections have a work tree: \(names)",
      reason: found.isEmpty
        ? "it was indexed from a bare repository or a folder without history, and this is no checkout of it" : "",
      remedies: [
        found.isEmpty
          ? "Run the command in a checkout; `git worktree add` makes one." : "Say which: COLLECTION@worktree."
      ])
  }

  private static func isRepository(_ collection: CollectionInfo, of tree: WorkTree) -> Bool {
    let (own, other) = (collection.gitDirectory, tree.repository.gitDirectory)
    return own == other || FileAccess.realPath(own).map { $0 == FileAccess.realPath(other) } ?? false
  }
}

/// Gives the files of an overlay as they were read, and everything else as git has it.
final class OverlaySource: BlobSource {
  private let overlay: WorkTreeOverlay
  private let below: any BlobSource

  init(_ overlay: WorkTreeOverlay, over below: any BlobSource) { (self.overlay, self.below) = (overlay, below) }

  func bytes(of blob: ObjectID) throws -> [UInt8] { try overlay.state.contents[blob] ?? below.bytes(of: blob) }
}
