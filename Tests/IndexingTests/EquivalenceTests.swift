// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore
import Indexing
import Retrieval
import TestSupport
import Testing

/// `index A; index B` answers for B exactly as `index B` alone does, scores included.
@Suite struct EquivalenceTests {
  /// Twenty scripts in each home, so that the scripts before are history too; 200 in all.
  @Test(arguments: 0..<10) func historyDoesNotShow(seed: Int) async throws {
    let repository = try TestRepository()
    let grown = try TestHome()
    for number in 0..<20 {
      var script = EditScript(seed: UInt64(seed * 20 + number) &* 7919 &+ 1)
      let name = "s\(number)"
      for step in 0..<4 { try script.next().commit(to: repository, branch: name, tag: "\(name)v\(step)") }
      if number % 2 == 0 {
        try await grown.index(repository, "\(name)v0", "\(name)v0..\(name)v3")
      } else {
        try await grown.index(repository, "\(name)v0", "\(name)v1", "\(name)v2", "\(name)v3")
      }
      let tag = "\(name)v\(number % 4 == 0 ? 2 : 3)"
      let fresh = try TestHome()
      try await fresh.index(repository, tag)
      let expected = try Self.answers(try fresh.view(tag), repository)
      #expect(try Self.answers(try grown.view(tag), repository) == expected, "\(tag) of seed \(seed)")
      #expect(expected.count > 20)
    }
    #expect(try await grown.verify(quick: true) == [])
  }

  /// Everything that a query can see, as text.
  static func answers(_ view: SnapshotView, _ repository: TestRepository) throws -> [String] {
    let retriever = Retriever(view: view, source: try Repository(opening: repository.path))
    var lines = ["\(view.info.files) \(view.info.bytes) \(view.info.chunks)"]
    for index in 0..<view.fileCount {
      let file = view.file(at: index)
      lines.append("\(file.path) \(file.kind) \(file.object) \(file.language) \(file.skip) \(file.lineCount)")
      for chunk in view.chunks(inFile: index) {
        lines.append("  \(chunk.lines) \(chunk.bytes) \(chunk.kind.map(\.name) ?? "-") \(chunk.symbol ?? "-")")
      }
      for symbol in view.definitions(inFile: index) { lines.append("  \(symbol.definition)") }
    }
    for question in ["where is the lock taken", "page reclaim", "alpha beta", "read_pages()", "node.c", "テスト ロック"] {
      let result = try retriever.search(SearchRequest(question: question, limit: 20))
      for hit in result.files { lines.append("\(question): \(hit.path) \(hit.score) \(hit.reasons.map(\.text))") }
      for passage in result.passages { lines.append("\(passage.path) \(passage.lines) \(passage.score)") }
    }
    let idea = QueryTerm(
      text: "lock",
      forms: [.init(["lock"]), .init(["reclaim"], factor: 0.3), .init(["node", "alpha"], factor: 0.7)])
    let model = BM25(k1: 1.2, b: 0.5)
    let matches = view.words([idea, QueryTerm(text: "page")], limit: 30, chunkModel: model, fileModel: model)
    lines += matches.files.map { "\(view.path(at: $0.file)) \($0.score)" }
    lines += matches.chunks.map { "\(view.locations(ofChunk: $0.chunk).map(\.lines)) \($0.score)" }
    lines += matches.statistics.map { "\($0.term) \($0.chunkCount) \($0.fileCount)" }
    for name in EditScript.names {
      let result = try retriever.symbol(name, referenceLimit: 50)
      lines += result.definitions.map { "\(name) \($0.path):\($0.definition.line)-\($0.endLine) \($0.signature)" }
      lines += result.references.map { "\(name) \($0.path):\($0.line) \($0.inSymbol ?? "-") \($0.text)" }
    }
    return lines
  }
}

/// A tree that changes at random: files are added, edited, renamed, copied, deleted, made executable, brought back to
/// what they were, merged from a branch that went another way.
struct EditScript {
  static let names = ["take_lock", "read_pages", "reclaim_node", "alpha_value", "beta_value", "MAX_NODES"]
  private static let folders = ["fs", "mm", "fs/inner", "drivers/net"]

  private var state: UInt64
  private var files: [String: [Int]] = [:]
  private var executables: Set<String> = []
  /// The trees so far.
  private var history: [[String: [Int]]] = []

  init(seed: UInt64) { state = seed | 1 }

  private mutating func random(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(bound))
  }

  /// One function of some thirty; the same number is the same text wherever it stands.
  private static func function(_ number: Int) -> String {
    let name = names[number % names.count]
    switch number % 4 {
    case 0:
      return
        "/* Takes the lock of node \(number). */\nint \(name)_\(number)(struct node *n)\n{\n\tlock(n);\n\treturn \(number);\n}\n\n"
    case 1:
      return "static void \(name)(int pages)\n{\n\tfor (int i = 0; i < pages; i++)\n\t\treclaim(i + \(number));\n}\n\n"
    case 2: return "struct \(name) {\n\tint alpha;\n\tlong beta_\(number);\n};\n\n"
    default: return "#define MAX_NODES \(number)\nextern int \(name);\n\n"
    }
  }

  private mutating func newPath() -> String {
    "\(EditScript.folders[random(4)])/\(["node", "page", "lock", "read"][random(4)])\(random(5)).\(["c", "h", "txt"][random(3)])"
  }

  private mutating func edit() {
    let paths = files.keys.sorted()
    guard paths.count > 3 else {
      files[newPath()] = (0..<(1 + random(5))).map { _ in random(30) }
      return
    }
    let path = paths[random(paths.count)]
    let function = random(30)
    switch random(8) {
    case 0: files[newPath()] = (0..<(1 + random(5))).map { _ in random(30) }
    case 1: files[path]?.append(function)
    case 2: files[path]?.insert(function, at: 0)
    case 3:
      let moved = files.removeValue(forKey: path)
      files[newPath()] = moved
    case 4:
      let copied = files[path]
      files[newPath()] = copied
    case 5: files[path] = nil
    case 6: if !history.isEmpty { files[path] = history[random(history.count)][path] }
    default: if executables.remove(path) == nil { executables.insert(path) }
    }
  }

  struct Tree {
    var files: [String: TestFile]
    /// Paths of the commit before that are gone.
    var removed: [String]
    /// The other parent's files, where it is a merge.
    var other: [String: TestFile]?

    func commit(to repository: TestRepository, branch: String = "main", tag: String) throws {
      var merge: [String] = []
      if let other {
        try repository.commit(other, message: "other side of \(tag)", branch: "\(branch)-\(tag)")
        merge = ["refs/heads/\(branch)-\(tag)"]
      }
      try repository.commit(files, remove: removed, message: tag, branch: branch, merge: merge, tag: tag)
    }
  }

  /// The tree after a few more edits.
  mutating func next() -> Tree {
    let before = files
    var other: [String: [Int]]?
    if history.count > 1, random(3) == 0 {
      // The other side goes on from an older tree; what it has and this side has not is taken over.
      let ours = files
      files = history[random(history.count)]
      edit()
      other = files
      files = ours.merging(files) { ours, _ in ours }
    }
    for _ in 0..<(3 + random(6)) { edit() }
    history.append(files)
    return Tree(
      files: text(of: files), removed: before.keys.filter { files[$0] == nil }.sorted(), other: other.map(text))
  }

  private func text(of files: [String: [Int]]) -> [String: TestFile] {
    Dictionary(
      uniqueKeysWithValues: files.map { path, functions in
        let text = functions.map(EditScript.function).joined()
        return (path, executables.contains(path) ? TestFile.executable(text) : TestFile.text(text))
      })
  }
}
