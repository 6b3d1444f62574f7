// SPDX-License-Identifier: Apache-2.0
import IndexStore
import Synchronization

/// A field of a struct that tables bind.
struct FieldOfType: Hashable, Sendable {
  var type: String
  var field: String
}

/// A place in the listing of a name's callers.
struct CallCheckpoint: Equatable, Sendable {
  /// Among the files that may use the name.
  var position = 0
  /// How many callers the files before it have.
  var callers = 0
}

/// What the last listings of callers found of the index, so that a page far behind does not read what is before it again,
/// and a question about the same table does not look for its users again. An entry is of one view: another may have
/// other files.
package final class CallPages: Sendable {
  struct Key: Equatable, Sendable {
    var names: [String]
    var pathGlob: String?
  }

  private struct Entry: Sendable {
    weak var view: SnapshotView?
    var key: Key
    /// Those that may use the names, in order of path.
    var files: [Int]
    /// Ascending.
    var checkpoints: [CallCheckpoint] = []
  }

  /// A field of a type, and the files that may call through it.
  struct Route: Sendable {
    let field: FieldOfType
    /// Members and variables that point to the type.
    let pointers: Set<String>
    /// Those that may call, in order of path; of a route that was read, those that do.
    private(set) var files: [Int]
    /// The last that may call; -1 where none may.
    let lastFile: Int
    /// Whether more may call than are looked into.
    let isCut: Bool
    private(set) var isRead = false

    init(_ field: FieldOfType, _ pointers: Set<String>, _ files: [Int], most: Int) {
      (self.field, self.pointers) = (field, pointers)
      self.files = Array(files.prefix(most))
      lastFile = self.files.last ?? -1
      isCut = files.count > most
    }

    func read(_ calling: [Int]) -> Route {
      var route = self
      (route.files, route.isRead) = (calling, true)
      return route
    }
  }

  private struct KnownRoute: Sendable {
    weak var view: SnapshotView?
    var route: Route
  }

  /// The one asked for last is the last.
  private let entries = Mutex<[Entry]>([])
  private let routes = Mutex<[KnownRoute]>([])
  private let mostEntries: Int

  /// - Parameter mostEntries: how many names are kept, and fields; each takes 8 bytes a file.
  package init(mostEntries: Int = 64) { self.mostEntries = mostEntries }

  /// The last place before a caller that is known.
  func start(before caller: Int, of key: Key, in view: SnapshotView) -> CallCheckpoint {
    entries.withLock { entries in
      let entry = entries.first { $0.view === view && $0.key == key }
      return entry?.checkpoints.last { $0.callers <= caller } ?? CallCheckpoint()
    }
  }

  /// The files that may use the names; `find` is asked where they are not known.
  func files(of key: Key, in view: SnapshotView, _ find: () -> [Int]) -> [Int] {
    let known = entries.withLock { entries in entries.first { $0.view === view && $0.key == key }?.files }
    return known ?? find()
  }

  func keep(_ files: [Int], _ found: [CallCheckpoint], of key: Key, in view: SnapshotView) {
    entries.withLock { entries in
      entries.removeAll { $0.view == nil }
      var entry = Entry(view: view, key: key, files: files)
      if let place = entries.firstIndex(where: { $0.view === view && $0.key == key }) {
        entry = entries.remove(at: place)
      }
      let last = entry.checkpoints.last?.callers ?? 0
      entry.checkpoints += found.filter { $0.callers > last }
      entries.append(entry)
      if entries.count > mostEntries { entries.removeFirst() }
    }
  }

  /// What is known of a field; `find` is asked where nothing is.
  func route(_ field: FieldOfType, in view: SnapshotView, _ find: () throws -> Route) rethrows -> Route {
    let known = routes.withLock { routes -> Route? in
      guard let place = routes.firstIndex(where: { $0.view === view && $0.route.field == field }) else { return nil }
      let found = routes.remove(at: place)
      routes.append(found)
      return found.route
    }
    if let known { return known }
    let route = try find()
    keep(route, in: view)
    return route
  }

  /// In place of what was known of the field.
  func keep(_ route: Route, in view: SnapshotView) {
    routes.withLock { routes in
      routes.removeAll { $0.view == nil || $0.view === view && $0.route.field == route.field }
      routes.append(KnownRoute(view: view, route: route))
      if routes.count > mostEntries { routes.removeFirst() }
    }
  }
}
