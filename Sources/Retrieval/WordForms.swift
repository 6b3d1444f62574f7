// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// Other ways in which a tree may write the English words of a question: joined (`file system`, filesystem), as British
/// or Americans spell them, with a slip of the keyboard mended, shortened to their initials. What counts is what the
/// snapshot itself holds.
struct WordForms {
  let view: SnapshotView
  let weights: RankingWeights
  let analyzer = TermAnalyzer()

  /// Words beyond these are a log or a patch, not a question.
  private static let mostWords = 200
  /// Words that are looked for with a letter changed: some hundred lookups each.
  private static let mostMended = 4

  func add(to terms: inout [QueryTerm], of question: String) {
    let words = Array(EnglishWord.all(of: question).prefix(WordForms.mostWords))
    var wordOfTerm: [String: String] = [:]
    for word in words {
      if let term = analyzer.stem(of: word.text), wordOfTerm[term] == nil { wordOfTerm[term] = word.text }
    }
    var mended = 0
    for place in terms.indices where terms[place].isSingle {
      guard let word = wordOfTerm[terms[place].text], word.utf8.count >= 5 else { continue }
      let spelled = spellings(of: word, besides: terms[place].text)
      terms[place].forms += spelled
      guard spelled.isEmpty, mended < WordForms.mostMended, view.chunkCount(withTerm: terms[place].text) == 0 else {
        continue
      }
      mended += 1
      if let near = nearMiss(of: word) { terms[place].forms.append(.init([near], factor: weights.mendedWord)) }
    }
    for term in joined(words) + initials(words)
    where !terms.contains(where: { $0.forms.contains { $0.words == term.forms[0].words } }) {
      terms.append(term)
    }
  }

  private func isStop(_ word: String) -> Bool { analyzer.stem(of: word).map(StopWords.english.contains) ?? true }

  // MARK: one word

  private func spellings(of word: String, besides known: String) -> [QueryTerm.Form] {
    let other = Set(WordForms.otherSide(of: word).compactMap(analyzer.stem)).subtracting([known]).sorted()
    return other.filter { view.chunkCount(withTerm: $0) > 0 }.map { QueryTerm.Form([$0]) }
  }

  /// The word as it is spelled on the other side of the Atlantic, where an ending or a vowel may differ.
  private static func otherSide(of word: String) -> [String] {
    var found: [String] = []
    for (one, other) in pairs {
      if let spelled = replaced(one, other, in: word) { found.append(spelled) }
      if let spelled = replaced(other, one, in: word) { found.append(spelled) }
    }
    return found
  }

  private static let pairs = [
    ("isation", "ization"), ("ising", "izing"), ("ised", "ized"), ("ise", "ize"), ("ises", "izes"), ("iser", "izer"),
    ("yse", "yze"), ("ysing", "yzing"), ("our", "or"), ("ours", "ors"), ("oured", "ored"), ("ouring", "oring"),
    ("tre", "ter"), ("tres", "ters"), ("ogue", "og"), ("ogues", "ogs"), ("ence", "ense"), ("elled", "eled"),
    ("elling", "eling"), ("alled", "aled"), ("alling", "aling"),
  ]

  private static func replaced(_ ending: String, _ other: String, in word: String) -> String? {
    guard word.hasSuffix(ending), word.utf8.count - ending.utf8.count >= 3 else { return nil }
    return word.dropLast(ending.utf8.count) + other
  }

  /// The most common term of the snapshot that is one slip away from a word that it does not hold.
  private func nearMiss(of word: String) -> String? {
    let letters = Array(word.utf8)
    let alphabet = UInt8(ascii: "a")...UInt8(ascii: "z")
    var candidates = Set<[UInt8]>()
    for place in letters.indices {
      var shorter = letters
      shorter.remove(at: place)
      candidates.insert(shorter)
      if place + 1 < letters.count {
        var swapped = letters
        swapped.swapAt(place, place + 1)
        candidates.insert(swapped)
      }
      for letter in alphabet {
        var changed = letters
        changed[place] = letter
        candidates.insert(changed)
        candidates.insert(letters[..<place] + [letter] + letters[place...])
      }
    }
    let counted = Set(candidates.compactMap { analyzer.stem(of: String(decoding: $0, as: UTF8.self)) })
      .map { (term: $0, count: view.chunkCount(withTerm: $0)) }.filter { $0.count >= weights.leastMendedChunks }
    return counted.max { ($0.count, $1.term) < ($1.count, $0.term) }?.term
  }

  // MARK: several words

  private func joined(_ words: [EnglishWord]) -> [QueryTerm] {
    words.indices.dropFirst().compactMap { place in
      guard words[place].follows else { return nil }
      let (first, second) = (words[place - 1].text, words[place].text)
      guard first.utf8.count >= 2, second.utf8.count >= 2, first.utf8.count + second.utf8.count >= 6,
        !(isStop(first) && isStop(second)), let joined = analyzer.stem(of: first + second),
        !StopWords.english.contains(joined),
        view.chunkCount(withTerm: joined) >= weights.leastJoinedChunks
      else { return nil }
      return QueryTerm(text: joined, weight: weights.joinedWord)
    }
  }

  /// Three or four words whose initials name paths, where those initials stand beside the words themselves:
  /// out of memory, oom.
  private func initials(_ words: [EnglishWord]) -> [QueryTerm] {
    var found: [QueryTerm] = []
    for start in words.indices {
      for count in [3, 4] where start + count <= words.count {
        let run = words[start..<(start + count)]
        guard run.dropFirst().allSatisfy(\.follows), let last = run.last, !isStop(last.text),
          let short = analyzer.stem(of: String(run.compactMap(\.text.first)))
        else { continue }
        let files = view.files(withPathTerm: short)
        guard !files.isEmpty, files.count < weights.mostInitialPaths else { continue }
        let said = run.map(\.text).filter { !isStop($0) }.compactMap(analyzer.stem)
        let together = view.chunkCount(withTerms: [short] + said)
        // One word alone stands beside much by chance.
        let share = said.count > 1 ? weights.leastInitialShare : 10 * weights.leastInitialShare
        guard together >= 3, Double(together) >= share * Double(view.chunkCount(withTerm: short)) else { continue }
        found.append(QueryTerm(text: short, weight: weights.initials))
      }
    }
    return found
  }
}
