// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore
import TestSupport
import Testing

@testable import PatternSearch

@Suite struct PatternSearchTests {
  private static let files: [String: TestFile] = [
    "fs/open.c": """
    /* kept_lock is taken; TODO: running checks */
    int open_file(struct file *f)
    {
    \tspin_lock(&f->kept_lock);
    \tprintk("spin_lock taken");
    \treturn xkmalloc_it(12) + runner(f); // TODO initialized by allocation
    }

    """,
    "fs/other.c": "int other(void)\n{\n\treturn kmalloc(1);\n}\n/* aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa! */\n",
    "tools/list.txt": "spin_lock\nkept\nlocked\nOpenFile\n",
  ]

  private final class Fixture {
    let repository: TestRepository
    let home: TestHome
    let search: PatternSearch

    init() async throws {
      repository = try TestRepository()
      try repository.commit(PatternSearchTests.files, tag: "v1")
      home = try TestHome()
      try await home.index(repository, "v1")
      search = PatternSearch(view: try home.view("v1"), source: try Repository(opening: repository.path))
    }

    func lines(_ request: PatternRequest) throws -> [String] {
      try search.search(request).hits.map { "\($0.path):\($0.line):\($0.column) \($0.symbol ?? "-")" }
    }
  }

  @Test func linesComeWithWhatHoldsThem() async throws {
    let fixture = try await Fixture()
    #expect(
      try fixture.lines(PatternRequest(pattern: #"spin_lock\(&\w+->"#)) == ["fs/open.c:4:2 open_file"])
    #expect(
      try fixture.lines(PatternRequest(pattern: #"\bspin_lock\b"#)) == [
        "fs/open.c:4:2 open_file", "fs/open.c:5:10 open_file", "tools/list.txt:1:1 -",
      ])
    #expect(try fixture.search.search(PatternRequest(pattern: #"\bspin_lock\b"#)).words == ["spin_lock"])
  }

  /// What the words of the index leave out must never be what an expression matches.
  @Test(arguments: [
    ("kmalloc", 2), ("kmalloc[(_]", 2), ("runn", 2), ("running", 1), ("runner", 1), ("kept_lo", 2), ("_lock", 4),
    ("lock", 5), ("LOCK", 0), ("(?i)LOCK", 5), ("spin|kmalloc", 5), ("k?ept", 3), ("^locked$", 1), ("[lL]ocked", 1),
    (#"\Qspin_lock(\E"#, 1), ("(kept|spin)_lock", 4), ("x{0}kept", 3), (#"kept\w*"#, 3), ("TODO", 2), (#"\d2"#, 1),
    ("initiali[sz]ed", 1), ("tion$", 1), ("ocati", 1), ("nitializ", 1), ("runni", 1), ("spin_loc{2}", 0),
    ("printk.*taken", 1), ("taken.*printk", 0), ("}\n/", 0),
  ])
  func wordsLeaveNothingOut(pattern: String, count: Int) async throws {
    let fixture = try await Fixture()
    #expect(try fixture.lines(PatternRequest(pattern: pattern)).count == count, "\(pattern)")
  }

  @Test func placesAndPathsNarrow() async throws {
    let fixture = try await Fixture()
    #expect(try fixture.lines(PatternRequest(pattern: "TODO", region: .comment)).count == 2)
    #expect(try fixture.lines(PatternRequest(pattern: "TODO", region: .function)) == [])
    #expect(try fixture.lines(PatternRequest(pattern: "spin_lock", region: .string)) == ["fs/open.c:5:10 open_file"])
    #expect(try fixture.lines(PatternRequest(pattern: "spin_lock", region: .function)) == ["fs/open.c:4:2 open_file"])
    #expect(try fixture.lines(PatternRequest(pattern: "spin_lock", pathGlob: "tools")) == ["tools/list.txt:1:1 -"])
    #expect(try fixture.lines(PatternRequest(pattern: "spin_lock", language: .text)) == ["tools/list.txt:1:1 -"])
    #expect(try fixture.lines(PatternRequest(pattern: "SPIN_lock", ignoresCase: true)).count == 3)
    #expect(try fixture.lines(PatternRequest(pattern: #"\bopenfile\b"#, ignoresCase: true)) == ["tools/list.txt:4:1 -"])
  }

  @Test func pagesFollowOnOneAnother() async throws {
    let fixture = try await Fixture()
    let all = try fixture.lines(PatternRequest(pattern: "lock"))
    var paged: [String] = []
    for offset in all.indices {
      let page = PatternRequest(pattern: "lock", limit: 1, offset: offset)
      paged += try fixture.lines(page)
      #expect(try fixture.search.search(page).hasMore == (offset + 1 < all.count))
    }
    #expect(paged == all)
  }

  @Test func endlessPatternsAreGivenUp() async throws {
    let fixture = try await Fixture()
    let result = try fixture.search.search(PatternRequest(pattern: "(a+)+(b+|c)$"))
    #expect(result.gaveUp == 1 && result.hits.isEmpty)
    let late = try fixture.search.search(PatternRequest(pattern: ".", time: .zero))
    #expect(late.isOutOfTime && late.filesRead == 0 && late.filesToRead == 3 && late.words.isEmpty)
  }

  @Test func whatIsNoExpressionIsSaidWhere() async throws {
    let fixture = try await Fixture()
    let error = try #require(throws: NenrinError.self) { try fixture.lines(PatternRequest(pattern: "open(")) }
    #expect(error.code == .invalidArgument)
    #expect(error.reason == "missing closing parenthesis at character 6 of 'open('")
    #expect(throws: NenrinError.self) { try fixture.lines(PatternRequest(pattern: "")) }
  }

  @Test(arguments: [
    ("kmalloc", true, 7), ("kmalloc", false, 7), ("initiali", false, 5), ("initialized", true, 5), ("running", true, 3),
    ("tion", true, 1), ("schedul", false, 6), ("locked", true, 4), ("try", true, 2), ("folio", false, 5),
  ])
  func stemsKeepWhatIsNoEnding(text: String, isBound: Bool, count: Int) {
    #expect(StemTail.keptCount(of: Array(text.utf8), isBound: isBound) <= count, "\(text)")
    #expect(StemTail.keptCount(of: Array("btrfs".utf8), isBound: true) >= 4)
  }
}
