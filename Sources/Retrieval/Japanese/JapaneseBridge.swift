// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// Takes the Japanese of a question to what a snapshot may call the same things: each word becomes one idea with all its
/// translations, and itself, as forms.
struct JapaneseBridge {
  let view: SnapshotView
  let lexicon: JapaneseLexicon.Reader
  let weights: RankingWeights
  /// Whether the snapshot has much text in Japanese: words are then asked for as they are written, and files by how
  /// their names are said.
  let isCorpusJapanese: Bool
  private let analyzer = TermAnalyzer()

  init(view: SnapshotView, lexicon: JapaneseLexicon.Reader, weights: RankingWeights) {
    self.view = view
    self.lexicon = lexicon
    self.weights = weights
    isCorpusJapanese = Self.isJapanese(view)
  }

  /// Whether much of a snapshot's text is in Japanese.
  static func isJapanese(_ view: SnapshotView) -> Bool {
    let most = commonPairs.map { view.chunkCount(withTerm: $0) }.max() ?? 0
    return Double(most) > leastShare * Double(view.info.chunks)
  }

  /// Pairs that stand in almost any text in Japanese, and the share of chunks from which a snapshot counts as one.
  private static let commonPairs = ["した", "する", "です", "ます", "ない", "から", "って"]
  private static let leastShare = 0.05

  /// Most forms of one idea.
  private static let mostForms = 10

  /// The ideas of a question that was folded by `JapaneseText.folding`, in the order in which they are said, and the
  /// pairs of characters that are more than particles and endings, where they count beside the ideas.
  func terms(of question: String) -> (ideas: [QueryTerm], pairs: Set<String>) {
    let scalars = Array(question.lowercased().unicodeScalars)
    let segmenter = Segmenter(lexicon: lexicon)
    let words = segmenter.words(of: scalars)
    var terms = words.compactMap { idea($0, weight: weight(of: $0)) }
    // A compound that the glossary does not have may be called otherwise: its parts count a little.
    let compounds = words.filter { $0.entry?.isTechnical == false && !$0.isVerb && $0.range.count >= 4 }
    if !compounds.isEmpty {
      let wholes = Set(compounds.map(\.range))
      for part in segmenter.words(of: scalars, splitting: wholes)
      where wholes.contains(where: { $0.contains(part.range.lowerBound) }) && part.range.count > 1 {
        if let idea = idea(part, weight: weight(of: part) * weights.compoundPart) { terms.append(idea) }
      }
    }
    var pairs: Set<String> = []
    if isCorpusJapanese {
      for word in words {
        // With the character after it, which carries an ending or the next word.
        let end = min(scalars.count, word.range.upperBound + 1)
        pairs.formUnion(analyzer.terms(of: String(scalars[word.range.lowerBound..<end])).map(\.term))
      }
    }
    return (merged(terms), pairs)
  }

  private func weight(of word: Segmenter.Word) -> Float {
    guard let entry = word.entry else { return weights.unknownWord }
    let base: Float = entry.isTechnical ? 1 : weights.dictionaryWord
    return base * (word.isVerb ? weights.verb : 1) * (word.range.count == 1 && !entry.isTechnical ? 0.6 : 1)
  }

  private func idea(_ word: Segmenter.Word, weight: Float) -> QueryTerm? {
    var forms: [QueryTerm.Form] = []
    func add(_ words: [String], _ factor: Float) {
      guard !words.isEmpty, words.count <= 4, forms.count < Self.mostForms else { return }
      if let place = forms.firstIndex(where: { $0.words == words }) {
        forms[place].factor = max(forms[place].factor, factor)
      } else {
        forms.append(QueryTerm.Form(words, factor: factor))
      }
    }
    for gloss in word.entry?.glosses ?? [] { add(corpusTerms(gloss.text), gloss.factor) }
    if word.entry == nil {
      for name in Transliteration(view: view).names(for: word.text) { add([name.term], name.factor) }
    }
    // The word itself, for text in Japanese. Alone it is worth asking for only where it is not one character.
    if word.range.count > 1 || forms.isEmpty { add(analyzer.terms(of: word.text).map(\.term), 1) }
    if isCorpusJapanese {
      for name in names(word) { add(analyzer.terms(of: name).map(\.term), Self.spokenName) }
    }
    for place in forms.indices.dropFirst() where forms[place].words.count == 1 {
      let count = view.chunkCount(withTerm: forms[place].words[0])
      forms[place].factor *= weights.specificity(count, of: view.info.chunks)
    }
    return forms.isEmpty ? nil : QueryTerm(text: word.text, weight: weight, forms: forms)
  }

  /// How sure it is that a name in Latin letters is the word that is said so.
  private static let spokenName: Float = 0.6

  /// The word as names of files in Latin letters may have it.
  private func names(_ word: Segmenter.Word) -> [String] {
    guard let long = Romaji.text(word.entry?.reading ?? word.text), long.utf8.count >= 4 else { return [] }
    let short = Romaji.short(long)
    return short == long ? [long] : [short, long]
  }

  /// The terms of an English phrase without those that say nothing: in a phrase of several words `file` says something.
  private func corpusTerms(_ phrase: String) -> [String] {
    let silent = phrase.contains(" ") ? Self.joints : StopWords.english
    var seen: Set<String> = []
    return analyzer.terms(of: phrase).map(\.term)
      .filter { !$0.contains("_") && !silent.contains($0) && seen.insert($0).inserted }
  }

  /// Words that hold an English phrase together.
  private static let joints: Set<String> = [
    "of", "the", "a", "an", "to", "in", "on", "for", "by", "with", "out", "up", "off", "and", "or", "as", "at", "from",
    "be", "into",
  ]

  /// Words that are said twice, or in two ways with the same first translation, are one idea.
  private func merged(_ terms: [QueryTerm]) -> [QueryTerm] {
    var kept: [QueryTerm] = []
    for term in terms {
      if let place = kept.firstIndex(where: { $0.forms[0].words == term.forms[0].words }) {
        kept[place].weight = max(kept[place].weight, term.weight)
        let new = term.forms.filter { form in !kept[place].forms.contains { $0.words == form.words } }
        kept[place].forms += new.prefix(max(0, Self.mostForms - kept[place].forms.count))
      } else {
        kept.append(term)
      }
    }
    return kept
  }
}
