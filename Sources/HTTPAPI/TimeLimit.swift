// SPDX-License-Identifier: Apache-2.0
import Glossary
import Synchronization

/// Waiting with a clock beside it. Work that does not heed cancellation goes on by itself; who waits is free.
enum TimeLimit {
  /// The task's value, or nil where it is not there in time; the task runs on.
  /// Throws `ClientGone` as soon as the watch sees the client go.
  static func value<Value: Sendable>(
    of task: Task<Value, any Error>, within limit: Duration, watching watch: ConnectionWatch? = nil
  ) async throws -> Value? {
    let first = FirstResult<Value?>()
    let waiter = Task {
      do { first.settle(.success(try await task.value)) } catch { first.settle(.failure(error)) }
    }
    let clock = Task {
      try await Task.sleep(for: limit)
      first.settle(.success(nil))
    }
    let token = watch?.onClose { first.settle(.failure(ClientGone())) }
    defer {
      clock.cancel()
      waiter.cancel()
      if let token { watch?.forget(token) }
    }
    return try await withTaskCancellationHandler {
      try await first.value()
    } onCancel: {
      first.settle(.failure(CancellationError()))
    }
  }

  /// Runs the work, cancels it when the time is up. Throws `timedOut` then, and what the work throws.
  static func run<Value: Sendable>(
    within limit: Duration, watching watch: ConnectionWatch? = nil, _ work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let task = Task { try await work() }
    return try await withTaskCancellationHandler {
      // Nobody waits any more for work that is not done by then.
      defer { task.cancel() }
      guard let value = try await value(of: task, within: limit, watching: watch) else { throw timedOut(limit) }
      return value
    } onCancel: {
      task.cancel()
    }
  }

  static func timedOut(_ limit: Duration) -> NenrinError {
    NenrinError(
      .timedOut, "time limit reached", reason: "a request may take \(limit.components.seconds) s",
      remedies: ["Ask a shorter question, or try again when the server is less busy."])
  }
}

/// A result that the first of several settles, for the one who waits.
private final class FirstResult<Value: Sendable>: Sendable {
  private enum State {
    case open
    case awaited(CheckedContinuation<Value, any Error>)
    case settled(Result<Value, any Error>)
  }

  private let state = Mutex(State.open)

  func settle(_ result: Result<Value, any Error>) {
    let continuation = state.withLock { state -> CheckedContinuation<Value, any Error>? in
      switch state {
      case .open:
        state = .settled(result)
        return nil
      case .awaited(let continuation):
        state = .settled(result)
        return continuation
      case .settled:
        return nil
      }
    }
    continuation?.resume(with: result)
  }

  /// To be called once.
  func value() async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let result = state.withLock { state -> Result<Value, any Error>? in
        if case .settled(let result) = state { return result }
        state = .awaited(continuation)
        return nil
      }
      if let result { continuation.resume(with: result) }
    }
  }
}
