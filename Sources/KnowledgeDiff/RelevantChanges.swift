// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore
import Retrieval

/// A file's change and how much it bears on a question.
struct RelevantFile {
  var change: FileChange
  var score: Double
}

/// A symbol's change and how much it bears on a question.
struct RelevantSymbol {
  var change: SymbolChange
  var score: Double
  /// The question spells its name.
  var isNamed = false
}

/// Everything that ranking changes by a question depends on.
struct RelevanceWeights {
  /// The constant of reciprocal rank fusion.
  var fusionConstant = 20.0
  /// How many files and chunks of each side are looked at.
  var fileDepth = 50
  var chunkDepth = 150
  var search = 1.4
  var chunks = 1.0
  /// A file that defines what the question names.
  var named = 0.12
  /// A file whose path the question spells out; one of the few that are named so.
  var exactPath = 0.3
  var exactName = 0.15
  /// A file of a directory that both sides have, where a directory is asked for.
  var notOfDirectory = 0.4
  /// A file that takes in what a file that answers lost.
  var heir = 0.8

  // The parts of a symbol's score.
  var chunkPart = 0.45
  var namePart = 0.35
  var filePart = 0.2
  var namedPart = 1.0
  var kinPart = 0.7
  /// Files whose symbols are compared.
  var symbolFiles = 40
  /// Files of one directory among the first, where several directories answer.
  var perDirectory = 4
}

/// Ranks what changed between two snapshots by a question: what retrieval finds on either side, kept to what the two do
/// not share, and the chunks that one side alone has.
struct RelevanceSearch {
  let comparer: KnowledgeComparer
  let question: String
  let scope: PathScope?
  let intent: ChangeIntent
  let weights: RelevanceWeights

  private let changed: [FilePair]
  private let from: SideSearch.Findings
  private let to: SideSearch.Findings

  var pair: SnapshotPair { comparer.pair }

  private func findings(_ side: DiffSide) -> SideSearch.Findings { side == .from ? from : to }

  /// What the question is made of, with the words that the newer side has for it.
  private var parts: QuestionParts { to.parts }

  /// Asks both sides at once. Throws `questionEmpty`, `questionTooLong`.
  init(_ comparer: KnowledgeComparer, question: String, scope: PathScope?) throws {
    self.comparer = comparer
    self.question = question
    self.scope = scope
    let (pair, intent, weights) = (comparer.pair, ChangeIntent(question), RelevanceWeights())
    let changed = pair.from.changedFiles(to: pair.to).filter { files in
      guard let scope else { return true }
      return files.to.map { scope.contains(.to, $0) } ?? false || files.from.map { scope.contains(.from, $0) } ?? false
    }
    (self.changed, self.intent, self.weights) = (changed, intent, weights)
    let searches = [DiffSide.from, .to].map { side in
      SideSearch(
        side: side, ranker: FileRanker(view: pair.view(side), lexicons: pair.lexicons), other: pair.view(side.other),
        changed: changed, scope: scope, subject: ChangeIntent.subject(of: question), intent: intent, weights: weights)
    }
    let found = try searches.concurrentMap { try $0.find() }
    (from, to) = (found[0], found[1])
  }

  // MARK: Files

  /// Best first. Throws `objectUnreadable`.
  func files() throws -> (files: [RelevantFile], named: [SymbolChange]) {
    var scores: [DiffSide: [Int: Double]] = [.from: from.scores, .to: to.scores]
    addSpelled(&scores)
    let named = try namedSymbols()
    for symbol in named where symbol.status != .unchanged {
      if let old = symbol.from { scores[.from, default: [:]][old.file, default: 0] += weights.named }
      if let new = symbol.to { scores[.to, default: [:]][new.file, default: 0] += weights.named }
    }
    var files = try joined(scores)
    if files.isEmpty, !intent.isEmpty { files = unasked() }
    try addHeirs(&files)
    return (spread(files.sorted(by: RelevanceSearch.isBetter)), named)
  }

  /// Where no word of the question says what it is about ("what went away?"): all that changed so, in order of path.
  private func unasked() -> [RelevantFile] {
    changed.prefix(20_000).map { files in
      let status: FileStatus = files.from == nil ? .added : files.to == nil ? .removed : .modified
      return RelevantFile(
        change: FileChange(status: status, from: files.from, to: files.to), score: 0.001 * intent.factor(status))
    }
  }

  private static func isBetter(_ left: RelevantFile, _ right: RelevantFile) -> Bool {
    if left.score != right.score { return left.score > right.score }
    return (left.change.to ?? .max, left.change.from ?? .max) < (right.change.to ?? .max, right.change.from ?? .max)
  }

  /// Files that the question names.
  private func addSpelled(_ scores: inout [DiffSide: [Int: Double]]) {
    for side in [DiffSide.from, .to] {
      let view = pair.view(side)
      for path in parts.paths {
        if let file = view.file(TreePath(text: path)) {
          scores[side, default: [:]][file.index, default: 0] += weights.exactPath
        }
      }
      for name in parts.fileNames {
        let found = changed.compactMap { side == .from ? $0.from : $0.to }.filter { view.hasName(name, file: $0) }
        guard found.count <= 3 else { continue }
        for file in found { scores[side, default: [:]][file, default: 0] += weights.exactName }
      }
    }
  }

  /// What became of each name in the question.
  private func namedSymbols() throws -> [SymbolChange] {
    var names = parts.identifiers
    let words = question.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
    let kinds: Set<String> = [
      "struct", "union", "enum", "config", "option", "macro", "function", "syscall", "tracepoint",
    ]
    for (word, next) in zip(words, words.dropFirst()) where kinds.contains(word.lowercased()) && next.utf8.count > 2 {
      names.append(next)
    }
    var found: [SymbolChange] = []
    var seen = Set<String>()
    for name in names.prefix(12) where seen.insert(name).inserted {
      let count = pair.from.files(defining: name, limit: 6).count + pair.to.files(defining: name, limit: 6).count
      let isOption = name.hasPrefix("CONFIG_")
      guard count > 0 || isOption else { continue }
      do {
        found += try comparer.changes(ofSymbol: name, under: scope).symbols
      } catch let error as NenrinError where error.code == .symbolNotFound {}
    }
    return found
  }

  /// Scores of either side as changes of files: a path of both, or a file that was renamed, is one.
  private func joined(_ scores: [DiffSide: [Int: Double]]) throws -> [RelevantFile] {
    let olds = scores[.from] ?? [:]
    let news = scores[.to] ?? [:]
    let renames = try comparer.renames(olds: Set(olds.keys), news: Set(news.keys))
    let byOld = Dictionary(renames.map { ($0.from, $0) }) { first, _ in first }
    let byNew = Dictionary(renames.map { ($0.to, $0) }) { first, _ in first }
    let pairs = Dictionary(changed.compactMap { files in files.from.map { ($0, files) } }) { first, _ in first }
    let newPairs = Dictionary(changed.compactMap { files in files.to.map { ($0, files) } }) { first, _ in first }
    var made: [FilePair: RelevantFile] = [:]
    func add(_ change: FileChange, _ score: Double) {
      let key = FilePair(from: change.from, to: change.to)
      var entry = made[key] ?? RelevantFile(change: change, score: 0)
      // The better side counts whole, the other half: most of what both sides say is the same.
      entry.score = max(entry.score, score) + min(entry.score, score) / 2
      made[key] = entry
    }
    func change(_ rename: Rename) -> FileChange {
      FileChange(status: .renamed, from: rename.from, to: rename.to, similarity: rename.similarity)
    }
    for (file, score) in olds.sorted(by: { $0.key < $1.key }) {
      if let rename = byOld[file] {
        add(change(rename), score)
      } else if let files = pairs[file] {
        add(FileChange(status: files.to == nil ? .removed : .modified, from: file, to: files.to), score)
      }
    }
    for (file, score) in news.sorted(by: { $0.key < $1.key }) {
      if let rename = byNew[file] {
        add(change(rename), score)
      } else if let files = newPairs[file] {
        add(FileChange(status: files.from == nil ? .added : .modified, from: files.from, to: file), score)
      }
    }
    return made.values.map { file in
      var file = file
      file.score *= intent.factor(file.change.status) * directoryFactor(file.change)
      return file
    }
  }

  /// Where a directory that came or went is asked for, files of one that both sides have count less.
  private func directoryFactor(_ change: FileChange) -> Double {
    guard intent.contains(.directory), !intent.isDisjoint(with: [.added, .removed, .moved, .replaced]),
      change.status != .renamed
    else { return 1 }
    let side: DiffSide = change.to == nil ? .from : .to
    guard let file = change.to ?? change.from else { return 1 }
    let isOwn = !pair.view(side).inOwnDirectories([file], beside: pair.view(side.other)).isEmpty
    return isOwn ? 1 : weights.notOfDirectory
  }

  /// Where the symbols of a file that went away are now.
  private func addHeirs(_ files: inout [RelevantFile]) throws {
    let gone = files.sorted(by: RelevanceSearch.isBetter).prefix(10).filter { $0.change.status == .removed }
    for file in gone.prefix(3) {
      guard let old = file.change.from else { continue }
      for heir in comparer.heirs(of: old).prefix(3) {
        let score = file.score * weights.heir
        if let place = files.firstIndex(where: { $0.change.to == heir }) {
          files[place].score = max(files[place].score, score)
        } else {
          let before = pair.from.file(pair.to.path(at: heir))?.index
          files.append(
            RelevantFile(
              change: FileChange(status: before == nil ? .added : .modified, from: before, to: heir), score: score))
        }
      }
    }
  }

  /// Best first, but only so many of one directory before others have had their turn.
  private func spread(_ files: [RelevantFile]) -> [RelevantFile] {
    var counts: [ArraySlice<UInt8>: Int] = [:]
    var (front, back): ([RelevantFile], [RelevantFile]) = ([], [])
    for file in files {
      let path = comparer.path(file.change)
      let directory = path.bytes.dropLast(path.nameBytes.count)
      counts[directory, default: 0] += 1
      if counts[directory] ?? 0 <= weights.perDirectory { front.append(file) } else { back.append(file) }
    }
    return front + back
  }

  // MARK: Symbols

  /// Best first. Throws `objectUnreadable`.
  func symbols(in files: [RelevantFile], named: [SymbolChange]) -> [RelevantSymbol] {
    let names = NameHashes([], isComplete: false)
    let comparison = SymbolComparison(from: pair.from, to: pair.to, names: names)
    var fileScores: [FilePair: Double] = [:]
    var changes: [SymbolChange] = []
    for file in files.prefix(weights.symbolFiles) {
      let change = file.change
      let found = comparison.changes(change)
      changes += found
      for symbol in found { fileScores[FilePair(from: symbol.from?.file, to: symbol.to?.file)] = file.score }
    }
    changes = SymbolMoves(from: pair.from, to: pair.to).joined(changes)
    let best = max(files.first?.score ?? 1, 1e-9)
    let scorer = SymbolRelevance(search: self, named: named)
    var scored: [RelevantSymbol] = []
    var seen = Set<SymbolKey>()
    for change in named where change.status != .unchanged && seen.insert(SymbolKey(change)).inserted {
      scored.append(
        RelevantSymbol(change: change, score: scorer.score(change, file: 1, isNamed: true), isNamed: true))
    }
    for change in changes where seen.insert(SymbolKey(change)).inserted {
      let file = fileScores[FilePair(from: change.from?.file, to: change.to?.file)] ?? 0
      scored.append(RelevantSymbol(change: change, score: scorer.score(change, file: file / best, isNamed: false)))
    }
    return scored.filter { $0.score > 0.12 }.sorted { left, right in
      if left.score != right.score { return left.score > right.score }
      return SymbolKey(left.change) < SymbolKey(right.change)
    }
  }

  /// A chunk's worth for the question, 0 to 1 beside the best that only one side has.
  func chunkScore(_ side: DiffSide, _ symbol: SymbolSide) -> Double {
    let numbers = pair.view(side).chunkNumbers(inFile: symbol.file)
    let best = Double(findings(side).best.first?.score ?? 0)
    guard best > 0, Int(symbol.record.ordinal) < numbers.count else { return 0 }
    return min(1, Double(findings(side).matches.score(ofChunk: numbers[Int(symbol.record.ordinal)])) / best)
  }

  /// The question's terms, each with how rare it is.
  var rarities: [String: Double] {
    var rarities: [String: Double] = [:]
    for side in [DiffSide.from, .to] {
      for term in findings(side).matches.statistics {
        let total = Double(max(1, pair.view(side).info.chunks))
        let rarity = max(0, 1 - Double(max(1, term.chunkCount)).naturalLog / total.naturalLog)
        for word in term.term.split(separator: " ") {
          rarities[String(word)] = max(rarities[String(word)] ?? 0, rarity)
        }
      }
    }
    return rarities
  }

  /// The lines of a file that the question asks for most: of those that this side alone has, of all where a file moved
  /// as it was.
  func bestChunk(_ side: DiffSide, in file: Int) -> ChunkLocation? {
    let all = pair.view(side).chunks(inFile: file)
    let other = pair.view(side.other)
    let own = all.filter { !other.holds(chunk: $0.number) }
    let scored = (own.isEmpty ? all : own).map { ($0, findings(side).matches.score(ofChunk: $0.number)) }
    return scored.max { ($0.1, $1.0.ordinal) < ($1.1, $0.0.ordinal) }?.0
  }
}

/// What tells one symbol's change from another.
struct SymbolKey: Hashable, Comparable {
  private let to: Int
  private let from: Int
  private let line: Int32
  private let name: UInt64
  private let kind: UInt8

  init(_ change: SymbolChange) {
    to = change.to?.file ?? .max
    from = change.from?.file ?? .max
    let record = (change.to ?? change.from)?.record
    line = record?.line ?? 0
    name = record?.nameHash ?? 0
    kind = record?.kind.rawValue ?? 0
  }

  static func < (left: SymbolKey, right: SymbolKey) -> Bool {
    (left.to, left.from, left.line, left.name, left.kind) < (right.to, right.from, right.line, right.name, right.kind)
  }
}
