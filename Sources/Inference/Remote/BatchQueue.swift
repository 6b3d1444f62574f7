// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The batches of one call, shared by those who work on them, and what became of each text.
final class BatchQueue: Sendable {
  struct Batch: Sendable {
    var range: Range<Int>
    var tries = 0
    /// How often its one text was halved.
    var cuts = 0
  }

  enum Next {
    case batch(Batch)
    /// Others may give one back.
    case waiting
    /// All is done or given up.
    case over
  }

  struct Outcome {
    var vectors: [[Float]?]
    /// What was said about texts that nobody takes.
    var refused: [Int: String] = [:]
    /// Why not all batches were done.
    var failure: (upstream: String, failure: UpstreamFailure)?
  }

  private struct State {
    var waiting: [Batch]
    var running = 0
    var isStopped = false
    var outcome: Outcome
    /// Who waits for a change.
    var idle: [CheckedContinuation<Void, Never>] = []

    var isOver: Bool { running == 0 && (isStopped || waiting.isEmpty) }
  }

  /// A text is halved so often before it is given up.
  private static let mostCuts = 2

  private let state: Mutex<State>
  private let retryCount: Int
  let count: Int

  init(_ ranges: [Range<Int>], textCount: Int, retryCount: Int) {
    state = Mutex(
      State(
        waiting: ranges.reversed().map { Batch(range: $0) },
        outcome: Outcome(vectors: Array(repeating: nil, count: textCount))))
    self.retryCount = retryCount
    count = ranges.count
  }

  var result: Outcome { state.withLock { $0.outcome } }

  /// Whether a batch was answered.
  var hasAnswers: Bool { state.withLock { $0.outcome.vectors.contains { $0 != nil } } }

  func next() -> Next {
    state.withLock { state in
      if state.isStopped { return .over }
      guard let batch = state.waiting.popLast() else { return state.running == 0 ? .over : .waiting }
      state.running += 1
      return .batch(batch)
    }
  }

  /// Waits until there is something to take, or all is over.
  func changes() async { await wait { $0.isStopped || $0.running == 0 || !$0.waiting.isEmpty } }

  /// Waits until nothing is left to do and nothing runs; where the task is cancelled, no batch is begun any more.
  func isOver() async {
    await withTaskCancellationHandler {
      while !state.withLock({ $0.isOver }) { await wait { $0.isOver } }
    } onCancel: {
      wake { $0.isStopped = true }
    }
  }

  func finish(_ batch: Batch, _ vectors: [[Float]]) {
    wake { state in
      state.running -= 1
      state.outcome.vectors.replaceSubrange(batch.range, with: vectors.map(Optional.some))
    }
  }

  /// Puts a batch back for another try; false where there is none left and all is over.
  func giveBack(_ batch: Batch, _ failure: (upstream: String, failure: UpstreamFailure)) -> Bool {
    var goesOn = false
    wake { state in
      state.running -= 1
      goesOn = failure.failure.isPassing && batch.tries < retryCount && !state.isStopped
      if goesOn {
        var again = batch
        again.tries += 1
        state.waiting.append(again)
      } else {
        state.outcome.failure = state.outcome.failure ?? failure
        state.isStopped = true
      }
    }
    return goesOn
  }

  /// Looks closer at a batch that is refused because of a text in it: its halves are sent each for itself; one text is
  /// cut short, and at last given up.
  func narrow(_ batch: Batch, _ reason: String, canCut: Bool) {
    wake { state in
      state.running -= 1
      // What has failed often is not waited for as long again at each step.
      let tries = max(0, min(batch.tries, retryCount - 1))
      if batch.range.count > 1 {
        let middle = batch.range.lowerBound + batch.range.count / 2
        state.waiting.append(Batch(range: middle..<batch.range.upperBound, tries: tries))
        state.waiting.append(Batch(range: batch.range.lowerBound..<middle, tries: tries))
      } else if canCut, batch.cuts < BatchQueue.mostCuts {
        state.waiting.append(Batch(range: batch.range, tries: tries, cuts: batch.cuts + 1))
      } else {
        state.outcome.refused[batch.range.lowerBound] = reason
      }
    }
  }

  func giveUp() {
    wake { state in
      state.running -= 1
      state.isStopped = true
    }
  }

  private func wait(until isReached: @Sendable (borrowing State) -> Bool) async {
    await withCheckedContinuation { continuation in
      let goesOn = state.withLock { state in
        if isReached(state) { return true }
        state.idle.append(continuation)
        return false
      }
      if goesOn { continuation.resume() }
    }
  }

  private func wake(_ change: (inout sending State) -> Void) {
    let idle = state.withLock { state in
      change(&state)
      defer { state.idle = [] }
      return state.idle
    }
    for continuation in idle { continuation.resume() }
  }
}
