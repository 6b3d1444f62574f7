// SPDX-License-Identifier: Apache-2.0
import Answering
import Glossary
import HTTPAPI
import Retrieval
import Synchronization
import Testing

/// A chunk or a completion, as a client reads it.
private struct Piece: Decodable {
  struct Choice: Decodable {
    struct Text: Decodable {
      struct Annotation: Decodable {
        struct Target: Decodable {
          var startIndex: Int
          var endIndex: Int
          var title: String
          var url: String
        }
        var type: String
        var urlCitation: Target
      }
      var role: String?
      var content: String?
      var annotations: [Annotation]?
    }
    var delta: Text?
    var message: Text?
    var finishReason: String?
  }
  struct Usage: Decodable {
    var promptTokens: Int
    var completionTokens: Int
    var totalTokens: Int
  }
  var id: String
  var object: String
  var model: String
  var choices: [Choice]
  var usage: Usage?
}

private func pieces(_ reply: HTTPReply) throws -> [Piece] {
  try reply.text.split(separator: "\n\n").filter { $0.hasPrefix("data: {\"choices") }
    .map { try decodeSnakeCase(Piece.self, from: Array($0.utf8.dropFirst(6))) }
}

private func ask(_ question: String, more: String = "") -> String {
  #"{"model":"tree@v2.0","messages":[{"role":"user","content":"\#(question)"}]\#(more)}"#
}

@Suite(.timeLimit(.minutes(10))) struct ChatTests {
  private let answer = """
    The best match is `fs/tree/lock.c` [1], then `fs/tree/tree.h` [2] (no chat model is configured: these are the \
    best passages of `tree@v2.0`, quoted as they are).

    **[1]** `fs/tree/lock.c` lines 2–6, function `tree_lock`

    ```c
    void tree_lock(struct tree *t)
    {
    \tif (a < b && c > d)
    \t\tspin(&t->lock);
    }
    ```

    **[2]** `fs/tree/tree.h` lines 1–3

    ```c
    struct tree {
    \tint lock;
    };
    ```
    """

  @Test func aWholeAnswerCitesItsPassages() async throws {
    try await withServer { client in
      let reply = try await client.post("/v1/chat/completions", ask("Which file locks a tree?"))
      #expect(reply.status == 200)
      let piece = try decodeSnakeCase(Piece.self, from: reply.body)
      #expect(piece.object == "chat.completion")
      #expect(piece.model == "tree@v2.0")
      #expect(piece.id == "chatcmpl-\(reply.headers["x-request-id"] ?? "")")
      let choice = try #require(piece.choices.first)
      #expect(choice.finishReason == "stop")
      #expect(choice.message?.role == "assistant")
      #expect(choice.message?.content == answer)
      let targets = (choice.message?.annotations ?? []).map(\.urlCitation)
      #expect(
        targets.map(\.url) == [
          "http://nenrin.test:8471/source/tree@v2.0/fs/tree/lock.c#L2-L6",
          "http://nenrin.test:8471/source/tree@v2.0/fs/tree/tree.h#L1-L3",
        ])
      #expect(targets.map(\.title) == ["v2.0:fs/tree/lock.c#L2-L6", "v2.0:fs/tree/tree.h#L1-L3"])
      #expect(targets.map(\.startIndex) == [35, 62])
      #expect(targets.map(\.endIndex) == [38, 65])
      #expect(piece.usage?.promptTokens == 6)
      #expect(piece.usage?.completionTokens == TokenUsage.estimate(answer))
      #expect(piece.usage?.totalTokens == 6 + TokenUsage.estimate(answer))
    }
  }

  @Test func aStreamIsOpenAIsToTheByte() async throws {
    var knowledge = FakeKnowledge()
    let snapshot = FakeKnowledge.snapshot("v2.0")
    knowledge.result = SearchResult(question: "q", snapshot: snapshot, elapsed: .zero, files: [], passages: [])
    try await withServer(ServerConfiguration(), knowledge) { client in
      let reply = try await client.post(
        "/v1/chat/completions", ask("q", more: #","stream":true,"stream_options":{"include_usage":true}"#),
        headers: ["X-Request-Id: r1"])
      #expect(reply.status == 200)
      #expect(reply.headers["content-type"] == "text/event-stream; charset=utf-8")
      #expect(reply.headers["cache-control"] == "no-cache")
      #expect(reply.headers["x-request-id"] == "r1")
      let created = try #require(reply.text.firstMatch(of: /"created":([0-9]+)/)).1
      func chunk(_ choices: String, usage: String = "") -> String {
        #"data: {"choices":\#(choices),"created":\#(created),"id":"chatcmpl-r1","model":"tree@v2.0","#
          + #""object":"chat.completion.chunk"\#(usage)}"# + "\n\n"
      }
      let text =
        "Nothing in `tree@v2.0` matches this question (no chat model is configured). "
        + "Try an identifier, a file name, the name of an option, or other words."
      let tokens = TokenUsage.estimate(text)
      #expect(
        reply.text == chunk(#"[{"delta":{"content":"","role":"assistant"},"finish_reason":null,"index":0}]"#)
          + chunk(#"[{"delta":{"content":"\#(text)"},"finish_reason":null,"index":0}]"#)
          + chunk(#"[{"delta":{},"finish_reason":"stop","index":0}]"#)
          + chunk(
            "[]",
            usage: #","usage":{"completion_tokens":\#(tokens),"prompt_tokens":1,"total_tokens":\#(tokens + 1)}"#)
          + "data: [DONE]\n\n")
    }
  }

  @Test func aStreamPutTogetherIsTheWholeAnswer() async throws {
    try await withServer { client in
      let reply = try await client.post(
        "/v1/chat/completions", ask("Which file locks a tree?", more: #","stream":true"#))
      let pieces = try pieces(reply)
      #expect(pieces.compactMap { $0.choices.first?.delta?.content }.joined() == answer)
      #expect(pieces.flatMap { $0.choices.first?.delta?.annotations ?? [] }.count == 2)
      #expect(pieces.last?.choices.first?.finishReason == "stop")
      #expect(!reply.text.contains("event"))
      #expect(reply.text.hasSuffix("data: [DONE]\n\n"))
    }
  }

  @Test(arguments: [
    (ServerConfiguration.OpenWebUIEvents.auto, "User-Agent: Python/3.11 aiohttp/3.12.15", true),
    (.auto, "X-OpenWebUI-Chat-Id: 7", true), (.auto, "X-OWUI-Task:", true),
    (.auto, "User-Agent: OpenAI/Python 1.99.9", false), (.always, "User-Agent: curl/7.88.1", true),
    (.never, "X-OpenWebUI-Chat-Id: 7", false),
  ]) func eventsGoToOpenWebUI(
    setting: ServerConfiguration.OpenWebUIEvents, header: String, wanted: Bool
  ) async throws {
    var configuration = ServerConfiguration()
    configuration.openWebUIEvents = setting
    configuration.publicURL = "http://host"
    try await withServer(configuration) { client in
      let reply = try await client.post(
        "/v1/chat/completions", ask("Which file locks a tree?", more: #","stream":true"#), headers: [header])
      let events = reply.text.split(separator: "\n\n").filter { $0.contains(#""event""#) }.map(String.init)
      let status =
        #"data: {"event":{"data":{"action":"search","description":"Searching tree@v2.0 …","done":false},"type":"status"}}"#
      let found =
        #"data: {"event":{"data":{"action":"search","description":"Found 2 passages in 2 files","done":true},"type":"status"}}"#
      let source =
        #"data: {"event":{"data":{"distances":[1],"document":["```c\nvoid tree_lock(struct tree *t)\n{\n\tif (a < b && c > d)\n\t\tspin(&t->lock);\n}\n```"],"#
        + #""metadata":[{"external":true,"name":"fs/tree/lock.c:2-6","source":"http://host/source/tree@v2.0/fs/tree/lock.c#L2-L6"}],"#
        + #""source":{"id":"fs/tree/lock.c","name":"v2.0:fs/tree/lock.c#L2-L6","url":"http://host/source/tree@v2.0/fs/tree/lock.c#L2-L6"}},"type":"source"}}"#
      #expect(events.count == (wanted ? 4 : 0))
      if wanted { #expect(Array(events.prefix(3)) == [status, found, source]) }
    }
  }

  @Test func japaneseIsAnsweredInJapanese() async throws {
    try await withServer { client in
      let reply = try await client.post("/v1/chat/completions", ask("ロックを実装しているファイルは?"))
      let content = try decodeSnakeCase(Piece.self, from: reply.body).choices.first?.message?.content
      #expect(
        content?.hasPrefix(
          "最も近いのは `fs/tree/lock.c` [1]、次いで `fs/tree/tree.h` [2] です(チャットモデルが設定されていないため、"
            + "`tree@v2.0` の該当箇所をそのまま引用します)。\n\n**[1]** `fs/tree/lock.c` 2–6 行、関数 `tree_lock`") == true)
    }
  }

  /// What a search was asked, for one request.
  private func searched(_ body: String) async throws -> (status: Int, question: String?, text: String) {
    let asked = Mutex<String?>(nil)
    var knowledge = FakeKnowledge()
    knowledge.onQuestion = { question in asked.withLock { $0 = question } }
    var reply = HTTPReply(status: 0, headers: [:], body: [])
    try await withServer(ServerConfiguration(), knowledge) { client in
      reply = try await client.post("/v1/chat/completions", body)
    }
    return (reply.status, asked.withLock { $0 }, reply.text)
  }

  @Test func theLastUserMessageIsTheQuestion() async throws {
    let turns = try await searched(
      #"{"model":"tree","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"one"},"#
        + #"{"role":"assistant","content":"1"},{"role":"user","content":" two\n"},{"role":"assistant","content":null}],"#
        + #""temperature":0.2,"max_tokens":9,"stop":["x"],"tools":[{"type":"function"}],"n":1}"#)
    #expect(turns.status == 200)
    #expect(turns.question == "two")
    let parts = try await searched(
      #"{"model":"tree","messages":[{"role":"user","content":[{"type":"text","text":"which"},"#
        + #"{"type":"image_url","image_url":{"url":"data:,"}},{"type":"text","text":"file"}]}]}"#)
    #expect(parts.question == "which\nfile")
  }

  @Test(arguments: ["true", "false"]) func attachedKnowledgeIsNotTheQuestion(stream: String) async throws {
    let wrapped =
      #"### Task:\nRespond to the user query using the provided context, incorporating citations.\n<context>\n"#
      + #"</context> and <chat_history>\n\n<source id=\"1\">int x;</source>\n</context>\n\nwhat is x?\n"#
    let turn = try await searched(
      #"{"model":"tree","stream":\#(stream),"messages":[{"role":"user","content":"\#(wrapped)"}]}"#)
    #expect(turn.status == 200)
    #expect(turn.question == "what is x?")
    // Open WebUI shows its own source first, so ours are numbered after it.
    #expect(turn.text.contains("`fs/tree/lock.c` [2], then `fs/tree/tree.h` [3]"))
    #expect(!turn.text.contains("[1]"))
    let tagged = try await searched(
      ask(#"### Task:\nRespond to the user query …</context>\n\n<user_query>\nwhy?\n</user_query>\n"#))
    #expect(tagged.question == "why?")
  }

  private static let history =
    #"### Chat History:\n<chat_history>\nUSER: Which file locks a tree? \"tags\"\nASSISTANT: The best match is `fs/tree/lock.c` [1].\n"#
    + #"It takes tree_lock().\n</chat_history>"#

  @Test(arguments: [
    (#"JSON format: { \"title\": \"your concise title here\" }"#, #"{"title":"Which file locks a tree? \"tags\""}"#),
    (
      #"JSON format: { \"follow_ups\": [\"Question 1?\"] }"#,
      #"{"follow_ups":["What calls tree_lock?","What is fs/tree/lock.c for?","What else is in fs/tree?"]}"#
    ),
    (#"JSON format: { \"tags\": [\"tag1\", \"tag2\"] }"#, #"{"tags":["Source code","tree","fs/tree"]}"#),
    (#"{ \"queries\": [\"query1\"] }"#, #"{"queries":["Which file locks a tree? \"tags\""]}"#),
    (#"You are an autocompletion system. { \"text\": \"…\" }"#, #"{"text":""}"#),
  ]) func backgroundTasksAreAnsweredWithoutASearch(template: String, json: String) async throws {
    let task = try await searched(
      #"{"model":"tree","stream":false,"messages":[{"role":"user","content":"\u0023## Task:\n\#(template)\n\#(ChatTests.history)"}]}"#
    )
    #expect(task.status == 200)
    #expect(task.question == nil)
    #expect(
      try decodeSnakeCase(Piece.self, from: Array(task.text.utf8)).choices.first?.message?.content == json)
  }

  @Test func whatWasAskedIsNotProposedAgain() async throws {
    let history =
      #"<chat_history>\nUSER: What calls tree_lock?\nASSISTANT: `tree_lock` and `tree_open` in `fs/tree/lock.c` [1].\n"#
      + #"</chat_history>"#
    let task = try await searched(ask(#"### Task:\n{ \"follow_ups\": [] }\n"# + history))
    #expect(task.text.contains(#"{\"follow_ups\":[\"What calls tree_open?\",\"What is fs/tree/lock.c for?\""#))
  }

  @Test func aTasksHeaderSettlesIt() async throws {
    try await withServer { client in
      let body = ask("### Task:\\nWrite a title. <chat_history>\\nUSER: hello\\n</chat_history>")
      let title = try await client.post("/v1/chat/completions", body, headers: ["X-OWUI-Task: title_generation"])
      #expect(
        try decodeSnakeCase(Piece.self, from: title.body).choices.first?.message?.content == #"{"title":"hello"}"#)
    }
    // Without the header nothing tells which answer is wanted: it is a question like any other.
    let plain = try await searched(ask("### Task:\\nWrite. <chat_history>\\nUSER: hello\\n</chat_history>"))
    #expect(plain.question != nil)
    let streamed = try await searched(
      ask(#"### Task:\n{ \"title\": \"\" } <chat_history>\nUSER: hi\n</chat_history>"#, more: #","stream":true"#))
    #expect(streamed.question != nil)
  }

  @Test(arguments: [
    (#"{"model":"tree","messages":[]}"#, 400, "invalid_argument", "messages", "messages is empty"),
    (#"{"messages":[{"role":"user","content":"a"}]}"#, 400, "invalid_argument", "model", "model is missing"),
    (#"{"model":"tree"}"#, 400, "invalid_argument", "messages", "messages is missing"),
    (
      #"{"model":"tree","messages":[{"content":"a"}]}"#, 400, "invalid_argument", "messages[0].role",
      "messages[0].role is missing"
    ),
    (
      #"{"model":"tree","messages":[{"role":"user","content":{}}]}"#, 400, "invalid_argument", "messages[0].content",
      "messages[0].content is not a string"
    ),
    (
      #"{"model":"tree","stream":"yes","messages":[{"role":"user","content":"a"}]}"#, 400, "invalid_argument",
      "stream", "stream is not true or false"
    ),
    (
      #"{"model":"tree","n":2,"messages":[{"role":"user","content":"a"}]}"#, 400, "invalid_argument", "n",
      "n is 2: one answer is given"
    ),
    (
      #"{"model":"tree","messages":[{"role":"system","content":"a"}]}"#, 400, "question_empty", "messages",
      "question is missing: no message has the role user\n  Send a message with the role user."
    ),
    (
      #"{"model":"tree","messages":[{"role":"user","content":" \n"}]}"#, 400, "question_empty",
      "messages[0].content", "question is empty: the last user message holds no text\n  Ask something."
    ),
    (
      #"{"model":"trei@v2.0","messages":[{"role":"user","content":"a"}]}"#, 404, "model_not_found", "model",
      "no model 'trei@v2.0': there is tree@v2.0, tree@v1.0"
    ),
    (
      #"{"model":"gpt-4","messages":[{"role":"user","content":"a"}]}"#, 404, "model_not_found", "model",
      "no model 'gpt-4': GET /v1/models lists them"
    ),
    (
      #"{"model":"","messages":[{"role":"user","content":"a"}]}"#, 404, "model_not_found", "model",
      "no model '': GET /v1/models lists them"
    ),
  ]) func errorsAreOpenAIs(body: String, status: Int, code: String, param: String, message: String) async throws {
    try await withServer { client in
      let reply = try await client.post("/v1/chat/completions", body)
      #expect(reply.status == status)
      let error = try failure(reply)
      #expect(error.code == code)
      #expect(error.param == param)
      #expect(error.message == message)
      #expect(error.type == "invalid_request_error")
    }
  }

  @Test func whoHangsUpIsNotAnswered() async throws {
    let (cancellations, announce) = AsyncStream.makeStream(of: Void.self)
    let (searches, begin) = AsyncStream.makeStream(of: Void.self)
    var knowledge = FakeKnowledge()
    knowledge.onSearch = {
      begin.yield()
      await withTaskCancellationHandler {
        // Ends with its task, and not before.
        for await _ in AsyncStream(Void.self, { _ in }) {}
      } onCancel: {
        announce.yield()
      }
    }
    var configuration = ServerConfiguration()
    configuration.limits.heartbeatInterval = .milliseconds(10)
    configuration.limits.concurrentRequests = 1
    configuration.limits.queuedRequests = 0
    try await withServer(configuration, knowledge) { client in
      let body = ask("q", more: #","stream":true"#)
      try await client.hangUp(
        after: Array(
          "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
      ) { for await _ in searches { break } }
      for await _ in cancellations { break }
      // The place is free again and the request is counted as given up.
      var metrics = ""
      while !metrics.contains(#"route="/v1/chat/completions",method="POST",status="499"} 1"#) {
        metrics = try await client.get("/metrics").text
      }
      #expect(metrics.contains("nenrin_index_requests_running 0\n"))
    }
  }

  @Test func aFailureInAStreamIsSaidInTheStream() async throws {
    var knowledge = FakeKnowledge()
    knowledge.onSearch = { throw NenrinError(.objectUnreadable, "object 1234 is unreadable") }
    try await withServer(ServerConfiguration(), knowledge) { client in
      let reply = try await client.post("/v1/chat/completions", ask("q", more: #","stream":true"#))
      #expect(reply.status == 200)
      #expect(
        reply.text.hasSuffix(
          #"data: {"error":{"code":"object_unreadable","message":"object 1234 is unreadable","param":null,"type":"server_error"}}"#
            + "\n\ndata: [DONE]\n\n"))
    }
  }
}
