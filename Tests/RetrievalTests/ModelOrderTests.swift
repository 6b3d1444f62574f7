// SPDX-License-Identifier: Apache-2.0
import Glossary
import Testing

@testable import Retrieval

private let snapshot = SnapshotInfo(
  id: 1, collection: "tree", revision: "v1", commit: .zero, date: 0, indexedAt: 0, files: 1, bytes: 1, chunks: 1,
  ownBytes: 1)

private func result(_ question: String, _ files: [(String, Double)]) -> SearchResult {
  SearchResult(
    question: question, snapshot: snapshot, elapsed: .zero,
    files: files.enumerated().map {
      FileHit(rank: $0 + 1, path: TreePath(text: $1.0), score: $1.1, reasons: [])
    },
    passages: files.enumerated().map {
      Passage(
        rank: $0 + 1, path: TreePath(text: $1.0), lines: 1...2, symbol: nil, kind: nil, language: .c, score: $1.1,
        text: $1.0)
    })
}

/// What models think of a result, joined with what the index thinks.
@Suite struct ModelOrderTests {
  @Test func aRerankerOrdersWhatItReadAndNothingElse() {
    var found = result("q", [("a", 4), ("b", 3), ("c", 2), ("d", 1)])
    found.rerank(by: [-3, 5, 1], of: "m", weight: 1)
    #expect(found.files.map(\.path.text) == ["b", "c", "a", "d"])
    #expect(found.files.map(\.rank) == [1, 2, 3, 4])
    #expect(found.passages.map(\.path.text) == ["b", "c", "a", "d"])
    #expect(found.files[0].reasons.map(\.text).first?.hasPrefix("reranker #1 (m: 5.0) +") == true)
    #expect(found.files[3].reasons.isEmpty)
    #expect(zip(found.files, found.files.dropFirst()).allSatisfy { $0.score > $1.score })
  }

  @Test func bothHaveTheirSay() {
    var found = result("q", [("a", 10), ("b", 1), ("c", 0)])
    found.rerank(by: [0, 1, 0.9], of: "m", weight: 0)
    #expect(found.files.map(\.path.text) == ["a", "b", "c"])
    found = result("q", [("a", 10), ("b", 1), ("c", 0)])
    found.rerank(by: [0.2, 0.3, 0.1], of: "m", weight: 0.5)
    #expect(found.files.map(\.path.text) == ["a", "b", "c"])
  }

  @Test func theScaleOfTheScoresDoesNotMatter() {
    // A model's log odds, and the same as shares of 1.
    var odds = result("q", [("a", 3), ("b", 2), ("c", 1)])
    odds.rerank(by: [-6, 4, -2], of: "m", weight: 0.4)
    var shares = result("q", [("a", 3), ("b", 2), ("c", 1)])
    shares.rerank(by: [0.002472623, 0.982013790, 0.119202922], of: "m", weight: 0.4)
    #expect(odds.files.map(\.path) == shares.files.map(\.path))
    #expect(zip(odds.files, shares.files).allSatisfy { abs($0.score - $1.score) < 1e-3 })
    // A model that says the same of all changes nothing.
    var flat = result("q", [("a", 3), ("b", 2), ("c", 1)])
    flat.rerank(by: [0.5, 0.5, 0.5], of: "m", weight: 0.9)
    #expect(flat.files.map(\.path.text) == ["a", "b", "c"])
  }

  @Test func otherWordingsAddAndConfirm() {
    var found = result("q", [("a", 9), ("b", 8), ("c", 7)])
    found.join([result("other words", [("c", 5), ("x", 4)]), result("names", [("c", 3)])], weight: 0.5)
    #expect(found.files.map(\.path.text) == ["c", "a", "b", "x"])
    #expect(found.plan == ["other words", "names"])
    #expect(found.passages.map(\.path.text) == ["c", "a", "b", "x"])
    #expect(found.files[0].reasons.map(\.signal) == ["planned", "planned"])
    found.cut(to: 2)
    #expect(found.files.count == 2 && found.passages.map(\.path.text) == ["c", "a"])
    var alone = result("q", [("a", 9), ("b", 8)])
    alone.join([], weight: 0.5)
    #expect(alone.files.map(\.score) == [9, 8])
  }

  @Test func runsAreComparedQuestionByQuestion() {
    var evaluation = Evaluation()
    for (id, place) in [("a", 1), ("b", 2), ("c", 3)] {
      let files = (1...5).map { TreePath(text: $0 == place ? "gold" : "f\($0)") }
      evaluation.record(
        QuizQuestion(id: id, question: "q", gold: [TreePath(text: "gold")]), gold: [TreePath(text: "gold")],
        files: files,
        elapsed: .zero)
    }
    let missed: Int? = nil
    let others: [String: Int?] = ["a": 4, "b": missed, "c": 1, "other": 1]
    let pairs = evaluation.pairs(others)
    #expect(pairs == PairedRanks(questions: 3, better: 2, worse: 1))
    #expect(PairedRanks(questions: 9, better: 0, worse: 0).chance == 1)
    #expect(abs(PairedRanks(questions: 9, better: 8, worse: 1).chance - 0.0390625) < 1e-9)
    #expect(PairedRanks(questions: 9, better: 3, worse: 3).chance == 1)
  }
}
