// SPDX-License-Identifier: Apache-2.0
import Glibc

/// How the same questions ranked in two runs.
package struct PairedRanks: Hashable, Sendable {
  /// Questions that both runs were asked.
  package var questions: Int
  /// Those that rank better in this run than in the other, and worse.
  package var better: Int
  package var worse: Int

  /// How likely a split as uneven or more is where neither run is better: the two-sided sign test.
  package var chance: Double {
    let count = better + worse
    guard count > 0 else { return 1 }
    // The logarithm of each outcome's share, from none of the fewer upwards.
    var term = -Double(count) * log(2.0)
    var sum = exp(term)
    for wins in 0..<min(better, worse) {
      term += log(Double(count - wins) / Double(wins + 1))
      sum += exp(term)
    }
    return min(1, 2 * sum)
  }
}

extension Evaluation {
  /// This run beside another, whose ranks are given by question; a missed question ranks last.
  package func pairs(_ others: [String: Int?]) -> PairedRanks {
    var pairs = PairedRanks(questions: 0, better: 0, worse: 0)
    for outcome in outcomes {
      guard let other = others[outcome.id] else { continue }
      pairs.questions += 1
      let (rank, before) = (outcome.rank ?? Int.max, other ?? Int.max)
      if rank < before { pairs.better += 1 }
      if rank > before { pairs.worse += 1 }
    }
    return pairs
  }
}
