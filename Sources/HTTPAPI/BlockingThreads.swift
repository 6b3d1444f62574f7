// SPDX-License-Identifier: Apache-2.0
import Dispatch

/// Threads for work that blocks, apart from Swift's cooperative ones, which must never wait for a disk.
package struct BlockingThreads: Sendable {
  private let queue: OperationLimit

  /// At most `limit` pieces of work run at a time; further ones wait in order.
  package init(limit: Int) {
    queue = OperationLimit(limit: max(1, limit))
  }

  /// Runs the work and gives back what it returns or throws.
  package func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      queue.enqueue { continuation.resume(with: Result(catching: work)) }
    }
  }

  /// A concurrent queue with a bound: the semaphore is waited for on a serial queue of its own, so that waiting work
  /// holds one thread and not one each.
  private final class OperationLimit: Sendable {
    private let admission = DispatchQueue(label: "nenrin.blocking.admission")
    private let workers = DispatchQueue(label: "nenrin.blocking", attributes: .concurrent)
    private let slots: DispatchSemaphore

    init(limit: Int) {
      slots = DispatchSemaphore(value: limit)
    }

    func enqueue(_ work: @escaping @Sendable () -> Void) {
      admission.async {
        self.slots.wait()
        self.workers.async {
          work()
          self.slots.signal()
        }
      }
    }
  }
}
