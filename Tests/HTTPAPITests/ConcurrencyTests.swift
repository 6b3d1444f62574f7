// SPDX-License-Identifier: Apache-2.0
import Glossary
import HTTPAPI
import Retrieval
import Synchronization
import Testing

@Suite struct BlockingThreadsTests {
  @Test func allWorkIsDoneAndNoMoreAtATimeThanAllowed() async throws {
    let threads = BlockingThreads(limit: 2)
    let load = Load()
    try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<200 {
        group.addTask {
          try await threads.run {
            load.begin()
            defer { load.end() }
            return number
          }
        }
      }
      var sum = 0
      for try await number in group { sum += number }
      #expect(sum == 19_900)
    }
    #expect(load.most <= 2)
    #expect(load.now == 0)
  }

  /// How much is at work at a time.
  private final class Load: Sendable {
    private let state = Mutex((now: 0, most: 0))

    var now: Int { state.withLock { $0.now } }
    var most: Int { state.withLock { $0.most } }

    func begin() {
      state.withLock { state in
        state.now += 1
        state.most = max(state.most, state.now)
      }
    }

    func end() { state.withLock { $0.now -= 1 } }
  }

  @Test func workThatNobodyWaitsForStops() async throws {
    let threads = BlockingThreads(limit: 1)
    let (begun, begin) = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      try await threads.run {
        begin.yield()
        while true { try Cancellation.check() }
      }
    }
    for await _ in begun { break }
    // It waits behind the first, and nobody waits for it when its turn comes.
    let waiting = Task { try await threads.run { Issue.record("this must not begin") } }
    waiting.cancel()
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    await #expect(throws: CancellationError.self) { try await waiting.value }
    #expect(try await threads.run { 7 } == 7)
  }

  @Test func whatTheWorkThrowsArrives() async throws {
    let threads = BlockingThreads(limit: 0)
    await #expect(throws: NenrinError(.pathNotFound, "no path")) {
      try await threads.run { throw NenrinError(.pathNotFound, "no path") }
    }
    #expect(try await threads.run { 7 } == 7)
  }
}
