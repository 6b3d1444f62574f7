// SPDX-License-Identifier: Apache-2.0
import Answering
import Glossary
import HTTPAPI
import KnowledgeDiff
import Logging
import Retrieval

/// Two snapshots of a tree of a few files, without an index.
struct FakeKnowledge: Knowledge {
  var known = [FakeKnowledge.snapshot("v2.0"), FakeKnowledge.snapshot("v1.0")]
  /// Called at the begin of every search.
  var onSearch: @Sendable () async throws -> Void = {}
  /// Called with every question.
  var onQuestion: @Sendable (String) -> Void = { _ in }
  /// What a search gives; nil gives two passages.
  var result: SearchResult?
  var unknownNames: [UnverifiedName] = []

  static let lockPath = TreePath(text: "fs/tree/lock.c")
  static let oddPath = TreePath(text: "docs/a b<&>%.txt")

  static let files: [TreePath: String] = [
    lockPath: "// SPDX\nvoid tree_lock(struct tree *t)\n{\n\tif (a < b && c > d)\n\t\tspin(&t->lock);\n}\n",
    TreePath(text: "fs/tree/tree.h"): "struct tree {\n\tint lock;\n};\n",
    oddPath: "one\r\ntwo",
  ]

  static func snapshot(_ revision: String, collection: String = "tree") -> SnapshotInfo {
    SnapshotInfo(
      id: revision == "v2.0" ? 2 : 1, collection: collection, revision: revision,
      commit: ObjectID(high: 0x0123_4567_89ab_cdef, middle: 1, low: UInt32(revision.utf8.count)), date: 1_700_000_000,
      indexedAt: 1_700_000_100, files: 3, bytes: 200, chunks: 4, ownBytes: 50)
  }

  static func search(_ question: String, in snapshot: SnapshotInfo) -> SearchResult {
    let lock = Passage(
      rank: 1, path: lockPath, lines: 2...6, symbol: "tree_lock", kind: .function, language: .c, score: 0.5,
      text: "void tree_lock(struct tree *t)\n{\n\tif (a < b && c > d)\n\t\tspin(&t->lock);\n}\n")
    let header = Passage(
      rank: 2, path: TreePath(text: "fs/tree/tree.h"), lines: 1...3, symbol: nil, kind: nil, language: .c,
      score: 0.25, text: "struct tree {\n\tint lock;\n};\n")
    return SearchResult(
      question: question, snapshot: snapshot, elapsed: .microseconds(1_500),
      files: [
        FileHit(
          rank: 1, path: lockPath, score: 0.5,
          reasons: [HitReason(signal: "path", rank: 1, matched: "lock", contribution: 0.25)]),
        FileHit(rank: 2, path: header.path, score: 0.25, reasons: []),
      ], passages: [lock, header])
  }

  func snapshots() async throws -> [SnapshotInfo] { known }

  func resolve(_ name: SnapshotName) async throws -> SnapshotInfo {
    let found = known.first { snapshot in
      (name.collection == nil || name.collection == snapshot.collection)
        && (name.revision == nil || name.revision == snapshot.revision)
    }
    guard let found else {
      throw NenrinError(
        .snapshotNotFound, "no snapshot '\(name)'", reason: "indexed here are v2.0, v1.0",
        remedies: ["Ask for one of these."])
    }
    return found
  }

  func search(_ request: SearchRequest, in snapshot: SnapshotInfo) async throws -> SearchResult {
    onQuestion(request.question)
    try await onSearch()
    return result ?? FakeKnowledge.search(request.question, in: snapshot)
  }

  func symbol(_ name: String, referenceLimit: Int, in snapshot: SnapshotInfo) async throws -> SymbolResult {
    guard name == "tree_lock" else {
      return SymbolResult(name: name, snapshot: snapshot, definitions: [], nearMisses: ["tree_lock"])
    }
    let definition = Definition(name: name, kind: .function, line: 2, signature: 8..<38)
    return SymbolResult(
      name: name, snapshot: snapshot,
      definitions: [
        DefinitionHit(
          path: FakeKnowledge.lockPath, definition: definition, endLine: 6,
          signature: "void tree_lock(struct tree *t)")
      ],
      references: referenceLimit == 0
        ? [] : [ReferenceHit(path: FakeKnowledge.oddPath, line: 1, inSymbol: nil, text: "tree_lock(t);")])
  }

  func source(
    of path: TreePath, lines: ClosedRange<Int>?, in snapshot: SnapshotInfo
  ) async throws -> SourceExcerpt {
    guard let text = FakeKnowledge.files[path] else {
      throw NenrinError(
        .pathNotFound, "no path '\(path)' in \(snapshot.name)", reason: "there is fs/tree/lock.c",
        remedies: ["Check the spelling."])
    }
    var all = text.split(separator: "\n", omittingEmptySubsequences: false)
    if all.last?.isEmpty == true { all.removeLast() }
    let wanted = (lines ?? 1...all.count).clamped(to: 1...all.count)
    return SourceExcerpt(
      snapshot: snapshot, path: path, blob: ObjectID(high: 7, middle: 7, low: 7), language: Language(path: path),
      lineCount: all.count, firstLine: wanted.lowerBound,
      text: all[(wanted.lowerBound - 1)..<wanted.upperBound].joined(separator: "\n") + "\n",
      symbols: path == FakeKnowledge.lockPath ? [.init(name: "tree_lock", kind: .function, lines: 2...6)] : [])
  }

  func diff(_ request: DiffRequest, from old: SnapshotInfo, to new: SnapshotInfo) async throws -> DiffResult {
    FakeKnowledge.diff(request, from: old, to: new)
  }

  func unverified(_ mentions: [NameMention], in snapshot: SnapshotInfo) async throws -> [UnverifiedName] {
    unknownNames
  }
}

/// Starts a server on a free port, lets the test speak to it, and stops it.
func withServer(
  _ configuration: ServerConfiguration = ServerConfiguration(), _ knowledge: FakeKnowledge = FakeKnowledge(),
  models: ServedModels = ServedModels(),
  logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
  _ test: (HTTPClient) async throws -> Void
) async throws {
  var configuration = configuration
  configuration.port = 0
  let server = Server(configuration: configuration, knowledge: knowledge, models: models, logger: logger)
  let (ports, announce) = AsyncStream.makeStream(of: Int.self)
  let running = Task { try await server.run { port in announce.yield(port) } }
  defer { running.cancel() }
  var iterator = ports.makeAsyncIterator()
  guard let port = await iterator.next() else { throw HTTPClientError(message: "the server did not start") }
  try await test(HTTPClient(port: port))
}
