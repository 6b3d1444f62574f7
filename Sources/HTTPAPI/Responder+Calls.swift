// SPDX-License-Identifier: Apache-2.0
import Glossary
import Hummingbird
import Retrieval

/// The body of `POST /api/symbol`.
struct SymbolBody: Decodable {
  var name: String
  var at: String?
  /// Keeps callers and callees to these paths.
  var path: String?
  /// How many references are wanted; `true` means a hundred. So with callers and callees.
  var references: Int
  var callers: Int
  var callees: Int

  private enum CodingKeys: String, CodingKey { case name, at, path, references, callers, callees }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    at = try container.decodeIfPresent(String.self, forKey: .at)
    path = try container.decodeIfPresent(String.self, forKey: .path)
    references = try SymbolBody.count(.references, in: container)
    callers = try SymbolBody.count(.callers, in: container)
    callees = try SymbolBody.count(.callees, in: container)
  }

  private static func count(_ key: CodingKeys, in container: KeyedDecodingContainer<CodingKeys>) throws -> Int {
    if let wanted = try? container.decodeIfPresent(Bool.self, forKey: key) { return wanted ? 100 : 0 }
    return try container.decodeIfPresent(Int.self, forKey: key) ?? 0
  }
}

/// The body of `POST /api/callers` and `/api/callees`.
struct CallsBody: Decodable {
  var name: String
  var at: String?
  /// Keeps callers, and definitions whose callees are listed, to these paths.
  var path: String?
  var limit: Int?
  /// Callers alone.
  var offset: Int?
}

/// The body of `POST /api/callchain`.
struct CallChainBody: Decodable {
  var from: String
  var to: String?
  var at: String?
  /// `up` or `down`.
  var direction: String?
  var depth: Int?
  var limit: Int?
}

extension Responder {
  func symbol(_ client: ClientRequest) async throws -> Response {
    let body: SymbolBody = try await document(client)
    try check(body.name, param: "name")
    for (name, count) in [("references", body.references), ("callers", body.callers), ("callees", body.callees)] {
      guard (0...10_000).contains(count) else {
        throw RequestFailure.invalid("\(name) is \(count)", reason: "0 to 10000", param: name)
      }
    }
    let knowledge = knowledge
    let document = try await admitted {
      let snapshot = try await knowledge.resolve(body.at.map(SnapshotName.init) ?? SnapshotName())
      var document = try await SymbolDocument(
        knowledge.symbol(body.name, referenceLimit: body.references, in: snapshot))
      if body.callers > 0 {
        let request = CallRequest(name: body.name, limit: body.callers, pathGlob: body.path)
        document.calls = try await CallersDocument(knowledge.callers(request, in: snapshot))
      }
      if body.callees > 0 {
        let request = CallRequest(name: body.name, limit: body.callees, pathGlob: body.path)
        document.callees = try await knowledge.callees(request, in: snapshot).definitions.map(CalleesDocument.init)
      }
      return document
    }
    return try .document(document)
  }

  func callers(_ client: ClientRequest) async throws -> Response {
    let (body, limit) = try await calls(client)
    let offset = body.offset ?? 0
    guard (0...100_000).contains(offset) else {
      throw RequestFailure.invalid("offset is \(offset)", reason: "0 to 100000", param: "offset")
    }
    let request = CallRequest(name: body.name, limit: limit, offset: offset, pathGlob: body.path)
    let knowledge = knowledge
    let result = try await admitted {
      try await knowledge.callers(request, in: knowledge.resolve(body.at.map(SnapshotName.init) ?? SnapshotName()))
    }
    return try .document(CallersPageDocument(result, end: offset + limit))
  }

  func callees(_ client: ClientRequest) async throws -> Response {
    let (body, limit) = try await calls(client)
    let request = CallRequest(name: body.name, limit: limit, pathGlob: body.path)
    let knowledge = knowledge
    let result = try await admitted {
      try await knowledge.callees(request, in: knowledge.resolve(body.at.map(SnapshotName.init) ?? SnapshotName()))
    }
    return try .document(CalleesPageDocument(result))
  }

  private func calls(_ client: ClientRequest) async throws -> (body: CallsBody, limit: Int) {
    let body: CallsBody = try await document(client)
    try check(body.name, param: "name")
    let limit = body.limit ?? 100
    guard (1...1_000).contains(limit) else {
      throw RequestFailure.invalid("limit is \(limit)", reason: "1 to 1000", param: "limit")
    }
    return (body, limit)
  }

  func callChain(_ client: ClientRequest) async throws -> Response {
    let body: CallChainBody = try await document(client)
    try check(body.from, param: "from")
    if let to = body.to { try check(to, param: "to") }
    let depth = body.depth ?? (body.to == nil ? 2 : 12)
    guard (1...30).contains(depth) else {
      throw RequestFailure.invalid("depth is \(depth)", reason: "1 to 30", param: "depth")
    }
    let limit = body.limit ?? (body.to == nil ? 200 : 5)
    guard (1...1_000).contains(limit) else {
      throw RequestFailure.invalid("limit is \(limit)", reason: "1 to 1000", param: "limit")
    }
    guard ["up", "down"].contains(body.direction ?? "down") else {
      throw RequestFailure.invalid("direction is neither up nor down", param: "direction")
    }
    let request = ChainRequest(
      from: body.from, to: body.to, isUpward: body.direction == "up", depth: depth, limit: limit)
    let knowledge = knowledge
    let result = try await admitted {
      try await knowledge.chain(
        request, in: knowledge.resolve(body.at.map(SnapshotName.init) ?? SnapshotName()))
    }
    return try .document(CallChainDocument(result))
  }
}
