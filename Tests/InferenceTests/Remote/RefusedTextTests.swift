// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glossary
import Inference
import Synchronization
import TestSupport
import Testing

/// One text that a server does not take costs nobody else anything; and what a server refuses is said in words.
@Suite(.timeLimit(.minutes(10))) struct RefusedTextTests {
  private func embedder(
    _ servers: [ScriptedServer], _ change: (inout RemoteEmbedder.Settings) -> Void = { _ in }
  ) -> RemoteEmbedder {
    var settings = RemoteEmbedder.Settings(
      upstreams: servers.map { Upstream(baseURL: $0.baseURL, key: "") }, model: "bge", dimensions: 2,
      retries: RetryPolicy(retryCount: 2, firstDelay: .milliseconds(1), longestDelay: .milliseconds(5)))
    change(&settings)
    return RemoteEmbedder(settings, transport: Transport())
  }

  /// Answers each text with its length; a batch with a text that `isBad` is answered by `refusal`.
  private static func server(
    _ refusal: [ScriptedServer.Step], _ isBad: @escaping @Sendable (String) -> Bool
  ) throws -> ScriptedServer {
    try ScriptedServer { request, _ in
      let inputs = EmbeddingRequest(request).input
      return inputs.contains(where: isBad) ? refusal : EmbeddingRequest.answer(inputs)
    }
  }

  @Test(arguments: [
    (400, "unprocessable bytes"), (413, "too big"), (422, "inputs must have less than 512 tokens"),
    (500, "input is too large to process"), (500, "json: unsupported value: NaN"),
  ])
  func oneTextIsLeftOutAndTheOthersGoOn(status: Int, words: String) async throws {
    let server = try Self.server(ScriptedServer.reply(status, #"{"error":{"message":"\#(words)"}}"#)) {
      $0.contains("bad")
    }
    var texts = (0..<40).map { "text \($0)" }
    texts[17] = "a bad one"
    let result = try await embedder([server]).embedKeeping(texts, as: .passage)
    #expect(result.failure == nil)
    #expect(result.refused == [17: "HTTP \(status): \(words)"])
    #expect(result.vectors.indices.filter { result.vectors[$0] == nil } == [17])
  }

  @Test func vectorsOfNoNumbersAreOneTextsFault() async throws {
    let nan = ScriptedServer.reply(#"{"data":[{"index":0,"embedding":[NaN,1]}]}"#)
    let server = try Self.server(nan) { $0 == "bad" }
    let result = try await embedder([server]) { $0.batchCount = 1 }.embedKeeping(["a", "bad", "c"], as: .passage)
    #expect(result.failure == nil && result.refused.keys.sorted() == [1])
  }

  @Test func aTextThatIsTooLongIsCutShort() async throws {
    let server = try Self.server(ScriptedServer.reply(400, "too long")) { $0.utf8.count > 60 }
    let texts = ["short", String(repeating: "x", count: 200), String(repeating: "y", count: 400)]
    let result = try await embedder([server]).embedKeeping(texts, as: .passage)
    // Halved twice it fits, or it is given up.
    #expect(result.refused.keys.sorted() == [2])
    #expect(result.vectors[1] != nil)
    let sent = Set(server.requests.flatMap { EmbeddingRequest($0).input }.map(\.utf8.count))
    #expect(sent.isSuperset(of: [5, 200, 100, 50, 400]))
  }

  @Test func whoRefusesEverythingIsNotBelievedOfEachText() async throws {
    let server = try ScriptedServer { request, _ in
      EmbeddingRequest(request).input == ["good"]
        ? EmbeddingRequest.answer(["good"]) : ScriptedServer.reply(400, "model was unloaded")
    }
    let result = try await embedder([server]) {
      $0.batchCount = 1
      $0.concurrency = 1
    }.embedKeeping(["good", "b", "c"], as: .passage)
    #expect(result.refused.isEmpty)
    #expect(result.failure?.summary == "the embedder 'bge' at \(server.baseURL) refuses every text")
    #expect(result.vectors.map { $0 != nil } == [true, false, false])
  }

  @Test func eachFaultHasItsWordsAndItsRemedy() async throws {
    func reply(_ data: String) -> [ScriptedServer.Step] { ScriptedServer.reply(#"{"data":[\#(data)]}"#) }
    let cases: [([ScriptedServer.Step], String, String)] = [
      (
        ScriptedServer.reply(401, #"{"error":{"message":"bad key"}}"#), "refuses the key",
        "Set [embedding] api_key to env:NAME, and the variable NAME to the server's key."
      ),
      (
        ScriptedServer.reply(404, ""), "is not there",
        "Check [embedding] base_urls, which end with /v1, and model: `nenrin doctor` asks the server."
      ),
      (
        ScriptedServer.reply(422, ""), "refuses every text",
        "Check [embedding] model; lower input_tokens or batch_tokens where it says 'too long'."
      ),
      (
        ScriptedServer.reply(429, ""), "has too much to do", "Lower [embedding] concurrency, or raise retries."
      ),
      (
        reply(#"{"index":0,"embedding":[1,2,3]}"#), "gives vectors of another length",
        "Set [embedding] dimensions = 3, or model to the one whose vectors have 2."
      ),
      (
        reply(#"{"index":0,"embedding":[NaN,1]}"#), "gives vectors of no numbers",
        "Let the server run the model in float32 or bfloat16: float16 overflows."
      ),
      (reply(""), "loses vectors", "Update the server, or set [embedding] batch_count = 1."),
      (
        ScriptedServer.reply("<html>"), "does not speak OpenAI's /v1/embeddings",
        "Check [embedding] base_urls: is it a server of embeddings?"
      ),
      (
        ScriptedServer.reply(503, ""), "does not answer", "Start or mend the server; `nenrin doctor` asks it."
      ),
    ]
    for (steps, words, remedy) in cases {
      let server = try ScriptedServer { _, _ in steps }
      let failure = try await embedder([server]).embedKeeping(["a"], as: .passage).failure
      #expect(failure?.summary == "the embedder 'bge' at \(server.baseURL) \(words)")
      #expect(failure?.remedies == [remedy])
    }
  }

  @Test func aServersSlotsAreSharedByAllCalls() async throws {
    let load = Mutex((now: 0, most: 0))
    let threeAreThere = DispatchSemaphore(value: 0)
    let server = try ScriptedServer { request, index in
      let now = load.withLock { load in
        load.now += 1
        load.most = max(load.most, load.now)
        return load.now
      }
      if index < 3 {
        if now == 3 { threeAreThere.signal() }
        threeAreThere.wait()
        threeAreThere.signal()
      }
      load.withLock { $0.now -= 1 }
      return EmbeddingRequest.answer(EmbeddingRequest(request).input)
    }
    let embedder = embedder([server]) {
      $0.batchCount = 1
      $0.concurrency = 3
    }
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<6 {
        group.addTask { try await embedder.embed(Array(repeating: "x", count: 10), as: .passage).count }
      }
      for try await count in group { #expect(count == 10) }
    }
    #expect(load.withLock { $0.most } == 3)
    #expect(embedder.requestsAtOnce == 3)
  }

  @Test func aSlowServerKeepsNoBatchFromAFastOne() async throws {
    let gate = ScriptedServer.Gate()
    let slow = try ScriptedServer { request, _ in
      [.wait(gate)] + EmbeddingRequest.answer(EmbeddingRequest(request).input)
    }
    let answered = Mutex(0)
    let fast = try ScriptedServer { request, _ in
      // The last batch that the slow one does not hold opens the gate.
      if answered.withLock({ count in
        count += 1
        return count
      }) == 39 {
        gate.open()
      }
      return EmbeddingRequest.answer(EmbeddingRequest(request).input)
    }
    let embedder = embedder([slow, fast]) {
      $0.batchCount = 1
      $0.concurrency = 1
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask { _ = try await embedder.embed(Array(repeating: "x", count: 10), as: .passage) }
      }
      try await group.waitForAll()
    }
    #expect(slow.requests.count == 1 && fast.requests.count == 39)
  }

  @Test func questionsMayGoToAnotherModelInOtherWords() async throws {
    let server = try ScriptedServer { request, _ in EmbeddingRequest.answer(EmbeddingRequest(request).input) }
    let plain = embedder([server])
    let marked = embedder([server]) {
      $0.queryModel = "bge-query"
      $0.queryPrefix = "query: "
    }
    _ = try await marked.embed(["a"], as: .query)
    _ = try await marked.embed(["b"], as: .passage)
    #expect(server.requests.map { EmbeddingRequest($0).model } == ["bge-query", "bge"])
    #expect(server.requests.map { EmbeddingRequest($0).input } == [["query: a"], ["b"]])
    // How questions are put changes no passage's vector; what stands before a passage, or where it is cut, does.
    #expect(marked.identity == plain.identity)
    #expect(embedder([server]) { $0.passagePrefix = "passage: " }.identity != plain.identity)
    #expect(embedder([server]) { $0.inputTokens = 100 }.identity != plain.identity)
  }
}

/// What a server was asked for, and an answer to it.
private struct EmbeddingRequest: Decodable {
  var model = ""
  var input: [String] = []

  private enum CodingKeys: CodingKey { case model, input }

  init(_ request: ScriptedServer.Request) {
    if let body = try? JSONDecoder().decode(EmbeddingRequest.self, from: Data(request.body)) { self = body }
  }

  /// The vector [length, 1] for each text.
  static func answer(_ inputs: [String]) -> [ScriptedServer.Step] {
    let entries = inputs.enumerated().map { #"{"index":\#($0),"embedding":[\#($1.utf8.count).0, 1]}"# }
    return ScriptedServer.reply(#"{"data":[\#(entries.joined(separator: ","))]}"#)
  }
}
