// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import Synchronization

/// What Ctrl-C does.
enum Interruption {
  /// Ends the program at once with exit code 130: right for all that only reads.
  ///
  /// A program that was started from a thread that blocks signals has them blocked, too, until it says otherwise.
  static func endProgram() {
    signal(SIGINT) { _ in _exit(130) }
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Runs work that Ctrl-C cancels; pressed again, it ends the program at once, which loses nothing that was published.
  static func cancelling<Result: Sendable>(
    _ work: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let task = Task { try await work() }
    let wasInterrupted = Atomic(false)
    signal(SIGINT, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    source.setEventHandler {
      if wasInterrupted.exchange(true, ordering: .relaxed) { _exit(130) }
      task.cancel()
    }
    source.resume()
    defer {
      source.cancel()
      endProgram()
    }
    let result = await task.result
    if wasInterrupted.load(ordering: .relaxed) { throw CancellationError() }
    return try result.get()
  }
}
