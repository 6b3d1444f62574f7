// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glossary
import Inference
import Synchronization
import TestSupport
import Testing

/// What a server was asked for.
private struct Asked: Decodable {
  var model: String
  var input: [String]
}

@Suite(.timeLimit(.minutes(10))) struct RemoteEmbedderTests {
  private func embedder(
    _ servers: [ScriptedServer], _ change: (inout RemoteEmbedder.Settings) -> Void = { _ in }
  ) -> RemoteEmbedder {
    var settings = RemoteEmbedder.Settings(
      upstreams: servers.map { Upstream(baseURL: $0.baseURL, key: "s3cret") }, model: "bge", dimensions: 2,
      retries: RetryPolicy(retryCount: 3, firstDelay: .milliseconds(1), longestDelay: .milliseconds(5)))
    change(&settings)
    return RemoteEmbedder(settings, transport: Transport())
  }

  private static func inputs(_ request: ScriptedServer.Request) -> [String] {
    (try? JSONDecoder().decode(Asked.self, from: Data(request.body)).input) ?? []
  }

  /// A server that gives each text the vector [length, 1].
  private static func answer(_ request: ScriptedServer.Request) -> [ScriptedServer.Step] {
    let entries = inputs(request).enumerated().map { index, text in
      #"{"object":"embedding","index":\#(index),"embedding":[\#(text.utf8.count).0, 1e0]}"#
    }
    return ScriptedServer.reply(
      #"{"object":"list","data":[\#(entries.joined(separator: ","))],"model":"bge","usage":{"x":1}}"#)
  }

  private func direction(_ length: Int) -> [Float] {
    let norm = (Float(length * length) + 1).squareRoot()
    return [Float(length) / norm, 1 / norm]
  }

  private func reason(_ body: () async throws -> Void) async -> String {
    do {
      try await body()
      return ""
    } catch let error as NenrinError {
      return error.code == .upstreamFailed ? error.reason : "\(error.code)"
    } catch {
      return "\(error)"
    }
  }

  private func same(_ left: [[Float]], _ right: [[Float]]) -> Bool {
    left.count == right.count
      && zip(left, right).allSatisfy { a, b in a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-5 } }
  }

  @Test func textsGoInBatchesAndComeBackInOrder() async throws {
    let server = try ScriptedServer { request, _ in Self.answer(request) }
    let texts = (1...50).map { String(repeating: "x", count: $0) }
    let vectors = try await embedder([server]) { $0.batchCount = 7 }.embed(texts, as: .passage)
    #expect(same(vectors, (1...50).map(direction)))
    #expect(server.requests.count == 8)
    let request = try #require(server.requests.first)
    #expect(request.target == "/v1/embeddings")
    #expect(request.headers["authorization"] == "Bearer s3cret")
    #expect(request.text.contains(#""model":"bge""#))
  }

  @Test func aBatchIsBoundedByItsTokens() async throws {
    let server = try ScriptedServer { request, _ in Self.answer(request) }
    let texts = Array(repeating: String(repeating: "x", count: 300), count: 10)
    _ = try await embedder([server]) { $0.batchTokens = 250 }.embed(texts, as: .passage)
    #expect(server.requests.map { Self.inputs($0).count } == [2, 2, 2, 2, 2])
  }

  @Test func longTextsAreCutBetweenCharactersAndEmptyOnesAreNotSent() async throws {
    let server = try ScriptedServer { request, _ in Self.answer(request) }
    let texts = ["", String(repeating: "語", count: 100), " \n", "é" + String(repeating: "a", count: 90)]
    let vectors = try await embedder([server]) { $0.inputTokens = 16 }.embed(texts, as: .passage)
    #expect(vectors[0] == [0, 0] && vectors[2] == [0, 0])
    let sent = server.requests.flatMap(Self.inputs)
    #expect(Set(sent) == [String(repeating: "語", count: 16), "é" + String(repeating: "a", count: 46)])
    #expect(try await embedder([server]).embed([], as: .query).isEmpty)
  }

  @Test func questionsAndPassagesHavePrefixes() async throws {
    let server = try ScriptedServer { request, _ in Self.answer(request) }
    let embedder = embedder([server]) {
      $0.queryPrefix = "query: "
      $0.passagePrefix = "passage: "
    }
    _ = try await embedder.embed(["a"], as: .query)
    _ = try await embedder.embed(["b"], as: .passage)
    #expect(server.requests.map(Self.inputs) == [["query: a"], ["passage: b"]])
    #expect(embedder.identity.fingerprint != self.embedder([server]).identity.fingerprint)
    #expect(embedder.identity.name == "bge")
  }

  @Test func allServersWork() async throws {
    let gate = ScriptedServer.Gate()
    let slow = try ScriptedServer { request, _ in [.wait(gate)] + Self.answer(request) }
    let fast = try ScriptedServer { request, index in
      if index == 17 { gate.open() }
      return Self.answer(request)
    }
    let texts = (1...20).map { String(repeating: "x", count: $0) }
    let vectors = try await embedder([slow, fast]) {
      $0.batchCount = 1
      $0.concurrency = 1
    }.embed(texts, as: .passage)
    #expect(same(vectors, (1...20).map(direction)))
    // While one batch lay with the slow server, the fast one did all but the last.
    #expect(fast.requests.count >= 18)
    #expect(slow.requests.count + fast.requests.count == 20)
  }

  @Test func noServerHasMoreThanItsShareAtOnce() async throws {
    let load = Mutex((now: 0, most: 0))
    let server = try ScriptedServer { request, _ in
      load.withLock { load in
        load.now += 1
        load.most = max(load.most, load.now)
      }
      defer { load.withLock { $0.now -= 1 } }
      return Self.answer(request)
    }
    let texts = Array(repeating: "x", count: 40)
    _ = try await embedder([server]) {
      $0.batchCount = 1
      $0.concurrency = 3
    }.embed(texts, as: .passage)
    #expect(load.withLock { $0.most } <= 3)
  }

  @Test func whatPassesIsTriedAgain() async throws {
    let server = try ScriptedServer { request, index in
      switch index {
      case 0: ScriptedServer.reply(429, headers: ["Retry-After: 0"], "")
      case 1: ScriptedServer.reply(503, "")
      case 2: [.reset]
      default: Self.answer(request)
      }
    }
    #expect(same(try await embedder([server]).embed(["abc"], as: .passage), [direction(3)]))
    #expect(server.requests.count == 4)
  }

  @Test func aServerThatIsGoneLeavesItsWorkToTheOther() async throws {
    let gone = try ScriptedServer { _, _ in [] }
    gone.stop()
    let good = try ScriptedServer { request, _ in Self.answer(request) }
    let texts = (1...30).map { String(repeating: "x", count: $0) }
    let vectors = try await embedder([gone, good]) {
      $0.batchCount = 2
      $0.concurrency = 1
      $0.retries.retryCount = 30
    }.embed(texts, as: .passage)
    #expect(same(vectors, (1...30).map(direction)))
  }

  @Test func whatGoesWrongIsSaidInWords() async throws {
    func reply(_ data: String) -> [ScriptedServer.Step] { ScriptedServer.reply(#"{"data":[\#(data)]}"#) }
    let one = #"{"index":0,"embedding":[1,0]}"#
    let cases: [([ScriptedServer.Step], String, Int)] = [
      (reply(one), "it gave 1 vectors for 2 texts", 1),
      (reply("\(one),\(one),\(one)"), "it numbers its vectors [0, 0, 0] …", 1),
      (reply(#"\#(one),{"index":1,"embedding":[1,2,3]}"#), "its vectors have 3 numbers, not 2: it is another model", 1),
      // A refusal is followed by the question whether the server takes another text.
      (reply(#"\#(one),{"index":1,"embedding":[NaN,1]}"#), "a vector holds numbers that are none (NaN or infinite)", 2),
      (
        reply(#"\#(one),{"index":1,"embedding":[null,1]}"#), "a vector holds numbers that are none (NaN or infinite)", 2
      ),
      (
        reply(#"\#(one),{"index":1,"embedding":[-Infinity,1]}"#),
        "a vector holds numbers that are none (NaN or infinite)", 2
      ),
      (reply(#"{"embedding":[[1,2],[3,4]]}"#), "it gives a vector for each token: its pooling is off", 1),
      (reply(#"{"embedding":"AAAA"}"#), "its answer is not what /v1/embeddings answers", 1),
      (ScriptedServer.reply("<html>"), "its answer is not what /v1/embeddings answers", 1),
      (
        ScriptedServer.reply(String(repeating: "[", count: 100_000)), "its answer is not what /v1/embeddings answers", 1
      ),
      (
        ScriptedServer.reply("{\"x\":" + String(repeating: "[", count: 100_000)),
        "its answer is not what /v1/embeddings answers", 1
      ),
      (ScriptedServer.reply(400, #"{"error":{"message":"no such model"}}"#), "HTTP 400: no such model", 2),
      (ScriptedServer.reply(500, "out of memory"), "HTTP 500: out of memory", 5),
      (ScriptedServer.reply(#"{"error":{"message":"busy"}}"#), "the server says: busy", 4),
    ]
    for (steps, expected, tries) in cases {
      let server = try ScriptedServer { _, _ in steps }
      #expect(await reason { _ = try await embedder([server]).embed(["a", "b"], as: .passage) } == expected)
      #expect(server.requests.count == tries)
    }
    let silent = try ScriptedServer { _, _ in [.hold] }
    let said = await reason {
      _ = try await embedder([silent]) {
        $0.timeouts.total = .milliseconds(40)
        $0.retries.retryCount = 0
      }.embed(["a"], as: .passage)
    }
    #expect(said == "the answer took more than 0.04 s")
  }

  @Test func answersAreReadInAnyShape() async throws {
    let server = try ScriptedServer { _, _ in
      ScriptedServer.reply(
        #" { "model" : "a\"b" , "data" : [ { "embedding" : [ 3 , -4.0e0 ] , "index" : 1 , "x" : [ { } , true , "]" ] } ,"#
          + #"{"index":0,"embedding":[0,0]} ] , "usage":null } "#)
    }
    #expect(same(try await embedder([server]).embed(["a", "b"], as: .passage), [[0, 0], [0.6, -0.8]]))
  }

  @Test func aCancelledCallLetsItsServersGo() async throws {
    let server = try ScriptedServer { _, _ in [.hold] }
    let embedder = embedder([server])
    let task = Task { try await embedder.embed(["a"], as: .passage) }
    await server.hasRequest()
    task.cancel()
    for await _ in server.hangUps { break }
    await #expect(throws: CancellationError.self) { _ = try await task.value }
  }

  @Test func theServerTellsItsDimensions() async throws {
    let server = try ScriptedServer { request, _ in Self.answer(request) }
    let settings = RemoteEmbedder.Settings(
      upstreams: [Upstream(baseURL: server.baseURL, key: "")], model: "bge", dimensions: 0)
    #expect(try await RemoteEmbedder.dimensions(settings, Transport()) == 2)
  }
}
