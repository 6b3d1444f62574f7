// SPDX-License-Identifier: Apache-2.0
import Glossary
import Synchronization

/// Lets a bounded number of requests work at a time; a bounded number waits in order; the rest is told to come back.
final class RequestGate: Sendable {
  /// A place at work. It is given back when the last reference to it goes, whatever became of the request.
  final class Admission: Sendable {
    private let gate: RequestGate

    fileprivate init(gate: RequestGate) {
      self.gate = gate
    }

    deinit { gate.leave() }
  }

  private struct State {
    var limit: Int
    var queueLimit: Int
    var running = 0
    var nextTicket = 0
    /// In order of arrival.
    var waiting: [(ticket: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    /// Tickets that were cancelled before they came to wait.
    var cancelled: Set<Int> = []
  }

  private let state: Mutex<State>

  init(limit: Int, queueLimit: Int) {
    state = Mutex(State(limit: max(1, limit), queueLimit: max(0, queueLimit)))
  }

  /// Sets other limits. Those at work go on; of those that wait, as many as there is room for now begin.
  func allow(limit: Int, queueLimit: Int) {
    let admitted = state.withLock { state in
      state.limit = max(1, limit)
      state.queueLimit = max(0, queueLimit)
      let count = min(state.waiting.count, max(0, state.limit - state.running))
      defer { state.waiting.removeFirst(count) }
      state.running += count
      return state.waiting.prefix(count).map(\.continuation)
    }
    for continuation in admitted { continuation.resume(returning: true) }
  }

  /// Requests at work, and those that wait.
  var load: (running: Int, waiting: Int) { state.withLock { ($0.running, $0.waiting.count) } }

  /// Waits for a place. Throws `overloaded` where too many wait already, `CancellationError` where the task ends.
  func enter() async throws -> Admission {
    let ticket = try state.withLock { state -> Int? in
      if state.running < state.limit {
        state.running += 1
        return nil
      }
      guard state.waiting.count < state.queueLimit else {
        throw NenrinError(
          .overloaded, "too many requests", reason: "\(state.limit) are at work and \(state.queueLimit) wait",
          remedies: ["Try again in a few seconds."])
      }
      state.nextTicket += 1
      return state.nextTicket
    }
    guard let ticket else { return Admission(gate: self) }
    let isAdmitted = await wait(ticket)
    // A cancellation that came too late to matter has left its mark.
    state.withLock { _ = $0.cancelled.remove(ticket) }
    guard isAdmitted else { throw CancellationError() }
    return Admission(gate: self)
  }

  /// True where a place was handed over, false where the task was cancelled.
  private func wait(_ ticket: Int) async -> Bool {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer = state.withLock { state -> Bool? in
          if state.cancelled.remove(ticket) != nil { return false }
          // A place may have come free between the two locks.
          if state.running < state.limit {
            state.running += 1
            return true
          }
          state.waiting.append((ticket, continuation))
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      let continuation = state.withLock { state -> CheckedContinuation<Bool, Never>? in
        guard let index = state.waiting.firstIndex(where: { $0.ticket == ticket }) else {
          state.cancelled.insert(ticket)
          return nil
        }
        return state.waiting.remove(at: index).continuation
      }
      continuation?.resume(returning: false)
    }
  }

  private func leave() {
    let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      // Lower limits are reached by handing no place on.
      guard !state.waiting.isEmpty, state.running <= state.limit else {
        state.running -= 1
        return nil
      }
      return state.waiting.removeFirst().continuation
    }
    next?.resume(returning: true)
  }
}
