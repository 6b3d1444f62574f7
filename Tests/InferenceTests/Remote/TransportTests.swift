// SPDX-License-Identifier: Apache-2.0
import Inference
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct TransportTests {
  private func get(_ server: ScriptedServer, _ limits: RemoteTimeouts = RemoteTimeouts()) -> RemoteRequest {
    RemoteRequest("GET", server.baseURL + "/x", timeouts: limits)
  }

  private func failure(_ body: () async throws -> Void) async -> RemoteFailure? {
    do {
      try await body()
      return nil
    } catch {
      return error as? RemoteFailure
    }
  }

  @Test func aRequestArrivesAsItWasMade() async throws {
    let server = try ScriptedServer { _, _ in ScriptedServer.reply(headers: ["X-One: a", "Retry-After: 3"], "{}") }
    let body = Array(repeating: UInt8(ascii: "x"), count: 2_000_000)
    let request = RemoteRequest(
      "POST", server.baseURL + "/y?q=1", headers: [("X-Two", "b"), ("X-Bad", "a\r\nX-Added: c")], body: body)
    let response = try await Transport().send(request)
    #expect(response.status == 200)
    #expect(response.header("x-one") == "a")
    #expect(response.retryAfter == .seconds(3))
    #expect(response.contentType == "application/json")
    #expect(try await response.body(limit: 10) == Array("{}".utf8))
    let seen = try #require(server.requests.first)
    #expect(seen.method == "POST")
    #expect(seen.target == "/v1/y?q=1")
    #expect(seen.headers["x-two"] == "b")
    #expect(seen.headers["x-added"] == nil)
    #expect(seen.headers["expect"] == nil)
    #expect(seen.body == body)
  }

  @Test func aFullReaderStopsTheSender() async throws {
    let total = 32 << 20
    let server = try ScriptedServer { _, _ in
      [ScriptedServer.streamHead, .flood(String(repeating: "x", count: 32_768), byteCount: total)]
    }
    let response = try await Transport().send(get(server))
    for await _ in server.stalls { break }
    // What is under way lies in the two sockets, not here.
    #expect(server.sentByteCount < total * 2 / 3)
    var count = 0
    while let bytes = try await response.next() {
      #expect(bytes.count <= 256 << 10)
      count += bytes.count
    }
    #expect(count >= total)
  }

  @Test func aResponseThatIsLetGoClosesItsConnection() async throws {
    let server = try ScriptedServer { _, _ in [ScriptedServer.streamHead, .send("data"), .hold] }
    let transport = Transport()
    do {
      let response = try await transport.send(get(server))
      #expect(try await response.next() == Array("data".utf8))
    }
    for await _ in server.hangUps { break }
  }

  @Test func aCancelledTaskClosesItsConnection() async throws {
    let server = try ScriptedServer { _, _ in [ScriptedServer.streamHead, .send("data"), .hold] }
    let transport = Transport()
    let request = get(server)
    let (begun, begin) = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      let response = try await transport.send(request)
      while try await response.next() != nil { begin.yield() }
    }
    for await _ in begun { break }
    task.cancel()
    for await _ in server.hangUps { break }
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func eachStageHasItsLimit() async throws {
    let silent = try ScriptedServer { _, _ in [.hold] }
    let stalling = try ScriptedServer { _, _ in [ScriptedServer.streamHead, .send("a"), .hold] }
    let transport = Transport()
    var limits = RemoteTimeouts(firstByte: .milliseconds(50))
    #expect(
      await failure { _ = try await transport.send(get(silent, limits)) }
        == RemoteFailure(.timedOut, "no answer came within 0.05 s"))
    limits = RemoteTimeouts(idle: .milliseconds(50))
    let response = try await transport.send(get(stalling, limits))
    #expect(try await response.next() == Array("a".utf8))
    #expect(
      await failure { _ = try await response.next() }
        == RemoteFailure(.timedOut, "the answer stalled: nothing came for 0.05 s"))
    limits = RemoteTimeouts(total: .milliseconds(50))
    #expect(
      await failure { _ = try await transport.send(get(silent, limits)) }
        == RemoteFailure(.timedOut, "the answer took more than 0.05 s"))
  }

  @Test func aTransferWaitingForItsReaderIsNotIdle() async throws {
    let server = try ScriptedServer { _, _ in
      [ScriptedServer.streamHead, .flood(String(repeating: "x", count: 32_768), byteCount: 16 << 20)]
    }
    let response = try await Transport().send(get(server, RemoteTimeouts(idle: .milliseconds(100))))
    // The server notices after 200 ms that nobody takes anything, twice the limit.
    for await _ in server.stalls { break }
    var count = 0
    while let bytes = try await response.next() { count += bytes.count }
    #expect(count >= 16 << 20)
  }

  @Test func whatGoesWrongIsToldApart() async throws {
    let transport = Transport()
    let broken = try ScriptedServer { _, _ in [.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")] }
    let response = try await transport.send(get(broken))
    #expect(await failure { _ = try await response.body(limit: 100) }?.kind == .broken)
    let empty = try ScriptedServer { _, _ in [] }
    #expect(await failure { _ = try await transport.send(get(empty)) }?.kind == .broken)
    let reset = try ScriptedServer { _, _ in [.reset] }
    #expect(await failure { _ = try await transport.send(get(reset)) }?.kind == .broken)
    let other = try ScriptedServer { _, _ in [.send("220 smtp.example.org ESMTP\r\n")] }
    #expect(await failure { _ = try await transport.send(get(other)) }?.kind == .broken)
    let gone = try ScriptedServer { _, _ in [] }
    let request = get(gone)
    gone.stop()
    #expect(await failure { _ = try await transport.send(request) }?.kind == .unreachable)
    let long = try ScriptedServer { _, _ in ScriptedServer.reply(String(repeating: "x", count: 1_000)) }
    let answer = try await transport.send(get(long))
    #expect(
      await failure { _ = try await answer.body(limit: 999) }
        == RemoteFailure(.tooLarge, "the answer has more than 999 bytes"))
  }

  @Test(arguments: ["", "127.0.0.1:80/v1", "ftp://a/", "http://", "http:///v1", "file:///etc/passwd", "http://a b/"])
  func anAddressThatIsNoneIsSaid(text: String) async {
    let failure = await failure { _ = try await Transport().send(RemoteRequest("GET", text)) }
    #expect(failure == RemoteFailure(.badAddress, "'\(text)' is no address: it begins with http:// or https://"))
  }

  @Test func anAddressIsShownWithoutSecrets() {
    #expect(RemoteAddress("https://me:secret@host:1/v1?key=secret#x").shown == "https://host:1/v1")
    #expect(RemoteAddress("http://LOCALHOST/").isLoopback == false)
    #expect(RemoteAddress("http://[::1]:80/v1").isLoopback)
    #expect(RemoteAddress("http://127.9.9.9/v1").isLoopback)
    #expect(!RemoteAddress("http://127.example.org/v1").isLoopback)
    #expect(!RemoteAddress("http://127.0.0.1@example.org/v1").isLoopback)
  }

  @Test func noRedirectIsFollowed() async throws {
    let server = try ScriptedServer { _, _ in
      ScriptedServer.reply(302, headers: ["Location: http://127.0.0.1:1/"], "")
    }
    #expect(try await Transport().send(get(server)).status == 302)
    #expect(server.requests.count == 1)
  }

  @Test func manyRequestsRunAtOnce() async throws {
    let gate = ScriptedServer.Gate()
    let server = try ScriptedServer { _, index in
      if index == 31 { gate.open() }
      return [.wait(gate)] + ScriptedServer.reply("\(index)")
    }
    let transport = Transport()
    let request = get(server)
    let answers = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<32 {
        group.addTask { String(decoding: try await transport.send(request).body(limit: 9), as: UTF8.self) }
      }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(answers.count == 32)
  }
}
