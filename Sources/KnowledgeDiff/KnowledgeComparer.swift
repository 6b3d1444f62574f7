// SPDX-License-Identifier: Apache-2.0
package import Glossary
import IndexStore

/// What two snapshots do not share, as places and hashes: nothing of it is read from git but what tells renames.
package struct KnowledgeChanges: Sendable {
  /// In order of path (the newer one's where there is one).
  package var files: [FileChange]
  /// In order of path, then line.
  package var symbols: [SymbolChange]
  package var fileSummary = FileSummary()
  package var symbolSummary = SymbolSummary()
}

/// Compares two snapshots. Cheap to make; one for each request, used by one task at a time.
package struct KnowledgeComparer {
  package let pair: SnapshotPair
  private let cache: ComparisonCache?

  /// - Parameter cache: where comparisons are looked up and kept; nil makes each anew.
  package init(_ pair: SnapshotPair, cache: ComparisonCache? = nil) {
    self.pair = pair
    self.cache = cache
  }

  /// How many changed files make it worth hashing every name beforehand.
  private static let manyFiles = 3_000

  /// What changed below a prefix; nil means everywhere. A file that moved across the prefix's border counts.
  /// Throws `objectUnreadable`.
  package func changes(under scope: PathScope? = nil) throws -> KnowledgeChanges {
    let all = pair.from.changedFiles(to: pair.to)
    let isWhole = scope == nil
    let wanted = isWhole ? all : all.filter { isInside($0, scope) }
    let names = NameHashes([pair.from, pair.to], isComplete: wanted.count > KnowledgeComparer.manyFiles)
    let files = try fileChanges(all, scope, names)
    let comparison = SymbolComparison(from: pair.from, to: pair.to, names: names)
    // What only a filter is kept of on one side would look gone, or new, as a whole.
    let compared = files.filter { file in
      guard let old = file.from, let new = file.to else { return true }
      return pair.from.skip(ofFile: old) == .none && pair.to.skip(ofFile: new) == .none
    }
    var symbols = KnowledgeComparer.inParallel(compared) { change in
      comparison.changes(change).sorted { KnowledgeComparer.line($0) < KnowledgeComparer.line($1) }
    }
    symbols = SymbolMoves(from: pair.from, to: pair.to).joined(symbols)
    var changes = KnowledgeChanges(files: files, symbols: symbols)
    for file in files { changes.fileSummary.count(file.status) }
    for symbol in symbols { changes.symbolSummary.count(symbol) }
    return changes
  }

  /// What a path or a symbol saw; from the cache where it is there. Throws `pathNotFound`, `symbolNotFound`,
  /// `objectUnreadable`.
  func comparison(_ request: DiffRequest) throws -> Comparison {
    guard let cache else { return try compared(request) }
    let key = ComparisonCache.Key(path: request.path, symbol: request.symbol)
    return try cache.comparison(pair, key) { try compared(request) }
  }

  private func compared(_ request: DiffRequest) throws -> Comparison {
    let scope = try scope(request)
    var changes: KnowledgeChanges
    var spelled: [SymbolEntry] = []
    if let symbol = request.symbol {
      do {
        changes = try self.changes(ofSymbol: symbol, under: scope)
      } catch let error as NenrinError where error.code == .symbolNotFound {
        spelled = try tableSymbols(named: symbol, under: scope)
        if spelled.isEmpty { throw error }
        changes = KnowledgeChanges(files: filesOfTables(spelled), symbols: [])
        for file in changes.files { changes.fileSummary.count(file.status) }
      }
    } else {
      changes = try self.changes(under: scope)
      if changes.files.count == 1, scope?.isFile ?? false, isRegisterTable(changes.files[0]) {
        spelled = try tableSymbols(of: changes.files[0])
      }
    }
    for entry in spelled where entry.status != .unchanged { changes.symbolSummary.count(entry.status, entry.kind) }
    let tables = request.symbol == nil && spelled.isEmpty ? changes.files.count(where: isRegisterTable) : 0
    return Comparison(
      changes: changes, spelled: spelled, directories: DirectoryTally(changes, spelled, self).summaries(),
      uncomparedTables: tables)
  }

  /// The files that hold what changed of some names.
  private func filesOfTables(_ symbols: [SymbolEntry]) -> [FileChange] {
    symbols.compactMap { symbol in
      guard symbol.status != .unchanged else { return nil }
      let (old, new) = (pair.from.file(symbol.path)?.index, pair.to.file(symbol.path)?.index)
      return FileChange(status: old == nil ? .added : new == nil ? .removed : .modified, from: old, to: new)
    }
  }

  /// Where it stands in the file that it is listed under, then in the other.
  private static func line(_ change: SymbolChange) -> (Int32, Int32, UInt64) {
    let record = (change.to ?? change.from)?.record
    return (record?.line ?? 0, change.from?.record.line ?? 0, record?.nameHash ?? 0)
  }

  /// The files alone.
  package func fileChanges(under scope: PathScope? = nil) throws -> [FileChange] {
    let all = pair.from.changedFiles(to: pair.to)
    return try fileChanges(all, scope, NameHashes([], isComplete: false))
  }

  private func isInside(_ files: FilePair, _ scope: PathScope?) -> Bool {
    guard let scope else { return true }
    if let file = files.to, scope.contains(.to, file) { return true }
    if let file = files.from, scope.contains(.from, file) { return true }
    return false
  }

  private func fileChanges(_ all: [FilePair], _ scope: PathScope?, _ names: NameHashes) throws -> [FileChange] {
    let removed = all.compactMap { $0.to == nil ? $0.from : nil }
    let added = all.compactMap { $0.from == nil ? $0.to : nil }
    let renames = try RenameDetector(pair: pair, names: names).renames(removed: removed, added: added) { side, file in
      scope?.contains(side, file) ?? true
    }
    let renamedFrom = Set(renames.map(\.from))
    let renamedTo = Set(renames.map(\.to))
    var changes = renames.map {
      FileChange(status: .renamed, from: $0.from, to: $0.to, similarity: $0.similarity)
    }
    for files in all where isInside(files, scope) {
      switch (files.from, files.to) {
      case (let old?, nil) where !renamedFrom.contains(old):
        changes.append(FileChange(status: .removed, from: old, to: nil))
      case (nil, let new?) where !renamedTo.contains(new):
        changes.append(FileChange(status: .added, from: nil, to: new))
      case (let old?, let new?):
        changes.append(FileChange(status: .modified, from: old, to: new))
      default: break
      }
    }
    let keyed = changes.map { (path: path($0), change: $0) }
    return keyed.sorted { $0.path < $1.path }.map(\.change)
  }

  /// The path that a file is listed under.
  package func path(_ change: FileChange) -> TreePath {
    if let new = change.to { return pair.to.path(at: new) }
    return change.from.map { pair.from.path(at: $0) } ?? TreePath(bytes: [])
  }

  /// Maps files to symbols on all cores, in order.
  private static func inParallel(
    _ files: [FileChange], _ body: @escaping @Sendable (FileChange) -> [SymbolChange]
  ) -> [SymbolChange] {
    let size = 512
    guard files.count > size else { return files.flatMap(body) }
    let parts = stride(from: 0, to: files.count, by: size).map { files[$0..<min(files.count, $0 + size)] }
    return parts.concurrentMap { $0.flatMap(body) }.flatMap(\.self)
  }
}

/// The paths that a comparison is asked for: a file, a directory with all below it, or else every path that begins so.
package struct PathScope: Sendable {
  package let prefix: String
  private let from: Range<Int>
  private let to: Range<Int>
  /// A file of the prefix's own name, beside a directory's.
  private let fromFile: Int?
  private let toFile: Int?

  /// Throws `pathNotFound` with near misses where neither snapshot has it.
  package init(_ prefix: String, in pair: SnapshotPair) throws {
    var text = prefix[...]
    while text.hasPrefix("./") { text = text.dropFirst(2) }
    while text.hasPrefix("/") { text = text.dropFirst() }
    while text.hasSuffix("/") { text = text.dropLast() }
    let name = String(text)
    self.prefix = name
    let path = TreePath(text: name)
    let place = { (view: SnapshotView) in view.file(path)?.index }
    (fromFile, toFile) = (place(pair.from), place(pair.to))
    let directory = name.isEmpty ? "" : name + "/"
    let isWhole = !pair.from.files(under: directory).isEmpty || !pair.to.files(under: directory).isEmpty
    let begin = isWhole || fromFile != nil || toFile != nil ? directory : name
    (from, to) = (pair.from.files(under: begin), pair.to.files(under: begin))
    guard !from.isEmpty || !to.isEmpty || fromFile != nil || toFile != nil else {
      let near = pair.to.nearPaths(path, limit: 3)
      throw NenrinError(
        .pathNotFound, "no path '\(name)' in \(pair.from.info.name) or \(pair.to.info.name)",
        reason: near.isEmpty ? "" : "near it are \(near.map(\.text).joined(separator: ", "))",
        remedies: ["Name a file or a directory by its path from the top of the tree."])
    }
  }

  /// Whether a file, by its place among one side's paths, is asked for.
  package func contains(_ side: DiffSide, _ file: Int) -> Bool {
    side == .from ? from.contains(file) || file == fromFile : to.contains(file) || file == toFile
  }

  /// Whether it is one file on each side where there is one.
  package var isFile: Bool { from.isEmpty && to.isEmpty }
}
