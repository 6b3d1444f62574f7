// SPDX-License-Identifier: Apache-2.0
import IndexStore
import Synchronization

/// What became of each text that is sent to a server, so that none is sent twice: not in this run, and not where an
/// earlier one has its vector, whatever chunk begins with it.
final class InputLedger: Sendable {
  /// A batch of heads, by what is to be done with them.
  struct Sorted: Sendable {
    var unknown: [Head] = []
    var known: [(place: HeadPlace, vector: StoredVector)] = []
    /// Another one has the same text, and its vector is on its way.
    var twins: [Head] = []
  }

  private struct State {
    var known: KnownInputs
    var claimed = Set<UInt64>()
    var refused = Set<UInt64>()
  }

  private let state: Mutex<State>

  init(_ known: KnownInputs) { state = Mutex(State(known: known)) }

  /// Each unknown text is given out once.
  func sort(_ heads: [Head]) -> Sorted {
    state.withLock { state in
      var sorted = Sorted()
      for head in heads {
        if head.input == 0 {
          sorted.unknown.append(head)
        } else if let vector = state.known.vector(of: head.input) {
          sorted.known.append((head.place, vector))
        } else if state.claimed.insert(head.input).inserted {
          sorted.unknown.append(head)
        } else {
          sorted.twins.append(head)
        }
      }
      return sorted
    }
  }

  func note(_ written: WrittenVectors) { state.withLock { $0.known.add(written) } }

  func noteRefused(_ head: Head) { state.withLock { _ = $0.refused.insert(head.input) } }

  /// The vector that a text has by now, and whether it will never have one.
  func vector(of input: UInt64) -> (vector: StoredVector?, isRefused: Bool) {
    state.withLock { ($0.known.vector(of: input), $0.refused.contains(input)) }
  }
}
