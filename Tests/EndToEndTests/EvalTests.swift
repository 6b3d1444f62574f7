// SPDX-License-Identifier: Apache-2.0
import Testing

/// `nenrin eval`.
struct EvalTests {
  private static let quiz = """
    {"id":"q1","family":"how","snapshot":"v1.0.2","question":"which file implements the ring buffer","gold":["lib/ring.c"]}
    {"id":"q2","family":"docs","question":"how to boil water with a kettle","gold":["doc/kettle.rst","gone.c"]}
    {"id":"q3","family":"how","snapshot":"v1.0.2","question":"who feeds the ring","gold":["app/feed.c"]}
    {"id":"q4","family":"how","snapshot":"v1.0.2","question":"xyzzyplugh","gold":["lib/slots.h"]}
    {"id":"q5","from":"v1.0.1","to":"v1.0.2","question":"what went away","gold":["app/feed.c"]}
    {"id":"q6","from":"v1.0.1","to":"v1.0.2","question":"why","gold":["because"],"gold_kind":"fact"}

    """

  @Test func hitsMissesAndSkipsAreCounted() throws {
    let (program, _) = try RingProject.indexed()
    let quiz = try program.write(Self.quiz, to: "quiz.jsonl")
    let outcome = try program.run("eval", quiz, "--per-question", "ranks.jsonl", "--json")
    #expect(outcome.status == 0, "\(outcome.error)")
    let json = outcome.json
    #expect(
      json.keys == [
        "families", "hit@1", "hit@10", "hit@5", "mrr@10", "ms_median", "ms_p95", "questions", "skipped",
        "skipped_reasons",
      ])
    #expect(json["questions"].number == 4)
    #expect(json["hit@1"].number == 0.75)
    #expect(json["mrr@10"].number == 0.75)
    #expect(json["skipped"].number == 2)
    #expect(json["skipped_reasons"] == .table(["gold-not-in-snapshot": .number(1), "fact": .number(1)]))
    #expect(json["families"].keys == ["-", "docs", "how"])
    #expect(json["families"]["how"]["hit@1"].number == 0.5)
    let ranks = try program.shell("cat ranks.jsonl").output.split(separator: "\n").map { JSON(parsing: String($0)) }
    #expect(ranks.map { $0["id"].text } == ["q1", "q2", "q4", "q5"])
    #expect(ranks.map { $0["rank"] } == [.number(1), .number(1), .null, .number(1)])
    #expect(ranks[0]["files"][0].text == "lib/ring.c")
  }

  @Test func theTableIsForPeople() throws {
    let (program, _) = try RingProject.indexed()
    let quiz = try program.write(Self.quiz, to: "quiz.jsonl")
    let lines = try program.run("eval", quiz).output.split(separator: "\n")
    try #require(lines.count == 6)
    #expect(lines[0] == "family  questions  hit@1  hit@5  hit@10  mrr@10  ms median  ms p95")
    #expect(lines[1].hasPrefix("-               1  1.000  1.000   1.000   1.000"))
    #expect(lines[2].hasPrefix("docs            1  1.000  1.000   1.000   1.000"))
    #expect(lines[3].hasPrefix("how             2  0.500  0.500   0.500   0.500"))
    #expect(lines[4].hasPrefix("all             4  0.750  0.750   0.750   0.750"))
    #expect(lines[5] == "skipped: 1 fact, 1 gold-not-in-snapshot")
  }

  /// The places are those of what an answer cites, about one snapshot or two.
  @Test func answersAreCountedByWhatTheyCite() throws {
    let (program, _) = try RingProject.indexed()
    let quiz = try program.write(Self.quiz, to: "quiz.jsonl")
    let outcome = try program.run("eval", quiz, "--ask", "--per-question", "ranks.jsonl", "--json")
    #expect(outcome.status == 0, "\(outcome.error)")
    let ranks = try program.shell("cat ranks.jsonl").output.split(separator: "\n").map { JSON(parsing: String($0)) }
    #expect(ranks.map { $0["id"].text } == ["q1", "q2", "q4", "q5"])
    #expect(ranks.map { $0["rank"] } == [.number(1), .number(1), .null, .number(1)])
    let cited = try program.run("ask", "which file implements the ring buffer", "--at", "v1.0.2", "--json").json
    #expect(ranks[0]["files"][0] == cited["citations"][0]["path"])
    let both = try program.run("eval", quiz, "--ask", "--without", "card")
    #expect(both.status == 64 && both.error.contains("--ask and --without exclude each other"))
  }

  @Test func atOverridesTheLines() throws {
    let (program, _) = try RingProject.indexed()
    let quiz = try program.write(Self.quiz, to: "quiz.jsonl")
    let json = try program.run("eval", quiz, "--at", "v1.0.1", "--json").json
    #expect(json["questions"].number == 5)
    #expect(json["skipped"].number == 1)
  }

  @Test func aSnapshotThatIsNotIndexedIsAnError() throws {
    let (program, _) = try RingProject.indexed()
    let quiz = try program.write(
      #"{"id":"q","snapshot":"v9","question":"ring","gold":["lib/ring.c"]}"#, to: "quiz.jsonl")
    let outcome = try program.run("eval", quiz)
    #expect(outcome.status == 2)
    #expect(outcome.error.hasPrefix("nenrin: no snapshot 'v9'"))
    #expect(outcome.output == "")
  }

  @Test func aLineThatIsNoQuestionIsNamed() throws {
    let (program, _) = try RingProject.indexed()
    let quiz = try program.write("{\"id\":\"a\",\"question\":\"q\",\"gold\":[\"x\"]}\nnot JSON\n", to: "quiz.jsonl")
    let outcome = try program.run("eval", quiz)
    #expect(outcome.status == 2)
    #expect(
      outcome.error == """
        nenrin: \(quiz):2: not a quiz line: it is not JSON
          Write one JSON object a line, like {"id":"q1","question":"which file …","gold":["fs/open.c"]}.

        """)
  }

  @Test func aQuizOfNothingButSkipsFindsNothing() throws {
    let (program, _) = try RingProject.indexed()
    let quiz = try program.write(#"{"id":"q","question":"ring","gold":["gone.c"]}"#, to: "quiz.jsonl")
    let outcome = try program.run("eval", quiz, "--json")
    #expect(outcome.status == 1)
    #expect(outcome.json["questions"].number == 0)
    #expect(outcome.json["skipped"].number == 1)
  }
}
