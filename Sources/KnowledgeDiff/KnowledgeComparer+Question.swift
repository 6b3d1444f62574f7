// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

extension KnowledgeComparer {
  /// Members of a struct that are shown where a question was asked.
  private static let mostMembers = 6

  /// The changes that bear on a question, best first. The sums are over what is listed. Throws `questionEmpty`,
  /// `questionTooLong`, `pathNotFound`, `objectUnreadable`.
  func diff(about question: String, _ request: DiffRequest, under scope: PathScope?) throws -> DiffResult {
    var result = DiffResult(from: pair.from.info, to: pair.to.info)
    let search = try RelevanceSearch(self, question: question, scope: scope)
    let found = try search.files()
    let symbols = search.symbols(in: found.files, named: found.named)
    let limit = request.limit ?? 10
    result.isAboutQuestion = true
    result.fileCount = found.files.count
    result.symbolCount = symbols.count
    let files = Array(found.files.dropFirst(request.offset).prefix(limit))
    let shown = Array(symbols.dropFirst(request.offset).prefix(limit))
    if request.wantsPatch { result.hunks = try files.map { try hunks(of: $0.change) } }
    result.files = zip(describe(files.map(\.change)), files).map { entry, file in
      var entry = entry
      entry.relevance = file.score
      return entry
    }
    result.symbols = zip(try describe(try shown.map { try located($0.change) }), shown).map { entry, symbol in
      var entry = entry
      entry.isNamed = symbol.isNamed
      entry.members = mostTelling(entry.members, search)
      return entry
    }
    for file in files { result.fileSummary.count(file.change.status) }
    for symbol in shown { result.symbolSummary.count(symbol.change) }
    result.directoryChanges = directoryChanges(
      found.files.prefix(limit).map(\.change), atLeast: search.intent.contains(.directory) ? 1 : 2)
    result.passages = try passages(shown.map(\.change), files.map(\.change), search)
    return result
  }

  /// The renames that files of either side are part of.
  func renames(olds: Set<Int>, news: Set<Int>) throws -> [Rename] {
    let all = pair.from.changedFiles(to: pair.to)
    return try RenameDetector(pair: pair, names: NameHashes([], isComplete: false)).renames(
      removed: all.compactMap { $0.to == nil ? $0.from : nil }, added: all.compactMap { $0.from == nil ? $0.to : nil }
    ) { side, file in side == .from ? olds.contains(file) : news.contains(file) }
  }

  /// Files of the newer side that now define what a file that is gone defined and that did not before, those with most
  /// of it first.
  func heirs(of old: Int) -> [Int] {
    let names = NameHashes([], isComplete: false)
    var votes: [Int: Int] = [:]
    var asked = 0
    pair.from.forEachDefinition(inFile: old, names: names) { record in
      guard record.kind == .function || record.kind == .struct || record.kind == .syscall, asked < 200 else { return }
      asked += 1
      let name = pair.from.name(of: record)
      for file in pair.to.files(defining: name, limit: 3) { votes[file, default: 0] += 1 }
    }
    for number in pair.from.chunkNumbers(inFile: old) where pair.to.holds(chunk: number) {
      let files = Set(pair.to.files(ofChunk: number))
      if files.count <= 3 { for file in files { votes[file, default: 0] += 1 } }
    }
    let told = votes.filter { file, count in
      guard count >= 2 || asked <= 3 else { return false }
      guard let before = pair.from.file(pair.to.path(at: file)) else { return true }
      return pair.from.object(at: before.index) != pair.to.object(at: file)
    }
    return told.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
  }

  /// What looks gone or new may only have moved to or from a file that was not compared.
  private func located(_ change: SymbolChange) throws -> SymbolChange {
    let name: String
    switch change.status {
    case .removed: name = change.from.map { pair.from.name(of: $0.record) } ?? ""
    case .added: name = change.to.map { pair.to.name(of: $0.record) } ?? ""
    default: return change
    }
    let other = change.status == .removed ? pair.to : pair.from
    guard change.kind != .section, change.kind != .node, !other.files(defining: name, limit: 4).isEmpty else {
      return change
    }
    let found = try changes(ofSymbol: name).symbols
    return found.first {
      SymbolKey($0) == SymbolKey(change) || $0.status == .moved && $0.from?.file == change.from?.file
    }
      ?? change
  }

  private func mostTelling(_ members: [MemberChange], _ search: RelevanceSearch) -> [MemberChange] {
    let analyzer = TermAnalyzer()
    let rarities = search.rarities
    let scored = members.enumerated().map { place, member in
      (member, Set(analyzer.terms(of: member.name).map(\.term)).reduce(0) { $0 + (rarities[$1] ?? 0) }, place)
    }
    return scored.sorted { ($1.1, $0.2) < ($0.1, $1.2) }.prefix(KnowledgeComparer.mostMembers).map(\.0)
  }

  // MARK: Directories

  /// Directories that came, went or changed their name as a whole, in the order in which their files are given; the
  /// first file's, and those that so many of the files are of.
  func directoryChanges(_ files: [FileChange], atLeast count: Int) -> [DirectoryChange] {
    var changes: [DirectoryChange] = []
    var counts: [DirectoryChange: Int] = [:]
    for file in files {
      let change: DirectoryChange?
      switch file.status {
      case .added: change = file.to.flatMap { whole(pair.to.path(at: $0), missingIn: pair.from, .added) }
      case .removed: change = file.from.flatMap { whole(pair.from.path(at: $0), missingIn: pair.to, .removed) }
      case .renamed: change = renamedDirectory(file)
      case .modified: change = nil
      }
      guard let change else { continue }
      counts[change, default: 0] += 1
      if counts[change] == 1 { changes.append(change) }
    }
    let first = files.first.map { path($0).text }
    return changes.filter { change in
      counts[change] ?? 0 >= count || first.map { $0.hasPrefix(change.path) } ?? false
    }
  }

  private func whole(_ path: TreePath, missingIn other: SnapshotView, _ status: FileStatus) -> DirectoryChange? {
    let parts = path.text.split(separator: "/").dropLast()
    for count in parts.indices {
      let directory = parts[...count].joined(separator: "/") + "/"
      guard !other.hasDirectory(directory) else { continue }
      let view = status == .added ? pair.to : pair.from
      return DirectoryChange(status: status, path: directory, fromPath: nil, files: view.files(under: directory).count)
    }
    return nil
  }

  /// The directory of a renamed file, where it is new and the old one has no file of its own left.
  private func renamedDirectory(_ file: FileChange) -> DirectoryChange? {
    guard let old = file.from.map(pair.from.path), let new = file.to.map(pair.to.path) else { return nil }
    var (a, b) = (old.text.split(separator: "/").dropLast(), new.text.split(separator: "/").dropLast())
    // What both end with was kept.
    while let last = a.last, last == b.last, a.count > 1, b.count > 1 {
      a.removeLast()
      b.removeLast()
    }
    guard !a.isEmpty, !b.isEmpty, a != b else { return nil }
    let (from, to) = (a.joined(separator: "/") + "/", b.joined(separator: "/") + "/")
    guard !pair.to.hasDirectory(from), !pair.from.hasDirectory(to) else { return nil }
    return DirectoryChange(status: .renamed, path: to, fromPath: from, files: pair.to.files(under: to).count)
  }

  // MARK: Passages

  /// The files of which a passage is shown, and all passages, of which one symbol may add two.
  private static let quotedFiles = 6
  private static let mostPassages = 15

  private func passages(
    _ symbols: [SymbolChange], _ files: [FileChange], _ search: RelevanceSearch
  ) throws -> [DiffPassage] {
    var reader = PassageReader(pair)
    var passages: [DiffPassage] = []
    for file in files.prefix(KnowledgeComparer.quotedFiles) {
      let side: DiffSide = file.to == nil ? .from : .to
      guard let place = file.to ?? file.from, let chunk = search.bestChunk(side, in: place) else { continue }
      passages += try reader.passage(side, place, chunk)
    }
    for change in symbols where passages.count < KnowledgeComparer.mostPassages {
      if let old = change.from, change.status != .added { passages += try reader.passage(.from, old) }
      if let new = change.to { passages += try reader.passage(.to, new) }
    }
    return passages
  }
}
