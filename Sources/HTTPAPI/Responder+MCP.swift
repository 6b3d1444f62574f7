// SPDX-License-Identifier: Apache-2.0
import Glossary
import HTTPTypes
import Hummingbird
import HummingbirdCore

extension Responder {
  /// `POST /mcp`: the Streamable HTTP transport of the Model Context Protocol. Each message is answered in one JSON
  /// document; the server starts no streams and keeps no sessions, so `GET` and `DELETE` are methods it does not have.
  func mcp(_ client: ClientRequest) async throws -> Response {
    try checkOrigin(client)
    if let version = client.header("mcp-protocol-version"), !ToolProtocol.versions.contains(version) {
      throw RequestFailure.invalid(
        "MCP-Protocol-Version '\(version.prefix(40))' is not spoken here",
        reason: "there are \(ToolProtocol.versions.joined(separator: ", "))", param: "MCP-Protocol-Version")
    }
    let limits = configuration.limits
    let message = try await client.body(limit: limits.bodyByteCount, within: limits.bodyDuration)
    let responder = self
    let spoken = ToolProtocol(
      knowledge: knowledge, version: configuration.version, links: pageLinks(client),
      admitted: { work in try await responder.admitted(work) })
    guard case .request(let id) = ToolProtocol.kind(of: message) else {
      if case .cancellation(let id) = ToolProtocol.kind(of: message) {
        await runningCalls.cancel(RunningCalls.Key(client: Responder.caller(client), id: id))
      }
      guard let failure = await spoken.answer(message) else { return Response(status: .accepted) }
      return .json(failure, status: 400)
    }
    let key = RunningCalls.Key(client: Responder.caller(client), id: id)
    guard let answer = await runningCalls.run(key, { await spoken.answer(message) }) else {
      return Response(status: .accepted)
    }
    return .json(answer)
  }

  /// Pages of other sites must not reach a server on this machine through its person's browser.
  private func checkOrigin(_ client: ClientRequest) throws {
    guard let origin = client.header("origin") else { return }
    let host = origin.split(separator: "/").last.map(String.init) ?? ""
    let name = host.hasPrefix("[") ? String(host.prefix { $0 != "]" }) + "]" : String(host.prefix { $0 != ":" })
    if ["localhost", "127.0.0.1", "[::1]"].contains(name) { return }
    if let publicURL = configuration.publicURL, publicURL == origin || publicURL.hasPrefix(origin + "/") { return }
    var failure = RequestFailure(
      NenrinError(
        .unauthorized, "Origin '\(origin.prefix(100))' may not ask",
        reason: "it is neither this machine nor public_url",
        remedies: ["Set [server] public_url to the address under which browsers reach this server."]))
    failure.status = 403
    throw failure
  }

  /// Who may cancel what: the key and the session that a client sends.
  private static func caller(_ client: ClientRequest) -> String {
    (client.header("authorization") ?? "") + "\n" + (client.header("mcp-session-id") ?? "")
  }
}

/// The calls that are running, so that a later message can cancel one.
actor RunningCalls {
  struct Key: Hashable, Sendable {
    var client: String
    var id: String
  }

  private var tasks: [Key: Task<[UInt8]?, Never>] = [:]

  /// nil where it was cancelled, or wants no answer. Of two calls with one key the later can be cancelled.
  func run(_ key: Key, _ work: @escaping @Sendable () async -> [UInt8]?) async -> [UInt8]? {
    let task = Task { await work() }
    tasks[key] = task
    let answer = await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
    if tasks[key] == task { tasks[key] = nil }
    return task.isCancelled ? nil : answer
  }

  func cancel(_ key: Key) {
    tasks.removeValue(forKey: key)?.cancel()
  }
}
