// SPDX-License-Identifier: Apache-2.0
import Answering
import Glossary
import IndexStore
import Inference
import Retrieval

/// The models that help to find an answer: each may be missing, and none is needed.
struct QuestionModels: Sendable {
  /// Gives questions their vectors.
  var embedder: (any Embedder)?
  /// The built-in one where its table is at hand, whichever gives questions their vectors: it is asked for hundreds of
  /// short texts at a time, paths and the messages of commits.
  var nearEmbedder: StaticEmbedder?
  /// Says in which other words a question might be put.
  var planner: QueryPlanner?
  var reranker: FileReranker?

  init(embedder: (any Embedder)? = nil, planner: QueryPlanner? = nil, reranker: FileReranker? = nil) {
    self.embedder = embedder
    nearEmbedder = embedder as? StaticEmbedder
    self.planner = planner
    self.reranker = reranker
  }

  /// What the configuration and the command line's own word come to. Throws `configurationInvalid`, `fileUnreadable`.
  init(_ configuration: Configuration, _ choice: ModelChoice = ModelChoice()) throws {
    embedder = try EmbedderChoice.current(configuration.embedding)
    nearEmbedder = EmbedderChoice.near(embedder)
    planner = try QuestionModels.planner(configuration.chat, wanted: choice.plan) { try ConfiguredModels.chat($0) }
    reranker = try FileReranker(configuration.rerank, wanted: choice.rerank)
  }

  /// Nil where none is wanted. Throws `configurationInvalid` where one is and no chat model is there.
  static func planner(
    _ chat: Configuration.Chat, wanted: Bool?, _ model: (Configuration.Chat) throws -> (any ChatModel)?
  ) throws -> QueryPlanner? {
    guard wanted ?? chat.planning else { return nil }
    guard let model = try model(chat) else {
      throw NenrinError(
        .configurationInvalid, "[chat] base_urls: not set", reason: "a plan of the search is the chat model's",
        remedies: ["Set it as docs/CONFIGURATION.md shows, or leave --plan and planning out."])
    }
    return QueryPlanner(model: model, timeout: .seconds(chat.planningTimeout))
  }
}

/// Whether a command is to use models that the configuration leaves open; nil leaves it to the configuration.
struct ModelChoice: Sendable {
  var rerank: Bool?
  var plan: Bool?
}

/// A reranker, and how it is used.
struct FileReranker: Sendable {
  /// Bytes of a token of source, on the careful side.
  private static let bytesPerToken = 3

  let model: any Reranker
  /// How many files it reads.
  let depth: Int
  let byteLimit: Int
  /// How much it has to say, from 0 to 1.
  let weight: Double

  /// Nil where none is configured or wanted. Throws `configurationInvalid`.
  init?(_ rerank: Configuration.Rerank, wanted: Bool? = nil, _ transport: Transport = Transport()) throws {
    guard wanted ?? !rerank.baseURLs.isEmpty else { return nil }
    guard !rerank.baseURLs.isEmpty else {
      throw NenrinError(
        .configurationInvalid, "[rerank] base_urls: not set", reason: "--rerank wants a server to ask",
        remedies: ["Set it as docs/CONFIGURATION.md shows, or leave --rerank out."])
    }
    let key = try ConfiguredModels.key(rerank.apiKey, of: "[rerank] api_key")
    model = RemoteReranker(
      RemoteReranker.Settings(
        upstreams: try ConfiguredModels.upstreams(rerank.baseURLs, key, of: "[rerank] base_urls"), model: rerank.model,
        timeout: .seconds(rerank.timeout)),
      transport: transport)
    depth = rerank.depth
    byteLimit = rerank.documentTokens * FileReranker.bytesPerToken
    weight = Double(rerank.weight) / 100
  }

  /// The result in the order that both find; as it is and with a note where the reranker fails. Throws
  /// `CancellationError`.
  func rerank(_ result: SearchResult, _ documents: [String]) async throws -> SearchResult {
    guard documents.count > 1 else { return result }
    var result = result
    do {
      let scores = try await model.scores(of: documents, for: result.question)
      result.rerank(by: scores, of: model.name, weight: weight)
    } catch let error as NenrinError {
      result.notes.append("not reranked: \(error.summary)" + (error.reason.isEmpty ? "" : ": \(error.reason)"))
    }
    return result
  }
}

extension LocalHome {
  /// What a snapshot says, and what a reranker would read of each of the first files.
  typealias Found = (result: SearchResult, documents: [String])

  /// Another wording's weight beside the question's own.
  private static let planWeight = 0.4

  /// Asks with all models that there are. `ask` runs what blocks, with the snapshot's retriever. Throws what the search
  /// throws, and `CancellationError`; a model that fails costs its part and leaves a note.
  func search(
    _ request: SearchRequest, in view: SnapshotView,
    _ ask: (@escaping @Sendable (Retriever) throws -> Found) async throws -> Found
  ) async throws -> SearchResult {
    let models = models
    try Retriever.check(request.question)
    var question = try await understanding(request, in: view)
    var plan: [String] = []
    if let planner = models.planner {
      do {
        plan = try await planner.plan(request.question).searches
      } catch let error as NenrinError {
        question.notes.append(error.reason.isEmpty ? error.summary : "\(error.summary): \(error.reason)")
      }
    }
    if let reranker = models.reranker { question.limit = max(question.limit, reranker.depth) }
    var wordings: [SearchRequest] = []
    for text in plan {
      var wording = question
      (wording.question, wording.meaning, wording.notes) = (text, nil, [])
      wordings.append(try await understanding(wording, in: view))
    }
    let (first, others, reranker) = (question, wordings, models.reranker)
    let found = try await ask { retriever in
      var result = try retriever.search(first)
      result.join(try others.map { try retriever.search($0) }, weight: LocalHome.planWeight)
      guard let reranker else { return (result, []) }
      return (result, try retriever.documents(of: result, limit: reranker.depth, byteLimit: reranker.byteLimit))
    }
    var result = found.result
    if let reranker { result = try await reranker.rerank(result, found.documents) }
    result.cut(to: max(1, request.limit))
    return result
  }

  /// The same on this very thread, for a command.
  func search(_ request: SearchRequest, in view: SnapshotView) async throws -> SearchResult {
    let start = ContinuousClock.now
    var result = try await search(request, in: view) { try self.withRetriever(view, $0) }
    result.elapsed = start.duration(to: .now)
    return result
  }
}
