// SPDX-License-Identifier: Apache-2.0
import HTTPAPI
import Retrieval

/// What `nenrin eval --json` prints.
struct EvaluationDocument: Encodable {
  /// The figures over a set of questions.
  struct Score: Encodable {
    private enum CodingKeys: String, CodingKey {
      case questions
      case hitAt1 = "hit@1"
      case hitAt5 = "hit@5"
      case hitAt10 = "hit@10"
      case meanReciprocalRankAt10 = "mrr@10"
      case medianMilliseconds = "ms_median"
      case p95Milliseconds = "ms_p95"
    }

    let score: QuizScore

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(score.questions, forKey: .questions)
      try container.encode(DocumentFormat.rounded(score.hitAt1), forKey: .hitAt1)
      try container.encode(DocumentFormat.rounded(score.hitAt5), forKey: .hitAt5)
      try container.encode(DocumentFormat.rounded(score.hitAt10), forKey: .hitAt10)
      try container.encode(DocumentFormat.rounded(score.meanReciprocalRankAt10), forKey: .meanReciprocalRankAt10)
      try container.encode((score.medianMilliseconds * 1_000).rounded() / 1_000, forKey: .medianMilliseconds)
      try container.encode((score.p95Milliseconds * 1_000).rounded() / 1_000, forKey: .p95Milliseconds)
    }
  }

  private enum CodingKeys: String, CodingKey {
    case families, skipped, against
    case skippedReasons = "skipped_reasons"
  }

  /// Two runs, question by question.
  struct Pairs: Encodable {
    let pairs: PairedRanks

    private enum CodingKeys: String, CodingKey { case questions, better, worse, p }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(pairs.questions, forKey: .questions)
      try container.encode(pairs.better, forKey: .better)
      try container.encode(pairs.worse, forKey: .worse)
      try container.encode(DocumentFormat.rounded(pairs.chance), forKey: .p)
    }
  }

  let evaluation: Evaluation
  var pairs: PairedRanks?

  func encode(to encoder: any Encoder) throws {
    try Score(score: evaluation.score).encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(evaluation.families.mapValues { Score(score: $0) }, forKey: .families)
    try container.encode(evaluation.skipped.values.reduce(0, +), forKey: .skipped)
    try container.encodeIfPresent(pairs.map { Pairs(pairs: $0) }, forKey: .against)
    let reasons = evaluation.skipped.map { ($0.key.rawValue, $0.value) }
    try container.encode(Dictionary(uniqueKeysWithValues: reasons), forKey: .skippedReasons)
  }
}

/// A score by families as a table.
enum EvaluationRendering {
  static func text(_ evaluation: Evaluation) -> String {
    var table = Table([.left, .right, .right, .right, .right, .right, .right, .right])
    table.add(["family", "questions", "hit@1", "hit@5", "hit@10", "mrr@10", "ms median", "ms p95"])
    let families = evaluation.families
    for family in families.keys.sorted() {
      if let score = families[family] { table.add(row(family, score)) }
    }
    if families.count != 1 { table.add(row("all", evaluation.score)) }
    var lines = table.lines()
    lines[0] = Style.output.faint(lines[0])
    let skipped = evaluation.skipped.sorted { $0.key.rawValue < $1.key.rawValue }
    if !skipped.isEmpty {
      lines.append("skipped: " + skipped.map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", "))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  static func text(_ pairs: PairedRanks) -> String {
    "of \(Figures.count(pairs.questions)) questions that both were asked \(Figures.count(pairs.better)) rank better, "
      + "\(Figures.count(pairs.worse)) worse; by chance alone with p = \(Figures.fixed(pairs.chance, 3))\n"
  }

  private static func row(_ name: String, _ score: QuizScore) -> [String] {
    let shares = [score.hitAt1, score.hitAt5, score.hitAt10, score.meanReciprocalRankAt10]
    let times = [score.medianMilliseconds, score.p95Milliseconds]
    return [name, Figures.count(score.questions)] + shares.map { Figures.fixed($0, 3) }
      + times.map { Figures.fixed($0, 1) }
  }
}
