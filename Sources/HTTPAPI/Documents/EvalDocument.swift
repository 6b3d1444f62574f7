// SPDX-License-Identifier: Apache-2.0

/// What `nenrin eval` measures over a set of questions.
package struct EvalMeasures: Codable, Hashable, Sendable {
  /// Questions that counted; skipped ones are not among them.
  package var questions: Int
  /// Shares of the questions, 0 to 1.
  package var hitAt1: Double
  package var hitAt5: Double
  package var hitAt10: Double
  /// The mean of 1/rank, 0 for a rank beyond 10.
  package var meanReciprocalRankAt10: Double
  package var millisecondsMedian: Double
  package var millisecondsP95: Double

  private enum CodingKeys: String, CodingKey {
    case questions
    case hitAt1 = "hit@1"
    case hitAt5 = "hit@5"
    case hitAt10 = "hit@10"
    case meanReciprocalRankAt10 = "mrr@10"
    case millisecondsMedian = "ms_median"
    case millisecondsP95 = "ms_p95"
  }

  /// Measures ranks (1-based, nil where missed) and the time each question took.
  package init(ranks: [Int?], milliseconds: [Double]) {
    questions = ranks.count
    func share(within limit: Int) -> Double {
      let hits = ranks.count { rank in rank.map { $0 <= limit } ?? false }
      return ranks.isEmpty ? 0 : DocumentFormat.rounded(Double(hits) / Double(ranks.count))
    }
    hitAt1 = share(within: 1)
    hitAt5 = share(within: 5)
    hitAt10 = share(within: 10)
    let reciprocals = ranks.map { rank in rank.map { $0 <= 10 ? 1 / Double($0) : 0 } ?? 0 }
    meanReciprocalRankAt10 =
      ranks.isEmpty ? 0 : DocumentFormat.rounded(reciprocals.reduce(0, +) / Double(ranks.count))
    let sorted = milliseconds.sorted()
    millisecondsMedian = EvalMeasures.quantile(sorted, 0.5)
    millisecondsP95 = EvalMeasures.quantile(sorted, 0.95)
  }

  /// The nearest-rank quantile of sorted values, to the microsecond; 0 of none.
  private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    guard !sorted.isEmpty else { return 0 }
    let index = min(sorted.count - 1, max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1))
    return (sorted[index] * 1_000).rounded() / 1_000
  }
}

/// What `nenrin eval --json` prints: the measures of all questions, of each family, and how many were skipped.
package struct EvalDocument: Codable, Hashable, Sendable {
  package var all: EvalMeasures
  package var families: [String: EvalMeasures]
  /// Questions whose gold is not in the snapshot: neither hits nor misses.
  package var skipped: Int

  private enum CodingKeys: String, CodingKey { case families, skipped }

  package init(all: EvalMeasures, families: [String: EvalMeasures], skipped: Int) {
    self.all = all
    self.families = families
    self.skipped = skipped
  }

  package init(from decoder: any Decoder) throws {
    all = try EvalMeasures(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    families = try container.decode([String: EvalMeasures].self, forKey: .families)
    skipped = try container.decode(Int.self, forKey: .skipped)
  }

  package func encode(to encoder: any Encoder) throws {
    try all.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(families, forKey: .families)
    try container.encode(skipped, forKey: .skipped)
  }
}

/// One line of `nenrin eval --per-question`.
package struct EvalQuestionDocument: Codable, Hashable, Sendable {
  package var id: String
  /// Null when missed.
  package var rank: Int?
  /// The first 20 paths.
  package var files: [String]

  package init(id: String, rank: Int?, files: [String]) {
    self.id = id
    self.rank = rank
    self.files = Array(files.prefix(20))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(rank, forKey: .rank)
    try container.encode(files, forKey: .files)
  }
}
