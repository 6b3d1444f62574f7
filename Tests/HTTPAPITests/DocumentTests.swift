// SPDX-License-Identifier: Apache-2.0
import Answering
import Glossary
import HTTPAPI
import Testing

@Suite struct DocumentTests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
      (1_709_251_200, "2024-03-01T00:00:00Z"), (4_102_444_799, "2099-12-31T23:59:59Z"), (-1, "1969-12-31T23:59:59Z"),
      (-86_400, "1969-12-31T00:00:00Z"),
    ] as [(Int64, String)]) func timesAreISO8601InUTC(seconds: Int64, text: String)
  {
    #expect(DocumentFormat.timestamp(seconds) == text)
  }

  @Test func aReportOfAnIndexRunHasTheContractsKeys() throws {
    let snapshot = IndexDocument.Snapshot(
      revision: "v1", commit: .zero, files: 3, bytes: 200, blobs: .init(total: 3, new: 2),
      chunks: .init(total: 9, new: 4), embeddings: .init(new: 0, reused: 0), skipped: ["binary": 1], seconds: 1.23456,
      cpuSeconds: 2, peakResidentBytes: 1_000)
    let document = IndexDocument(collection: "tree", snapshots: [snapshot], indexBytes: 77)
    #expect(
      try JSONDocument.text(document)
        == #"{"collection":"tree","index_bytes":77,"snapshots":[{"already_indexed":false,"blobs":{"new":2,"total":3},"bytes":200,"#
        + #""chunks":{"new":4,"total":9},"commit":"0000000000000000000000000000000000000000","cpu_seconds":2,"#
        + #""embeddings":{"missing":0,"new":0,"reused":0},"files":3,"peak_rss_bytes":1000,"revision":"v1","seconds":1.235,"skipped":{"binary":1}}]}"#
    )
  }

  @Test func anAnswerHasTheContractsKeys() throws {
    let answer = Answer(
      text: "`a.c` [1]",
      citations: [
        Citation(
          id: 1, path: TreePath(text: "a.c"), lines: 2...3, symbol: nil, url: nil, language: .c, similarity: 1,
          excerpt: "x")
      ], unverified: [UnverifiedName(name: "b.c", nearest: "a.c")], model: "extractive",
      usage: TokenUsage(promptTokens: 1, completionTokens: 2))
    let snapshot = SnapshotInfo(
      id: 1, collection: "tree", revision: "v1", commit: .zero, date: 0, indexedAt: 0, files: 1, bytes: 1, chunks: 1,
      ownBytes: 1)
    #expect(
      try JSONDocument.text(
        AskDocument(question: "q/a?", answer: answer, snapshot: snapshot, elapsed: .milliseconds(12)))
        == #"{"answer":"`a.c` [1]","citations":[{"end_line":3,"id":1,"path":"a.c","start_line":2,"symbol":null,"url":null}],"#
        + #""elapsed_ms":12,"model":"extractive","question":"q/a?","#
        + #""snapshot":{"collection":"tree","commit":"0000000000000000000000000000000000000000","revision":"v1"},"#
        + #""unverified":["b.c"],"usage":{"completion_tokens":2,"prompt_tokens":1,"total_tokens":3}}"#)
  }

  @Test func aQuestionOfAnEvaluationKeepsTwentyPaths() throws {
    #expect(
      try JSONDocument.text(EvalQuestionDocument(id: "a", rank: nil, files: (0..<30).map { "f\($0)" }))
        == #"{"files":[\#((0..<20).map { "\"f\($0)\"" }.joined(separator: ","))],"id":"a","rank":null}"#)
  }

  @Test func prettyDocumentsAreIndented() throws {
    #expect(try JSONDocument.text(["a/b": [1]], pretty: true) == "{\n  \"a/b\" : [\n    1\n  ]\n}")
  }

  @Test func anUnfiniteScoreIsNoJSON() throws {
    #expect(DocumentFormat.rounded(.infinity) == 0)
    #expect(DocumentFormat.rounded(.nan) == 0)
    #expect(DocumentFormat.rounded(0.123_456_78) == 0.123457)
    #expect(DocumentFormat.milliseconds(.microseconds(1_234)) == 1.234)
  }
}
