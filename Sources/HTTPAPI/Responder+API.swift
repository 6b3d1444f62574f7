// SPDX-License-Identifier: Apache-2.0
import Glossary
import Hummingbird
import HummingbirdCore
import Inference
import Retrieval

/// The body of `POST /api/search`.
struct SearchBody: Decodable {
  var query: String
  var at: String?
  var k: Int?
  var path: String?
  var language: String?
}

extension Responder {
  func search(_ client: ClientRequest) async throws -> Response {
    let body: SearchBody = try await document(client)
    let limit = body.k ?? 10
    guard (1...100).contains(limit) else {
      throw RequestFailure.invalid("k is \(limit)", reason: "1 to 100", param: "k")
    }
    var language: Language?
    if let name = body.language {
      language = Language(name: name)
      guard language != nil else {
        let names = Language.allCases.map(\.name).joined(separator: ", ")
        throw RequestFailure.invalid(
          "no language '\(name.prefix(40))'", reason: "there are \(names)", param: "language")
      }
    }
    try check(body.query, param: "query")
    let request = SearchRequest(question: body.query, limit: limit, pathGlob: body.path, language: language)
    let knowledge = knowledge
    let result = try await admitted {
      try await knowledge.search(request, in: knowledge.resolve(body.at.map(SnapshotName.init) ?? SnapshotName()))
    }
    return try .document(SearchDocument(result))
  }

  func source(_ client: ClientRequest) async throws -> Response {
    let at = try client.parameter("at")
    guard let path = try client.parameter("path"), !path.isEmpty else {
      throw RequestFailure.invalid("path is missing", param: "path")
    }
    let lines = try client.parameter("lines").map { try Responder.lines($0) }
    let knowledge = knowledge
    let excerpt = try await admitted {
      try await knowledge.source(
        of: TreePath(text: path), lines: lines, in: knowledge.resolve(at.map(SnapshotName.init) ?? SnapshotName()))
    }
    return try .document(SourceDocument(excerpt))
  }

  func readiness() async throws -> Response {
    let snapshots = try await knowledge.snapshots()
    guard !snapshots.isEmpty else {
      throw NenrinError(
        .homeNotFound, "no snapshot is indexed", remedies: ["Index one: nenrin index SOURCE REVISION"])
    }
    struct Readiness: Encodable {
      var status = "ready"
      var snapshots: Int
      var readOnly: Bool
      var chatModel: ChatModelState
      var embeddingModels: [String]

      private enum CodingKeys: String, CodingKey {
        case status, snapshots
        case readOnly = "read_only"
        case chatModel = "chat_model"
        case embeddingModels = "embedding_models"
      }
    }
    return try .document(
      Readiness(
        snapshots: snapshots.count, readOnly: configuration.readOnly, chatModel: await ChatModelState(models.chat),
        embeddingModels: models.embedders.map(\.identity.name)))
  }

  /// An index that cannot be read hides its own figures and no others.
  func metricsText() async throws -> Response {
    let snapshots = (try? await knowledge.snapshots()) ?? []
    return .text(
      metrics.text(
        version: configuration.version, load: gate.load, upstreamFailures: models.chat?.failures ?? 0,
        snapshots: snapshots),
      contentType: "text/plain; version=0.0.4; charset=utf-8")
  }

  /// The body as a document. Throws failures with status 400 and 413.
  func document<Document: Decodable>(_ client: ClientRequest) async throws -> Document {
    let limits = configuration.limits
    return try ClientJSON.decode(
      Document.self, from: try await client.body(limit: limits.bodyByteCount, within: limits.bodyDuration),
      depthLimit: limits.jsonDepth)
  }

  /// Throws `questionEmpty` and `questionTooLong` before the index is asked.
  func check(_ question: String, param: String) throws {
    let limit = configuration.limits.questionByteCount
    if ChatQuestion.trimmed(question).isEmpty {
      throw RequestFailure(NenrinError(.questionEmpty, "\(param) is empty", remedies: ["Ask something."]), param: param)
    }
    if question.utf8.count > limit {
      throw RequestFailure(
        NenrinError(
          .questionTooLong, "\(param) is too long",
          reason: "it has \(question.utf8.count) bytes, \(limit) are the limit", remedies: ["Ask in fewer words."]),
        param: param)
    }
  }

  /// Reads `12`, `12-40`, `L12-L40`.
  static func lines(_ text: String) throws -> ClosedRange<Int> {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { end in
      Int(end.hasPrefix("L") ? end.dropFirst() : end[...])
    }
    guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first >= 1, last >= first,
      last <= Int(Int32.max)
    else {
      throw RequestFailure.invalid("lines is not a range of lines", reason: "write 12 or 12-40", param: "lines")
    }
    return first...last
  }
}
