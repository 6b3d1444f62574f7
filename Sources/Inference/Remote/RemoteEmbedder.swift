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
    /// What the servers call the model for questions; empty where it is the same.
    package var queryModel: String
    /// Numbers in each vector.
    package var dimensions: Int
    /// Texts of one request.
    package var batchCount: Int
    /// Tokens of one request, estimated.
    package var batchTokens: Int
    /// Tokens of one text, estimated; what is longer is cut.
    package var inputTokens: Int
    /// Requests that one server has at the same time, whoever asks.
    package var concurrency: Int
    /// Written before each question, before each passage.
    package var queryPrefix: String
    package var passagePrefix: String
    package var timeouts: RemoteTimeouts
    package var retries: RetryPolicy

    package init(
      upstreams: [Upstream], model: String, queryModel: String = "", dimensions: Int, batchCount: Int = 32,
      batchTokens: Int = 8_192,
      inputTokens: Int = 512, concurrency: Int = 2, queryPrefix: String = "", passagePrefix: String = "",
      timeouts: RemoteTimeouts = RemoteTimeouts(), retries: RetryPolicy = RetryPolicy(retryCount: 5)
    ) {
      self.upstreams = upstreams
      self.model = model
      self.queryModel = queryModel
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
  /// One for each server, shared by all calls.
  private let slots: [RequestSlots]

  package init(_ settings: Settings, transport: Transport) {
    self.settings = settings
    endpoint = EmbeddingEndpoint(settings, transport)
    slots = settings.upstreams.map { _ in RequestSlots(settings.concurrency) }
    // What a passage's vector depends on beside the model: what is put before it, and where it is cut. What is done to
    // questions may change, and the vectors that are there serve on.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in "\u{0}\(settings.passagePrefix)\u{0}\(settings.inputTokens)".utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    identity = EmbedderIdentity(
      name: settings.model, dimensions: settings.dimensions, fingerprint: "o1-" + String(hash, radix: 36))
  }

  package var requestsAtOnce: Int { settings.upstreams.count * settings.concurrency }

  /// Asks the first server that answers for one vector and gives its length, for a configuration that does not say.
  /// Throws `upstreamFailed`.
  package static func dimensions(
    _ settings: Settings, _ transport: Transport, as role: EmbeddingRole = .passage
  ) async throws -> Int {
    var settings = settings
    settings.dimensions = 0
    return try await RemoteEmbedder(settings, transport: transport).embed(["dimensions"], as: role)[0].count
  }

  /// Tokens of a text, estimated on the careful side.
  package static func tokens(ofBytes count: Int) -> Int { count / bytesPerToken + 1 }

  /// Throws `upstreamFailed`, `CancellationError`.
  package func embed(_ texts: [String], as role: EmbeddingRole) async throws -> [[Float]] {
    let result = try await embedKeeping(texts, as: role)
    if let failure = result.failure { throw failure }
    if let refused = result.refused.min(by: { $0.key < $1.key }) {
      throw NenrinError(
        .upstreamFailed, "the embedder '\(settings.model)' refuses a text", reason: refused.value,
        remedies: ["Ask in fewer words, or lower [embedding] input_tokens."])
    }
    return result.vectors.map { $0 ?? zeros }
  }

  /// What the servers answered before they failed is kept. Throws `CancellationError`.
  package func embedKeeping(_ texts: [String], as role: EmbeddingRole) async throws -> PartialEmbedding {
    let prefix = role == .query ? settings.queryPrefix : settings.passagePrefix
    let limit = settings.inputTokens * RemoteEmbedder.bytesPerToken
    // A server has nothing to say about an empty text, and some refuse it.
    let inputs = texts.map { text in
      text.utf8.allSatisfy { $0 <= 0x20 } ? "" : RemoteEmbedder.cut(prefix + text, to: limit)
    }
    let queue = BatchQueue(batches(inputs), textCount: texts.count, retryCount: settings.retries.retryCount)
    await withTaskGroup(of: Void.self) { group in
      let workers = min(queue.count, settings.upstreams.count * settings.concurrency)
      for worker in 0..<workers {
        group.addTask { await self.work(worker % self.settings.upstreams.count, queue, inputs, role) }
      }
      await queue.isOver()
      // Who waits for a server's slot waits for nothing any more.
      group.cancelAll()
    }
    try Task.checkCancellation()
    var result = queue.result
    for index in inputs.indices where inputs[index].isEmpty { result.vectors[index] = zeros }
    return PartialEmbedding(
      vectors: result.vectors, refused: result.refused,
      failure: result.failure.map { words(for: $0.failure, of: $0.upstream) })
  }

  private var zeros: [Float] { Array(repeating: 0, count: settings.dimensions) }

  /// Takes batches until there are none. A server's slot comes first, so that no batch waits for a slow server that a
  /// fast one could do.
  private func work(_ upstream: Int, _ queue: BatchQueue, _ inputs: [String], _ role: EmbeddingRole) async {
    while true {
      do { try await slots[upstream].enter() } catch { return }
      var pause: Duration?
      switch queue.next() {
      case .over:
        slots[upstream].leave()
        return
      case .waiting:
        slots[upstream].leave()
        await queue.changes()
      case .batch(let batch):
        pause = await send(batch, settings.upstreams[upstream], queue, inputs, role)
        slots[upstream].leave()
      }
      if let pause { try? await Task.sleep(for: pause) }
      if Task.isCancelled { return }
    }
  }

  /// Sends a batch; returns how long its server is to be left alone.
  private func send(
    _ batch: BatchQueue.Batch, _ upstream: Upstream, _ queue: BatchQueue, _ inputs: [String], _ role: EmbeddingRole
  ) async -> Duration? {
    let texts = inputs[batch.range].map { text in
      batch.cuts == 0 ? text : RemoteEmbedder.cut(text, to: text.utf8.count >> batch.cuts)
    }
    do {
      queue.finish(batch, try await endpoint.embed(texts, as: role, upstream))
      return nil
    } catch let failure as UpstreamFailure {
      let isLastTry = batch.tries >= settings.retries.retryCount
      if failure.mayBeOfTheTexts(isLastTry: isLastTry), await stillAnswers(upstream, queue, batch, role) {
        queue.narrow(batch, failure.reason, canCut: texts[0].utf8.count >= RemoteEmbedder.leastCut)
        return nil
      }
      guard queue.giveBack(batch, (upstream.shown, failure)) else { return nil }
      return settings.retries.delay(before: batch.tries, asked: failure.retryAfter)
    } catch {
      queue.giveUp()
      return nil
    }
  }

  /// Whether a server that refused a batch does its work otherwise, so that it is the texts that it refuses. A text is
  /// given up only where the server takes another one right then.
  private func stillAnswers(
    _ upstream: Upstream, _ queue: BatchQueue, _ batch: BatchQueue.Batch, _ role: EmbeddingRole
  ) async -> Bool {
    if batch.range.count > 1, queue.hasAnswers { return true }
    return (try? await endpoint.embed(["test"], as: role, upstream)) != nil
  }

  /// A text shorter than this is not cut: its length is not what is wrong with it.
  private static let leastCut = 64

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
      let cost = RemoteEmbedder.tokens(ofBytes: input.utf8.count)
      if index - start >= settings.batchCount || tokens + cost > settings.batchTokens { end(index) }
      tokens += cost
    }
    end(inputs.count)
    return batches
  }

  /// A text's beginning of so many bytes at most, cut between characters.
  private static func cut(_ text: String, to limit: Int) -> String {
    guard text.utf8.count > limit else { return text }
    var end = text.utf8.index(text.utf8.startIndex, offsetBy: limit)
    while end > text.startIndex, text.utf8[end] & 0xc0 == 0x80 { end = text.utf8.index(before: end) }
    return String(text[..<end])
  }

  /// What a person reads about a failure: each kind with its own remedy.
  private func words(for failure: UpstreamFailure, of upstream: String) -> NenrinError {
    let (summary, remedy): (String, String) =
      switch failure.kind {
      case .status(401), .status(403):
        ("refuses the key", "Set [embedding] api_key to env:NAME, and the variable NAME to the server's key.")
      case .status(404):
        ("is not there", "Check [embedding] base_urls, which end with /v1, and model: `nenrin doctor` asks the server.")
      case .status(400), .status(413), .status(422):
        ("refuses every text", "Check [embedding] model; lower input_tokens or batch_tokens where it says 'too long'.")
      case .status(429): ("has too much to do", "Lower [embedding] concurrency, or raise retries.")
      case .malformed:
        ("does not speak OpenAI's /v1/embeddings", "Check [embedding] base_urls: is it a server of embeddings?")
      case .miscounted: ("loses vectors", "Update the server, or set [embedding] batch_count = 1.")
      case .notNumbers:
        ("gives vectors of no numbers", "Let the server run the model in float32 or bfloat16: float16 overflows.")
      case .dimensions(let count):
        (
          "gives vectors of another length",
          "Set [embedding] dimensions = \(count), or model to the one whose vectors have \(settings.dimensions)."
        )
      case .unanswered, .status: ("does not answer", "Start or mend the server; `nenrin doctor` asks it.")
      }
    return NenrinError(
      .upstreamFailed, "the embedder '\(settings.model)' at \(upstream) \(summary)", reason: failure.reason,
      remedies: [remedy])
  }
}

extension UpstreamFailure {
  /// Whether it may be one of the texts that is wrong, and not the server: odd bytes, a text too long for the model, one
  /// for which the model finds no numbers. Servers say so with several statuses, some with 500.
  fileprivate func mayBeOfTheTexts(isLastTry: Bool) -> Bool {
    switch kind {
    case .status(400), .status(413), .status(422), .notNumbers: return true
    case .status(500):
      let reason = reason.lowercased()
      return isLastTry
        || ["too large", "too long", "context length", "maximum", "exceed"].contains(where: reason.contains)
    default: return false
    }
  }
}
