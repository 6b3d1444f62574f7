// SPDX-License-Identifier: Apache-2.0
import IndexStore
import Synchronization

/// A place in the listing of a name's callers.
struct CallCheckpoint: Equatable, Sendable {
  /// Among the files that may use the name.
  var position = 0
  /// How many callers the files before it have.
  var callers = 0
}

/// Where the pages of the last listings of callers began, so that a page far behind does not read what is before it
/// again. An entry is of one view: another may have other files.
package final class CallPages: Sendable {
  struct Key: Equatable, Sendable {
    var names: [String]
    var pathGlob: String?
  }

  private struct Entry: Sendable {
    weak var view: SnapshotView?
    var key: Key
    /// Ascending.
    var checkpoints: [CallCheckpoint]
  }

  /// The one asked for last is the last.
  private let entries = Mutex<[Entry]>([])
  private let mostEntries: Int

  /// - Parameter mostEntries: how many names are kept; each takes 16 bytes for some fifty callers that were listed.
  package init(mostEntries: Int = 64) { self.mostEntries = mostEntries }

  /// The last place before a caller that is known.
  func start(before caller: Int, of key: Key, in view: SnapshotView) -> CallCheckpoint {
    entries.withLock { entries in
      let entry = entries.first { $0.view === view && $0.key == key }
      return entry?.checkpoints.last { $0.callers <= caller } ?? CallCheckpoint()
    }
  }

  func keep(_ found: [CallCheckpoint], of key: Key, in view: SnapshotView) {
    guard !found.isEmpty else { return }
    entries.withLock { entries in
      entries.removeAll { $0.view == nil }
      var entry = Entry(view: view, key: key, checkpoints: [])
      if let place = entries.firstIndex(where: { $0.view === view && $0.key == key }) {
        entry = entries.remove(at: place)
      }
      let last = entry.checkpoints.last?.callers ?? 0
      entry.checkpoints += found.filter { $0.callers > last }
      entries.append(entry)
      if entries.count > mostEntries { entries.removeFirst() }
    }
  }
}
