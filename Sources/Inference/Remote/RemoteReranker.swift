// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glossary
import Synchronization

/// A reranker behind one or several servers of `/rerank`. There are two dialects: that of Jina, which vLLM and
/// llama.cpp speak, and that of TEI. A server that refuses the one is asked in the other, and remembered by it.
package final class RemoteReranker: Reranker {
  /// How such a reranker is reached.
  package struct Settings: Sendable {
    /// In order of preference.
    package var upstreams: [Upstream]
    /// As the servers call it; may be empty where they have one model only.
    package var model: String
    /// All that a question may wait for its scores.
    package var timeout: Duration

    package init(upstreams: [Upstream], model: String, timeout: Duration = .seconds(3)) {
      self.upstreams = upstreams
      self.model = model
      self.timeout = timeout
    }
  }

  fileprivate enum Dialect: CaseIterable { case jina, tei }

  private struct Health {
    var dialect: Dialect?
    var restsUntil: ContinuousClock.Instant?
    var reason = ""
  }

  /// How long a server that failed is left alone: nobody's search waits for it again meanwhile.
  private static let restDuration = Duration.seconds(30)
  /// Texts of one request: what TEI takes by default.
  private static let batchCount = 32

  private let settings: Settings
  private let transport: Transport
  private let health: Mutex<[Health]>

  package init(_ settings: Settings, transport: Transport) {
    self.settings = settings
    self.transport = transport
    health = Mutex(Array(repeating: Health(), count: settings.upstreams.count))
  }

  package var name: String { settings.model.isEmpty ? "reranker" : settings.model }

  /// Throws `upstreamFailed`, `CancellationError`.
  package func scores(of texts: [String], for question: String) async throws -> [Double] {
    guard !texts.isEmpty else { return [] }
    let deadline = ContinuousClock.now + settings.timeout
    var failures: [(upstream: String, failure: UpstreamFailure)] = []
    for (index, upstream) in settings.upstreams.enumerated() {
      let resting = health.withLock { $0[index] }
      if let until = resting.restsUntil, until > .now {
        failures.append((upstream.shown, UpstreamFailure("it failed a moment ago: \(resting.reason)", isPassing: true)))
        continue
      }
      do {
        return try await ask(index, texts, question, until: deadline)
      } catch let failure as UpstreamFailure {
        failures.append((upstream.shown, failure))
        health.withLock {
          $0[index].restsUntil = .now + RemoteReranker.restDuration
          $0[index].reason = failure.reason
        }
      }
    }
    throw RemoteReranker.failed(name, failures)
  }

  private func ask(
    _ index: Int, _ texts: [String], _ question: String, until deadline: ContinuousClock.Instant
  ) async throws -> [Double] {
    let starts = Array(stride(from: 0, to: texts.count, by: RemoteReranker.batchCount))
    return try await withThrowingTaskGroup(of: (Int, [Double]).self) { group in
      for start in starts {
        let part = Array(texts[start..<min(start + RemoteReranker.batchCount, texts.count)])
        group.addTask { (start, try await self.askInAnyDialect(index, part, question, until: deadline)) }
      }
      var scores = [Double](repeating: 0, count: texts.count)
      for try await (start, part) in group { scores.replaceSubrange(start..<(start + part.count), with: part) }
      return scores
    }
  }

  private func askInAnyDialect(
    _ index: Int, _ texts: [String], _ question: String, until deadline: ContinuousClock.Instant
  ) async throws -> [Double] {
    if let dialect = health.withLock({ $0[index].dialect }) {
      return try await ask(settings.upstreams[index], dialect, texts, question, until: deadline)
    }
    var refusal: UpstreamFailure?
    for dialect in Dialect.allCases {
      do {
        let scores = try await ask(settings.upstreams[index], dialect, texts, question, until: deadline)
        health.withLock { $0[index].dialect = dialect }
        return scores
      } catch let failure as UpstreamFailure where [.status(400), .status(422)].contains(failure.kind) {
        // What is said of the first dialect is what most servers mean.
        refusal = refusal ?? failure
      }
    }
    throw refusal ?? UpstreamFailure("it understands no dialect of /rerank", isPassing: false)
  }

  private func ask(
    _ upstream: Upstream, _ dialect: Dialect, _ texts: [String], _ question: String,
    until deadline: ContinuousClock.Instant
  ) async throws -> [Double] {
    let left = ContinuousClock.now.duration(to: deadline)
    guard left > .zero else { throw UpstreamFailure("it took more than \(settings.timeout)", isPassing: true) }
    let body =
      switch dialect {
      case .jina: try JSONEncoder().encode(JinaBody(model: settings.model, query: question, documents: texts))
      case .tei: try JSONEncoder().encode(TEIBody(query: question, texts: texts))
      }
    do {
      let response = try await transport.send(
        .post(
          upstream.baseURL + "/rerank", json: Array(body), key: upstream.key,
          timeouts: RemoteTimeouts(connect: left, firstByte: left, idle: left, total: left)))
      guard response.status == 200 else { throw await UpstreamFailure(refusal: response) }
      let limit = (1 << 20) + texts.reduce(0) { $0 + $1.utf8.count * 6 }
      return try RerankAnswer.scores(in: try await response.body(limit: limit), count: texts.count)
    } catch let failure as RemoteFailure {
      throw UpstreamFailure(failure)
    }
  }

  private static func failed(
    _ name: String, _ failures: [(upstream: String, failure: UpstreamFailure)]
  ) -> NenrinError {
    guard let first = failures.first else {
      return NenrinError(.upstreamFailed, "no reranker is configured", remedies: ["Set [rerank] base_urls."])
    }
    let others = failures.dropFirst().map { "; \($0.upstream): \($0.failure.reason)" }.joined()
    let (summary, remedy): (String, String) =
      switch first.failure.kind {
      case .status(401), .status(403):
        ("refuses the key", "Set [rerank] api_key to env:NAME, and the variable NAME to the server's key.")
      case .status(404): ("is not there", "Check [rerank] base_urls (…/v1, or TEI's address without it) and model.")
      case .status(400), .status(413), .status(422):
        ("refuses the texts", "Check [rerank] model; lower document_tokens where it says 'too long'.")
      case .malformed, .miscounted, .notNumbers, .dimensions:
        ("does not answer as /rerank does", "Check [rerank] model: is it a reranker?")
      case .unanswered, .status: ("does not answer in time", "Start or mend the server, or raise [rerank] timeout.")
      }
    return NenrinError(
      .upstreamFailed, "the reranker '\(name)' at \(first.upstream) \(summary)",
      reason: first.failure.reason + others, remedies: [remedy])
  }
}

private struct JinaBody: Encodable {
  var model: String
  var query: String
  var documents: [String]
  var topN: Int
  var returnDocuments = false

  private enum CodingKeys: String, CodingKey {
    case model, query, documents
    case topN = "top_n"
    case returnDocuments = "return_documents"
  }

  init(model: String, query: String, documents: [String]) {
    self.model = model
    self.query = query
    self.documents = documents
    topN = documents.count
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    if !model.isEmpty { try container.encode(model, forKey: .model) }
    try container.encode(query, forKey: .query)
    try container.encode(documents, forKey: .documents)
    try container.encode(topN, forKey: .topN)
    try container.encode(returnDocuments, forKey: .returnDocuments)
  }
}

private struct TEIBody: Encodable {
  var query: String
  var texts: [String]
  var truncate = true
  var rawScores = true

  private enum CodingKeys: String, CodingKey {
    case query, texts, truncate
    case rawScores = "raw_scores"
  }
}

/// An answer in either dialect: a list of entries, or a document with one.
private struct RerankAnswer: Decodable {
  private struct Entry: Decodable {
    var index: Int
    var score: Double?
    var relevanceScore: Double?

    private enum CodingKeys: String, CodingKey {
      case index, score
      case relevanceScore = "relevance_score"
    }
  }

  private var entries: [Entry]

  private enum CodingKeys: CodingKey { case results, data }

  init(from decoder: any Decoder) throws {
    if let entries = try? [Entry](from: decoder) {
      self.entries = entries
      return
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    entries =
      try container.decodeIfPresent([Entry].self, forKey: .results) ?? container.decode([Entry].self, forKey: .data)
  }

  /// In order of the texts. Throws `UpstreamFailure`.
  static func scores(in body: [UInt8], count: Int) throws -> [Double] {
    guard let answer = try? JSONDecoder().decode(RerankAnswer.self, from: Data(body)) else {
      throw UpstreamFailure("its answer is not what /rerank answers", isPassing: false, kind: .malformed)
    }
    var scores = [Double?](repeating: nil, count: count)
    for entry in answer.entries {
      guard scores.indices.contains(entry.index), scores[entry.index] == nil else {
        throw UpstreamFailure("it scores text \(entry.index) of \(count)", isPassing: false, kind: .miscounted)
      }
      guard let score = entry.relevanceScore ?? entry.score, score.isFinite else {
        throw UpstreamFailure("a score is no number", isPassing: false, kind: .notNumbers)
      }
      scores[entry.index] = score
    }
    let given = scores.compactMap(\.self)
    guard given.count == count else {
      throw UpstreamFailure("it gave \(given.count) scores for \(count) texts", isPassing: false, kind: .miscounted)
    }
    return given
  }
}
