// SPDX-License-Identifier: Apache-2.0
import CommitSearch
import Glossary
import KnowledgeDiff
import PatternSearch
import Retrieval

/// Runs tools over the knowledge; their answers are the documents of the routes below `/api`, kept to a size that a
/// model can read.
struct KnowledgeTools: Sendable {
  let knowledge: any Knowledge
  /// Of a server that has pages.
  var links: PageLinks?

  /// Bytes of one passage of a search, and lines of one reading.
  private static let longestPassage = 6_000
  static let mostLines = 400

  func snapshots() async throws -> String {
    try await JSONDocument.text(knowledge.snapshots().map(SnapshotDocument.init))
  }

  func search(_ arguments: ToolArguments) async throws -> String {
    var language: Language?
    if let name = arguments.text("language") {
      language = Language(name: name)
      guard language != nil else {
        throw ToolFailure("there is no language '\(name)': \(Language.allCases.map(\.name).joined(separator: ", "))")
      }
    }
    let request = SearchRequest(
      question: arguments.required("query"), limit: arguments.count("limit"), pathGlob: arguments.text("path"),
      language: language)
    var document = try await SearchDocument(knowledge.search(request, in: snapshot(arguments)))
    for index in document.passages.indices {
      let passage = document.passages[index]
      guard passage.text.utf8.count > KnowledgeTools.longestPassage else { continue }
      let cut = String(decoding: passage.text.utf8.prefix(KnowledgeTools.longestPassage), as: UTF8.self)
      document.passages[index].text =
        cut + "\n[cut: read \(passage.path) \(passage.startLine)-\(passage.endLine) with show]"
    }
    return try JSONDocument.text(document)
  }

  func symbol(_ arguments: ToolArguments) async throws -> String {
    let result = try await knowledge.symbol(
      arguments.required("name"), referenceLimit: arguments.count("references"), in: snapshot(arguments))
    return try JSONDocument.text(SymbolDocument(result))
  }

  func callers(_ arguments: ToolArguments) async throws -> String {
    let (limit, offset) = (arguments.count("limit"), arguments.count("offset"))
    let request = CallRequest(
      name: arguments.required("name"), limit: limit, offset: offset, pathGlob: arguments.text("path"))
    let result = try await knowledge.callers(request, in: snapshot(arguments))
    try KnowledgeTools.require(
      !result.definitions.isEmpty || !result.callers.isEmpty || !result.uses.isEmpty, result.name,
      result.nearMisses, result.snapshot)
    return try JSONDocument.text(CallersPageDocument(result, end: offset + limit))
  }

  func callees(_ arguments: ToolArguments) async throws -> String {
    let request = CallRequest(
      name: arguments.required("name"), limit: arguments.count("limit"), pathGlob: arguments.text("path"))
    let result = try await knowledge.callees(request, in: snapshot(arguments))
    try KnowledgeTools.require(
      !result.definitions.isEmpty || result.nearMisses.isEmpty, result.name, result.nearMisses,
      result.snapshot)
    return try JSONDocument.text(CalleesPageDocument(result))
  }

  func callchain(_ arguments: ToolArguments) async throws -> String {
    let to = arguments.text("to")
    let (depth, limit) = (arguments.count("depth"), arguments.count("limit"))
    let request = ChainRequest(
      from: arguments.required("from"), to: to, isUpward: arguments.text("direction") == "up",
      depth: depth > 0 ? depth : to == nil ? 2 : 12, limit: limit > 0 ? limit : to == nil ? 100 : 5)
    let result = try await knowledge.chain(request, in: snapshot(arguments))
    try KnowledgeTools.require(result.unknown == nil, result.unknown ?? "", result.nearMisses, result.snapshot)
    return try JSONDocument.text(CallChainDocument(result))
  }

  func grep(_ arguments: ToolArguments) async throws -> String {
    let request = PatternRequest(
      pattern: arguments.required("pattern"), ignoresCase: arguments.flag("ignore_case"),
      pathGlob: arguments.text("path"), region: arguments.text("in").flatMap(CodeRegion.init),
      includesTables: arguments.flag("tables"), limit: arguments.count("limit"), offset: arguments.count("offset"))
    return try await JSONDocument.text(GrepDocument(knowledge.grep(request, in: snapshot(arguments))))
  }

  func show(_ arguments: ToolArguments) async throws -> String {
    let lines = try arguments.text("lines").map { try Responder.lines($0) }
    return try await source(arguments.required("path"), lines: lines, in: snapshot(arguments))
  }

  /// Lines with their numbers under a line that says which they are.
  func source(_ path: String, lines: ClosedRange<Int>?, in snapshot: SnapshotInfo) async throws -> String {
    let first = lines?.lowerBound ?? 1
    let last = min(lines?.upperBound ?? .max - 1, first + KnowledgeTools.mostLines - 1)
    let excerpt = try await knowledge.source(of: TreePath(text: path), lines: first...last, in: snapshot)
    if excerpt.isBinary { throw ToolFailure("\(path) is a binary file") }
    var shown = excerpt.text.split(separator: "\n", omittingEmptySubsequences: false)
    if shown.last?.isEmpty == true { shown.removeLast() }
    let end = excerpt.firstLine + shown.count - 1
    let wanted = min(lines?.upperBound ?? excerpt.lineCount, excerpt.lineCount)
    var text = "\(snapshot.name):\(path), lines \(excerpt.firstLine)-\(end) of \(excerpt.lineCount)\n"
    for (index, line) in shown.enumerated() { text += "\(excerpt.firstLine + index)\t\(line)\n" }
    if end < wanted { text += "[cut: go on with lines \(end + 1)-\(wanted)]\n" }
    return text
  }

  func diff(_ arguments: ToolArguments) async throws -> String {
    guard arguments.text("symbol") == nil || arguments.text("about") == nil else {
      throw ToolFailure("symbol and about are both given: one narrows the other out")
    }
    let (limit, offset) = (arguments.count("limit"), arguments.count("offset"))
    var request = DiffRequest(
      path: arguments.text("path"), symbol: arguments.text("symbol"), question: arguments.text("about"), limit: limit)
    request.offset = offset
    let result = try await knowledge.diff(
      request, from: knowledge.resolve(SnapshotName(arguments.required("from"))),
      to: knowledge.resolve(SnapshotName(arguments.required("to"))))
    var document = DiffDocument(result, links: links)
    document.offset = offset
    document.nextOffset = offset + limit < max(result.fileCount, result.symbolCount) ? offset + limit : nil
    return try JSONDocument.text(document)
  }

  func log(_ arguments: ToolArguments) async throws -> String {
    guard let range = LogRange(from: arguments.text("from"), to: arguments.text("to")) else {
      throw ToolFailure(LogRange.complaint)
    }
    let request = CommitRequest(
      question: arguments.text("query"), range: range.range, pathGlob: arguments.text("path"),
      symbol: arguments.text("symbol"), introduced: arguments.text("introduced"), limit: arguments.count("limit"),
      offset: arguments.count("offset"))
    var document = try await LogDocument(knowledge.log(request, in: snapshot(arguments)), request, links: links)
    document.bound(bodyBytes: 1_500, paths: 12)
    return try JSONDocument.text(document)
  }

  private func snapshot(_ arguments: ToolArguments) async throws -> SnapshotInfo {
    try await knowledge.resolve(arguments.text("at").map(SnapshotName.init) ?? SnapshotName())
  }

  /// Throws where a name is unknown, with those near it.
  private static func require(_ isKnown: Bool, _ name: String, _ near: [String], _ snapshot: SnapshotInfo) throws {
    guard !isKnown else { return }
    let nearest = near.isEmpty ? "" : "; near it: \(near.joined(separator: ", "))"
    throw ToolFailure("there is no function or macro '\(name)' in \(snapshot.name)\(nearest)")
  }
}

/// A page of callers, as the tool gives it.
struct CallersPageDocument: Encodable {
  var name: String
  var snapshot: SnapshotReferenceDocument
  var definitions: [CallTargetDocument]
  var callers: [CallerDocument]
  var uses: [CallerDocument]
  var possible: [CallerDocument]
  var isComplete: Bool
  var filesRead: Int
  var filesHolding: Int
  var nextOffset: Int?

  private enum CodingKeys: String, CodingKey {
    case name, snapshot, definitions, callers, uses, possible
    case isComplete = "complete"
    case filesRead = "files_read"
    case filesHolding = "files_holding"
    case nextOffset = "next_offset"
  }

  /// - Parameter end: where the page after it would begin.
  init(_ result: CallersResult, end: Int) {
    let whole = CallersDocument(result)
    name = result.name
    snapshot = SnapshotReferenceDocument(result.snapshot)
    definitions = result.definitions.prefix(20).map(CallTargetDocument.init)
    (callers, uses, possible) = (whole.callers, whole.uses, whole.possible)
    (filesRead, filesHolding) = (result.filesRead, result.filesHolding)
    isComplete = result.isComplete && result.isPossibleComplete
    nextOffset = result.hasMoreCallers ? end : nil
  }
}

/// What a name's definitions call, as the tool gives it.
struct CalleesPageDocument: Encodable {
  var name: String
  var snapshot: SnapshotReferenceDocument
  var definitions: [CalleesDocument]

  init(_ result: CalleesResult) {
    name = result.name
    snapshot = SnapshotReferenceDocument(result.snapshot)
    definitions = result.definitions.map(CalleesDocument.init)
  }
}
