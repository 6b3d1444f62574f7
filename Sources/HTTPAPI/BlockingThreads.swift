// SPDX-License-Identifier: Apache-2.0
import Dispatch
import NIOPosix

/// Threads for work that blocks, apart from Swift's cooperative ones, which must never wait for a disk. They live as
/// long as the last reference to them.
package final class BlockingThreads: Sendable {
  private let pool: NIOThreadPool

  /// At most `limit` pieces of work run at a time; further ones wait in order.
  package init(limit: Int) {
    pool = NIOThreadPool(numberOfThreads: max(1, limit))
    pool.start()
  }

  deinit { pool.shutdownGracefully(queue: .global()) { _ in } }

  /// Runs the work and gives back what it returns or throws. Work whose task is cancelled before its turn is not begun.
  package func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await pool.runIfActive(work)
  }
}
