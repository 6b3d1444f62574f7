// SPDX-License-Identifier: Apache-2.0
import Glossary
import Hummingbird
import PatternSearch

/// The body of `POST /api/grep`.
struct GrepBody: Decodable {
  var pattern: String
  var at: String?
  var path: String?
  var language: String?
  var region: String?
  var ignoresCase: Bool?
  var tables: Bool?
  var limit: Int?
  var offset: Int?

  private enum CodingKeys: String, CodingKey {
    case pattern, at, path, language, tables, limit, offset
    case region = "in"
    case ignoresCase = "ignore_case"
  }
}

extension Responder {
  func grep(_ client: ClientRequest) async throws -> Response {
    let body: GrepBody = try await document(client)
    try check(body.pattern, param: "pattern")
    let limit = body.limit ?? 100
    guard (1...1_000).contains(limit) else {
      throw RequestFailure.invalid("limit is \(limit)", reason: "1 to 1000", param: "limit")
    }
    let offset = body.offset ?? 0
    guard (0...1_000_000).contains(offset) else {
      throw RequestFailure.invalid("offset is \(offset)", reason: "0 to 1000000", param: "offset")
    }
    let region = body.region.flatMap(CodeRegion.init)
    if let name = body.region, region == nil {
      throw RequestFailure.invalid(
        "in is '\(name.prefix(40))'", reason: "there are function, comment, string", param: "in")
    }
    let request = PatternRequest(
      pattern: body.pattern, ignoresCase: body.ignoresCase ?? false, pathGlob: body.path,
      language: try body.language.map { try Responder.language($0) }, region: region,
      includesTables: body.tables ?? false, limit: limit, offset: offset)
    let knowledge = knowledge
    let result = try await admitted {
      try await knowledge.grep(request, in: knowledge.resolve(body.at.map(SnapshotName.init) ?? SnapshotName()))
    }
    return try .document(GrepDocument(result))
  }

  /// Throws where there is no such language.
  static func language(_ name: String) throws -> Language {
    if let language = Language(name: name) { return language }
    let names = Language.allCases.map(\.name).joined(separator: ", ")
    throw RequestFailure.invalid("no language '\(name.prefix(40))'", reason: "there are \(names)", param: "language")
  }
}
