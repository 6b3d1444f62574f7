// SPDX-License-Identifier: Apache-2.0
import CommitSearch
import Glossary
import Hummingbird

/// The body of `POST /api/log`.
struct LogBody: Decodable {
  var query: String?
  var at: String?
  /// Revisions of the repository or snapshots; both or none.
  var from: String?
  var to: String?
  var path: String?
  var symbol: String?
  var introduced: String?
  var limit: Int?
  var offset: Int?
}

extension Responder {
  func commits(_ client: ClientRequest) async throws -> Response {
    let body: LogBody = try await document(client)
    for (value, name) in [(body.query, "query"), (body.symbol, "symbol"), (body.introduced, "introduced")] {
      if let value { try check(value, param: name) }
    }
    let limit = body.limit ?? 10
    guard (1...200).contains(limit) else {
      throw RequestFailure.invalid("limit is \(limit)", reason: "1 to 200", param: "limit")
    }
    let offset = body.offset ?? 0
    guard (0...1_000_000).contains(offset) else {
      throw RequestFailure.invalid("offset is \(offset)", reason: "0 to 1000000", param: "offset")
    }
    guard let range = LogRange(from: body.from, to: body.to) else {
      throw RequestFailure.invalid(LogRange.complaint, param: body.from == nil ? "from" : "to")
    }
    let request = CommitRequest(
      question: body.query, range: range.range, pathGlob: body.path, symbol: body.symbol,
      introduced: body.introduced, limit: limit, offset: offset)
    let knowledge = knowledge
    let result = try await admitted {
      try await knowledge.log(request, in: knowledge.resolve(body.at.map(SnapshotName.init) ?? SnapshotName()))
    }
    return try .document(LogDocument(result, request, links: pageLinks(client)))
  }
}

/// The two ends of a range, as separate members of a request.
struct LogRange {
  var range: SnapshotRange?

  static let complaint = "from and to belong together: commits of to's history that from's does not hold"

  /// Nil where only one is there, or one is empty.
  init?(from: String?, to: String?) {
    guard let from, let to else {
      guard from == nil, to == nil else { return nil }
      return
    }
    guard !from.isEmpty, !to.isEmpty, !from.contains(".."), !to.contains("..") else { return nil }
    range = SnapshotRange(from: SnapshotName(from), to: SnapshotName(to))
  }
}
