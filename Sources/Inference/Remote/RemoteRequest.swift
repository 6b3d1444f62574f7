// SPDX-License-Identifier: Apache-2.0

/// A request to another server. It is sent as it stands: no redirect is followed, since a key would go with it.
package struct RemoteRequest: Sendable {
  package var method: String
  /// `http` or `https`.
  package var url: String
  /// Sent as they are; an `Authorization` among them is told to that server and to nobody else.
  package var headers: [(name: String, value: String)]
  package var body: [UInt8]
  package var timeouts: RemoteTimeouts

  package init(
    _ method: String, _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
    timeouts: RemoteTimeouts = RemoteTimeouts()
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeouts = timeouts
  }

  /// A `POST` of a JSON document; an empty key sends none.
  package static func post(
    _ url: String, json: [UInt8], key: String, timeouts: RemoteTimeouts
  ) -> RemoteRequest {
    var headers = [(name: "Content-Type", value: "application/json")]
    if !key.isEmpty { headers.append((name: "Authorization", value: "Bearer \(key)")) }
    return RemoteRequest("POST", url, headers: headers, body: json, timeouts: timeouts)
  }
}

/// How long each stage of a request may take.
package struct RemoteTimeouts: Hashable, Sendable {
  /// Until the connection stands, TLS included.
  package var connect: Duration
  /// From the request until the answer's first byte of content.
  package var firstByte: Duration
  /// Between two pieces of the answer, while its reader takes what comes.
  package var idle: Duration
  /// All of it.
  package var total: Duration

  package init(
    connect: Duration = .seconds(10), firstByte: Duration = .seconds(120), idle: Duration = .seconds(60),
    total: Duration = .seconds(600)
  ) {
    self.connect = connect
    self.firstByte = firstByte
    self.idle = idle
    self.total = total
  }
}

/// Why another server's answer did not come, or not whole.
package struct RemoteFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What went wrong.
  package enum Kind: Hashable, Sendable {
    /// Nobody listens there, or the name is unknown.
    case unreachable
    /// Its certificate is not one to be trusted.
    case untrusted
    /// A time limit was reached.
    case timedOut
    /// The connection ended before the answer did, or what came is not HTTP.
    case broken
    /// More came than is taken.
    case tooLarge
    /// The address is none.
    case badAddress
  }

  package var kind: Kind
  /// For a person; holds no key.
  package var reason: String

  package init(_ kind: Kind, _ reason: String) {
    self.kind = kind
    self.reason = reason
  }

  package var description: String { reason }
}
