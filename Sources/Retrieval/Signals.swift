// SPDX-License-Identifier: Apache-2.0
import Glibc
import Glossary
import IndexStore

/// What each signal finds for a query in one snapshot.
struct Signals {
  let view: SnapshotView
  let query: Query
  let weights: RankingWeights
  /// Keeps only files that the request allows; nil for all.
  let accepts: ((Int) -> Bool)?

  private func allows(_ file: Int) -> Bool { accepts?(file) ?? true }

  private func list(_ signal: String, _ weight: Double, _ candidates: [RankedList.Candidate]) -> RankedList {
    RankedList(signal, weight: weight, candidates, depth: weights.listDepth)
  }

  /// Paths and file names that the question spells out.
  func exactPaths() -> RankedList {
    var scores: [Int: (Double, String)] = [:]
    for path in query.paths {
      if let file = view.file(TreePath(text: path)), allows(file.index) { scores[file.index] = (3, path) }
    }
    let names = query.fileNames + query.paths.compactMap { $0.split(separator: "/").last.map(String.init) }
    for name in names where name.contains(".") {
      for index in 0..<view.fileCount where view.hasName(name, file: index) && allows(index) {
        let path = view.path(at: index).text
        let isSuffix = query.paths.contains { path.hasSuffix("/" + $0) }
        let score = isSuffix ? 2.5 : 2
        if scores[index]?.0 ?? 0 < score { scores[index] = (score, name) }
      }
    }
    return list(
      "exact path", weights.exactPath,
      scores.map { RankedList.Candidate(file: $0.key, score: $0.value.0, matched: $0.value.1) })
  }

  /// Files that define what the question names.
  func symbols() -> (list: RankedList, places: [SymbolLocation]) {
    var scores: [Int: (Double, [String])] = [:]
    var places: [SymbolLocation] = []
    for name in query.identifiers + query.words {
      let isWord = !query.identifiers.contains(name)
      // A common word is a name only where it looks like one (tg3, openat2) or hardly anything else was said.
      if isWord, !SymbolName.mightBeName(name), query.terms.count > 2 { continue }
      for variant in SymbolName.variants(of: name) {
        let found = view.definitions(named: variant.name).filter {
          variant.kinds?.contains($0.definition.kind) ?? true && allows($0.chunk.file)
        }
        guard !found.isEmpty, found.count <= 8 || !isWord || query.terms.count <= 2 else { continue }
        for place in found.prefix(400) {
          let worth = SymbolName.worth(place.definition, path: view.path(at: place.chunk.file)) * (isWord ? 0.4 : 1)
          let before = scores[place.chunk.file] ?? (0, [])
          let names = before.1.contains(name) ? before.1 : before.1 + [name]
          scores[place.chunk.file] = (max(before.0, worth) + (names.count > 1 ? 0.5 : 0), names)
          places.append(place)
        }
        break
      }
    }
    let candidates = scores.map { file, value in
      RankedList.Candidate(file: file, score: value.0, matched: value.1.joined(separator: ", "))
    }
    return (list("symbol", weights.symbol, candidates), places)
  }

  /// Files whose path says the question's words, weighed by how rare each is among paths.
  func pathWords() -> RankedList {
    var scores: [Int: (score: Double, words: [String])] = [:]
    for term in query.terms {
      let files = view.files(withPathTerm: term)
      guard !files.isEmpty, files.count < max(200, view.fileCount / 8) else { continue }
      let rarity = Double(view.fileCount) / Double(files.count)
      let weight = Double(term.weight) * log(rarity)
      for (file, isInName, factor) in files where allows(file) {
        let part = weight * Double(factor) * (isInName ? weights.pathNameWord : weights.pathDirectoryWord)
        scores[file, default: (0, [])].score += part
        scores[file, default: (0, [])].words.append(term.text)
      }
    }
    let candidates = scores.map { file, value in
      // Short paths say what they are about; a word in a long one is one among many.
      let length = Double(view.path(at: file).bytes.count)
      return RankedList.Candidate(
        file: file, score: value.score / (1 + length / 160), matched: value.words.joined(separator: ", "))
    }
    return list("path words", weights.pathWords, candidates)
  }

  /// Files that are built by the options that the question names, or whose prompt or help says its words.
  func buildGraph(_ matches: WordMatches) -> RankedList {
    let rules = view.buildRules
    var scores: [Int: (score: Double, option: String)] = [:]
    for name in query.identifiers where name.hasPrefix("CONFIG_") {
      for part in rules.sources(ofOption: String(name.dropFirst("CONFIG_".count))) where allows(part.file) {
        scores[part.file] = (1000 - Double(part.distance), name)
      }
    }
    for hit in view.bestChunks(matches, limit: weights.optionDepth, where: { view.language(ofChunk: $0) == .kconfig }) {
      guard let place = view.locations(ofChunk: hit.chunk).first, place.kind == .config, let option = place.symbol
      else { continue }
      for part in rules.sources(ofOption: option).prefix(12) where allows(part.file) {
        let score = Double(hit.score) * (part.distance == 0 ? 1 : 0.8)
        if scores[part.file]?.score ?? 0 < score { scores[part.file] = (score, "CONFIG_\(option)") }
      }
    }
    return list(
      "build graph", weights.buildGraph,
      scores.map { RankedList.Candidate(file: $0.key, score: $0.value.score, matched: $0.value.option) })
  }

  /// Files whose cards say the question's words, a list for each field.
  func cards(_ matches: WordMatches) -> [RankedList] {
    CardField.allCases.map { field in
      list(
        "card: \(field)", weights.card(field),
        (matches.cards[field] ?? []).map { RankedList.Candidate(file: $0.file, score: Double($0.score), matched: "") })
    }
  }

  /// Files and chunks whose text says the question's words.
  func words() -> (files: RankedList, chunks: RankedList, matches: WordMatches) {
    let matches = view.words(
      query.terms, limit: weights.listDepth * 2, chunkModel: weights.chunkModel, fileModel: weights.fileModel,
      accepts: accepts)
    let files = matches.files.map { RankedList.Candidate(file: $0.file, score: Double($0.score), matched: "") }
    var best: [Int: Double] = [:]
    for hit in matches.chunks {
      for file in view.files(holding: [hit.chunk]) where allows(file) {
        best[file] = max(best[file] ?? 0, Double(hit.score))
      }
    }
    let chunks = best.map { RankedList.Candidate(file: $0.key, score: $0.value, matched: "") }
    return (
      list("words in the file", weights.fileWords, files), list("words in a chunk", weights.chunkWords, chunks), matches
    )
  }
}

extension Signals {
  /// Files whose path says what several of the files that were found first are called, as further words of the question
  /// (pseudo-relevance feedback; Rocchio, 1971).
  func feedback(from first: [Fusion.Fused], _ stem: FileStem) -> RankedList {
    var votes: [String: (weight: Double, count: Int)] = [:]
    for (place, entry) in first.prefix(weights.feedbackFiles).enumerated() {
      for word in Set(stem.unasked(ofName: view.path(at: entry.file))) where word.utf8.count > 2 {
        votes[word, default: (0, 0)].weight += 1 / (3 + Double(place))
        votes[word, default: (0, 0)].count += 1
      }
    }
    var words: [(word: String, files: [(file: Int, isInName: Bool)], worth: Double)] = []
    for (word, vote) in votes where vote.count > 1 {
      let files = view.files(withPathTerm: word)
      let rarity = Double(view.fileCount) / Double(max(1, files.count))
      words.append((word, files, vote.weight * log(rarity)))
    }
    words.sort { $0.worth != $1.worth ? $0.worth > $1.worth : $0.word < $1.word }
    var scores: [Int: (score: Double, words: [String])] = [:]
    for (word, files, worth) in words.prefix(weights.feedbackWords)
    where files.count < max(200, view.fileCount / 8) {
      for (file, isInName) in files where allows(file) {
        scores[file, default: (0, [])].score += worth * (isInName ? weights.pathNameWord : weights.pathDirectoryWord)
        scores[file, default: (0, [])].words.append(word)
      }
    }
    return list(
      "feedback", weights.feedback,
      scores.map { file, value in
        RankedList.Candidate(file: file, score: value.score, matched: value.words.joined(separator: ", "))
      })
  }
}

/// How names are written and what they stand for.
enum SymbolName {
  struct Variant {
    var name: String
    /// Nil: any kind.
    var kinds: Set<SymbolKind>?
  }

  /// The name itself, then what it may be written for: `sys_openat2` for the system call `openat2`, `CONFIG_BTRFS_FS`
  /// for the option `BTRFS_FS`, `trace_sched_switch` for the tracepoint `sched_switch`.
  static func variants(of name: String) -> [Variant] {
    var variants = [Variant(name: name)]
    func add(_ prefix: String, _ kinds: Set<SymbolKind>) {
      guard name.hasPrefix(prefix), name.utf8.count > prefix.utf8.count else { return }
      variants.append(Variant(name: String(name.dropFirst(prefix.count)), kinds: kinds))
    }
    for prefix in syscallPrefixes { add(prefix, [.syscall]) }
    add("CONFIG_", [.config])
    add("trace_", [.tracepoint])
    return variants
  }

  private static let syscallPrefixes = [
    "sys_", "__x64_sys_", "__ia32_sys_", "__arm64_sys_", "__riscv_sys_", "__s390x_sys_", "__se_sys_", "__do_sys_",
    "compat_sys_", "__x64_compat_sys_", "__ia32_compat_sys_", "__arm64_compat_sys_", "__se_compat_sys_",
    "__do_compat_sys_",
  ]

  /// Whether a plain word looks like a name: letters and digits together.
  static func mightBeName(_ word: String) -> Bool {
    guard word.utf8.count >= 3 else { return false }
    let digits = word.utf8.count { (0x30...0x39).contains($0) }
    return digits > 0 && digits < word.utf8.count
  }

  /// What a definition is worth as an answer: real definitions before fallbacks, kernel code before copies.
  static func worth(_ definition: Definition, path: TreePath) -> Double {
    let kind: Double =
      switch definition.kind {
      case .function, .syscall, .struct, .union, .enum, .type, .trait, .config, .tracepoint: 1
      case .typedef, .macro, .enumerator, .target, .impl: 0.9
      case .variable: 0.8
      case .label, .node, .section: 0.6
      }
    return kind * (definition.isExported ? 1.1 : 1) * (definition.isStatic ? 0.92 : 1)
  }
}
