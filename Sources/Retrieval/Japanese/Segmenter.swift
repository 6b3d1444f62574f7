// SPDX-License-Identifier: Apache-2.0

/// Cuts Japanese text into words: the cheapest path through all words that the lexicon knows at each place.
struct Segmenter {
  /// A word of a text that says something.
  struct Word: Sendable {
    /// As it stands in the text; an inflected word without its ending.
    var text: String
    /// Its place among the text's characters.
    var range: Range<Int>
    /// Nil for a name that the lexicon does not know.
    var entry: JapaneseLexicon.Entry?
    var isVerb = false

    var isUnknownKanji: Bool {
      entry == nil && text.unicodeScalars.first.map(JapaneseText.script) == .kanji
    }
  }

  /// One step of a path.
  private struct Step {
    var end: Int
    var cost: Double
    /// Nil where the step says nothing: particles, endings, question frames, what is not Japanese.
    var word: Word?
    /// A kana that is no word and no ending: what follows is hardly the beginning of one.
    var isStray = false
  }

  private static let longestWord = 16

  let lexicon: JapaneseLexicon.Reader

  /// The words of a text that was folded by `JapaneseText.folding`, in order; `wholes` keeps words from being joined to
  /// longer ones of the dictionary (not of the glossary) that they are parts of.
  func words(of scalars: [Unicode.Scalar], splitting wholes: Set<Range<Int>> = []) -> [Word] {
    var best: [(cost: Double, step: Step?, from: Int)] = Array(
      repeating: (Double.infinity, nil, 0), count: scalars.count + 1)
    best[0].cost = 0
    for place in scalars.indices where best[place].cost < .infinity {
      for step in steps(scalars, at: place, afterStray: best[place].step?.isStray ?? false)
      where !wholes.contains(place..<step.end) || step.word == nil {
        let cost = best[place].cost + step.cost
        if cost < best[step.end].cost { best[step.end] = (cost, step, place) }
      }
    }
    var words: [Word] = []
    var place = scalars.count
    while place > 0 {
      if let word = best[place].step?.word { words.append(word) }
      place = best[place].from
    }
    return words.reversed().reduce(into: []) { joined, word in
      // Unknown kanji side by side are one name.
      if let last = joined.last, last.isUnknownKanji, word.isUnknownKanji,
        last.range.upperBound == word.range.lowerBound
      {
        joined[joined.count - 1].text += word.text
        joined[joined.count - 1].range = last.range.lowerBound..<word.range.upperBound
      } else {
        joined.append(word)
      }
    }
  }

  private func steps(_ scalars: [Unicode.Scalar], at start: Int, afterStray: Bool) -> [Step] {
    let script = JapaneseText.script(scalars[start])
    guard script != .other else { return [Step(end: start + 1, cost: 0, word: nil)] }
    var steps = [unknown(scalars, at: start, script)]
    let isFree = script != .hiragana || !afterStray || Segmenter.endsAWord(scalars[start - 1])
    for end in (start + 1)..<(min(start + FunctionWords.longest, scalars.count) + 1) {
      guard let cost = FunctionWords.cost(of: String(scalars[start..<end])) else { continue }
      steps.append(Step(end: end, cost: cost, word: nil))
    }
    var end = start + 1
    var misses = 0
    while isFree, end <= scalars.count, end - start <= Segmenter.longestWord {
      if JapaneseText.script(scalars[end - 1]) == .other { break }
      let slice = scalars[start..<end]
      let (entry, isPrefix) = lexicon.find(slice)
      if let entry, let cost = cost(scalars, start..<end, entry) {
        let word = Word(text: String(slice), range: start..<end, entry: entry, isVerb: entry.isInflected)
        steps.append(Step(end: end, cost: cost, word: word))
      }
      if let step = inflected(scalars, start, end) { steps.append(step) }
      // A stem is one character longer than what the tables begin with: 書き出さ is looked for as 書き出す.
      misses += isPrefix ? 0 : 1
      if misses > 1 || (misses > 0 && JapaneseText.script(scalars[end - 1]) != .hiragana) { break }
      end += 1
    }
    return steps
  }

  private func inflected(_ scalars: [Unicode.Scalar], _ start: Int, _ end: Int) -> Step? {
    guard JapaneseText.script(scalars[start]) != .katakana else { return nil }
    for candidate in Inflection.candidates(scalars, start, end) {
      guard let entry = lexicon.find(candidate.word[...]).entry, entry.classes.contains(candidate.neededClass),
        FunctionWords.cost(of: String(candidate.word[...])) == nil,
        let cost = cost(scalars, start..<end, entry)
      else { continue }
      return Step(
        end: end, cost: cost + 0.1,
        word: Word(text: String(scalars[start..<end]), range: start..<end, entry: entry, isVerb: true))
    }
    return nil
  }

  /// Nil where the word is no word there.
  private func cost(_ scalars: [Unicode.Scalar], _ range: Range<Int>, _ entry: JapaneseLexicon.Entry) -> Double? {
    let base = entry.isTechnical ? 1 : 1.3
    switch JapaneseText.script(scalars[range.lowerBound]) {
    case .hiragana:
      let isAllHiragana = scalars[range].allSatisfy { JapaneseText.script($0) == .hiragana }
      guard isAllHiragana else { return base + 0.3 }
      if range.count == 1 { return nil }
      return base + (range.count == 2 ? 0.4 : 0.3)
    case .katakana:
      // A part of a run is a word only where it is long enough not to be a chance.
      let isStart = range.lowerBound == 0 || JapaneseText.script(scalars[range.lowerBound - 1]) != .katakana
      let isEnd = range.upperBound == scalars.count || JapaneseText.script(scalars[range.upperBound]) != .katakana
      if !(isStart && isEnd), range.count < (entry.isTechnical ? 2 : 3) { return nil }
      return base + (isStart && isEnd ? 0 : 0.3)
    default: return range.count == 1 ? base + 1 : base
    }
  }

  /// What a place costs where no word is known: a whole run of katakana is a name, a kanji stands for itself.
  private func unknown(_ scalars: [Unicode.Scalar], at start: Int, _ script: JapaneseText.Script) -> Step {
    switch script {
    case .katakana:
      var end = start + 1
      while end < scalars.count, JapaneseText.script(scalars[end]) == .katakana { end += 1 }
      let word = Word(text: String(scalars[start..<end]), range: start..<end, entry: nil)
      return Step(end: end, cost: 3.2, word: end - start > 1 ? word : nil)
    case .kanji:
      let word = Word(text: String(scalars[start..<(start + 1)]), range: start..<(start + 1), entry: nil)
      return Step(end: start + 1, cost: 3.5, word: word)
    default: return Step(end: start + 1, cost: 1.2, word: nil, isStray: true)
    }
  }

  /// Whether a word of kana may begin after this character.
  private static func endsAWord(_ scalar: Unicode.Scalar) -> Bool {
    JapaneseText.script(scalar) != .hiragana || "はがをにでとのもやかへた".unicodeScalars.contains(scalar)
  }
}

extension JapaneseLexicon.Entry {
  /// Whether it is a verb or an adjective and nothing else.
  var isInflected: Bool { !classes.isEmpty && !classes.contains("+") }
}

extension String {
  init(_ scalars: ArraySlice<Unicode.Scalar>) {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    self.init(view)
  }
}
