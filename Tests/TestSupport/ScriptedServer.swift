// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Synchronization

/// A server of plain sockets that says exactly what a test tells it to, byte by byte, so that a client meets all that
/// another server may do to it. Each connection is answered once and closed.
package final class ScriptedServer: Sendable {
  /// What a client sent.
  package struct Request: Sendable {
    package var method: String
    package var target: String
    /// By lower-case name.
    package var headers: [String: String]
    package var body: [UInt8]

    package var text: String { String(decoding: body, as: UTF8.self) }
  }

  /// One thing to do on a connection.
  package enum Step: Sendable {
    case send(String)
    /// Sends these bytes again and again, until so many were sent or the client hangs up.
    case flood(String, byteCount: Int)
    /// Waits until the test opens the gate.
    case wait(Gate)
    /// Waits until the client hangs up.
    case hold
    /// Ends the connection as a crash does.
    case reset
  }

  /// Opened once by a test.
  package final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    package init() {}

    package func open() { semaphore.signal() }

    fileprivate func wait() {
      semaphore.wait()
      semaphore.signal()
    }
  }

  private struct State {
    var requests: [Request] = []
    var sentByteCount = 0
    var isStopped = false
  }

  package let port: Int
  /// One element for each client that hung up on a `hold` or a `flood`.
  package let hangUps: AsyncStream<Void>
  /// One element for each `flood` that the client does not take any more of, for the time being.
  package let stalls: AsyncStream<Void>
  private let arrivals: AsyncStream<Void>
  private let arrived: AsyncStream<Void>.Continuation
  private let hungUp: AsyncStream<Void>.Continuation
  private let stalled: AsyncStream<Void>.Continuation
  private let descriptor: Int32
  private let state = Mutex(State())
  private let script: @Sendable (Request, Int) -> [Step]

  /// `script` gets each request and how many came before it.
  package init(_ script: @escaping @Sendable (Request, Int) -> [Step]) throws {
    self.script = script
    (hangUps, hungUp) = AsyncStream.makeStream()
    (stalls, stalled) = AsyncStream.makeStream()
    (arrivals, arrived) = AsyncStream.makeStream()
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, length) == 0 && listen(descriptor, 128) == 0
          && getsockname(descriptor, pointer, &length) == 0
      }
    }
    guard isOpen else { throw POSIXError(.EADDRNOTAVAIL) }
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread.detachNewThread { [weak self] in
      while true {
        let client = accept(descriptor, nil, nil)
        guard client >= 0, let self, !self.state.withLock({ $0.isStopped }) else {
          if client >= 0 { close(client) }
          close(descriptor)
          return
        }
        Thread.detachNewThread { self.serve(client) }
      }
    }
  }

  deinit { stop() }

  /// Listens no more.
  package func stop() {
    // Under the lock: who sees that it is stopped closes the descriptor, whose number may then be another's.
    state.withLock { state in
      if !state.isStopped { shutdown(descriptor, Int32(SHUT_RDWR)) }
      state.isStopped = true
    }
  }

  /// Waits until a client has sent a whole request.
  package func hasRequest() async {
    for await _ in arrivals { return }
  }

  package var baseURL: String { "http://127.0.0.1:\(port)/v1" }
  package var requests: [Request] { state.withLock { $0.requests } }
  package var sentByteCount: Int { state.withLock { $0.sentByteCount } }

  /// A whole answer with a length.
  package static func reply(
    _ status: Int = 200, type: String = "application/json", headers: [String] = [], _ body: String
  ) -> [Step] {
    let lines = headers.map { $0 + "\r\n" }.joined()
    return [
      .send(
        "HTTP/1.1 \(status) X\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\(lines)"
          + "Connection: close\r\n\r\n\(body)")
    ]
  }

  /// A whole JSON answer.
  package static func reply(_ body: String) -> [Step] { reply(200, body) }

  /// The head of an event stream that ends with its connection.
  package static let streamHead = Step.send(
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")

  /// The head of a chunked event stream, which shows when it is cut off.
  package static let chunkedHead = Step.send(
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")

  /// A piece of a chat completion, as an event.
  package static func chunk(_ text: String) -> Step {
    .send("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\(quoted(text))}}]}\n\n")
  }

  /// The end of a chat completion, with its usage.
  package static let chatEnd = Step.send(
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
      + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":7}}\n\ndata: [DONE]\n\n")

  /// A whole chat completion, streamed in these pieces.
  package static func chat(_ pieces: String...) -> [Step] { [streamHead] + pieces.map(chunk) + [chatEnd] }

  /// A string of JSON.
  package static func quoted(_ text: String) -> String {
    let data = (try? JSONEncoder().encode([text])) ?? Data()
    return String(String(decoding: data, as: UTF8.self).dropFirst().dropLast())
  }

  private func serve(_ client: Int32) {
    defer { close(client) }
    guard let request = read(client) else { return }
    let index = state.withLock { state in
      state.requests.append(request)
      return state.requests.count - 1
    }
    arrived.yield()
    for step in script(request, index) {
      switch step {
      case .send(let text):
        guard send(Array(text.utf8), client) else { return }
      case .flood(let text, let byteCount): flood(Array(text.utf8), byteCount, client)
      case .wait(let gate): gate.wait()
      case .hold:
        var byte: UInt8 = 0
        while recv(client, &byte, 1, 0) > 0 {}
        hungUp.yield()
      case .reset:
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(client, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        return
      }
    }
  }

  private func read(_ client: Int32) -> Request? {
    var bytes: [UInt8] = []
    var head: [UInt8] = []
    var length = 0
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(client, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      bytes += buffer[..<count]
      if head.isEmpty, let end = bytes.indices.first(where: { bytes[$0...].starts(with: [13, 10, 13, 10]) }) {
        head = Array(bytes[..<end])
        bytes.removeFirst(end + 4)
        let text = String(decoding: head, as: UTF8.self).lowercased()
        length = text.firstMatch(of: /content-length: ([0-9]+)/).flatMap { Int($0.1) } ?? 0
      }
      if !head.isEmpty, bytes.count >= length { break }
    }
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count >= 2 else { return nil }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
    }
    return Request(method: String(words[0]), target: String(words[1]), headers: headers, body: bytes)
  }

  private func send(_ bytes: [UInt8], _ client: Int32) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return false }
      sent += count
      state.withLock { $0.sentByteCount += count }
    }
    return true
  }

  private func flood(_ bytes: [UInt8], _ byteCount: Int, _ client: Int32) {
    var poll = pollfd(fd: client, events: Int16(POLLOUT), revents: 0)
    while state.withLock({ $0.sentByteCount }) < byteCount {
      if Glibc.poll(&poll, 1, 200) == 0 {
        stalled.yield()
        Glibc.poll(&poll, 1, -1)
      }
      guard send(bytes, client) else {
        hungUp.yield()
        return
      }
    }
  }
}
