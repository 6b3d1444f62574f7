// SPDX-License-Identifier: Apache-2.0
import Glibc
import Glossary
import IndexStore
import Retrieval

/// Says how much a symbol's change bears on a question: its text, its name, its file, and whether it is named.
struct SymbolRelevance {
  private let search: RelevanceSearch
  private let rarities: [String: Double]
  private let total: Double
  private let analyzer = TermAnalyzer()
  /// Words of the names that the question spells out and that are gone or stand differently now.
  private let kin: [Set<String>]

  init(search: RelevanceSearch, named: [SymbolChange]) {
    self.search = search
    rarities = search.rarities
    total = max(1e-9, rarities.values.reduce(0, +))
    kin = Set(
      named.compactMap { change -> String? in
        guard change.status != .unchanged, let old = change.from else { return nil }
        return search.pair.from.name(of: old.record)
      }
    ).map { NameWords.words($0).filter { $0.utf8.count > 2 } }
  }

  /// `file` is the worth of its file beside the best one's.
  func score(_ change: SymbolChange, file: Double, isNamed: Bool) -> Double {
    let weights = search.weights
    let old = change.from.map { search.chunkScore(.from, $0) } ?? 0
    let new = change.to.map { search.chunkScore(.to, $0) } ?? 0
    let name = self.name(change)
    let terms = Set(analyzer.terms(of: name).map(\.term))
    let said = terms.reduce(0) { $0 + (rarities[$1] ?? 0) } / total
    // Of a long name that says one word of the question, less is meant than of a short one.
    let share = Double(terms.count { rarities[$0] != nil }) / Double(max(1, terms.count))
    var score =
      weights.chunkPart * max(old, new) + weights.namePart * said * (0.5 + share / 2) + weights.filePart * file
    if isNamed { score += weights.namedPart }
    if change.status == .added, !kin.isEmpty {
      let words = NameWords.words(name)
      let shared = kin.map { Double($0.intersection(words).count) / Double(max(1, $0.count)) }.max() ?? 0
      if shared >= 0.5 { score += weights.kinPart * shared }
    }
    return score * search.intent.factor(change.status) * SymbolRelevance.worth(change.kind)
  }

  private func name(_ change: SymbolChange) -> String {
    if let new = change.to { return search.pair.to.name(of: new.record) }
    return change.from.map { search.pair.from.name(of: $0.record) } ?? ""
  }

  private static func worth(_ kind: SymbolKind) -> Double {
    switch kind {
    case .function, .syscall, .struct, .union, .config, .type, .trait: 1
    case .enum, .typedef, .tracepoint: 0.9
    case .macro, .enumerator, .section, .variable, .impl: 0.7
    case .target, .label, .node: 0.5
    }
  }
}

extension Double {
  var naturalLog: Double { log(self) }
}
