// SPDX-License-Identifier: Apache-2.0

/// The way to other servers, through libcurl: one thread for all requests, connections kept for the next one. TLS
/// certificates are checked against the system's; proxies are those of the environment, as for the `curl` command, but
/// never on the way to this machine itself.
package final class Transport: Sendable {
  private let loop = TransferLoop()

  package init() {}

  deinit { loop.stop() }

  /// Sends a request and waits for the head of its answer, whatever its status. A cancelled task, and a response that
  /// is let go, close the connection. Throws `RemoteFailure`, `CancellationError`.
  package func send(_ request: RemoteRequest) async throws -> RemoteResponse {
    let address = RemoteAddress(request.url)
    guard address.isValid else {
      throw RemoteFailure(.badAddress, "'\(address.shown)' is no address: it begins with http:// or https://")
    }
    let transfer = Transfer(request)
    let reader = TransferReader(transfer, loop, owner: self)
    loop.start(transfer)
    guard case .head(let status, let headers) = try await reader.next() else {
      throw RemoteFailure(.broken, "the answer has no head")
    }
    return RemoteResponse(status: status, headers: headers, reader: reader)
  }
}

/// An answer whose content has yet to be read. One reader at a time.
package struct RemoteResponse: Sendable {
  package let status: Int
  private let headers: [String: String]
  private let reader: TransferReader

  fileprivate init(status: Int, headers: [String: String], reader: TransferReader) {
    self.status = status
    self.headers = headers
    self.reader = reader
  }

  /// A header's value by its lower-case name; of several the last.
  package func header(_ name: String) -> String? { headers[name] }

  /// The media type, in lower case and without its parameters.
  package var contentType: String {
    String(header("content-type")?.lowercased().prefix { $0 != ";" && $0 != " " } ?? "")
  }

  /// Seconds that the server asks to wait (`Retry-After`, where it is a number).
  package var retryAfter: Duration? {
    header("retry-after").flatMap { Double($0) }.flatMap { $0 >= 0 && $0 < 1e6 ? .seconds($0) : nil }
  }

  /// The next bytes of the content, nil at its end. Throws `RemoteFailure`, `CancellationError`.
  package func next() async throws -> [UInt8]? {
    guard case .bytes(let bytes) = try await reader.next() else { return nil }
    return bytes
  }

  /// The rest of the content. Throws `RemoteFailure`, `tooLarge` beyond the limit, `CancellationError`.
  package func body(limit: Int) async throws -> [UInt8] {
    var body: [UInt8] = []
    while let bytes = try await next() {
      guard body.count + bytes.count <= limit else {
        throw RemoteFailure(.tooLarge, "the answer has more than \(limit) bytes")
      }
      body += bytes
    }
    return body
  }

  /// The content's first bytes, for an error's message; what goes wrong on the way is left out.
  package func beginning(limit: Int) async -> [UInt8] {
    var body: [UInt8] = []
    while body.count < limit, let bytes = try? await next() { body += bytes }
    return Array(body.prefix(limit))
  }
}

/// A transfer's reading end; when it goes, so does the transfer.
private final class TransferReader: Sendable {
  private let transfer: Transfer
  private let loop: TransferLoop
  /// The transport lives as long as an answer is read.
  private let owner: Transport

  init(_ transfer: Transfer, _ loop: TransferLoop, owner: Transport) {
    self.transfer = transfer
    self.loop = loop
    self.owner = owner
  }

  deinit {
    if !transfer.isEnded { loop.cancel(transfer) }
  }

  func next() async throws -> Transfer.Step {
    try await withTaskCancellationHandler {
      let (step, wasPaused) = try await transfer.next()
      if wasPaused { loop.goOn(transfer) }
      return step
    } onCancel: {
      loop.cancel(transfer)
    }
  }
}
