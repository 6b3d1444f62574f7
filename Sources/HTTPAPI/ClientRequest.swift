// SPDX-License-Identifier: Apache-2.0
import Glossary
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// A request as the routes see it.
struct ClientRequest: Sendable {
  let method: String
  /// Still percent-encoded, without the query.
  let path: String
  private let query: String
  private let request: Request
  /// Whether the client is still there.
  let watch: ConnectionWatch

  init(_ request: Request, watch: ConnectionWatch) {
    self.request = request
    self.watch = watch
    method = request.head.method.rawValue
    let target = request.head.path ?? "/"
    let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
    path = String(target[..<mark])
    query = mark == target.endIndex ? "" : String(target[target.utf8.index(after: mark)...])
  }

  /// A header's value; of several the first.
  func header(_ name: String) -> String? {
    guard let name = HTTPField.Name(name) else { return nil }
    return request.headers[name]
  }

  /// Whether any header's name begins so; `prefix` is in lower case.
  func hasHeader(withPrefix prefix: String) -> Bool {
    request.headers.contains { $0.name.canonicalName.hasPrefix(prefix) }
  }

  /// What the client calls this server: `Host`, where it is of a host's letters.
  var host: String? {
    guard let host = request.head.authority, !host.isEmpty, host.utf8.count <= 255,
      host.utf8.allSatisfy({ byte in
        MarkupText.isLetterOrDigit(byte) || [0x2d, 0x2e, 0x3a, 0x5b, 0x5d].contains(byte)
      })
    else { return nil }
    return host
  }

  /// What a page says to this browser.
  var pageWords: PageWords { PageWords(PageLanguage(accepting: header("accept-language"))) }

  /// Whether Open WebUI speaks: it forwards headers of its own where an administrator wants it, and its HTTP client
  /// names itself always.
  var looksLikeOpenWebUI: Bool {
    hasHeader(withPrefix: "x-openwebui-") || hasHeader(withPrefix: "x-owui-")
      || (header("user-agent").map { $0.contains("aiohttp/") } ?? false)
  }

  /// A parameter of the query, decoded. Throws a failure where its encoding is broken.
  func parameter(_ name: String) throws -> String? {
    for pair in query.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts[0] == name else { continue }
      let value = parts.count > 1 ? parts[1].replacing("+", with: "%20") : ""
      guard let bytes = PercentCoding.decode(value), let text = String(validating: bytes, as: UTF8.self) else {
        throw RequestFailure.invalid("\(name) is not percent-encoded UTF-8", param: name)
      }
      return text
    }
    return nil
  }

  /// The whole body. Throws `requestTooLarge` as soon as it is known to be, a failure with status 408 where it does not
  /// come in time.
  func body(limit: Int, within duration: Duration) async throws -> [UInt8] {
    do {
      return try await TimeLimit.run(within: duration) { try await body(limit: limit) }
    } catch let error as NenrinError where error.code == .timedOut {
      var failure = RequestFailure(
        NenrinError(
          .timedOut, "request is not whole", reason: "its body did not come within \(duration.components.seconds) s"))
      failure.status = 408
      throw failure
    }
  }

  private func body(limit: Int) async throws -> [UInt8] {
    if let length = header("content-length").flatMap(Int.init), length > limit { throw ClientRequest.tooLarge(limit) }
    var bytes: [UInt8] = []
    do {
      for try await buffer in request.body {
        guard bytes.count + buffer.readableBytes <= limit else { throw ClientRequest.tooLarge(limit) }
        bytes.append(contentsOf: buffer.readableBytesView)
      }
    } catch let error as NenrinError {
      throw error
    } catch {
      throw ConnectionFailure(cause: error)
    }
    return bytes
  }

  private static func tooLarge(_ limit: Int) -> NenrinError {
    NenrinError(
      .requestTooLarge, "request is too large", reason: "a body may have \(limit) bytes",
      remedies: ["Send less text in one request."])
  }
}

/// What broke while a body was read: nothing that an answer could mend, and for the connection to deal with.
struct ConnectionFailure: Error {
  let cause: any Error
}
