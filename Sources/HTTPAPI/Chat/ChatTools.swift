// SPDX-License-Identifier: Apache-2.0
package import Answering
package import Glossary
package import Inference
import Retrieval

/// The tools as a chat about one snapshot may use them: that snapshot is asked, whatever a model would like.
package struct ChatTools: AnswerTools {
  private let tool: KnowledgeTools
  private let snapshot: SnapshotInfo
  private let link: @Sendable (TreePath, ClosedRange<Int>) -> String?
  /// Runs what asks the index: within the bounds of a server, or at once.
  private let admitted: Admitted

  /// Takes work that asks the index, and runs it when there is room. Throws `overloaded` and what the work throws.
  package typealias Admitted =
    @Sendable (@escaping @Sendable () async throws -> ToolFinding) async throws -> ToolFinding

  private static let names = ["search", "symbol", "callers", "callees", "callchain", "grep", "show"]
  /// Passages of a search that an answer may cite.
  private static let passagesOfSearch = 3
  private static let deepest = 16

  package init(
    knowledge: any Knowledge, snapshot: SnapshotInfo, link: @escaping @Sendable (TreePath, ClosedRange<Int>) -> String?,
    admitted: @escaping Admitted = { try await $0() }
  ) {
    tool = KnowledgeTools(knowledge: knowledge)
    self.snapshot = snapshot
    self.link = link
    self.admitted = admitted
  }

  /// Without the argument that names a snapshot.
  package var tools: [ChatTool] {
    ChatTools.names.compactMap(Tool.named).map { tool in
      ChatTool(
        name: tool.name, description: tool.description,
        parameters: ChatTools.parameters(of: tool).map { parameter in
          ChatTool.Parameter(
            name: parameter.name, kind: ChatTool.Parameter.Kind(parameter.kind), isRequired: parameter.isRequired,
            description: parameter.description)
        })
    }
  }

  private static func parameters(of tool: Tool) -> [ToolParameter] { tool.parameters.filter { $0.name != "at" } }

  /// Throws `CancellationError` alone.
  package func run(_ name: String, arguments: String) async throws -> ToolFinding {
    do {
      guard ChatTools.names.contains(name), let tool = Tool.named(name) else {
        throw ToolFailure("there is no tool '\(name.prefix(40))': there are \(ChatTools.names.joined(separator: ", "))")
      }
      let given = try ChatTools.read(arguments)
      _ = try ToolArguments(given, ChatTools.parameters(of: tool))
      var members: [String: JSONValue] = [:]
      if case .object(let known)? = given { members = known }
      members["at"] = .string(snapshot.name)
      let checked = try ToolArguments(.object(members), tool.parameters)
      return try await admitted { try await find(tool, checked) }
    } catch let failure as ToolFailure {
      return ToolFinding(text: failure.message, isError: true)
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      return ToolFinding(text: RequestFailure(any: error).document.error.message, isError: true)
    }
  }

  private static func read(_ arguments: String) throws -> JSONValue? {
    if arguments.allSatisfy(\.isWhitespace) { return nil }
    do {
      return try ClientJSON.decode(JSONValue.self, from: Array(arguments.utf8), depthLimit: deepest)
    } catch let failure as RequestFailure {
      throw ToolFailure("the arguments are not JSON: \(failure.document.error.message)")
    }
  }

  private func find(_ tool: Tool, _ arguments: ToolArguments) async throws -> ToolFinding {
    switch tool.name {
    case "show":
      let path = arguments.required("path")
      let lines = try arguments.text("lines").map { try Responder.lines($0) }
      let text = try await self.tool.source(path, lines: lines, in: snapshot)
      return ToolFinding(text: text, passages: try await shown(path, lines))
    case "search":
      var request = SearchRequest(
        question: arguments.required("query"), limit: arguments.count("limit"), pathGlob: arguments.text("path"))
      request.language = arguments.text("language").flatMap(Language.init(name:))
      let result = try await self.tool.knowledge.search(request, in: snapshot)
      let passages = result.passages.prefix(ChatTools.passagesOfSearch).map(passage)
      let list = passages.map { passage in
        let citation = passage.citation
        return "\(citation.path.text):\(citation.lines.lowerBound)-\(citation.lines.upperBound)\n\(passage.text)"
      }
      let files = result.files.map(\.path.text).joined(separator: "\n")
      return ToolFinding(text: "Files:\n\(files)\n\n\(list.joined(separator: "\n\n"))", passages: Array(passages))
    default: return ToolFinding(text: try await tool.run(self.tool, arguments))
    }
  }

  /// The lines that were read, for an answer to cite.
  private func shown(_ path: String, _ lines: ClosedRange<Int>?) async throws -> [EvidencePassage] {
    let first = lines?.lowerBound ?? 1
    let wanted = first...min(lines?.upperBound ?? .max - 1, first + KnowledgeTools.mostLines - 1)
    let excerpt = try await tool.knowledge.source(of: TreePath(text: path), lines: wanted, in: snapshot)
    let count = excerpt.text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).count
    let last = max(excerpt.firstLine, excerpt.firstLine + count - (excerpt.text.hasSuffix("\n") ? 2 : 1))
    let place = excerpt.firstLine...last
    let symbol = excerpt.symbols.first { $0.lines.overlaps(place) }
    return [
      EvidencePassage(
        citation: citation(excerpt.path, place, symbol?.name, excerpt.language, excerpt.text), kind: symbol?.kind,
        text: excerpt.text, snapshot: snapshot.name)
    ]
  }

  private func passage(_ found: Passage) -> EvidencePassage {
    EvidencePassage(
      citation: citation(found.path, found.lines, found.symbol, found.language, found.text), kind: found.kind,
      text: found.text, snapshot: snapshot.name)
  }

  private func citation(
    _ path: TreePath, _ lines: ClosedRange<Int>, _ symbol: String?, _ language: Language, _ text: String
  ) -> Citation {
    Citation(
      id: 0, path: path, lines: lines, symbol: symbol, url: link(path, lines), language: language, similarity: 0.5,
      excerpt: String(text.prefix(1_500)))
  }
}

extension ChatTool.Parameter.Kind {
  init(_ kind: ToolParameter.Kind) {
    switch kind {
    case .text: self = .text
    case .choice(let names): self = .choice(names)
    case .flag: self = .flag
    case .count(let range, _): self = .count(range)
    }
  }
}
