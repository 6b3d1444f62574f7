// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// Why a quiz line is neither a hit nor a miss.
package enum QuizSkip: String, CaseIterable, Sendable {
  /// No gold path is in the snapshot (with `all`: not every one is).
  case goldNotInSnapshot = "gold-not-in-snapshot"
  /// A line with `from` and `to` whose answer is a statement, not a place.
  case fact = "fact"
}

/// What became of one question.
package struct QuizOutcome: Hashable, Sendable {
  package var id: String
  package var family: String
  /// The 1-based place that answers it among the files (with `all`: the place of the last gold path); nil when missed.
  package var rank: Int?
  /// The first 20 paths, best first.
  package var files: [TreePath]
  /// Milliseconds that the search took.
  package var milliseconds: Double
}

/// Scores the answers to quiz questions, one after the other.
package struct Evaluation: Sendable {
  /// How many files a question is asked for: the first 10 count, 20 are shown.
  package static let depth = 20

  /// In the order they were recorded.
  package private(set) var outcomes: [QuizOutcome] = []
  package private(set) var skipped: [QuizSkip: Int] = [:]

  package init() {}

  /// The gold paths that a snapshot can answer with, or why there are none.
  package static func answerable(
    _ question: QuizQuestion, contains: (TreePath) -> Bool
  ) -> Result<[TreePath], QuizSkipped> {
    let present = question.gold.filter(contains)
    let enough = question.needsAll ? present.count == question.gold.count : !present.isEmpty
    return enough ? .success(present) : .failure(QuizSkipped(reason: .goldNotInSnapshot))
  }

  /// Scores what was found: `files` distinct and best first, `gold` the paths that are in the snapshot.
  @discardableResult
  package mutating func record(
    _ question: QuizQuestion, gold: [TreePath], files: [TreePath], elapsed: Duration
  ) -> QuizOutcome {
    let shown = Array(files.prefix(Evaluation.depth))
    let outcome = QuizOutcome(
      id: question.id, family: question.family,
      rank: Evaluation.rank(of: gold, in: shown, needsAll: question.needsAll), files: shown,
      milliseconds: elapsed / .milliseconds(1))
    outcomes.append(outcome)
    return outcome
  }

  /// Scores what a comparison of two snapshots listed, best first: `files` by path, `symbols` by all names that stand at
  /// a place. A gold path, a directory that holds a file, or a symbol counts.
  @discardableResult
  package mutating func record(
    _ question: QuizQuestion, files: [TreePath], symbols: [[String]], elapsed: Duration
  ) -> QuizOutcome {
    let places = question.gold.map { gold -> Int? in
      let directory = gold.bytes + [UInt8(ascii: "/")]
      let file = files.firstIndex { $0 == gold || $0.bytes.starts(with: directory) }
      let symbol = symbols.firstIndex { $0.contains(gold.text) }
      return [file, symbol].compactMap { $0.map { $0 + 1 } }.min()
    }
    let rank =
      question.needsAll && places.contains(nil)
      ? nil : question.needsAll ? places.compactMap(\.self).max() : places.compactMap(\.self).min()
    let outcome = QuizOutcome(
      id: question.id, family: question.family, rank: rank, files: Array(files.prefix(Evaluation.depth)),
      milliseconds: elapsed / .milliseconds(1))
    outcomes.append(outcome)
    return outcome
  }

  /// Counts a line that was not asked.
  package mutating func skip(_ reason: QuizSkip) {
    skipped[reason, default: 0] += 1
  }

  /// Over everything recorded so far.
  package var score: QuizScore { QuizScore(outcomes) }

  /// By family.
  package var families: [String: QuizScore] {
    Dictionary(grouping: outcomes, by: \.family).mapValues { QuizScore($0) }
  }

  /// The 1-based place at which `files` answers: of the first gold path, or of the last where all are needed.
  static func rank(of gold: [TreePath], in files: [TreePath], needsAll: Bool) -> Int? {
    let places = gold.map { path in files.firstIndex(of: path).map { $0 + 1 } }
    guard needsAll else { return places.compactMap(\.self).min() }
    return places.contains(nil) ? nil : places.compactMap(\.self).max()
  }
}

/// A question that is not asked, with its reason.
package struct QuizSkipped: Error, Hashable, Sendable {
  package var reason: QuizSkip
}

/// The figures over a set of outcomes. All are 0 where there are none.
package struct QuizScore: Hashable, Sendable {
  package var questions: Int
  /// The share of questions answered by the first file.
  package var hitAt1: Double
  package var hitAt5: Double
  package var hitAt10: Double
  /// The mean of 1/rank, 0 beyond the tenth place.
  package var meanReciprocalRankAt10: Double
  package var medianMilliseconds: Double
  /// The 95th percentile by nearest rank.
  package var p95Milliseconds: Double

  init(_ outcomes: [QuizOutcome]) {
    questions = outcomes.count
    let count = Double(max(1, outcomes.count))
    let ranks = outcomes.compactMap(\.rank)
    hitAt1 = Double(ranks.count { $0 <= 1 }) / count
    hitAt5 = Double(ranks.count { $0 <= 5 }) / count
    hitAt10 = Double(ranks.count { $0 <= 10 }) / count
    meanReciprocalRankAt10 = ranks.filter { $0 <= 10 }.reduce(0) { $0 + 1 / Double($1) } / count
    let times = outcomes.map(\.milliseconds).sorted()
    let middle = times.count / 2
    medianMilliseconds =
      times.isEmpty ? 0 : times.count.isMultiple(of: 2) ? (times[middle - 1] + times[middle]) / 2 : times[middle]
    p95Milliseconds = times.isEmpty ? 0 : times[(times.count * 95 + 99) / 100 - 1]
  }
}
