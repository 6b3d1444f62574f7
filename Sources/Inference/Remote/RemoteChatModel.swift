// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glossary
import Synchronization

/// A chat model behind one or several servers of OpenAI's API. Until the first piece of an answer is there, a failure
/// is tried again and with the next server; after it, an answer that breaks off is an error.
package final class RemoteChatModel: ChatModel {
  /// How such a model is reached.
  package struct Settings: Sendable {
    /// In order of preference.
    package var upstreams: [Upstream]
    /// As the servers call it; empty takes the first that a server lists.
    package var model: String
    package var contextTokens: Int
    package var timeouts: RemoteTimeouts
    package var retries: RetryPolicy

    package init(
      upstreams: [Upstream], model: String, contextTokens: Int = 8_192, timeouts: RemoteTimeouts = RemoteTimeouts(),
      retries: RetryPolicy = RetryPolicy()
    ) {
      self.upstreams = upstreams
      self.model = model
      self.contextTokens = contextTokens
      self.timeouts = timeouts
      self.retries = retries
    }
  }

  /// How long a server that failed is asked last, and not twice.
  private static let restDuration = Duration.seconds(30)

  private struct Health {
    var restsUntil: ContinuousClock.Instant?
    /// What the server called its first model.
    var model: String?
  }

  private let settings: Settings
  private let transport: Transport
  private let health: Mutex<[Health]>
  private let failureCount = Mutex(0)
  /// What a server was found to take, at most what is configured.
  private let context: Mutex<Int>

  package init(_ settings: Settings, transport: Transport) {
    context = Mutex(settings.contextTokens)
    self.settings = settings
    self.transport = transport
    health = Mutex(Array(repeating: Health(), count: settings.upstreams.count))
  }

  /// The configured name, else what a server called its first model.
  package var name: String {
    settings.model.isEmpty ? health.withLock { $0.compactMap(\.model).first } ?? "chat model" : settings.model
  }
  /// As configured, or less where a server said or showed that it takes less.
  package var contextTokens: Int { context.withLock { $0 } }
  /// Since the program began.
  package var failures: Int { failureCount.withLock { $0 } }

  /// Throws `upstreamFailed`, `CancellationError`.
  package func answer(to messages: [ChatMessage], _ sampling: ChatSampling) async throws -> any ChatModelAnswer {
    try await firstOf { try await self.begin($0, messages, sampling) }
  }

  /// Throws `upstreamFailed`, `CancellationError`.
  package func callTools(
    _ messages: [ChatMessage], _ tools: [ChatTool], _ sampling: ChatSampling
  ) async throws -> ToolTurn {
    try await firstOf { try await self.turn($0, messages, tools, sampling) }
  }

  /// Asks one server after the other, and all of them again.
  private func firstOf<Answer>(_ ask: (Int) async throws -> Answer) async throws -> Answer {
    var open = order()
    var failures: [Int: String] = [:]
    // Where all of them failed a moment ago, nobody wants to wait for them to fail slowly again.
    let rounds = open.allSatisfy(rests) ? 0 : settings.retries.retryCount
    for round in 0...rounds {
      var asked: Duration?
      for index in open {
        do {
          let answer = try await ask(index)
          health.withLock { $0[index].restsUntil = nil }
          return answer
        } catch let failure as UpstreamFailure {
          failures[index] = failure.reason
          // Nothing is wrong with a server that refuses too long a prompt.
          if let limit = failure.contextTokens { learn(limit) } else { note(index) }
          if !failure.isPassing { open.removeAll { $0 == index } }
          if let wait = failure.retryAfter { asked = min(asked ?? wait, wait) }
        }
      }
      if open.isEmpty || round == rounds { break }
      try await Task.sleep(for: settings.retries.delay(before: round, asked: asked))
    }
    throw RemoteChatModel.failed(
      settings.upstreams.indices.compactMap { index in
        failures[index].map { (settings.upstreams[index].shown, $0) }
      })
  }

  /// After a refusal: the server's limit where it is below ours. Where it is not, a token had fewer bytes than was
  /// thought, and the next prompt has a quarter less of them.
  private func learn(_ limit: Int) {
    context.withLock { $0 = max(RemoteChatModel.leastContext, limit > 0 && limit < $0 ? limit : $0 * 3 / 4) }
  }

  /// Below it there is no prompt to speak of.
  private static let leastContext = 1_024

  /// The models that each server lists, or what is wrong with it, in the servers' order.
  package func examine() async -> [(upstream: String, models: Result<[ListedModel], UpstreamFailure>)] {
    var found: [(String, Result<[ListedModel], UpstreamFailure>)] = []
    for upstream in settings.upstreams {
      do {
        found.append((upstream.shown, .success(try await ModelList.ask(upstream, transport, settings.timeouts))))
      } catch let failure as UpstreamFailure {
        found.append((upstream.shown, .failure(failure)))
      } catch {
        found.append((upstream.shown, .failure(UpstreamFailure("cancelled", isPassing: true))))
      }
    }
    return found
  }

  /// Asks each server for its models until one has ours.
  package func problem() async -> String? {
    var problems: [String] = []
    for (upstream, models) in await examine() {
      switch models {
      case .success(let listed):
        let ours = settings.model.isEmpty ? listed.first : listed.first { $0.name == settings.model }
        if let limit = ours?.contextTokens, limit < contextTokens { learn(limit) }
        if ours != nil || listed.isEmpty { return nil }
        problems.append("\(upstream) has no model '\(settings.model)'")
      case .failure(let failure): problems.append("\(upstream): \(failure.reason)")
      }
    }
    return problems.joined(separator: "; ")
  }

  /// The servers' places, those that rest last.
  private func order() -> [Int] {
    let indices = Array(settings.upstreams.indices)
    return indices.filter { !rests($0) } + indices.filter(rests)
  }

  private func rests(_ index: Int) -> Bool {
    health.withLock { $0[index].restsUntil.map { $0 > .now } ?? false }
  }

  private func note(_ index: Int) {
    failureCount.withLock { $0 += 1 }
    health.withLock { $0[index].restsUntil = .now + RemoteChatModel.restDuration }
  }

  private func begin(
    _ index: Int, _ messages: [ChatMessage], _ sampling: ChatSampling
  ) async throws -> RemoteChatAnswer {
    let upstream = settings.upstreams[index]
    do {
      let model = try await model(of: index)
      let body = try JSONEncoder().encode(CompletionBody(model: model, messages: messages, sampling: sampling))
      let response = try await transport.send(
        .post(
          upstream.baseURL + "/chat/completions", json: Array(body), key: upstream.key, timeouts: settings.timeouts))
      guard response.status == 200 else { throw await UpstreamFailure(refusal: response) }
      guard ["text/event-stream", "application/json"].contains(response.contentType) else {
        let type = response.contentType.isEmpty ? "no content type" : response.contentType
        throw UpstreamFailure("the answer is \(type), not an event stream", isPassing: false)
      }
      let reader = ChatStreamReader(response)
      guard let first = try await reader.next() else {
        throw UpstreamFailure("the answer is empty", isPassing: true)
      }
      return RemoteChatAnswer(model: model, upstream: upstream.shown, first: first, reader: reader) { [weak self] in
        self?.note(index)
      }
    } catch let failure as RemoteFailure {
      throw UpstreamFailure(failure)
    }
  }

  private func turn(
    _ index: Int, _ messages: [ChatMessage], _ tools: [ChatTool], _ sampling: ChatSampling
  ) async throws -> ToolTurn {
    let upstream = settings.upstreams[index]
    do {
      var body = CompletionBody(model: try await model(of: index), messages: messages, sampling: sampling)
      (body.stream, body.streamOptions, body.tools) = (false, nil, tools.map(ToolDescription.init))
      let response = try await transport.send(
        .post(
          upstream.baseURL + "/chat/completions", json: Array(try JSONEncoder().encode(body)), key: upstream.key,
          timeouts: settings.timeouts))
      guard response.status == 200 else { throw await UpstreamFailure(refusal: response) }
      let bytes = try await response.body(limit: 1 << 20)
      guard let document = try? JSONDecoder().decode(ToolTurnDocument.self, from: Data(bytes)) else {
        throw UpstreamFailure("the answer is no chat completion", isPassing: false)
      }
      return document.turn
    } catch let failure as RemoteFailure {
      throw UpstreamFailure(failure)
    }
  }

  private func model(of index: Int) async throws -> String {
    if !settings.model.isEmpty { return settings.model }
    if let known = health.withLock({ $0[index].model }) { return known }
    guard let model = try await ModelList.ask(settings.upstreams[index], transport, settings.timeouts).first else {
      throw UpstreamFailure("the server lists no model", isPassing: true)
    }
    health.withLock { $0[index].model = model.name }
    return model.name
  }

  private static func failed(_ failures: [(upstream: String, reason: String)]) -> NenrinError {
    guard let first = failures.first else {
      return NenrinError(.upstreamFailed, "no chat model is configured", remedies: ["Set [chat] base_urls."])
    }
    let others = failures.dropFirst().map { "; \($0.upstream): \($0.reason)" }.joined()
    return NenrinError(
      .upstreamFailed, "the chat model at \(first.upstream) does not answer", reason: first.reason + others,
      remedies: ["Run `nenrin doctor`, which asks every server that is configured."])
  }
}

/// An answer on its way from a server.
private actor RemoteChatAnswer: ChatModelAnswer {
  let model: String
  private let upstream: String
  private var first: ChatModelEvent?
  private let reader: ChatStreamReader
  private let failed: @Sendable () -> Void

  init(
    model: String, upstream: String, first: ChatModelEvent, reader: ChatStreamReader,
    failed: @escaping @Sendable () -> Void
  ) {
    self.model = model
    self.upstream = upstream
    self.first = first
    self.reader = reader
    self.failed = failed
  }

  func next() async throws -> ChatModelEvent? {
    if let event = first {
      first = nil
      return event
    }
    do {
      return try await reader.next()
    } catch let failure as UpstreamFailure {
      failed()
      throw NenrinError(
        .upstreamFailed, "the chat model at \(upstream) broke off", reason: failure.reason,
        remedies: ["Ask again; what has been said so far is not the whole answer."])
    }
  }
}

/// The body of a request for a chat completion.
private struct CompletionBody: Encodable {
  struct Message: Encodable {
    var role: String
    var content: String
    var calls: [ToolCallDocument]?
    var callID: String?

    private enum CodingKeys: String, CodingKey {
      case role, content
      case calls = "tool_calls"
      case callID = "tool_call_id"
    }
  }

  struct StreamOptions: Encodable {
    var includeUsage = true

    private enum CodingKeys: String, CodingKey { case includeUsage = "include_usage" }
  }

  var model: String
  var messages: [Message]
  var stream = true
  var streamOptions: StreamOptions? = StreamOptions()
  var tools: [ToolDescription]?
  var maxTokens: Int?
  var temperature: Double?
  var topP: Double?
  var seed: Int?
  var stop: [String]?
  var responseFormat: ResponseFormat?

  private enum CodingKeys: String, CodingKey {
    case model, messages, stream, tools, temperature, seed, stop
    case responseFormat = "response_format"
    case streamOptions = "stream_options"
    case maxTokens = "max_tokens"
    case topP = "top_p"
  }

  init(model: String, messages: [ChatMessage], sampling: ChatSampling) {
    self.model = model
    self.messages = messages.map { message in
      Message(
        role: message.role.rawValue, content: message.text,
        calls: message.calls.isEmpty ? nil : message.calls.map(ToolCallDocument.init), callID: message.callID)
    }
    maxTokens = sampling.maxTokens
    temperature = sampling.temperature
    topP = sampling.topP
    seed = sampling.seed
    stop = sampling.stop.isEmpty ? nil : sampling.stop
    responseFormat = sampling.lists.isEmpty ? nil : ResponseFormat(lists: sampling.lists)
  }
}

/// Asks for a JSON object of lists of strings.
private struct ResponseFormat: Encodable {
  struct Named: Encodable {
    var name = "answer"
    var strict = true
    var schema: Schema
  }

  struct Schema: Encodable {
    struct List: Encodable {
      struct Item: Encodable { var type = "string" }

      var type = "array"
      var items = Item()
    }

    var type = "object"
    var properties: [String: List]
    var required: [String]
    var additionalProperties = false
  }

  var type = "json_schema"
  var jsonSchema: Named

  private enum CodingKeys: String, CodingKey {
    case type
    case jsonSchema = "json_schema"
  }

  init(lists: [String]) {
    let properties = Dictionary(lists.map { ($0, Schema.List()) }, uniquingKeysWith: { first, _ in first })
    jsonSchema = Named(schema: Schema(properties: properties, required: lists))
  }
}

/// A model as a server lists it.
package struct ListedModel: Hashable, Sendable {
  package var name: String
  /// What prompt and answer may have together, where the server says so: vLLM does.
  package var contextTokens: Int?
}

/// `GET /models` of a server.
enum ModelList {
  private struct Document: Decodable {
    struct Model: Decodable {
      var id: String
      var contextTokens: Int?

      private enum CodingKeys: String, CodingKey {
        case id
        case contextTokens = "max_model_len"
      }
    }

    var data: [Model]
  }

  /// Throws `UpstreamFailure`, `CancellationError`.
  static func ask(
    _ upstream: Upstream, _ transport: Transport, _ timeouts: RemoteTimeouts
  ) async throws -> [ListedModel] {
    var limits = timeouts
    limits.firstByte = min(limits.firstByte, .seconds(10))
    limits.total = min(limits.total, .seconds(20))
    let headers = upstream.key.isEmpty ? [] : [(name: "Authorization", value: "Bearer \(upstream.key)")]
    do {
      let response = try await transport.send(
        RemoteRequest("GET", upstream.baseURL + "/models", headers: headers, timeouts: limits))
      guard response.status == 200 else { throw await UpstreamFailure(refusal: response) }
      let body = try await response.body(limit: 4 << 20)
      guard let document = try? JSONDecoder().decode(Document.self, from: Data(body)) else {
        throw UpstreamFailure("GET /models does not answer as OpenAI's API does", isPassing: false)
      }
      return document.data.map { ListedModel(name: $0.id, contextTokens: $0.contextTokens) }
    } catch let failure as RemoteFailure {
      throw UpstreamFailure(failure)
    }
  }
}
