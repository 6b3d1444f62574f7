// SPDX-License-Identifier: Apache-2.0
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
    let wasInterrupted = Flag()
    SignalPipe.on(SIGINT) {
      if wasInterrupted.raise() { _exit(130) }
      task.cancel()
    }
    defer {
      SignalPipe.ignore(SIGINT)
      endProgram()
    }
    let result = await task.result
    if wasInterrupted.isRaised { throw CancellationError() }
    return try result.get()
  }

  /// Runs a server. SIGINT and SIGTERM call `stop`, after which `work` ends by itself, and either of them again ends the
  /// program at once; SIGHUP calls `reload`, unless it says that the terminal has gone, which is as good as SIGTERM.
  /// Throws `CancellationError` where SIGINT came.
  static func serving(
    stop: @escaping @Sendable () -> Void, reload: @escaping @Sendable () -> Void, _ work: () async throws -> Void
  ) async throws {
    let (wasStopped, wasInterrupted) = (Flag(), Flag())
    let hasTerminal = isatty(STDERR_FILENO) != 0
    let signals = [SIGINT, SIGTERM, SIGHUP]
    for number in signals {
      SignalPipe.on(number) {
        if number == SIGHUP, !hasTerminal || isatty(STDERR_FILENO) != 0 { return reload() }
        if number == SIGINT { wasInterrupted.raise() }
        if wasStopped.raise() { _exit(number == SIGINT ? 130 : 0) }
        stop()
      }
    }
    defer { for number in signals { SignalPipe.ignore(number) } }
    try await work()
    if wasInterrupted.isRaised { throw CancellationError() }
  }

  /// Runs work that goes on until it is told to stop: SIGTERM ends it as done, SIGINT as interrupted
  /// (`CancellationError`). Either of them again ends the program at once, which loses nothing that was published.
  static func untilStopped(_ work: @escaping @Sendable () async throws -> Void) async throws {
    let task = Task { try await work() }
    let (wasStopped, wasInterrupted) = (Flag(), Flag())
    let signals = [SIGINT, SIGTERM]
    for number in signals {
      SignalPipe.on(number) {
        if number == SIGINT { wasInterrupted.raise() }
        if wasStopped.raise() { _exit(number == SIGINT ? 130 : 0) }
        task.cancel()
      }
    }
    defer { for number in signals { SignalPipe.ignore(number) } }
    do { try await task.value } catch is CancellationError where wasStopped.isRaised && !wasInterrupted.isRaised {}
    if wasInterrupted.isRaised { throw CancellationError() }
  }

  private final class Flag: Sendable {
    private let value = Atomic(false)

    var isRaised: Bool { value.load(ordering: .relaxed) }

    /// Gives whether it was raised before.
    @discardableResult
    func raise() -> Bool { value.exchange(true, ordering: .relaxed) }
  }
}
