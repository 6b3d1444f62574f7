// SPDX-License-Identifier: Apache-2.0
import Answering
import Glossary
import HTTPAPI
import Inference
import Synchronization
import TestSupport
import Testing

private func ask(_ question: String = "Which file locks a tree?", stream: Bool = true, more: String = "") -> String {
  #"{"model":"tree@v2.0","stream":\#(stream),"messages":[{"role":"user","content":"\#(question)"}]\#(more)}"#
}

private func models(_ servers: ScriptedServer..., limits: RemoteTimeouts = RemoteTimeouts()) -> ServedModels {
  ServedModels(
    chat: RemoteChatModel(
      RemoteChatModel.Settings(
        upstreams: servers.map { Upstream(baseURL: $0.baseURL, key: "s3cret") }, model: "m", timeouts: limits,
        retries: RetryPolicy(retryCount: 1, firstDelay: .milliseconds(1))), transport: Transport()))
}

private struct Piece: Decodable {
  struct Choice: Decodable {
    struct Text: Decodable {
      var content: String?
      var reasoningContent: String?
    }
    var delta: Text?
    var finishReason: String?
  }
  struct Usage: Decodable {
    var promptTokens: Int
    var completionTokens: Int
  }
  var choices: [Choice]
  var usage: Usage?
}

private func pieces(_ reply: HTTPReply) throws -> [Piece] {
  try reply.text.split(separator: "\n\n").filter { $0.hasPrefix("data: {\"choices") }
    .map { try decodeSnakeCase(Piece.self, from: Array($0.utf8.dropFirst(6))) }
}

private func content(_ reply: HTTPReply) throws -> String {
  try pieces(reply).compactMap { $0.choices.first?.delta?.content }.joined()
}

/// What a client sees of what a chat model's server does.
@Suite(.timeLimit(.minutes(10))) struct UpstreamTests {
  private let extract =
    "The best match is `fs/tree/lock.c` [1], then `fs/tree/tree.h` [2] (the chat model does not answer"

  /// The reply to a streamed question where the model's server does this.
  private func reply(
    _ steps: [ScriptedServer.Step], limits: RemoteTimeouts = RemoteTimeouts(),
    knowledge: FakeKnowledge = FakeKnowledge()
  ) async throws -> HTTPReply {
    let upstream = try ScriptedServer { _, _ in steps }
    var reply = HTTPReply(status: 0, headers: [:], body: [])
    try await withServer(ServerConfiguration(), knowledge, models: models(upstream, limits: limits)) { client in
      reply = try await client.post("/v1/chat/completions", ask())
    }
    #expect(reply.status == 200)
    #expect(reply.text.hasSuffix("data: [DONE]\n\n"))
    #expect(!reply.text.contains("s3cret"))
    return reply
  }

  @Test func theModelsWordsAreStreamedAndCited() async throws {
    let upstream = try ScriptedServer { _, _ in
      [
        ScriptedServer.streamHead, .send("data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n"),
        ScriptedServer.chunk("It is "), ScriptedServer.chunk("`tree_lock` [1], [7]."), ScriptedServer.chatEnd,
      ]
    }
    try await withServer(models: models(upstream)) { client in
      let streamed = try await client.post(
        "/v1/chat/completions",
        ask(
          more: #","stream_options":{"include_usage":true},"temperature":0.25,"max_completion_tokens":50,"stop":"END""#)
      )
      let pieces = try pieces(streamed)
      #expect(try content(streamed) == "It is `tree_lock` [1],.")
      #expect(pieces.compactMap { $0.choices.first?.delta?.reasoningContent } == ["hm"])
      #expect(pieces.compactMap { $0.choices.first?.finishReason } == ["stop"])
      #expect(pieces.last?.usage?.promptTokens == 11)
      #expect(pieces.last?.usage?.completionTokens == 7)
      #expect(streamed.text.contains("url_citation"))
      #expect(!streamed.text.contains("tree.h"))
      let sent = try #require(upstream.requests.first)
      #expect(sent.headers["authorization"] == "Bearer s3cret")
      for part in [#""temperature":0.25"#, #""max_tokens":50"#, #""stop":["END"]"#, "fs/tree/lock.c"] {
        #expect(sent.text.replacing("\\/", with: "/").contains(part), "\(part)")
      }
      let whole = try await client.post("/v1/chat/completions", ask(stream: false))
      #expect(whole.text.contains(#""content":"It is `tree_lock` [1],.""#))
      let metrics = try await client.get("/metrics").text
      #expect(metrics.contains("nenrin_answers_total{by=\"model\"} 2\n"))
      #expect(metrics.contains("nenrin_prompt_tokens_total 22\n"))
      #expect(metrics.contains("nenrin_answer_stage_seconds_count{stage=\"first_token\"} 1\n"))
    }
  }

  @Test func whatOpenWebUIAttachesReachesTheModel() async throws {
    let upstream = try ScriptedServer { _, _ in
      ScriptedServer.chat("Its word is blue [1]; the lock is in [2], not [9].")
    }
    let wrapped =
      #"### Task:\nRespond to the user query using the provided context, for example <source id=\"1\">.\n<context>\n"#
      + #"<source id=\"1\" name=\"plan.txt\">The word is blue.</source>\n"#
      + #"<source id=\"1\" name=\"plan.txt\">And no other.</source>\n</context>\n\nwhich file locks a tree?\n"#
    try await withServer(ServerConfiguration(), FakeKnowledge(), models: models(upstream)) { client in
      let reply = try await client.post("/v1/chat/completions", ask(wrapped))
      #expect(try content(reply).hasPrefix("Its word is blue [1]; the lock is in [2], not."))
    }
    let sent = try #require(upstream.requests.last?.text)
    #expect(sent.contains(#"attached [1] plan.txt\nThe word is blue.\n…\nAnd no other.\n"#))
    #expect(sent.contains("passage [2] ") && !sent.contains("passage [1] "))
    #expect(sent.contains(#"Question: which file locks a tree?"#))
  }

  @Test func pathsThatAreMadeUpAreMarked() async throws {
    var knowledge = FakeKnowledge()
    knowledge.unknownNames = [UnverifiedName(name: "fs/tree/locks.c", nearest: "fs/tree/lock.c")]
    let upstream = try ScriptedServer { _, _ in ScriptedServer.chat("See fs/tree/", "locks.c [1].") }
    try await withServer(ServerConfiguration(), knowledge, models: models(upstream)) { client in
      let reply = try await client.post("/v1/chat/completions", ask())
      #expect(
        try content(reply)
          == "See fs/tree/locks.c [1].\n\n⚠ `fs/tree/locks.c` is not in `tree@v2.0`; there is `fs/tree/lock.c`.")
      #expect(try await client.get("/metrics").text.contains("nenrin_unverified_names_total 1\n"))
    }
  }

  @Test func whereNoModelAnswersTheExtractDoes() async throws {
    let cases: [[ScriptedServer.Step]] = [
      ScriptedServer.reply(500, ""), ScriptedServer.reply(429, headers: ["Retry-After: 0"], ""),
      ScriptedServer.reply(200, type: "text/html", "<html>"), [.reset], [], [ScriptedServer.streamHead],
      [ScriptedServer.streamHead, .send("data: {\"choices\":[{\"del\n\n")],
      [ScriptedServer.streamHead, .send("data: " + String(repeating: "x", count: 5 << 20) + "\n\n")],
    ]
    for steps in cases { #expect(try content(try await reply(steps)).hasPrefix(extract)) }
    let limits = RemoteTimeouts(firstByte: .milliseconds(50))
    #expect(try content(try await reply([.hold], limits: limits)).hasPrefix(extract))
  }

  @Test func anAnswerThatBreaksOffSaysSo() async throws {
    let half = [ScriptedServer.streamHead, ScriptedServer.chunk("half")]
    let cases: [([ScriptedServer.Step], String)] = [
      (half, "the stream ended before the answer did"), (half + [.send("data: <\n\n")], "no chat completion: <"),
      (half + [.send("data: {\"error\":{\"message\":\"out of memory\"}}\n\n")], "the server says: out of memory"),
      (
        half + [.send("data: " + String(repeating: "x", count: 5 << 20))],
        "an event of the stream has more than 1048576"
      ),
      (half + [.hold], "the answer stalled: nothing came for 0.05 s"),
    ]
    for (steps, reason) in cases {
      let reply = try await reply(steps, limits: RemoteTimeouts(idle: .milliseconds(50)))
      #expect(try content(reply) == "half")
      #expect(reply.text.contains(#"data: {"error":{"code":"upstream_failed","message":"the chat model at "#))
      #expect(reply.text.contains(reason), "\(reason)")
    }
    let upstream = try ScriptedServer { _, _ in half }
    try await withServer(models: models(upstream)) { client in
      let reply = try await client.post("/v1/chat/completions", ask(stream: false))
      #expect(reply.status == 502)
      #expect(try failure(reply).code == "upstream_failed")
    }
  }

  @Test(arguments: [true, false]) func whoHangsUpStopsTheModelAtOnce(isStreamed: Bool) async throws {
    let upstream = try ScriptedServer { _, _ in [ScriptedServer.streamHead, ScriptedServer.chunk("a"), .hold] }
    var configuration = ServerConfiguration()
    // No heartbeat comes to notice it.
    configuration.limits.heartbeatInterval = .seconds(1_000)
    try await withServer(configuration, models: models(upstream)) { client in
      let body = ask(stream: isStreamed)
      let request = "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
      try await client.hangUp(after: Array(request.utf8)) { await upstream.hasRequest() }
      for await _ in upstream.hangUps { break }
      var metrics = ""
      while !metrics.contains(#"method="POST",status="499"} 1"#) { metrics = try await client.get("/metrics").text }
    }
  }

  @Test func tooManyAnswersAtOnceAreRefused() async throws {
    let gate = ScriptedServer.Gate()
    let upstream = try ScriptedServer { _, _ in [.wait(gate)] + ScriptedServer.chat("a [1]") }
    var configuration = ServerConfiguration()
    configuration.limits.concurrentAnswers = 1
    try await withServer(configuration, models: models(upstream)) { client in
      async let first = client.post("/v1/chat/completions", ask())
      await upstream.hasRequest()
      let second = try await client.post("/v1/chat/completions", ask())
      #expect(second.status == 429)
      #expect(second.headers["retry-after"] == "2")
      #expect(try failure(second).type == "rate_limit_error")
      gate.open()
      #expect(try await content(first) == "a [1]")
      #expect(try await content(client.post("/v1/chat/completions", ask())) == "a [1]")
    }
  }

  @Test func readinessTellsOfTheModel() async throws {
    let upstream = try ScriptedServer { _, _ in ScriptedServer.reply(#"{"data":[{"id":"m"}]}"#) }
    try await withServer(models: models(upstream)) { client in
      let ready = try await client.get("/readyz")
      #expect(ready.text.contains(#""chat_model":{"name":"m","state":"reachable"}"#))
      upstream.stop()
      let reply = try await client.get("/readyz")
      #expect(reply.status == 200)
      #expect(reply.text.contains(#""state":"unreachable""#))
    }
    try await withServer { client in
      let reply = try await client.get("/readyz")
      #expect(reply.text.contains(#""chat_model":{"state":"none"}"#))
    }
  }

  @Test func aFollowUpMayAskAnotherSnapshot() async throws {
    let asked = Mutex<[String]>([])
    var knowledge = FakeKnowledge()
    knowledge.onQuestion = { question in asked.withLock { $0.append(question) } }
    try await withServer(ServerConfiguration(), knowledge) { client in
      func turns(_ last: String) -> String {
        #"{"model":"tree","messages":[{"role":"user","content":"what does `tree_lock` do?"},"#
          + #"{"role":"assistant","content":"It locks."},{"role":"user","content":"\#(last)"}]}"#
      }
      let other = try await client.post("/v1/chat/completions", turns("and in 1.0?"))
      #expect(other.text.contains("/source/tree@v1.0/"))
      let missing = try await client.post("/v1/chat/completions", turns("and in 3.7?"))
      #expect(missing.text.contains("3.7 is not indexed here (there is v2.0, v1.0); this is about `tree@v2.0`."))
      _ = try await client.post("/v1/chat/completions", turns("who calls it?"))
      #expect(
        asked.withLock { $0 } == [
          "what does `tree_lock` do?", "what does `tree_lock` do?", "who calls `tree_lock`?",
        ])
    }
  }
}
