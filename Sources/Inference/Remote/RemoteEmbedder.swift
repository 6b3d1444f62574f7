// SPDX-License-Identifier: Apache-2.0
import Glossary
import Synchronization

/// An embedder behind one or several servers of OpenAI's `/v1/embeddings` (ollama, vLLM, llama.cpp, TEI …). Texts go in
/// batches; every server takes the next batch as soon as it is free, so that a fast one does more. What passes (429,
/// 5xx, a dropped connection) is tried again after a while, by whichever server is free.
package final class RemoteEmbedder: Embedder {
  /// How such an embedder is reached and what it is given.
  package struct Settings: Sendable {
    package var upstreams: [Upstream]
    /// As the servers call it, and as it is called here.
    package var model: String
    /// Numbers in each vector.
    package var dimensions: Int
    /// Texts of one request.
    package var batchCount: Int
    /// Tokens of one request, estimated.
    package var batchTokens: Int
    /// Tokens of one text, estimated; what is longer is cut.
    package var inputTokens: Int
    /// Requests that one server has at the same time.
    package var concurrency: Int
    /// Written before each question, before each passage.
    package var queryPrefix: String
    package var passagePrefix: String
    package var timeouts: RemoteTimeouts
    package var retries: RetryPolicy

    package init(
      upstreams: [Upstream], model: String, dimensions: Int, batchCount: Int = 32, batchTokens: Int = 8_192,
      inputTokens: Int = 512, concurrency: Int = 2, queryPrefix: String = "", passagePrefix: String = "",
      timeouts: RemoteTimeouts = RemoteTimeouts(), retries: RetryPolicy = RetryPolicy(retryCount: 5)
    ) {
      self.upstreams = upstreams
      self.model = model
      self.dimensions = dimensions
      self.batchCount = batchCount
      self.batchTokens = batchTokens
      self.inputTokens = inputTokens
      self.concurrency = concurrency
      self.queryPrefix = queryPrefix
      self.passagePrefix = passagePrefix
      self.timeouts = timeouts
      self.retries = retries
    }
  }

  /// Bytes of a token of source code, on the careful side.
  private static let bytesPerToken = 3

  package let identity: EmbedderIdentity
  private let settings: Settings
  private let endpoint: EmbeddingEndpoint

  package init(_ settings: Settings, transport: Transport) {
    self.settings = settings
    endpoint = EmbeddingEndpoint(settings, transport)
    // What a vector depends on beside the model: what is put before a text, and where it is cut.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in "\(settings.queryPrefix)\u{0}\(settings.passagePrefix)\u{0}\(settings.inputTokens)".utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    identity = EmbedderIdentity(
      name: settings.model, dimensions: settings.dimensions, fingerprint: "o1-" + String(hash, radix: 36))
  }

  /// Asks the first server that answers for one vector and gives its length, for a configuration that does not say.
  /// Throws `upstreamFailed`.
  package static func dimensions(_ settings: Settings, _ transport: Transport) async throws -> Int {
    var settings = settings
    settings.dimensions = 0
    return try await RemoteEmbedder(settings, transport: transport).embed(["dimensions"], as: .passage)[0].count
  }

  /// Throws `upstreamFailed`, `CancellationError`.
  package func embed(_ texts: [String], as role: EmbeddingRole) async throws -> [[Float]] {
    let result = try await embedKeeping(texts, as: role)
    if let failure = result.failure { throw failure }
    return result.vectors.map { $0 ?? zeros }
  }

  /// What the servers answered before they failed is kept. Throws `CancellationError`.
  package func embedKeeping(_ texts: [String], as role: EmbeddingRole) async throws -> PartialEmbedding {
    let prefix = role == .query ? settings.queryPrefix : settings.passagePrefix
    // A server has nothing to say about an empty text, and some refuse it.
    let inputs = texts.map { text in text.utf8.allSatisfy { $0 <= 0x20 } ? "" : cut(prefix + text) }
    let queue = BatchQueue(batches(inputs), retryCount: settings.retries.retryCount)
    var vectors = [[Float]?](repeating: nil, count: texts.count)
    for index in inputs.indices where inputs[index].isEmpty { vectors[index] = zeros }
    try await withThrowingTaskGroup(of: [(Range<Int>, [[Float]])].self) { group in
      let workers = min(queue.count, settings.upstreams.count * settings.concurrency)
      for worker in 0..<workers {
        let upstream = settings.upstreams[worker % settings.upstreams.count]
        group.addTask { try await self.work(upstream, queue, inputs) }
      }
      for try await finished in group {
        for (range, part) in finished { vectors.replaceSubrange(range, with: part.map(Optional.some)) }
      }
    }
    return PartialEmbedding(vectors: vectors, failure: queue.failure.map(failed))
  }

  private var zeros: [Float] { Array(repeating: 0, count: settings.dimensions) }

  /// Takes batches until there are none, or until this server has failed too often.
  private func work(
    _ upstream: Upstream, _ queue: BatchQueue, _ inputs: [String]
  ) async throws -> [(Range<Int>, [[Float]])] {
    var finished: [(Range<Int>, [[Float]])] = []
    while let batch = try await queue.take() {
      do {
        finished.append((batch.range, try await endpoint.embed(Array(inputs[batch.range]), upstream)))
        queue.finish()
      } catch let failure as UpstreamFailure {
        guard queue.giveBack(batch, (upstream.shown, failure)) else { break }
        try await Task.sleep(for: settings.retries.delay(before: batch.tries, asked: failure.retryAfter))
      } catch {
        queue.giveUp()
        throw error
      }
    }
    return finished
  }

  /// Texts of a batch in their order, as many as fit; empty ones are left out.
  private func batches(_ inputs: [String]) -> [Range<Int>] {
    var batches: [Range<Int>] = []
    var start = 0
    var tokens = 0
    func end(_ index: Int) {
      if index > start { batches.append(start..<index) }
      start = index
      tokens = 0
    }
    for (index, input) in inputs.enumerated() {
      guard !input.isEmpty else {
        end(index)
        start = index + 1
        continue
      }
      let cost = input.utf8.count / RemoteEmbedder.bytesPerToken + 1
      if index - start >= settings.batchCount || tokens + cost > settings.batchTokens { end(index) }
      tokens += cost
    }
    end(inputs.count)
    return batches
  }

  /// The text's beginning, cut between characters.
  private func cut(_ text: String) -> String {
    let limit = settings.inputTokens * RemoteEmbedder.bytesPerToken
    guard text.utf8.count > limit else { return text }
    var end = text.utf8.index(text.utf8.startIndex, offsetBy: limit)
    while end > text.startIndex, text.utf8[end] & 0xc0 == 0x80 { end = text.utf8.index(before: end) }
    return String(text[..<end])
  }

  private func failed(_ failure: (upstream: String, failure: UpstreamFailure)) -> NenrinError {
    NenrinError(
      .upstreamFailed, "the embedder '\(settings.model)' at \(failure.upstream) does not answer",
      reason: failure.failure.reason,
      remedies: ["Mend the server or [embedding], then run the same command again: what is finished is kept."])
  }
}

/// The batches of one call, shared by those who work on them.
private final class BatchQueue: Sendable {
  struct Batch: Sendable {
    var range: Range<Int>
    var tries: Int
  }

  private struct State {
    var waiting: [Batch]
    var running = 0
    var failure: (upstream: String, failure: UpstreamFailure)?
    var isOver = false
    /// Workers with nothing to do while others may give a batch back.
    var idle: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>
  private let retryCount: Int
  let count: Int

  init(_ ranges: [Range<Int>], retryCount: Int) {
    state = Mutex(State(waiting: ranges.reversed().map { Batch(range: $0, tries: 0) }))
    self.retryCount = retryCount
    count = ranges.count
  }

  /// Why not all batches were done.
  var failure: (upstream: String, failure: UpstreamFailure)? { state.withLock { $0.failure } }

  /// The next batch; waits while others may give one back. Nil where all are done or given up.
  func take() async throws -> Batch? {
    while true {
      try Task.checkCancellation()
      let (batch, isOver) = state.withLock { state -> (Batch?, Bool) in
        guard !state.isOver, let batch = state.waiting.popLast() else {
          return (nil, state.isOver || state.running == 0)
        }
        state.running += 1
        return (batch, false)
      }
      if batch != nil || isOver { return batch }
      await withCheckedContinuation { continuation in
        let goesOn = state.withLock { state in
          if state.isOver || state.running == 0 || !state.waiting.isEmpty { return true }
          state.idle.append(continuation)
          return false
        }
        if goesOn { continuation.resume() }
      }
    }
  }

  func finish() {
    wake { $0.running -= 1 }
  }

  /// Puts a batch back for another try; false where there is none left and all is over.
  func giveBack(_ batch: Batch, _ failure: (upstream: String, failure: UpstreamFailure)) -> Bool {
    var goesOn = false
    wake { state in
      state.running -= 1
      goesOn = failure.failure.isPassing && batch.tries < retryCount && !state.isOver
      if goesOn {
        state.waiting.append(Batch(range: batch.range, tries: batch.tries + 1))
      } else {
        state.failure = state.failure ?? failure
        state.isOver = true
      }
    }
    return goesOn
  }

  func giveUp() {
    wake { state in
      state.running -= 1
      state.isOver = true
    }
  }

  private func wake(_ change: (inout sending State) -> Void) {
    let idle = state.withLock { state in
      change(&state)
      defer { state.idle = [] }
      return state.idle
    }
    for continuation in idle { continuation.resume() }
  }
}
