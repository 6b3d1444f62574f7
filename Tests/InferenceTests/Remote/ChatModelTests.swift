// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glossary
import Inference
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct ChatModelTests {
  private func model(
    _ servers: [ScriptedServer], name: String = "m", retries: Int = 0, limits: RemoteTimeouts = RemoteTimeouts(),
    key: String = ""
  ) -> RemoteChatModel {
    RemoteChatModel(
      RemoteChatModel.Settings(
        upstreams: servers.map { Upstream(baseURL: $0.baseURL + "/", key: key) }, model: name, timeouts: limits,
        retries: RetryPolicy(retryCount: retries, firstDelay: .milliseconds(1), longestDelay: .milliseconds(20))),
      transport: Transport())
  }

  private func events(_ model: RemoteChatModel) async throws -> [ChatModelEvent] {
    let answer = try await model.answer(to: [ChatMessage(.user, "q")], ChatSampling())
    var events: [ChatModelEvent] = []
    while let event = try await answer.next() { events.append(event) }
    return events
  }

  /// What a failed answer says, without the address.
  private func reason(_ steps: [ScriptedServer.Step], limits: RemoteTimeouts = RemoteTimeouts()) async throws -> String
  {
    let server = try ScriptedServer { _, _ in steps }
    do {
      _ = try await events(model([server], limits: limits))
      return ""
    } catch let error as NenrinError {
      #expect(error.code == .upstreamFailed)
      return error.description.replacing(server.baseURL, with: "URL")
    }
  }

  private let whole: [ChatModelEvent] = [
    .text("one "), .text("two"), .finished(reason: "stop"), .usage(prompt: 11, completion: 7),
  ]

  @Test func anAnswerIsStreamed() async throws {
    let server = try ScriptedServer { _, _ in ScriptedServer.chat("one ", "two") }
    let model = model([server], key: "s3cret")
    let messages = [ChatMessage(.system, "s"), ChatMessage(.user, "q")]
    let answer = try await model.answer(
      to: messages, ChatSampling(maxTokens: 9, temperature: 0.5, topP: 0.25, seed: 3, stop: ["x"]))
    #expect(answer.model == "m")
    var events: [ChatModelEvent] = []
    while let event = try await answer.next() { events.append(event) }
    #expect(events == whole)
    let request = try #require(server.requests.first)
    #expect(request.target == "/v1/chat/completions")
    #expect(request.headers["authorization"] == "Bearer s3cret")
    let body = try #require(JSONSerialization.jsonObject(with: Data(request.body)) as? NSDictionary)
    #expect(
      body == [
        "model": "m", "stream": true, "stream_options": ["include_usage": true], "max_tokens": 9, "temperature": 0.5,
        "top_p": 0.25, "seed": 3, "stop": ["x"],
        "messages": [["role": "system", "content": "s"], ["role": "user", "content": "q"]],
      ] as NSDictionary)
  }

  @Test func toolsAreOfferedAndCallsUnderstood() async throws {
    let server = try ScriptedServer { _, _ in
      ScriptedServer.reply(
        #"{"choices":[{"message":{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","#
          + #""function":{"name":"show","arguments":"{\"path\":\"x.c\"}"}},{"function":{"name":"odd","arguments":{}}}]}}],"#
          + #""usage":{"prompt_tokens":4,"completion_tokens":2}}"#)
    }
    let tool = ChatTool(
      name: "show", description: "Reads.",
      parameters: [
        .init(name: "path", kind: .text, isRequired: true, description: "p"),
        .init(name: "limit", kind: .count(1...9), isRequired: false, description: "l"),
        .init(name: "in", kind: .choice(["a", "b"]), isRequired: false, description: "i"),
      ])
    let before = ChatToolCall(id: "z", name: "show", arguments: "{}")
    let turn = try await model([server]).callTools(
      [ChatMessage(.user, "q"), ChatMessage(.assistant, "", calls: [before]), ChatMessage(.tool, "r", callID: "z")],
      [tool], ChatSampling(maxTokens: 9))
    #expect(
      turn
        == ToolTurn(
          calls: [
            ChatToolCall(id: "a", name: "show", arguments: #"{"path":"x.c"}"#),
            ChatToolCall(id: "call_2", name: "odd", arguments: ""),
          ], promptTokens: 4, completionTokens: 2))
    let request = try #require(server.requests.first)
    let body = try #require(JSONSerialization.jsonObject(with: Data(request.body)) as? NSDictionary)
    let parameters: NSDictionary = [
      "type": "object", "additionalProperties": false, "required": ["path"],
      "properties": [
        "path": ["type": "string", "description": "p"],
        "limit": ["type": "integer", "description": "l", "minimum": 1, "maximum": 9],
        "in": ["type": "string", "description": "i", "enum": ["a", "b"]],
      ],
    ]
    #expect(
      body == [
        "model": "m", "stream": false, "max_tokens": 9,
        "tools": [
          ["type": "function", "function": ["name": "show", "description": "Reads.", "parameters": parameters]]
        ],
        "messages": [
          ["role": "user", "content": "q"],
          [
            "role": "assistant", "content": "",
            "tool_calls": [["id": "z", "type": "function", "function": ["name": "show", "arguments": "{}"]]],
          ],
          ["role": "tool", "content": "r", "tool_call_id": "z"],
        ],
      ] as NSDictionary)
  }

  @Test func aServerWithoutToolsSaysSo() async throws {
    let server = try ScriptedServer { _, _ in
      ScriptedServer.reply(400, #"{"error":{"message":"this model does not support tools"}}"#)
    }
    let error = await #expect(throws: NenrinError.self) {
      try await self.model([server]).callTools([ChatMessage(.user, "q")], [], ChatSampling())
    }
    #expect(error?.code == .upstreamFailed && error?.reason.contains("does not support tools") == true)
  }

  @Test(arguments: [
    // CRLF, comments, an event without content, no space behind the colon.
    ": hi\r\n\r\ndata:{\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\r\n\r\ndata:{\"choices\":[{\"delta\":"
      + "{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\r\n\r\ndata: [DONE]\r\n\r\n",
    // No [DONE], and no empty line at the end.
    "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}",
    // Text after [DONE] is nobody's.
    "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\ndata: {\"x\"",
  ]) func oddStreamsAreUnderstood(text: String) async throws {
    let server = try ScriptedServer { _, _ in [ScriptedServer.streamHead, .send(text)] }
    #expect(try await events(model([server])) == [.text("a"), .finished(reason: "stop")])
  }

  @Test(arguments: ["reasoning_content", "reasoning"]) func thoughtsAreToldFromText(key: String) async throws {
    let server = try ScriptedServer { _, _ in
      [
        ScriptedServer.streamHead,
        .send("data: {\"choices\":[{\"delta\":{\"\(key)\":\"hm\",\"content\":null}}]}\n\n"), ScriptedServer.chatEnd,
      ]
    }
    #expect(try await events(model([server])).first == .reasoning("hm"))
  }

  @Test func aServerThatDoesNotStreamIsUnderstood() async throws {
    let server = try ScriptedServer { _, _ in
      ScriptedServer.reply(
        #"{"choices":[{"message":{"content":"a"},"finish_reason":"length"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#
      )
    }
    #expect(
      try await events(model([server])) == [.text("a"), .finished(reason: "length"), .usage(prompt: 1, completion: 2)])
  }

  @Test func whatGoesWrongIsSaidInWords() async throws {
    let advice = "\n  Run `nenrin doctor`, which asks every server that is configured."
    func unanswered(_ reason: String) -> String { "the chat model at URL does not answer: \(reason)\(advice)" }
    let cases: [([ScriptedServer.Step], String)] = [
      (
        ScriptedServer.reply(500, #"{"error":{"message":"model is loading"}}"#), "HTTP 500: model is loading"
      ),
      (ScriptedServer.reply(401, #"{"error":"bad key"}"#), "HTTP 401: bad key"),
      (ScriptedServer.reply(400, #"{"detail":"too long"}"#), "HTTP 400: too long"),
      (
        ScriptedServer.reply(404, type: "text/plain", "404 page not found"),
        "HTTP 404: 404 page not found (an address of OpenAI's API ends with /v1)"
      ),
      (
        ScriptedServer.reply(301, headers: ["Location: https://a:b@host/v1?k=1"], ""),
        "HTTP 301 (it points to https://host/v1)"
      ),
      (
        ScriptedServer.reply(200, type: "text/html; charset=utf-8", "<html>"),
        "the answer is text/html, not an event stream"
      ),
      ([ScriptedServer.streamHead], "the stream ended before the answer did"),
      (
        [ScriptedServer.streamHead, .send("data: {\"choices\":[{\"delta\":\n\n")],
        #"the stream holds what is no chat completion: {"choices":[{"delta":"#
      ),
      (
        [ScriptedServer.streamHead, .send("data: {\"error\":{\"message\":\"CUDA out of memory\"}}\n\n")],
        "the server says: CUDA out of memory"
      ),
      (
        [ScriptedServer.streamHead, .flood("data: " + String(repeating: "x", count: 60_000), byteCount: 5 << 20)],
        "an event of the stream has more than 1048576 bytes"
      ),
      (ScriptedServer.reply("{}"), "the server says: {}"),
    ]
    for (steps, expected) in cases {
      #expect(try await reason(steps) == unanswered(expected))
    }
    let limits = RemoteTimeouts(firstByte: .milliseconds(40))
    #expect(try await reason([.hold], limits: limits) == unanswered("no answer came within 0.04 s"))
  }

  @Test func anAnswerThatBreaksOffIsAnError() async throws {
    let begin = [ScriptedServer.chunkedHead, .send("26\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"")]
    let half = [ScriptedServer.streamHead, ScriptedServer.chunk("half")]
    func broken(_ reason: String) -> String {
      "the chat model at URL broke off: \(reason)\n  Ask again; what has been said so far is not the whole answer."
    }
    #expect(try await reason(begin).hasPrefix("the chat model at URL does not answer: "))
    #expect(try await reason(half) == broken("the stream ended before the answer did"))
    #expect(
      try await reason(half + [.send("data: <html>\n\n")])
        == broken("the stream holds what is no chat completion: <html>"))
    let limits = RemoteTimeouts(idle: .milliseconds(40))
    #expect(try await reason(half + [.hold], limits: limits) == broken("the answer stalled: nothing came for 0.04 s"))
    #expect(try await reason(half + [.reset]).hasPrefix("the chat model at URL broke off: "))
  }

  @Test func passingFailuresAreTriedAgain() async throws {
    let server = try ScriptedServer { _, index in
      switch index {
      case 0: ScriptedServer.reply(429, headers: ["Retry-After: 0"], "")
      case 1: ScriptedServer.reply(503, "")
      default: ScriptedServer.chat("one ", "two")
      }
    }
    #expect(try await events(model([server], retries: 2)) == whole)
    #expect(server.requests.count == 3)
  }

  @Test func whatWillNotPassIsNotTriedAgain() async throws {
    let server = try ScriptedServer { _, _ in ScriptedServer.reply(401, "") }
    let model = model([server], retries: 2)
    await #expect(throws: NenrinError.self) { try await events(model) }
    #expect(server.requests.count == 1)
    #expect(model.failures == 1)
  }

  @Test func theNextServerTakesOver() async throws {
    let gone = try ScriptedServer { _, _ in [] }
    gone.stop()
    let busy = try ScriptedServer { _, _ in ScriptedServer.reply(500, "") }
    let good = try ScriptedServer { _, _ in ScriptedServer.chat("one ", "two") }
    let model = model([gone, busy, good])
    #expect(try await events(model) == whole)
    #expect(busy.requests.count == 1)
    // Servers that failed a moment ago come last.
    #expect(try await events(model) == whole)
    #expect(busy.requests.count == 1)
    #expect(good.requests.count == 2)
  }

  @Test func nothingIsTriedTwiceWhereAllFailedAMomentAgo() async throws {
    let server = try ScriptedServer { _, _ in ScriptedServer.reply(503, "") }
    let model = model([server], retries: 3)
    await #expect(throws: NenrinError.self) { try await events(model) }
    #expect(server.requests.count == 4)
    await #expect(throws: NenrinError.self) { try await events(model) }
    #expect(server.requests.count == 5)
  }

  @Test func theServersOwnModelIsTakenWhereNoneIsNamed() async throws {
    let server = try ScriptedServer { request, _ in
      request.target == "/v1/models"
        ? ScriptedServer.reply(#"{"object":"list","data":[{"id":"smol"},{"id":"big"}]}"#) : ScriptedServer.chat("a")
    }
    let model = model([server], name: "")
    _ = try await events(model)
    _ = try await events(model)
    #expect(server.requests.map(\.target) == ["/v1/models", "/v1/chat/completions", "/v1/chat/completions"])
    #expect(server.requests.last?.text.contains(#""model":"smol""#) == true)
    #expect(model.name == "smol")
    #expect(try await model.examine().first?.models.get().map(\.name) == ["smol", "big"])
  }

  /// A server that refuses a prompt for its length is not down, and what it says of its model is kept to from then on.
  @Test(arguments: [
    ("This model's maximum context length is 4096 tokens. However, your prompt contains at least 4097.", 4_096),
    ("request (9000 tokens) exceeds the available context size (2048 tokens), try increasing it", 2_048),
    ("the context window is exceeded", 6_144),
    ("This model's maximum context length is 8192 tokens. However, you requested 8200.", 6_144),
  ])
  func aRefusedLengthIsLearned(_ message: String, _ contextTokens: Int) async throws {
    let server = try ScriptedServer { _, count in
      count == 0
        ? ScriptedServer.reply(400, #"{"error":{"message":\#(ScriptedServer.quoted(message)),"code":400}}"#)
        : ScriptedServer.chat("one ", "two")
    }
    let model = model([server], retries: 2)
    #expect(model.contextTokens == 8_192)
    await #expect(throws: NenrinError.self) { try await events(model) }
    #expect(model.contextTokens == contextTokens && model.failures == 0 && server.requests.count == 1)
    #expect(try await events(model) == whole)
  }

  @Test func anotherRefusalSaysNothingOfLengths() async throws {
    let server = try ScriptedServer { _, _ in ScriptedServer.reply(400, #"{"error":{"message":"temperature is 9"}}"#) }
    let model = model([server])
    await #expect(throws: NenrinError.self) { try await events(model) }
    #expect(model.contextTokens == 8_192 && model.failures == 1)
  }

  @Test func whatTheServerListsOfItsModelIsTaken() async throws {
    let server = try ScriptedServer { _, _ in
      ScriptedServer.reply(#"{"data":[{"id":"other","max_model_len":1500},{"id":"m","max_model_len":4096}]}"#)
    }
    let model = model([server], name: "m")
    #expect(await model.problem() == nil)
    #expect(model.contextTokens == 4_096)
  }

  @Test func aReaderThatGoesAwayStopsTheServer() async throws {
    let server = try ScriptedServer { _, _ in [ScriptedServer.streamHead, ScriptedServer.chunk("a"), .hold] }
    let model = model([server])
    do {
      let answer = try await model.answer(to: [ChatMessage(.user, "q")], ChatSampling())
      #expect(try await answer.next() == .text("a"))
    }
    for await _ in server.hangUps { break }
  }

  @Test func delaysGrowAndAreBounded() {
    let policy = RetryPolicy(retryCount: 3, firstDelay: .seconds(1), longestDelay: .seconds(5))
    #expect((Duration.milliseconds(500)...Duration.seconds(1)).contains(policy.delay(before: 0, asked: nil)))
    #expect((Duration.seconds(2)...Duration.seconds(4)).contains(policy.delay(before: 2, asked: nil)))
    #expect((Duration.milliseconds(2_500)...Duration.seconds(5)).contains(policy.delay(before: 60, asked: nil)))
    #expect(policy.delay(before: 0, asked: .seconds(3)) == .seconds(3))
    #expect(policy.delay(before: 0, asked: .seconds(300)) == .seconds(5))
  }
}
