// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

extension FileRanker {
  /// The files that a question's dates mean, where the snapshot's names have dates; nil else.
  func filesOfAskedDates(_ question: String) -> Set<Int>? {
    let folded = JapaneseText.folding(question)
    guard AskedDates.mayBeNamed(in: folded) else { return nil }
    return NamedDates(view: view)?.files(for: folded)
  }

  /// What the signals say when only files of the asked dates are there: so that they are found among many others. How
  /// much that counts is how well the best of them says the question's words, against the best of all: a date may stand
  /// in a question without being that of the file.
  func listsOfAskedDates(
    _ files: Set<Int>?, _ signals: Signals, _ all: WordMatches, _ weights: RankingWeights
  ) -> [RankedList] {
    guard let files, !files.isEmpty else { return [] }
    let narrowed = Signals(view: view, query: signals.query, weights: weights) { file in
      files.contains(file) && signals.accepts?(file) ?? true
    }
    let words = narrowed.words()
    let best = Double(all.files.first?.score ?? 0)
    let share = best > 0 ? Double(words.matches.files.first?.score ?? 0) / best : 1
    let scores = Dictionary(uniqueKeysWithValues: words.matches.files.map { ($0.file, Double($0.score)) })
    let accepted = files.filter { signals.accepts?($0) ?? true }
    let dated = RankedList(
      "date", weight: 1, accepted.map { RankedList.Candidate(file: $0, score: scores[$0] ?? 0, matched: "") },
      depth: weights.listDepth)
    return [dated, narrowed.pathWords(), words.files, words.chunks].map { list in
      var list = list
      if list.signal != "date" { list.signal += ", of that date" }
      list.weight *= share
      return list
    }
  }
}
