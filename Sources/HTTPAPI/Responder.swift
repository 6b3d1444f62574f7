// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glossary
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Turns each request into its answer: path → endpoint → key → method → route, every error in its shape.
struct Responder: HTTPResponder {
  typealias Context = ConnectionContext

  private(set) var configuration: ServerConfiguration
  let knowledge: any Knowledge
  let metrics = ServerMetrics()
  let gate: RequestGate
  /// For answers that a chat model writes.
  let answerGate: RequestGate
  private(set) var models: ServedModels
  let runningCalls = RunningCalls()
  private let connections: Connections
  private let logger: Logger

  init(
    configuration: ServerConfiguration, knowledge: any Knowledge, models: ServedModels, connections: Connections,
    logger: Logger
  ) {
    self.configuration = configuration
    self.knowledge = knowledge
    self.models = models
    self.connections = connections
    self.logger = logger
    answerGate = RequestGate(limit: configuration.limits.concurrentAnswers, queueLimit: 0)
    gate = RequestGate(
      limit: configuration.limits.concurrentRequests, queueLimit: configuration.limits.queuedRequests)
  }

  /// The same server, its counts and its queue, with another configuration and other models.
  func changed(to configuration: ServerConfiguration, _ models: ServedModels) -> Responder {
    var changed = self
    changed.configuration = configuration
    changed.models = models
    answerGate.allow(limit: configuration.limits.concurrentAnswers, queueLimit: 0)
    gate.allow(limit: configuration.limits.concurrentRequests, queueLimit: configuration.limits.queuedRequests)
    return changed
  }

  func respond(to request: Request, context: ConnectionContext) async throws -> Response {
    let client = ClientRequest(request, watch: connections.watch(context.connection))
    let endpoint = Endpoint(path: client.path)
    let log = RequestLog(
      id: Responder.requestID(client), route: endpoint?.route ?? "unknown", path: client.path,
      method: Responder.knownMethods.contains(client.method) ? client.method : "other", metrics: metrics,
      logger: logger)
    var response: Response
    do {
      response = try await answer(client, endpoint, log)
    } catch let failure as ConnectionFailure {
      throw failure.cause
    } catch {
      let failure = RequestFailure(any: error)
      if let detail = failure.detail { log.failed(detail) }
      response = failureResponse(failure, endpoint, client, requestID: log.id)
    }
    response.headers[.requestID] = log.id
    response.headers[.xContentTypeOptions] = "nosniff"
    if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
    if client.method == "HEAD" { response = response.createHeadResponse() }
    // A stream finishes its own log entry at its last byte.
    if response.body.contentLength != nil { log.finish(status: response.status.code) }
    return response
  }

  private func answer(_ client: ClientRequest, _ endpoint: Endpoint?, _ log: RequestLog) async throws -> Response {
    try authorize(client, endpoint)
    guard let endpoint else { throw RequestFailure.notFound(client.path) }
    guard endpoint.methods.contains(client.method) else {
      throw RequestFailure.methodNotAllowed(client.method, endpoint)
    }
    switch endpoint {
    case .health: return .json(Array(#"{"status":"ok"}"#.utf8))
    case .readiness: return try await readiness()
    case .metrics: return try await metricsText()
    case .openAPI:
      return .json(Array(OpenAPIDescription.text(server: base(client), version: configuration.version).utf8))
    case .models: return try await models()
    case .model(let id):
      if let pair = try await comparedModel(id) {
        return try .document(ModelDocument(id: id, from: pair.from, to: pair.to))
      }
      return try .document(ModelDocument(id: id, await model(id)))
    case .chatCompletions: return try await chatCompletion(client, log)
    case .embeddings: return try await embeddings(client)
    case .snapshots: return try .document(await knowledge.snapshots().map(SnapshotDocument.init))
    case .search: return try await search(client)
    case .symbol: return try await symbol(client)
    case .callers: return try await callers(client)
    case .callees: return try await callees(client)
    case .callChain: return try await callChain(client)
    case .grep: return try await grep(client)
    case .log: return try await commits(client)
    case .mcp: return try await mcp(client)
    case .diff: return try await diff(client)
    case .source: return try await source(client)
    case .startPage: return startPage(client)
    case .comparePage: return try await comparePage(client)
    case .sourcePage(let snapshot, let path): return try await sourcePage(client, snapshot, path)
    case .commitPage(let snapshot, let id): return try await commitPage(client, snapshot, id)
    }
  }

  /// Where links begin: what the configuration says, else what the client itself called this server.
  func base(_ client: ClientRequest) -> String {
    if let publicURL = configuration.publicURL {
      return publicURL.hasSuffix("/") ? String(publicURL.dropLast()) : publicURL
    }
    return "http://" + (client.host ?? "\(configuration.host):\(configuration.port)")
  }

  /// Waits for a turn and runs the work within the time that a request may take. The turn is over when the work is,
  /// even where its request was given up before.
  func admitted<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let admission = try await gate.enter()
    return try await TimeLimit.run(within: configuration.limits.requestDuration) {
      defer { withExtendedLifetime(admission) {} }
      return try await work()
    }
  }

  /// Throws `unauthorized` where keys are configured and the request carries none of them. A browser asks its person
  /// when a page is refused, and sends the key as the password of HTTP's basic scheme.
  private func authorize(_ client: ClientRequest, _ endpoint: Endpoint?) throws {
    let isOpen: Bool
    switch endpoint {
    case .health: isOpen = true
    case .sourcePage(let snapshot, let path):
      isOpen = configuration.pageSigner == nil || isSigned(client, snapshot, .source(path: path))
    case .commitPage(let snapshot, let id):
      isOpen = configuration.pageSigner == nil || isSigned(client, snapshot, .commit(id: id))
    default: isOpen = configuration.apiKeys.isEmpty
    }
    if isOpen || configuration.apiKeys.isEmpty { return }
    if let key = Responder.key(in: client.header("authorization") ?? "") {
      // Every hash is compared, so that the time tells nothing of which one it was.
      let matches = configuration.apiKeys.map { $0.matches(key) }
      if matches.contains(true) { return }
    }
    throw NenrinError(
      .unauthorized, "API key is missing or wrong", reason: "this server asks for one",
      remedies: ["Send the header: Authorization: Bearer <key>"])
  }

  private static func key(in authorization: String) -> [UInt8]? {
    let parts = authorization.split(separator: " ", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    let value = ChatQuestion.trimmed(String(parts[1]))
    switch parts[0].lowercased() {
    case "bearer": return Array(value.utf8)
    case "basic":
      guard let pair = Data(base64Encoded: value), let colon = pair.firstIndex(of: UInt8(ascii: ":")) else {
        return nil
      }
      return Array(pair[(colon + 1)...])
    default: return nil
    }
  }

  private func failureResponse(
    _ failure: RequestFailure, _ endpoint: Endpoint?, _ client: ClientRequest, requestID: String
  ) -> Response {
    var response: Response
    if endpoint?.isPage == true {
      response = .page(
        ErrorPage.html(
          status: failure.status, error: failure.document.error, requestID: requestID, client.pageWords),
        status: failure.status)
    } else {
      // The document holds strings only, so it can always be encoded.
      let bytes = (try? JSONDocument.encode(failure.document)) ?? []
      response = .json(bytes, status: failure.status)
    }
    if let seconds = failure.retryAfterSeconds { response.headers[.retryAfter] = String(seconds) }
    if !failure.allow.isEmpty { response.headers[.allow] = failure.allow.joined(separator: ", ") }
    if failure.status == 401 {
      response.headers[.wwwAuthenticate] = endpoint?.isPage == true ? "Basic realm=\"Nenrin\"" : "Bearer"
    }
    return response
  }

  private static let knownMethods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

  /// The client's own id where it is a plain word, else a new one.
  private static func requestID(_ client: ClientRequest) -> String {
    if let id = client.header("x-request-id"), (1...64).contains(id.utf8.count),
      id.utf8.allSatisfy({ MarkupText.isLetterOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") })
    {
      return id
    }
    return RequestID().description
  }
}

extension Response {
  static func json(_ bytes: [UInt8], status: Int = 200) -> Response {
    Response(
      status: HTTPResponse.Status(code: status), headers: [.contentType: "application/json; charset=utf-8"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  static func document(_ document: some Encodable, status: Int = 200) throws -> Response {
    json(try JSONDocument.encode(document), status: status)
  }

  static func text(_ text: String, contentType: String, status: Int = 200) -> Response {
    Response(
      status: HTTPResponse.Status(code: status), headers: [.contentType: contentType],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }

  /// A page for a person, which may load nothing and run nothing but what it carries under its own nonce.
  static func page(_ page: Page, status: Int = 200) -> Response {
    var response = Response(
      status: HTTPResponse.Status(code: status), headers: [.contentType: "text/html; charset=utf-8"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: page.html)))
    response.headers[.contentSecurityPolicy] = page.contentSecurityPolicy
    response.headers[.frameOptions] = "DENY"
    response.headers[.referrerPolicy] = "no-referrer"
    response.headers[.contentLanguage] = page.language.rawValue
    response.headers[.vary] = "accept-language"
    return response
  }
}

extension HTTPField.Name {
  fileprivate static let requestID = plain("x-request-id")
  fileprivate static let frameOptions = plain("x-frame-options")
  fileprivate static let referrerPolicy = plain("referrer-policy")

  private static func plain(_ name: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is not a header's name") }
    return name
  }
}
