// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization

extension Array where Element: Sendable {
  /// Maps every element, on all cores, and gives the results in order. Blocks the thread until all are done. Throws what
  /// `body` throws for the first element, in order, for which it does.
  package func concurrentMap<Output: Sendable>(
    _ body: @escaping @Sendable (Element) throws -> Output
  ) throws -> [Output] {
    guard count > 1 else { return try map(body) }
    let results = Mutex([Result<Output, any Error>?](repeating: nil, count: count))
    DispatchQueue.concurrentPerform(iterations: count) { place in
      let result = Result { try body(self[place]) }
      results.withLock { $0[place] = result }
    }
    // `concurrentPerform` has called the body for every place.
    return try results.withLock { $0.compactMap(\.self) }.map { try $0.get() }
  }

  /// As above, of what throws nothing.
  package func concurrentMap<Output: Sendable>(_ body: @escaping @Sendable (Element) -> Output) -> [Output] {
    guard count > 1 else { return map(body) }
    let results = Mutex([Output?](repeating: nil, count: count))
    DispatchQueue.concurrentPerform(iterations: count) { place in
      let result = body(self[place])
      results.withLock { $0[place] = result }
    }
    return results.withLock { $0.compactMap(\.self) }
  }
}
