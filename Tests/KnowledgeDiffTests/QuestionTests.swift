// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore
import KnowledgeDiff
import TestSupport
import Testing

@Suite struct QuestionTests {
  private static let old: [String: TestFile] = [
    "mm/reclaim.c":
      "/* Reclaims pages of caches. */\nint register_reaper(struct reaper *r)\n{\n\tlist_add(&r->list, &reapers);\n\treturn 0;\n}\n\nint reap_slab(int n)\n{\n\treturn n / 2;\n}\n",
    "net/filter/main.c":
      "/* A packet filter with a helper in user mode. */\nint filter_start(void)\n{\n\treturn helper_run();\n}\n",
    "fs/inode.h": "struct inode {\n\tstruct timespec i_ctime;\n\tint i_mode;\n};\n",
    "fs/read.c": "int read_page(struct inode *i)\n{\n\treturn i->i_mode;\n}\n",
    "lib/sort.c": "int sort_all(int *values)\n{\n\treturn values[0];\n}\n",
  ]

  private static let new: [String: TestFile] = [
    "mm/reclaim.c": "/* Reclaims pages of caches. */\nint reap_slab(int n)\n{\n\treturn n / 2;\n}\n",
    "mm/reaper.c":
      "/* Reapers of caches. */\nstruct reaper *reaper_alloc(int flags)\n{\n\treturn kzalloc(flags);\n}\n\nvoid reaper_register(struct reaper *r)\n{\n\tlist_add_tail(&r->list, &reapers);\n}\n",
    "fs/inode.h": "struct inode {\n\tlong i_ctime_sec;\n\tint i_ctime_nsec;\n\tint i_mode;\n};\n",
    "drivers/moon/core.c": "/* A driver for the phases of the moon. */\nint moon_phase(void)\n{\n\treturn 3;\n}\n",
    "drivers/moon/tide.c": "int moon_tide(void)\n{\n\treturn 4;\n}\n",
  ]

  private static func ask(_ question: String, path: String? = nil) async throws -> DiffResult {
    let fixture = try await Fixture(old, new, remove: ["net/filter/main.c"])
    return try fixture.diff(DiffRequest(path: path, question: question, limit: 10))
  }

  @Test func whatTookAPlaceIsFound() async throws {
    let result = try await Self.ask("Which functions took the place of register_reaper()?")
    let names = result.symbols.map { "\($0.status) \($0.name)" }
    #expect(names.prefix(3).contains("removed register_reaper"))
    #expect(names.prefix(3).contains("added reaper_register"))
    #expect(result.files.prefix(2).map(\.path.text).sorted() == ["mm/reaper.c", "mm/reclaim.c"])
  }

  /// A plain word of the question is no name.
  @Test(arguments: [
    ("What became of register_reaper?", ["register_reaper"]), ("What became of `reaper`?", ["reaper"]),
    ("What became of struct reaper?", ["reaper"]), ("What became of the reaper?", []),
  ])
  func whatTheQuestionNamesIsMarked(_ question: String, _ named: [String]) async throws {
    let fixture = try await Fixture(
      Self.old.merging(["mm/reaper.h": "struct reaper {\n\tint list;\n};\n"]) { $1 },
      Self.new.merging(["mm/reaper.h": "struct reaper {\n\tlong list;\n};\n"]) { $1 })
    let result = try fixture.diff(DiffRequest(question: question, limit: 10))
    #expect(result.symbols.filter(\.isNamed).map(\.name) == named)
    #expect(result.symbols.count > named.count)
  }

  @Test func whatWasRemovedIsFound() async throws {
    let result = try await Self.ask("Which packet filter with a user mode helper was removed?")
    #expect(result.fileLines.first == "removed net/filter/main.c")
    #expect(result.directoryChanges == [DirectoryChange(status: .removed, path: "net/", fromPath: nil, files: 1)])
  }

  @Test func aNewDirectoryIsFound() async throws {
    let result = try await Self.ask("Which new directory holds the driver for the moon?")
    #expect(result.fileLines.first == "added drivers/moon/core.c")
    #expect(result.directoryChanges.first == DirectoryChange(status: .added, path: "drivers/", fromPath: nil, files: 2))
    #expect(result.isAboutQuestion && result.files.allSatisfy { $0.relevance ?? 0 > 0 })
  }

  @Test func membersThatAnswerComeFirst() async throws {
    let result = try await Self.ask("How is i_ctime stored in struct inode in the newer tree?")
    let inode = try #require(result.symbols.first)
    #expect(inode.name == "inode" && inode.kind == .struct)
    #expect(Set(inode.members.map(\.name)) == ["i_ctime", "i_ctime_sec", "i_ctime_nsec"])
  }

  @Test func passagesAreOfBothSidesAndStandOnTheirLines() async throws {
    let fixture = try await Fixture(Self.old, Self.new, remove: ["net/filter/main.c"])
    let result = try fixture.diff(DiffRequest(question: "Which functions took the place of register_reaper()?"))
    #expect(Set(result.passages.map(\.side)) == [.from, .to])
    for passage in result.passages {
      let revision = passage.side == .from ? "v1.0" : "v1.1"
      let text = try fixture.repository.git(["show", "\(revision):\(passage.path.text)"]) + "\n"
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      let wanted = lines[(passage.lines.lowerBound - 1)..<passage.lines.upperBound].joined(separator: "\n") + "\n"
      #expect(wanted == passage.text)
    }
  }

  @Test func aPathNarrowsAQuestion() async throws {
    let result = try await Self.ask("what is new?", path: "fs")
    #expect(result.files.allSatisfy { $0.path.text.hasPrefix("fs/") } && !result.files.isEmpty)
  }

  @Test func aQuestionWithoutASubjectListsWhatChangedSo() async throws {
    let result = try await Self.ask("what was removed?")
    #expect(result.fileLines.first == "removed net/filter/main.c")
  }

  @Test func anEmptyQuestionIsAnError() async throws {
    let fixture = try await Fixture(Self.old, Self.new)
    #expect(throws: NenrinError.self) { try fixture.diff(DiffRequest(question: "  ")) }
  }

  @Test func aHistoryGoesThroughAllSnapshots() async throws {
    let fixture = try await Fixture(Self.old, Self.new, remove: ["net/filter/main.c"])
    try fixture.repository.commit(
      ["mm/reaper.c": "struct reaper *reaper_alloc(int flags, int size)\n{\n\treturn kzalloc(flags);\n}\n"],
      move: [("lib/sort.c", "lib/order/sort.c")], tag: "v1.10")
    try await fixture.home.index(fixture.repository, "v1.10")
    func history(_ name: String, isFile: Bool = false) throws -> [String] {
      var history = History(name: name, isFile: isFile)
      try history.begin(fixture.comparer("v1.0", "v1.0"))
      try history.go(fixture.comparer("v1.0", "v1.1"))
      try history.go(fixture.comparer("v1.1", "v1.10"))
      return history.events.map { event in
        switch event.change {
        case .symbol(let entry): "\(event.snapshot.revision) \(entry.status)"
        case .file(let entry): "\(event.snapshot.revision) \(entry.status) \(entry.path.text)"
        }
      }
    }
    #expect(try history("reaper_alloc") == ["v1.1 added", "v1.10 signature"])
    #expect(try history("register_reaper") == ["v1.0 added", "v1.1 removed"])
    #expect(try history("lib/sort.c", isFile: true) == ["v1.0 added lib/sort.c", "v1.10 renamed lib/order/sort.c"])
    #expect(
      try history("net/filter/main.c", isFile: true) == [
        "v1.0 added net/filter/main.c", "v1.1 removed net/filter/main.c",
      ])
    let infos = try ["v1.10", "v1.0", "v1.1"].map { try fixture.home.view($0).info }
    #expect(History.ordered(infos).map(\.revision) == ["v1.0", "v1.1", "v1.10"])
  }
}
