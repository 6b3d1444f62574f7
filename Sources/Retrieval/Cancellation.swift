// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Whether somebody still waits for what a thread works on. A thread that blocks is no task, so that `Task.isCancelled`
/// tells it nothing: whoever starts it sets `current`, and work that reads file after file asks.
package final class Cancellation: Sendable {
  @TaskLocal package static var current: Cancellation?

  private let flag = Atomic(false)

  package init() {}

  package func cancel() { flag.store(true, ordering: .relaxed) }

  /// Throws `CancellationError` where nobody waits any more.
  package static func check() throws {
    if current?.flag.load(ordering: .relaxed) == true { throw CancellationError() }
  }
}
