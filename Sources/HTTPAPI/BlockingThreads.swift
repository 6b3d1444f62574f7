// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Retrieval
import Synchronization

/// Threads for work that blocks, apart from Swift's cooperative ones, which must never wait for a disk.
package final class BlockingThreads: Sendable {
  private typealias Work = @Sendable () -> Void

  private struct State {
    var running = 0
    /// In order of arrival.
    var waiting: [Work] = []
  }

  private let limit: Int
  private let queue = DispatchQueue(label: "nenrin.blocking", attributes: .concurrent)
  private let state = Mutex(State())

  /// At most `limit` pieces of work run at a time; further ones wait in order and hold no thread.
  package init(limit: Int) {
    self.limit = max(1, limit)
  }

  /// Runs the work and gives back what it returns or throws. Where the task is cancelled, work that has not begun does
  /// not begin, and work that asks `Cancellation` stops.
  package func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    let cancellation = Cancellation()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        enqueue {
          let result = Result {
            try Cancellation.$current.withValue(cancellation) {
              try Cancellation.check()
              return try work()
            }
          }
          continuation.resume(with: result)
        }
      }
    } onCancel: {
      cancellation.cancel()
    }
  }

  private func enqueue(_ work: @escaping Work) {
    let begins = state.withLock { state in
      guard state.running < limit else {
        state.waiting.append(work)
        return false
      }
      state.running += 1
      return true
    }
    if begins { begin(work) }
  }

  private func begin(_ work: @escaping Work) {
    queue.async {
      work()
      let next = self.state.withLock { state -> Work? in
        guard !state.waiting.isEmpty else {
          state.running -= 1
          return nil
        }
        return state.waiting.removeFirst()
      }
      if let next { self.begin(next) }
    }
  }
}
