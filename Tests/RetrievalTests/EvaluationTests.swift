// SPDX-License-Identifier: Apache-2.0
import Glossary
import Testing

@testable import Retrieval

struct QuizTests {
  @Test func readsTheFieldsOfALine() throws {
    let quiz = try Quiz(
      jsonLines: Array(
        """
        {"id":"a","family":"how","snapshot":"linux@v6.12","question":"which?","gold":["fs/a.c","fs/b.c"],"all":true,"more":1}

        {"id":"b","question":"何ですか","gold":["fs/c.c"]}\r
        {"id":"c","from":"v1","to":"v2","question":"what is new?","gold_kind":"fact"}

        """.utf8), fileName: "quiz.jsonl")
    #expect(
      quiz.questions == [
        QuizQuestion(
          id: "a", family: "how", snapshot: "linux@v6.12", question: "which?",
          gold: [TreePath(text: "fs/a.c"), TreePath(text: "fs/b.c")], needsAll: true),
        QuizQuestion(id: "b", question: "何ですか", gold: [TreePath(text: "fs/c.c")]),
        QuizQuestion(
          id: "c", question: "what is new?", gold: [], comparison: SnapshotRange("v1..v2"), asksForFact: true),
      ])
  }

  @Test func passesOverAByteOrderMark() throws {
    let line = Array("\u{FEFF}{\"id\":\"a\",\"question\":\"q\",\"gold\":[\"x\"]}".utf8)
    #expect(try Quiz(jsonLines: line, fileName: "q").questions.count == 1)
  }

  @Test(arguments: [
    ("{", "it is not JSON"),
    ("[]", "it is not a JSON object"),
    (#"{"id":"b","gold":["x"]}"#, "it has no \"question\""),
    (#"{"id":"b","question":"q"}"#, "it has no \"gold\" path"),
    (#"{"id":"b","question":"q","gold":[]}"#, "it has no \"gold\" path"),
    (#"{"id":"b","question":"q","gold":"x"}"#, "\"gold\" is of the wrong type"),
    (#"{"id":"b","question":"q","gold":["x"],"all":"yes"}"#, "\"all\" is of the wrong type"),
    (#"{"id":7,"question":"q","gold":["x"]}"#, "\"id\" is of the wrong type"),
  ])
  func namesTheLineThatIsWrong(line: String, reason: String) {
    let text = #"{"id":"a","question":"q","gold":["x"]}"# + "\n\n" + line + "\n"
    let error = #expect(throws: NenrinError.self) { try Quiz(jsonLines: Array(text.utf8), fileName: "quiz.jsonl") }
    #expect(error?.summary == "quiz.jsonl:3: not a quiz line")
    #expect(error?.reason == reason)
  }

  @Test func anEmptyFileIsAnError() {
    let error = #expect(throws: NenrinError.self) { try Quiz(jsonLines: Array("\n \n".utf8), fileName: "q.jsonl") }
    #expect(error?.summary == "q.jsonl: no quiz line in it")
  }
}

struct EvaluationTests {
  private func paths(_ texts: [String]) -> [TreePath] { texts.map { TreePath(text: $0) } }

  @Test(arguments: [
    (["a"], false, 1), (["c"], false, 3), (["x", "b"], false, 2), (["c", "b"], true, 3), (["x", "b"], true, nil),
    (["x"], false, nil),
  ])
  func aQuestionCountsAtTheFirstGoldPathOrAtTheLastWithAll(gold: [String], needsAll: Bool, rank: Int?) {
    #expect(Evaluation.rank(of: paths(gold), in: paths(["a", "b", "c"]), needsAll: needsAll) == rank)
  }

  @Test func goldThatIsNotThereIsSkipped() {
    let there = Set(paths(["a", "b"]))
    func ask(_ gold: [String], all: Bool = false) -> Result<[TreePath], QuizSkipped> {
      let question = QuizQuestion(
        id: "1", question: "q", gold: paths(gold), needsAll: all)
      return Evaluation.answerable(question, contains: there.contains)
    }
    #expect(ask(["a", "x"]) == .success(paths(["a"])))
    #expect(ask(["x"]) == .failure(QuizSkipped(reason: .goldNotInSnapshot)))
    #expect(ask(["a", "b"], all: true) == .success(paths(["a", "b"])))
    #expect(ask(["a", "x"], all: true) == .failure(QuizSkipped(reason: .goldNotInSnapshot)))
  }

  @Test func figuresOverKnownRanks() {
    var evaluation = Evaluation()
    // Places 1, 2, 10, 11 and a miss, in 1, 2, 3, 4 and 10 ms.
    let files = paths((1...25).map(String.init))
    for (index, (gold, time)) in [("1", 1), ("2", 2), ("10", 3), ("11", 4), ("none", 10)].enumerated() {
      let question = QuizQuestion(
        id: "\(index)", family: index < 2 ? "first" : "second", question: "q", gold: paths([gold]))
      evaluation.record(question, gold: question.gold, files: files, elapsed: .milliseconds(time))
    }
    let score = evaluation.score
    #expect(score.questions == 5)
    #expect(score.hitAt1 == 0.2)
    #expect(score.hitAt5 == 0.4)
    #expect(score.hitAt10 == 0.6)
    #expect(abs(score.meanReciprocalRankAt10 - (1 + 0.5 + 0.1) / 5) < 1e-12)
    #expect(score.medianMilliseconds == 3)
    #expect(score.p95Milliseconds == 10)
    #expect(evaluation.families["first"]?.hitAt1 == 0.5)
    #expect(evaluation.families["first"]?.medianMilliseconds == 1.5)
    #expect(evaluation.families["second"]?.hitAt10 == 1.0 / 3)
    #expect(evaluation.outcomes.map(\.rank) == [1, 2, 10, 11, nil])
    #expect(evaluation.outcomes[0].files == Array(files.prefix(20)))
  }

  @Test func aGoldPathBeyondTheTwentiethPlaceIsMissed() {
    var evaluation = Evaluation()
    let question = QuizQuestion(id: "1", question: "q", gold: paths(["21"]))
    evaluation.record(question, gold: question.gold, files: paths((1...25).map(String.init)), elapsed: .zero)
    #expect(evaluation.outcomes[0].rank == nil)
  }

  @Test func nothingMeasuredGivesZeros() {
    var evaluation = Evaluation()
    evaluation.skip(.fact)
    evaluation.skip(.fact)
    #expect(evaluation.skipped == [.fact: 2])
    #expect(evaluation.score == QuizScore([]))
    #expect(evaluation.score.p95Milliseconds == 0)
    #expect(evaluation.families.isEmpty)
  }

  @Test func aComparisonCountsPathsDirectoriesAndSymbols() {
    let files = paths(["a/x.c", "new/b.c", "c.h"])
    let symbols = [["grow", "member"], ["shrink"]]
    func rank(_ gold: [String], all: Bool = false) -> Int? {
      var evaluation = Evaluation()
      let question = QuizQuestion(
        id: "1", question: "q", gold: paths(gold), needsAll: all, comparison: SnapshotRange("v1..v2"))
      return evaluation.record(question, files: files, symbols: symbols, elapsed: .zero).rank
    }
    #expect(rank(["new/b.c"]) == 2)
    #expect(rank(["new"]) == 2)
    #expect(rank(["ne"]) == nil)
    #expect(rank(["shrink"]) == 2)
    #expect(rank(["member", "c.h"]) == 1)
    #expect(rank(["member", "c.h"], all: true) == 3)
    #expect(rank(["member", "nowhere"], all: true) == nil)
  }
}
