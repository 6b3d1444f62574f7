// SPDX-License-Identifier: Apache-2.0
import Glossary

/// The Model Context Protocol (2025-11-25, https://modelcontextprotocol.io/specification/2025-11-25): one JSON-RPC message
/// in, at most one out. It keeps no state between messages; who calls it cancels by cancelling the task.
package struct ToolProtocol: Sendable {
  /// Those that it speaks, newest first; their requests for tools and resources are the same.
  package static let versions = ["2025-11-25", "2025-06-18", "2025-03-26"]

  private let tools: KnowledgeTools
  private let version: String
  /// Runs what asks the index: within the bounds of a server, or at once.
  private let admitted: @Sendable (@escaping @Sendable () async throws -> String) async throws -> String

  /// - Parameters:
  ///   - version: Nenrin's own.
  ///   - links: to the pages of the server that carries it.
  package init(
    knowledge: any Knowledge, version: String, links: PageLinks? = nil,
    admitted: @escaping @Sendable (@escaping @Sendable () async throws -> String) async throws -> String = {
      try await $0()
    }
  ) {
    tools = KnowledgeTools(knowledge: knowledge, links: links)
    self.version = version
    self.admitted = admitted
  }

  /// What a message is, as far as its carrier must know.
  package enum Kind: Hashable, Sendable {
    /// Its id, as JSON.
    case request(id: String)
    case notification
    /// `notifications/cancelled`: the id of the request that is to end, as JSON.
    case cancellation(id: String)
    /// An answer, or nothing that the protocol knows.
    case other
  }

  /// Nesting of a message, and bytes.
  private static let deepest = 64

  /// Reads what a message is; what cannot be read is `other`, and `answer` says why.
  package static func kind(of message: [UInt8]) -> Kind {
    guard let value = try? ClientJSON.decode(JSONValue.self, from: message, depthLimit: deepest),
      let method = value["method"]?.string
    else { return .other }
    if let id = value["id"], id != .null { return .request(id: text(id)) }
    if method == "notifications/cancelled", let id = value["params"]?["requestId"] {
      return .cancellation(id: text(id))
    }
    return .notification
  }

  private static func text(_ id: JSONValue) -> String { (try? JSONDocument.text(id)) ?? "" }

  /// The answer to a message, on one line; nil where it wants none.
  package func answer(_ message: [UInt8]) async -> [UInt8]? {
    var id = JSONValue.null
    do {
      let value = try ToolProtocol.read(message)
      guard let method = value["method"]?.string else {
        // An answer to a request: this server sends none.
        if value["result"] != nil || value["error"] != nil { return nil }
        throw ProtocolFailure(.invalidRequest, "the message has no method")
      }
      guard let given = value["id"], given != .null else { return nil }
      id = given
      guard given.string != nil || given.integer != nil else {
        id = .null
        throw ProtocolFailure(.invalidRequest, "id is neither a string nor a number")
      }
      let result = try await result(of: method, value["params"])
      return ToolProtocol.encode(["id": id, "result": result])
    } catch let failure as ProtocolFailure {
      return ToolProtocol.encode(["id": id, "error": failure.document])
    } catch {
      let message = RequestFailure(any: error).document.error.message
      return ToolProtocol.encode(["id": id, "error": ProtocolFailure(.internalError, message).document])
    }
  }

  private static func read(_ message: [UInt8]) throws -> JSONValue {
    let value: JSONValue
    do {
      value = try ClientJSON.decode(JSONValue.self, from: message, depthLimit: deepest)
    } catch let failure as RequestFailure {
      throw ProtocolFailure(.parseError, failure.document.error.message)
    }
    guard case .object = value else { throw ProtocolFailure(.invalidRequest, "the message is not one JSON object") }
    guard value["jsonrpc"] == .string("2.0") else { throw ProtocolFailure(.invalidRequest, "jsonrpc is not \"2.0\"") }
    return value
  }

  private static func encode(_ members: [String: JSONValue]) -> [UInt8] {
    var members = members
    members["jsonrpc"] = .string("2.0")
    // Strings and whole numbers can always be encoded.
    return (try? JSONDocument.encode(JSONValue.object(members))) ?? []
  }

  private func result(of method: String, _ params: JSONValue?) async throws -> JSONValue {
    switch method {
    case "initialize": return greeting(params)
    case "ping": return .object([:])
    case "tools/list": return .object(["tools": .array(Tool.all.map(\.listing))])
    case "tools/call": return try await call(params)
    case "resources/list": return .object(["resources": .array([])])
    case "resources/templates/list": return .object(["resourceTemplates": .array([SourceResource.template])])
    case "resources/read": return try await read(params)
    default: throw ProtocolFailure(.methodNotFound, "there is no method '\(method.prefix(80))'")
    }
  }

  private func greeting(_ params: JSONValue?) -> JSONValue {
    let asked = params?["protocolVersion"]?.string ?? ""
    let spoken = ToolProtocol.versions.contains(asked) ? asked : ToolProtocol.versions[0]
    return .object([
      "protocolVersion": .string(spoken),
      "capabilities": .object(["tools": .object([:]), "resources": .object([:])]),
      "serverInfo": .object([
        "name": .string("nenrin"), "title": .string("Nenrin"), "version": .string(version),
      ]),
      "instructions": .string(Tool.instructions),
    ])
  }

  /// What goes wrong in a tool is its answer, so that the model reads it and asks better.
  private func call(_ params: JSONValue?) async throws -> JSONValue {
    guard let name = params?["name"]?.string else { throw ProtocolFailure(.invalidParams, "name is missing") }
    guard let tool = Tool.named(name) else {
      let names = Tool.all.map(\.name).joined(separator: ", ")
      throw ProtocolFailure(.invalidParams, "there is no tool '\(name.prefix(40))': there are \(names)")
    }
    let tools = tools
    do {
      let arguments = try ToolArguments(params?["arguments"], tool.parameters)
      return ToolProtocol.content(try await admitted { try await tool.run(tools, arguments) }, isError: false)
    } catch let failure as ToolFailure {
      return ToolProtocol.content(failure.message, isError: true)
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      return ToolProtocol.content(RequestFailure(any: error).document.error.message, isError: true)
    }
  }

  private static func content(_ text: String, isError: Bool) -> JSONValue {
    .object([
      "content": .array([.object(["type": .string("text"), "text": .string(text)])]), "isError": .bool(isError),
    ])
  }

  private func read(_ params: JSONValue?) async throws -> JSONValue {
    guard let uri = params?["uri"]?.string else { throw ProtocolFailure(.invalidParams, "uri is missing") }
    guard let resource = SourceResource(uri) else {
      throw ProtocolFailure(
        .resourceNotFound, "'\(uri.prefix(200))' is no resource: write \(SourceResource.pattern)")
    }
    let tools = tools
    do {
      let text = try await admitted {
        let snapshot = try await tools.knowledge.resolve(SnapshotName(resource.snapshot))
        return try await resource.text(in: snapshot, tools.knowledge)
      }
      return .object([
        "contents": .array([
          .object(["uri": .string(uri), "mimeType": .string("text/plain"), "text": .string(text)])
        ])
      ])
    } catch let error as NenrinError where [.pathNotFound, .snapshotNotFound, .collectionNotFound].contains(error.code)
    {
      throw ProtocolFailure(.resourceNotFound, "\(error)")
    } catch let failure as ToolFailure {
      throw ProtocolFailure(.invalidParams, failure.message)
    }
  }
}

/// An error of JSON-RPC.
struct ProtocolFailure: Error {
  enum Code: Int {
    case parseError = -32700
    case invalidRequest = -32600
    case methodNotFound = -32601
    case invalidParams = -32602
    case internalError = -32603
    case resourceNotFound = -32002
  }

  var code: Code
  var message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  var document: JSONValue { .object(["code": .integer(code.rawValue), "message": .string(message)]) }
}

/// A file of a snapshot as a resource: `nenrin:///linux@v6.12.117/fs/open.c`, with `#L10-L40` some of its lines.
struct SourceResource {
  static let pattern = "nenrin:///{collection}@{revision}/{+path}"
  /// Bytes of one answer.
  private static let longest = 1 << 20

  var snapshot: String
  var path: [UInt8]
  var lines: ClosedRange<Int>?

  static let template = JSONValue.object([
    "uriTemplate": .string(pattern), "name": .string("source"), "title": .string("Source file of a snapshot"),
    "description": .string("A file as the snapshot has it; with #L10-L40 at the end those lines alone."),
    "mimeType": .string("text/plain"),
  ])

  /// nil for what is written in another form.
  init?(_ uri: String) {
    let parts = uri.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    let scheme = "nenrin:///"
    guard parts[0].hasPrefix(scheme) else { return nil }
    let rest = parts[0].dropFirst(scheme.count)
    guard let slash = rest.firstIndex(of: "/"), let name = PercentCoding.decode(rest[..<slash]),
      let path = PercentCoding.decode(rest[rest.index(after: slash)...]), !name.isEmpty, !path.isEmpty
    else { return nil }
    snapshot = String(decoding: name, as: UTF8.self)
    self.path = path
    if parts.count == 2 {
      guard let range = try? Responder.lines(String(parts[1])) else { return nil }
      lines = range
    }
  }

  func text(in snapshot: SnapshotInfo, _ knowledge: any Knowledge) async throws -> String {
    let excerpt = try await knowledge.source(of: TreePath(bytes: path), lines: lines, in: snapshot)
    if excerpt.isBinary { throw ToolFailure("\(excerpt.path.text) is a binary file") }
    guard excerpt.text.utf8.count <= SourceResource.longest else {
      throw ToolFailure(
        "\(excerpt.path.text) has \(excerpt.text.utf8.count) bytes, \(SourceResource.longest) are the limit: "
          + "name lines, as in #L1-L400; it has \(excerpt.lineCount)")
    }
    return excerpt.text
  }
}
