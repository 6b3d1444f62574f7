// SPDX-License-Identifier: Apache-2.0
import IndexStore
import Synchronization

/// What was found between two snapshots for one path or symbol, before any of it is put into words.
package struct Comparison: Sendable {
  var changes: KnowledgeChanges
  /// Symbols that are told from a text alone, since no index holds them.
  var spelled: [SymbolEntry] = []
  var directories: [DirectorySummary]
  /// Register tables among the files whose symbols were not compared.
  var uncomparedTables = 0
}

/// The last comparisons that were made, so that the pages of one are found once. An entry goes with its views: a view
/// that was opened anew numbers its chunks anew.
package final class ComparisonCache: Sendable {
  /// What of a request decides what is found; how much of it is listed does not.
  struct Key: Equatable, Sendable {
    var path: String?
    var symbol: String?
  }

  private struct Entry: Sendable {
    var from: SnapshotView
    var to: SnapshotView
    var key: Key
    var comparison: Comparison

    /// Some 130 bytes each.
    var size: Int { comparison.changes.symbols.count + comparison.changes.files.count }
  }

  private struct State: Sendable {
    /// The one asked for last is the last.
    var entries: [Entry] = []
    var misses = 0
  }

  private let mostEntries: Int
  private let mostChanges: Int
  private let state = Mutex(State())

  /// - Parameters:
  ///   - mostEntries: how many comparisons are kept.
  ///   - mostChanges: how many files and symbols they may hold together; a comparison that alone holds more is not kept.
  package init(mostEntries: Int = 8, mostChanges: Int = 1_000_000) {
    self.mostEntries = mostEntries
    self.mostChanges = mostChanges
  }

  /// How often something was asked for that was not there.
  package var missCount: Int { state.withLock { $0.misses } }

  /// How many comparisons are kept.
  package var count: Int { state.withLock { $0.entries.count } }

  func comparison(_ pair: SnapshotPair, _ key: Key, _ make: () throws -> Comparison) rethrows -> Comparison {
    if let found = find(pair, key) { return found }
    let made = try make()
    keep(Entry(from: pair.from, to: pair.to, key: key, comparison: made))
    return made
  }

  private func find(_ pair: SnapshotPair, _ key: Key) -> Comparison? {
    state.withLock { state in
      guard
        let place = state.entries.firstIndex(where: { $0.from === pair.from && $0.to === pair.to && $0.key == key })
      else {
        state.misses += 1
        return nil
      }
      let entry = state.entries.remove(at: place)
      state.entries.append(entry)
      return entry.comparison
    }
  }

  private func keep(_ entry: Entry) {
    guard entry.size <= mostChanges else { return }
    state.withLock { state in
      // Somebody may have made the same meanwhile.
      state.entries.removeAll { $0.from === entry.from && $0.to === entry.to && $0.key == entry.key }
      state.entries.append(entry)
      while state.entries.count > mostEntries || state.entries.reduce(0, { $0 + $1.size }) > mostChanges {
        state.entries.removeFirst()
      }
    }
  }
}
