// SPDX-License-Identifier: Apache-2.0
import Glossary
import Hummingbird
import HummingbirdCore
import KnowledgeDiff

/// The body of `POST /api/diff`.
struct DiffBody: Decodable {
  /// `[collection@]revision`; with `range` neither is needed.
  var from: String?
  var to: String?
  /// `A..B`.
  var range: String?
  var path: String?
  var symbol: String?
  var about: String?
  /// Whether each file comes with the hunks of a unified diff.
  var patch: Bool?
  /// How many files and symbols a page has.
  var k: Int?
  /// How many of each come before it.
  var offset: Int?
}

extension Responder {
  /// The largest page.
  private static let mostListed = 1_000

  func diff(_ client: ClientRequest) async throws -> Response {
    let body: DiffBody = try await document(client)
    let limit = body.k ?? (body.about == nil ? 100 : 10)
    guard (1...Responder.mostListed).contains(limit) else {
      throw RequestFailure.invalid("k is \(limit)", reason: "1 to \(Responder.mostListed)", param: "k")
    }
    guard (body.offset ?? 0) >= 0 else {
      throw RequestFailure.invalid("offset is \(body.offset ?? 0)", reason: "0 or more", param: "offset")
    }
    if let about = body.about { try check(about, param: "about") }
    if let symbol = body.symbol { try check(symbol, param: "symbol") }
    guard body.symbol == nil || body.about == nil else {
      throw RequestFailure.invalid(
        "symbol and about are both given", reason: "one narrows the other out", param: "about")
    }
    var request = DiffRequest(path: body.path, symbol: body.symbol, question: body.about, limit: limit)
    request.offset = body.offset ?? 0
    request.wantsPatch = body.patch ?? false
    let result = try await compared(Responder.range(body), request)
    var answer = DiffDocument(result, links: pageLinks(client))
    let end = request.offset + limit
    answer.offset = request.offset
    answer.nextOffset = end < max(result.fileCount, result.symbolCount) ? end : nil
    return try .document(answer)
  }

  private static func range(_ body: DiffBody) throws -> SnapshotRange {
    if let text = body.range {
      guard let range = SnapshotRange(text) else {
        throw RequestFailure.invalid(
          "'\(text.prefix(100))' is no pair of snapshots", reason: "A..B is wanted", param: "range")
      }
      return range
    }
    guard let from = body.from, !from.isEmpty else { throw RequestFailure.invalid("from is missing", param: "from") }
    let text = "\(from)..\(body.to ?? "")"
    guard let range = SnapshotRange(text) else {
      throw RequestFailure.invalid("'\(text.prefix(100))' is no pair of snapshots", param: "from")
    }
    return range
  }

  private func compared(_ range: SnapshotRange, _ request: DiffRequest) async throws -> DiffResult {
    let knowledge = knowledge
    return try await admitted {
      try await knowledge.diff(request, from: knowledge.resolve(range.from), to: knowledge.resolve(range.to))
    }
  }

  /// The page on which a person compares two snapshots: `?from=&to=&path=&about=&symbol=&patch=&offset=`.
  func comparePage(_ client: ClientRequest) async throws -> Response {
    var form = CompareForm()
    for (name, place) in CompareForm.fields {
      if let value = try client.parameter(name), !value.isEmpty { form[keyPath: place] = value }
    }
    let snapshots = try await knowledge.snapshots()
    guard let from = form.from else {
      return .page(ComparePage.page(form, client.pageWords, snapshots: snapshots, result: nil))
    }
    if let about = form.about { try check(about, param: "about") }
    var request = DiffRequest(path: form.path, symbol: form.symbol, question: form.about, limit: ComparePage.pageSize)
    request.offset = max(0, form.offset.flatMap(Int.init) ?? 0)
    if form.about != nil { request.symbol = nil }
    request.wantsPatch = form.patch != nil
    guard let range = SnapshotRange("\(from)..\(form.to ?? "")") else {
      throw RequestFailure.invalid("'\(from.prefix(100))' is no snapshot", param: "from")
    }
    let result = try await compared(range, request)
    return .page(
      ComparePage.page(form, client.pageWords, snapshots: snapshots, result: result, offset: request.offset))
  }

  // MARK: A pair as a model

  /// Every snapshot, every collection's newest, and the pairs that the configuration names.
  func models() async throws -> Response {
    var list = ModelListDocument(try await knowledge.snapshots())
    for id in configuration.comparisons {
      // One that is not indexed (yet) is no model, and no reason to show none.
      guard let pair = try? await comparedModel(id) else { continue }
      list.data.append(ModelDocument(id: id, from: pair.from, to: pair.to))
    }
    return try .document(list)
  }

  /// The two snapshots behind `linux@v6.1.192..v6.12.117`; nil where the id is of one snapshot. Throws OpenAI's
  /// `model_not_found`.
  func comparedModel(_ id: String) async throws -> (from: SnapshotInfo, to: SnapshotInfo)? {
    guard id.contains(".."), let range = SnapshotRange(id) else { return nil }
    do {
      return (try await knowledge.resolve(range.from), try await knowledge.resolve(range.to))
    } catch let error as NenrinError where [.snapshotNotFound, .collectionNotFound].contains(error.code) {
      throw RequestFailure.modelNotFound(id, try await knowledge.snapshots(), reason: error.reason)
    }
  }
}
