// SPDX-License-Identifier: Apache-2.0
import Indexing
import Synchronization

/// How far a verification is: one line kept up to date on a terminal, nothing elsewhere.
final class VerifyDisplay: Sendable {
  private let isTerminal: Bool
  private let lastShown = Mutex<ContinuousClock.Instant?>(nil)

  init(isTerminal: Bool) { self.isTerminal = isTerminal }

  /// Called from any thread.
  func show(_ progress: VerifyProgress) {
    guard isTerminal else { return }
    lastShown.withLock { last in
      let now = ContinuousClock.now
      guard last.map({ $0.duration(to: now) >= .milliseconds(100) }) ?? true else { return }
      last = now
      let share =
        progress.total > 0 ? ": \(Figures.count(progress.done)) of \(Figures.count(progress.total)) read again" : ""
      Console.update("\r\u{1B}[Kchecking \(progress.subject)\(share)")
    }
  }

  func clear() { if isTerminal { Console.update("\r\u{1B}[K") } }
}
