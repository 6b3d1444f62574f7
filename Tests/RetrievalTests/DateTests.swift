// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore
import TestSupport
import Testing

@testable import Retrieval

@Suite struct DateTests {
  private static func date(_ text: String) -> NamedDate? { NamedDate(path: Array(text.utf8)) }

  @Test func datesStandInPaths() {
    for path in [
      "2026-01-17_talk.txt", "log/2026/01/17.txt", "20260117-notes.md", "a_2026_01_17", "1999-1-1/2026.01.17",
    ] {
      #expect(Self.date(path).map { [$0.year, $0.month, $0.day] } == [2026, 1, 17], "\(path)")
    }
    for path in ["v6.12.117", "2026-13-17", "drivers/20261301.c", "2026-01.txt", "9999-01-17", "12026-01-171"] {
      #expect(Self.date(path) == nil, "\(path)")
    }
  }

  @Test(
    arguments: [
      ("2026-01-17の回", [[2026, 1, 17]]), ("２０２６年１月の回は?", [[2026, 1, 0]]), ("1月の回", [[0, 1, 0]]),
      ("十一月二十三日の話", [[0, 11, 23]]),
      ("去年の11月", [[2025, 11, 0]]), ("先月の話", [[2026, 4, 0]]), ("昨年は", [[2025, 0, 0]]), ("三か月間", []), ("2月間", []),
      ("in January 2026", [[2026, 1, 0]]), ("on 17 May", [[0, 5, 17]]), ("last November", [[2025, 11, 0]]),
      ("last March", [[2026, 3, 0]]), ("May 3, 2026", [[2026, 5, 3]]), ("what may happen", []), ("a march", []),
      ("last month", [[2026, 4, 0]]), ("in 2025", [[2025, 0, 0]]), ("2026-02", [[2026, 2, 0]]),
      ("version 6.12.117", []),
    ] as [(String, [[Int]])]) func questionsNameDates(question: String, dates: [[Int]]) throws
  {
    let newest = try #require(Self.date("2026-05-29"))
    let found = AskedDates(newest: newest).dates(in: JapaneseText.folding(question))
    #expect(found.map { [$0.year ?? 0, $0.month ?? 0, $0.day ?? 0] } == dates)
    #expect(AskedDates.mayBeNamed(in: JapaneseText.folding(question)) || dates.isEmpty)
  }

  @Test func theFileOfThatDateComesFirst() async throws {
    let repository = try TestRepository()
    try repository.commit(
      [
        "2025-11-08_lab_cache.txt": "Today we talk about the cache.\n",
        "2026-01-17_lab_cache.txt": "Today we talk about the cache again, the cache.\n",
        "2026-02-14_den_disk.txt": "Disks and more.\n",
      ], tag: "v1")
    let home = try TestHome()
    try await home.index(repository, "v1")
    let retriever = Retriever(view: try home.view("v1"), source: try Repository(opening: repository.path))
    for question in ["the cache, last November", "11月の cache の回", "the talk of 8 November about the cache"] {
      let first = try #require(retriever.search(SearchRequest(question: question)).files.first)
      #expect(first.path.text == "2025-11-08_lab_cache.txt", "\(question)")
      #expect(first.reasons.contains { $0.signal == "of that date" })
    }
  }
}
