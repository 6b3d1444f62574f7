// SPDX-License-Identifier: Apache-2.0
import IndexStore

/// Takes the English of a question to what text in Japanese may call the same things: the bridge the other way.
struct EnglishBridge {
  let lexicon: JapaneseLexicon.Reader
  private let analyzer = TermAnalyzer()

  init(lexicon: JapaneseLexicon.Reader) { self.lexicon = lexicon }

  private static let mostForms = 8

  /// The Japanese forms of a question's words, by the word's own term; of two words that belong together, by both.
  func forms(of question: String) -> [(terms: [String], forms: [QueryTerm.Form])] {
    let words = question.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.map(String.init)
    var found: [(terms: [String], forms: [QueryTerm.Form])] = []
    for (place, word) in words.enumerated() {
      let terms = analyzer.terms(of: word).map(\.term)
      guard let term = terms.first, !StopWords.english.contains(term) else { continue }
      let forms = forms(EnglishBridge.variants(of: word))
      if !forms.isEmpty, !found.contains(where: { $0.terms == [term] }) { found.append(([term], forms)) }
      guard place + 1 < words.count else { continue }
      let pair = self.forms(EnglishBridge.variants(of: words[place + 1]).map { word + " " + $0 })
      if !pair.isEmpty { found.append((terms + analyzer.terms(of: words[place + 1]).map(\.term), pair)) }
    }
    return found
  }

  private func forms(_ words: [String]) -> [QueryTerm.Form] {
    guard let meanings = words.lazy.map({ lexicon.japanese(for: $0) }).first(where: { !$0.isEmpty }) else { return [] }
    var forms: [QueryTerm.Form] = []
    for meaning in meanings {
      // An inflected word is looked for by what does not change of it.
      var stem = Array(meaning.text.unicodeScalars)
      while let last = stem.last, JapaneseText.script(last) == .hiragana, stem.count > 2 { stem.removeLast() }
      let pairs = analyzer.terms(of: String(stem[...])).map(\.term)
      guard stem.count >= 2, !pairs.isEmpty, forms.count < Self.mostForms,
        !forms.contains(where: { $0.words == pairs })
      else { continue }
      forms.append(QueryTerm.Form(pairs, factor: meaning.factor))
    }
    return forms
  }

  /// The word as it stands, then as a dictionary may have it: without the ending of a plural or a verb.
  static func variants(of word: String) -> [String] {
    var variants = [word]
    func cut(_ ending: String, _ replacements: String...) {
      guard word.hasSuffix(ending), word.utf8.count - ending.utf8.count >= 3 else { return }
      for replacement in replacements { variants.append(word.dropLast(ending.utf8.count) + replacement) }
    }
    cut("ies", "y")
    cut("es", "", "e")
    cut("s", "")
    cut("ing", "", "e")
    cut("ed", "", "e")
    return variants
  }
}
