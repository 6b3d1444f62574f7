// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

/// A reply as it stood on the wire.
struct HTTPReply: Sendable {
  var status: Int
  /// By lower-case name.
  var headers: [String: String]
  var body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }
}

struct HTTPClientError: Error {
  var message: String
}

/// A client of plain sockets that sends exactly the bytes it is told to, so that tests see what a server says to
/// anything that may arrive. It blocks, on threads of its own.
struct HTTPClient: Sendable {
  let port: Int

  /// One request on a connection of its own.
  func send(
    _ method: String, _ target: String, headers: [String] = [], body: [UInt8] = []
  ) async throws -> HTTPReply {
    var head = "\(method) \(target) HTTP/1.1\r\nHost: nenrin.test:8471\r\nConnection: close\r\n"
    for header in headers { head += header + "\r\n" }
    if !body.isEmpty || method == "POST" { head += "Content-Length: \(body.count)\r\n" }
    return try await exchange(Array((head + "\r\n").utf8) + body)
  }

  func get(_ target: String, headers: [String] = []) async throws -> HTTPReply {
    try await send("GET", target, headers: headers)
  }

  func post(_ target: String, _ json: String, headers: [String] = []) async throws -> HTTPReply {
    try await send("POST", target, headers: ["Content-Type: application/json"] + headers, body: Array(json.utf8))
  }

  /// Sends bytes as they are and reads until the server closes; `react` is called as soon as `marker` has arrived.
  func exchange(
    _ bytes: [UInt8], marker: String = "", react: @escaping @Sendable () -> Void = {}
  ) async throws -> HTTPReply {
    let port = port
    return try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Result {
            let connection = try Connection(port: port)
            defer { connection.close() }
            connection.write(bytes)
            return try HTTPClient.parse(connection.readToEnd(marker: Array(marker.utf8), react: react))
          })
      }
    }
  }

  /// Sends a request and hangs up as soon as something has happened elsewhere, before any answer.
  func hangUp(after bytes: [UInt8], onceReady: @Sendable () async -> Void) async throws {
    let connection = try Connection(port: port)
    connection.write(bytes)
    await onceReady()
    connection.close()
  }

  /// Sends bytes, waits for words of the answer, then sends more and reads to the end; with nothing more to send it
  /// hangs up there.
  func converse(_ text: String, answeredBy more: String?, after words: String) async throws -> String {
    let port = port
    return try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Result {
            let connection = try Connection(port: port)
            defer { connection.close() }
            connection.write(Array(text.utf8))
            var answer = ""
            while !answer.contains(words) {
              let piece = connection.read()
              if piece.isEmpty { return answer }
              answer += String(decoding: piece, as: UTF8.self)
            }
            guard let more else { return answer }
            connection.write(Array(more.utf8))
            return answer + String(decoding: connection.readToEnd(marker: [], react: {}), as: UTF8.self)
          })
      }
    }
  }

  private static func parse(_ bytes: [UInt8]) throws -> HTTPReply {
    let separator = Array("\r\n\r\n".utf8)
    guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: separator) }) else {
      throw HTTPClientError(message: "no head in \(bytes.count) bytes")
    }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
    guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      throw HTTPClientError(message: "no status line")
    }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
    }
    let body = Array(bytes[(end + 4)...])
    return HTTPReply(
      status: status, headers: headers,
      body: headers["transfer-encoding"] == "chunked" ? try unchunked(body) : body)
  }

  private static func unchunked(_ bytes: [UInt8]) throws -> [UInt8] {
    var body: [UInt8] = []
    var rest = bytes[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\r")) {
      guard let size = Int(String(decoding: rest[..<end], as: UTF8.self), radix: 16) else { break }
      if size == 0 { return body }
      rest = rest[(end + 2)...]
      guard rest.count >= size + 2 else { break }
      body += rest.prefix(size)
      rest = rest.dropFirst(size + 2)
    }
    throw HTTPClientError(message: "the chunked body is not whole")
  }

  private struct Connection {
    private let descriptor: Int32

    init(port: Int) throws {
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = in_port_t(port).bigEndian
      address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
      let result = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
          connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      guard result == 0 else { throw HTTPClientError(message: "connect: errno \(errno)") }
    }

    /// All of it, or as much as the server takes before it hangs up.
    func write(_ bytes: [UInt8]) {
      var sent = 0
      while sent < bytes.count {
        let count = bytes[sent...].withUnsafeBytes {
          Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count <= 0 { return }
        sent += count
      }
    }

    /// What comes next; empty at the end.
    func read() -> [UInt8] {
      [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
        count = max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
      }
    }

    func readToEnd(marker: [UInt8], react: () -> Void) -> [UInt8] {
      var bytes: [UInt8] = []
      var isAwaited = !marker.isEmpty
      while true {
        let piece = read()
        if piece.isEmpty { return bytes }
        bytes += piece
        if isAwaited, bytes.indices.contains(where: { bytes[$0...].starts(with: marker) }) {
          isAwaited = false
          react()
        }
      }
    }

    func close() { _ = Glibc.close(descriptor) }
  }
}
