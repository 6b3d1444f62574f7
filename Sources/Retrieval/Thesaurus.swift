// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore
import Synchronization

/// What people call things, and what sources call them: `run out of memory` is `oom`, a `due time` a `deadline`. Comes
/// with the program as `glossaries/english.tsv`; loaded when first asked.
package final class Thesaurus: Sendable {
  /// One way to say something.
  struct Entry {
    /// As it stands in the file.
    var phrase: String
    /// Its words without those that say nothing, as `TermAnalyzer` gives them.
    var stems: [String]
    /// What sources call it, the surest first; each as the terms of one form.
    var terms: [[String]]
  }

  /// The file's lines as they stand: of thousands of phrases a question needs a few, and only those are read closely.
  fileprivate struct Loaded: Sendable {
    var phrases: [(text: Substring, terms: Substring)] = []
    /// Phrases by how the longest of their words begins.
    var byBeginning: [UInt16: [Int]] = [:]
  }

  private let path: String?
  private let loaded = Mutex<Loaded?>(nil)

  /// - Parameter path: a file of lines `phrase | variant<tab>term; other term`; `#` begins a comment. It need not exist.
  package init(path: String?) { self.path = path }

  /// Knows no phrase.
  package static let empty = Thesaurus(path: nil)

  /// How many words may stand between those of a phrase.
  private static let mostBetween = 3

  /// The phrases that a question says, in any order of their words but near each other; longer ones first. Phrases of
  /// the same words are one; those whose words are all part of a longer one are left out.
  ///
  /// - Parameter said: the stems of the question's words, in the order in which they are said.
  func entries(saidBy said: [String], _ analyzer: TermAnalyzer) -> [Entry] {
    var places: [String: [Int]] = [:]
    for (place, stem) in said.enumerated() { places[stem, default: []].append(place) }
    let known = current()
    var found: [Entry] = []
    for beginning in Set(said.map { Thesaurus.beginning(of: $0.utf8) }).sorted() {
      for index in known.byBeginning[beginning] ?? [] {
        let (text, terms) = known.phrases[index]
        let stems = Thesaurus.stems(of: text, analyzer)
        guard !stems.isEmpty, Thesaurus.isSaid(stems, places) else { continue }
        let phrase = text.split(separator: " ").joined(separator: " ")
        found.append(Entry(phrase: phrase, stems: stems, terms: Thesaurus.forms(terms, analyzer)))
      }
    }
    found.sort { ($1.stems.count, $0.phrase) < ($0.stems.count, $1.phrase) }
    var kept: [Entry] = []
    for entry in found {
      let stems = Set(entry.stems)
      guard let place = kept.firstIndex(where: { stems.isSubset(of: $0.stems) }) else {
        kept.append(entry)
        continue
      }
      if kept[place].stems.count == stems.count {
        kept[place].terms += entry.terms.filter { !kept[place].terms.contains($0) }
      }
    }
    return kept
  }

  private static func isSaid(_ stems: [String], _ places: [String: [Int]]) -> Bool {
    guard let firsts = places[stems[0]] else { return false }
    let reach = stems.count + mostBetween
    return firsts.contains { first in
      stems.dropFirst().allSatisfy { stem in (places[stem] ?? []).contains { abs($0 - first) <= reach } }
    }
  }

  /// The words of a phrase that must be said; none where fewer than two of several are left without those that say
  /// nothing, since `first user process` is not said by whoever says `process`.
  private static func stems(of phrase: Substring, _ analyzer: TermAnalyzer) -> [String] {
    var seen: Set<String> = []
    let all = EnglishWord.stems(of: String(phrase), analyzer)
    let telling = all.filter { !StopWords.english.contains($0) && seen.insert($0).inserted }
    let wordCount = phrase.utf8.split(separator: UInt8(ascii: " ")).count
    // What is left of `system z` or of `container of` is said by who means something else.
    return telling.count > 1 || wordCount == 1 ? telling : []
  }

  private func current() -> Loaded {
    loaded.withLock { kept in
      if let kept { return kept }
      var made = Loaded()
      for line in (path.flatMap(TextFile.text) ?? "").split(separator: "\n") where !line.hasPrefix("#") {
        let columns = line.split(separator: "\t")
        guard columns.count == 2 else { continue }
        for phrase in columns[0].split(separator: "|") {
          guard let longest = phrase.utf8.split(separator: UInt8(ascii: " ")).max(by: { $0.count < $1.count }) else {
            continue
          }
          made.byBeginning[Thesaurus.beginning(of: longest), default: []].append(made.phrases.count)
          made.phrases.append((phrase, columns[1]))
        }
      }
      kept = made
      return made
    }
  }

  /// The first two letters: a word and its stem share them.
  private static func beginning(of word: some Sequence<UInt8>) -> UInt16 {
    word.prefix(2).reduce(0) { $0 << 8 | UInt16($1 | 0x20) }
  }

  private static func forms(_ terms: Substring, _ analyzer: TermAnalyzer) -> [[String]] {
    terms.split(separator: ";").map { form($0, analyzer) }.filter { !$0.isEmpty }
  }

  /// The terms of one way to write it: an identifier is looked for whole.
  private static func form(_ text: Substring, _ analyzer: TermAnalyzer) -> [String] {
    var seen: Set<String> = []
    return text.split(separator: " ").flatMap { word -> [String] in
      let terms = analyzer.terms(of: String(word)).map(\.term)
      return terms.filter { $0.contains("_") }.isEmpty ? terms : terms.filter { $0.contains("_") }
    }.filter { seen.insert($0).inserted }
  }
}

extension WordForms {
  /// What sources call what the question says in other words: an idea for each phrase of the thesaurus, of what the
  /// question does not say itself and the snapshot has.
  func thesaurusIdeas(of question: String, _ thesaurus: Thesaurus) -> [QueryTerm] {
    let stems = EnglishWord.stems(of: question, analyzer)
    let said = Set(stems)
    var ideas: [QueryTerm] = []
    for entry in thesaurus.entries(saidBy: stems, analyzer).prefix(weights.mostPhrases) {
      var forms: [QueryTerm.Form] = []
      for (place, words) in entry.terms.enumerated() where !said.isSuperset(of: words) {
        let count = view.chunkCount(withTerms: words)
        guard count > 0, !ideas.contains(where: { $0.forms.contains { $0.words == words } }) else { continue }
        let sureness = 1 / (1 + weights.fallOfTerms * Float(place))
        forms.append(QueryTerm.Form(words, factor: sureness * weights.specificity(count, of: view.info.chunks)))
      }
      guard !forms.isEmpty else { continue }
      let weight = entry.stems.count > 1 ? weights.phrase : weights.otherWord
      ideas.append(QueryTerm(text: entry.phrase, weight: weight, forms: forms))
    }
    return ideas
  }
}
