// SPDX-License-Identifier: Apache-2.0
import Glossary
import HTTPAPI
import Inference
import Logging
import Synchronization
import TestSupport
import Testing

/// A door that holds searches back until the test opens it.
private final class Door: Sendable {
  private let state = Mutex((isOpen: false, waiting: [CheckedContinuation<Void, Never>](), arrived: 0))
  private let arrivals: AsyncStream<Int>
  private let announce: AsyncStream<Int>.Continuation

  init() {
    (arrivals, announce) = AsyncStream.makeStream()
  }

  func pass() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        state.arrived += 1
        announce.yield(state.arrived)
        if !state.isOpen { state.waiting.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }

  /// Waits until so many searches stand before the door.
  func arrival(of count: Int) async {
    for await arrived in arrivals where arrived >= count { return }
  }

  func open() {
    let waiting = state.withLock { state in
      defer { state.waiting = [] }
      state.isOpen = true
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }
}

/// Log lines as they come.
private final class RecordingLog: Sendable {
  private let lines = Mutex<[String]>([])

  var text: String { lines.withLock { $0.joined(separator: "\n") } }

  var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

  private struct Handler: LogHandler {
    let log: RecordingLog
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let pairs = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      log.lines.withLock { $0.append("\(event.level) \(event.message) \(pairs.joined(separator: " "))") }
    }
  }
}

@Suite(.timeLimit(.minutes(10))) struct LimitTests {
  @Test func keysAreAskedForEverywhereButAtTheDoor() async throws {
    var configuration = ServerConfiguration()
    configuration.apiKeys = [APIKeyHash(of: "other"), APIKeyHash(of: "s3cret")]
    try await withServer(configuration) { client in
      for path in ["/v1/models", "/api/snapshots", "/metrics", "/readyz", "/openapi.json", "/nothing"] {
        let reply = try await client.get(path)
        #expect(reply.status == 401, "\(path)")
        #expect(reply.headers["www-authenticate"] == "Bearer")
        #expect(
          try failure(reply)
            == ErrorDocument(
              message:
                "API key is missing or wrong: this server asks for one\n  Send the header: Authorization: Bearer <key>",
              type: "authentication_error", code: "unauthorized"
            ).error)
      }
      for key in ["Bearer wrong", "Bearer ", "Bearer s3cre", "s3cret", "Digest s3cret", "Basic !!"] {
        let reply = try await client.get("/v1/models", headers: ["Authorization: \(key)"])
        #expect(reply.status == 401, "\(key)")
      }
      for key in ["Bearer s3cret", "bearer  s3cret", "Bearer other", "Basic bmVucmluOnMzY3JldA=="] {
        let reply = try await client.get("/v1/models", headers: ["Authorization: \(key)"])
        #expect(reply.status == 200, "\(key)")
      }
      let health = try await client.get("/healthz")
      #expect(health.status == 200)
      let page = try await client.get("/source/tree@v2.0/fs/tree/lock.c")
      #expect(page.status == 200)
      let start = try await client.get("/")
      #expect(start.status == 401)
      #expect(start.headers["www-authenticate"] == "Basic realm=\"Nenrin\"")
    }
  }

  @Test(arguments: [
    "", "plain", "sha256:12", "sha256:" + String(repeating: "g", count: 64),
    "SHA256:" + String(repeating: "0", count: 64),
  ])
  func aKeyThatIsNoHashIsRefused(text: String) throws {
    #expect {
      try APIKeyHash(configured: text)
    } throws: { error in
      (error as? NenrinError)?.description
        == "API key is not a hash: api_keys takes sha256:<64 hexadecimal digits>\n  Write the output of: printf %s \"$KEY\" | sha256sum"
    }
  }

  @Test func aHashedKeyMatchesItsKeyAlone() throws {
    // FIPS 180-4's own examples, and one of two blocks.
    let abc = try APIKeyHash(configured: "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(abc.matches("abc".utf8))
    #expect(!abc.matches("abd".utf8))
    let empty = try APIKeyHash(configured: "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")
    #expect(empty.matches("".utf8))
    let long = try APIKeyHash(configured: "sha256:248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    #expect(long.matches("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8))
    let million = try APIKeyHash(configured: "sha256:cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    #expect(million.matches(repeatElement(UInt8(ascii: "a"), count: 1_000_000)))
  }

  @Test func aPromptOfTenMegabytesIsReadAndRefusedAsAQuestion() async throws {
    try await withServer { client in
      let text = String(repeating: "int x; ", count: 10 << 20 / 7)
      let long = try await client.post(
        "/v1/chat/completions", #"{"model":"tree","messages":[{"role":"user","content":"\#(text)"}]}"#)
      #expect(long.status == 400)
      #expect(try failure(long).code == "question_too_long")
      #expect(
        try failure(long).message
          == "question is too long: it has \(text.utf8.count - 1) bytes, 100000 are the limit\n  Ask in fewer words, or quote less."
      )
      // As context that Open WebUI attaches it is no question, and no harm.
      let context = try await client.post(
        "/v1/chat/completions",
        #"{"model":"tree","messages":[{"role":"user","content":"\u0023## Task:\nRespond to the user query\n<context>\#(text)</context>\n\nwhere?"}]}"#
      )
      #expect(context.status == 200)
    }
  }

  @Test func aBodyBeyondTheLimitIsRefused() async throws {
    var configuration = ServerConfiguration()
    configuration.limits.bodyByteCount = 1_000
    try await withServer(configuration) { client in
      let told = try await client.post("/api/search", String(repeating: " ", count: 2_000))
      #expect(told.status == 413)
      #expect(
        try failure(told)
          == ErrorDocument(
            message: "request is too large: a body may have 1000 bytes\n  Send less text in one request.",
            type: "invalid_request_error", code: "request_too_large"
          ).error)
      let piece = "3e8\r\n\(String(repeating: " ", count: 1_000))\r\n"
      let chunked = try await client.exchange(
        Array(
          ("POST /api/search HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            + piece + piece + "0\r\n\r\n").utf8))
      #expect(chunked.status == 413)
    }
  }

  @Test func headersBeyondTheLimitAreRefused() async throws {
    try await withServer { client in
      let reply = try await client.get("/healthz", headers: ["X-Long: \(String(repeating: "a", count: 70 << 10))"])
      #expect(reply.status == 431)
      #expect(
        try failure(reply)
          == ErrorDocument(
            message: "request's head is too large: headers may have 65536 bytes and 200 fields\n"
              + "  Send fewer or shorter headers.",
            type: "invalid_request_error", code: "request_too_large"
          ).error)
      let still = try await client.get("/healthz")
      #expect(still.status == 200)
    }
  }

  @Test func whatIsNotHTTPIsSaid() async throws {
    try await withServer { client in
      let reply = try await client.exchange(Array("this is no HTTP\r\n\r\n".utf8))
      #expect(reply.status == 400)
      #expect(try failure(reply).message.hasPrefix("request is not HTTP: "))
    }
  }

  @Test func leaveIsGivenToSendABody() async throws {
    try await withServer { client in
      let body = #"{"query":"lock"}"#
      let head = "POST /api/search HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\n"
      let text = try await client.converse(
        head + "Content-Length: \(body.utf8.count)\r\n\r\n", answeredBy: body, after: "100 Continue\r\n\r\n")
      #expect(text.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"))
      // A body that will be refused need not be sent.
      let refused = try await client.exchange(
        Array((head + "Content-Length: 99999999\r\n\r\n").utf8), marker: "\r\n\r\n")
      #expect(refused.status == 413)
    }
  }

  @Test func aClientThatTakesNothingIsCutOff() async throws {
    let upstream = try ScriptedServer { _, _ in
      let event = "data: {\"choices\":[{\"delta\":{\"content\":\"\(String(repeating: "x", count: 4_000))\"}}]}\n\n"
      return [ScriptedServer.streamHead, .flood(event, byteCount: 1 << 30)]
    }
    let model = RemoteChatModel(
      RemoteChatModel.Settings(upstreams: [Upstream(baseURL: upstream.baseURL, key: "")], model: "m"),
      transport: Transport())
    var configuration = ServerConfiguration()
    configuration.limits.stallDuration = .milliseconds(100)
    try await withServer(configuration, models: ServedModels(chat: model)) { client in
      let body = #"{"model":"tree","stream":true,"messages":[{"role":"user","content":"q"}]}"#
      let request =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
      // It sends its question, reads nothing, and waits until the model is let go.
      try await client.hangUp(after: Array(request.utf8)) { for await _ in upstream.hangUps { break } }
    }
  }

  @Test func aBodyThatDoesNotComeIsNotWaitedForLong() async throws {
    var configuration = ServerConfiguration()
    configuration.limits.bodyDuration = .milliseconds(50)
    try await withServer(configuration) { client in
      let text = try await client.converse(
        "POST /api/search HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{", answeredBy: nil, after: "408 ")
      #expect(text.hasPrefix("HTTP/1.1 408 "))
    }
  }

  @Test func tooManyRequestsAreToldToComeBack() async throws {
    let door = Door()
    var knowledge = FakeKnowledge()
    knowledge.onSearch = { await door.pass() }
    var configuration = ServerConfiguration()
    configuration.limits.concurrentRequests = 1
    configuration.limits.queuedRequests = 0
    try await withServer(configuration, knowledge) { client in
      async let first = client.post("/api/search", #"{"query":"a"}"#)
      await door.arrival(of: 1)
      for body in [#"{"model":"tree","messages":[{"role":"user","content":"a"}]"#, #"{"query":"b""#] {
        let path = body.hasPrefix("{\"m") ? "/v1/chat/completions" : "/api/search"
        for more in ["}", #","stream":true}"#] {
          let refused = try await client.post(path, body + more)
          #expect(refused.status == 429)
          #expect(refused.headers["retry-after"] == "2")
          #expect(
            try failure(refused)
              == ErrorDocument(
                message: "too many requests: 1 are at work and 0 wait\n  Try again in a few seconds.",
                type: "rate_limit_error", code: "overloaded"
              ).error)
        }
      }
      door.open()
      #expect(try await first.status == 200)
      // A place that was taken by a stream is free again after it.
      for _ in 0..<3 {
        let stream = try await client.post(
          "/v1/chat/completions", #"{"model":"tree","stream":true,"messages":[{"role":"user","content":"a"}]}"#)
        #expect(stream.status == 200)
      }
    }
  }

  @Test func whoWaitsHasHisTurn() async throws {
    let door = Door()
    var knowledge = FakeKnowledge()
    knowledge.onSearch = { await door.pass() }
    var configuration = ServerConfiguration()
    configuration.limits.concurrentRequests = 2
    configuration.limits.queuedRequests = 8
    try await withServer(configuration, knowledge) { client in
      try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<8 { group.addTask { try await client.post("/api/search", #"{"query":"a"}"#).status } }
        await door.arrival(of: 2)
        door.open()
        for try await status in group { #expect(status == 200) }
      }
    }
  }

  @Test func aRequestBeyondItsTimeIsGivenUp() async throws {
    let door = Door()
    var knowledge = FakeKnowledge()
    knowledge.onSearch = { await door.pass() }
    var configuration = ServerConfiguration()
    configuration.limits.requestDuration = .milliseconds(50)
    try await withServer(configuration, knowledge) { client in
      let late = try await client.post("/api/search", #"{"query":"a"}"#)
      #expect(late.status == 504)
      #expect(try failure(late).code == "timed_out")
      let stream = try await client.post(
        "/v1/chat/completions", #"{"model":"tree","stream":true,"messages":[{"role":"user","content":"a"}]}"#)
      #expect(stream.status == 200)
      #expect(stream.text.contains(#"data: {"error":{"code":"timed_out""#))
      #expect(stream.text.hasSuffix("data: [DONE]\n\n"))
      door.open()
    }
  }

  @Test func aSilentStreamShowsThatItIsAlive() async throws {
    let door = Door()
    var knowledge = FakeKnowledge()
    knowledge.onSearch = { await door.pass() }
    var configuration = ServerConfiguration()
    configuration.limits.heartbeatInterval = .milliseconds(20)
    try await withServer(configuration, knowledge) { client in
      let body = #"{"model":"tree","stream":true,"messages":[{"role":"user","content":"a"}]}"#
      let head =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
      let stream = try await client.exchange(Array((head + body).utf8), marker: ": keep-alive\n\n") { door.open() }
      #expect(stream.text.contains("\n\n: keep-alive\n\n"))
      #expect(stream.text.contains("The best match is"))
      #expect(stream.text.hasSuffix("data: [DONE]\n\n"))
    }
  }

  @Test func aPortThatIsTakenIsSaid() async throws {
    try await withServer { client in
      var configuration = ServerConfiguration()
      configuration.port = client.port
      let second = Server(
        configuration: configuration, knowledge: FakeKnowledge(),
        logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
      await #expect(
        throws: NenrinError(
          .configurationInvalid, "port \(client.port) is taken",
          reason: "a program listens on 127.0.0.1:\(client.port) already",
          remedies: ["Stop it, or take another port: nenrin serve --port \(client.port + 1)"])
      ) { try await second.run() }
    }
  }

  @Test func theLogHoldsNoKeyAndNoQuestion() async throws {
    let log = RecordingLog()
    var configuration = ServerConfiguration()
    configuration.apiKeys = [APIKeyHash(of: "s3cret")]
    try await withServer(configuration, FakeKnowledge(), logger: log.logger) { client in
      let headers = ["Authorization: Bearer s3cret", "X-Request-Id: r7"]
      _ = try await client.post("/api/search", #"{"query":"whisper"}"#, headers: headers)
      _ = try await client.get("/api/source?path=whisper", headers: headers)
      _ = try await client.post(
        "/v1/chat/completions", #"{"model":"tree","stream":true,"messages":[{"role":"user","content":"whisper"}]}"#,
        headers: headers)
      _ = try await client.get("/healthz")
    }
    #expect(log.text.contains("info request method=POST ms="))
    #expect(log.text.contains("path=/api/search request_id=r7 status=200"))
    #expect(log.text.contains("path=/api/source request_id=r7 status=404"))
    #expect(log.text.contains("path=/v1/chat/completions request_id=r7 status=200"))
    #expect(!log.text.contains("s3cret"))
    #expect(!log.text.contains("whisper"))
  }
}
