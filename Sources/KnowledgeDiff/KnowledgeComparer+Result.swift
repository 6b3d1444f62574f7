// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

extension KnowledgeComparer {
  /// What changed, in words. Throws `pathNotFound`, `invalidArgument`, `objectUnreadable`.
  package func diff(_ request: DiffRequest) throws -> DiffResult {
    let clock = ContinuousClock()
    let start = clock.now
    if let question = request.question {
      var result = try diff(about: question, request, under: scope(request))
      result.elapsed = clock.now - start
      return result
    }
    var result = DiffResult(from: pair.from.info, to: pair.to.info)
    let found = try comparison(request)
    let changes = found.changes
    result.fileSummary = changes.fileSummary
    result.symbolSummary = changes.symbolSummary
    result.directories = found.directories
    result.uncomparedTables = found.uncomparedTables
    result.fileCount = changes.files.count
    result.symbolCount = changes.symbols.count + found.spelled.count
    let files = try natures(
      of: Array(changes.files.dropFirst(request.offset).prefix(request.limit ?? .max)), symbols: changes.symbols)
    result.files = describe(files)
    if request.wantsPatch { result.hunks = try files.map { try hunks(of: $0) } }
    let limit = request.limit ?? DiffRequest.symbolLimit
    result.symbols = try describe(Array(changes.symbols.dropFirst(request.offset).prefix(limit)))
    result.symbols += found.spelled.dropFirst(max(0, request.offset - changes.symbols.count))
      .prefix(limit - result.symbols.count)
    result.elapsed = clock.now - start
    return result
  }

  func scope(_ request: DiffRequest) throws -> PathScope? {
    guard let path = request.path, !path.isEmpty, path != ".", path != "/" else { return nil }
    return try PathScope(path, in: pair)
  }

  /// Throws `objectUnreadable`.
  package func describe(_ symbols: [SymbolChange]) throws -> [SymbolEntry] {
    var describer = SymbolDescriber(pair)
    return try symbols.map { try describer.entry($0) }
  }

  /// Puts words to changes of files.
  package func describe(_ files: [FileChange]) -> [FileEntry] {
    files.map { change in
      let old = change.from.map { pair.from.path(at: $0) }
      let new = change.to.map { pair.to.path(at: $0) }
      return FileEntry(
        status: change.status, path: new ?? old ?? TreePath(bytes: []),
        fromPath: new == old ? nil : new.flatMap { _ in old },
        similarity: change.similarity, nature: change.nature)
    }
  }
}

/// Counts changes by directory: as deep as it takes to have several, and no more than a person reads.
struct DirectoryTally {
  private static let mostDirectories = 24

  private var root: Node = Node()
  private var prefix = ""

  private final class Node {
    var files = FileSummary()
    var symbols: [SymbolStatus: Int] = [:]
    var children: [String: Node] = [:]
    var ownFiles = FileSummary()
    var ownSymbols: [SymbolStatus: Int] = [:]
  }

  init(_ changes: KnowledgeChanges, _ spelled: [SymbolEntry], _ comparer: KnowledgeComparer) {
    var nodes: [String: [Node]] = [:]
    func chain(_ path: TreePath) -> [Node] {
      let directory = String(decoding: path.bytes.dropLast(path.nameBytes.count), as: UTF8.self)
      if let known = nodes[directory] { return known }
      var chain = [root]
      for part in directory.split(separator: "/") {
        let parent = chain[chain.count - 1]
        let child = parent.children[String(part)] ?? Node()
        parent.children[String(part)] = child
        chain.append(child)
      }
      nodes[directory] = chain
      return chain
    }
    for file in changes.files {
      let chain = chain(comparer.path(file))
      for node in chain { node.files.count(file.status) }
      chain.last?.ownFiles.count(file.status)
    }
    for symbol in changes.symbols {
      let path =
        symbol.to.map { comparer.pair.to.path(at: $0.file) }
        ?? symbol.from.map { comparer.pair.from.path(at: $0.file) }
      guard let path else { continue }
      let chain = chain(path)
      for node in chain { node.symbols[symbol.status, default: 0] += 1 }
      chain.last?.ownSymbols[symbol.status, default: 0] += 1
    }
    for symbol in spelled where symbol.status != .unchanged {
      let chain = chain(symbol.path)
      for node in chain { node.symbols[symbol.status, default: 0] += 1 }
      chain.last?.ownSymbols[symbol.status, default: 0] += 1
    }
  }

  /// In order of path. The directory with the most changes is opened as long as there is room for what is in it.
  func summaries() -> [DirectorySummary] {
    var open: [(path: String, node: Node)] = [("", root)]
    while true {
      let candidates = open.enumerated().filter { !$0.element.node.children.isEmpty }
      let largest = candidates.max { left, right in
        (left.element.node.files.total, right.offset) < (right.element.node.files.total, left.offset)
      }
      guard let (place, entry) = largest else { break }
      let isOnly = open.count == 1
      let size = entry.node.children.count + (entry.node.ownFiles.total > 0 ? 1 : 0)
      guard isOnly || open.count - 1 + size <= DirectoryTally.mostDirectories else { break }
      open.remove(at: place)
      open += entry.node.children.map { (entry.path + $0.key + "/", $0.value) }
      if entry.node.ownFiles.total > 0 || !entry.node.ownSymbols.isEmpty {
        let own = Node()
        (own.files, own.symbols) = (entry.node.ownFiles, entry.node.ownSymbols)
        open.append((entry.path, own))
      }
      open.sort { $0.path < $1.path }
    }
    return open.filter { $0.node.files.total > 0 || !$0.node.symbols.isEmpty }.map {
      DirectorySummary(path: $0.path, files: $0.node.files, symbols: $0.node.symbols)
    }
  }
}
