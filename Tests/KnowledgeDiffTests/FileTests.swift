// SPDX-License-Identifier: Apache-2.0
import Glossary
import KnowledgeDiff
import TestSupport
import Testing

@Suite struct FileTests {
  private static func function(_ name: String, _ lines: Int) -> String {
    let body = (0..<lines).map { "\tvalue = value * \($0 + 3) + \(name)_table[\($0)];\n" }.joined()
    return "int \(name)(int value)\n{\n\(body)\treturn value;\n}\n\n"
  }

  private static let lake = function("fill_lake", 12) + function("drain_lake", 12) + function("measure_lake", 12)

  @Test func statusesAreGits() async throws {
    let fixture = try await Fixture(
      ["a.c": "int a(void)\n{\n\treturn 1;\n}\n", "b.txt": "one\n", "run": "#!/bin/sh\n", "link": .symlink(to: "a.c")],
      ["a.c": "int a(void)\n{\n\treturn 2;\n}\n", "c.txt": "three\n", "run": .executable("#!/bin/sh\n")],
      remove: ["b.txt"])
    let result = try fixture.diff()
    let git = try fixture.repository.git(["diff", "--no-renames", "--name-status", "v1.0", "v1.1"])
    let letters: [FileStatus: String] = [.added: "A", .removed: "D", .modified: "M"]
    let mine = result.files.map { "\(letters[$0.status] ?? "?")\t\($0.path.text)" }
    #expect(mine.joined(separator: "\n") == git)
    #expect(result.fileSummary.total == 4)
  }

  @Test func aFileThatMovedUnchangedIsRenamed() async throws {
    let fixture = try await Fixture(["old/lake.c": .text(Self.lake), "other.c": "int x;\n"], move: [("old", "new")])
    let result = try fixture.diff()
    #expect(result.fileLines == ["renamed old/lake.c > new/lake.c"])
    #expect(result.files[0].similarity == 1)
    #expect(result.symbols.isEmpty)
  }

  @Test func aFileThatMovedAndChangedIsRenamed() async throws {
    let fixture = try await Fixture(
      ["old/lake.c": .text(Self.lake)],
      ["new/pond.c": .text(Self.lake.replacing("* 5", with: "* 500") + Self.function("freeze_lake", 5))],
      remove: ["old/lake.c"])
    let result = try fixture.diff()
    #expect(result.fileLines == ["renamed old/lake.c > new/pond.c"])
    let similarity = try #require(result.files[0].similarity)
    #expect(similarity > 0.6 && similarity < 1)
    #expect(result.symbolLines.contains("added function freeze_lake"))
    #expect(!result.symbols.contains { $0.status == .moved || $0.status == .removed })
  }

  /// One line changed in each function leaves no chunk alike; the names defined still tell.
  @Test func aFileOfWhichEveryFunctionChangedIsRenamed() async throws {
    let fixture = try await Fixture(
      ["old/lake.c": .text(Self.lake)],
      ["new/pond.c": .text(Self.lake.replacing("return value", with: "return value + 1"))], remove: ["old/lake.c"])
    #expect(try fixture.diff().fileLines == ["renamed old/lake.c > new/pond.c"])
  }

  @Test func whatIsHardlyAlikeIsNotRenamed() async throws {
    let fixture = try await Fixture(
      ["old/lake.c": .text(Self.lake)], ["new/lake.c": .text(Self.function("boil", 40))], remove: ["old/lake.c"])
    #expect(try fixture.diff().fileLines == ["added new/lake.c", "removed old/lake.c"])
  }

  @Test func equalBlobsArePairedByName() async throws {
    let fixture = try await Fixture(
      ["a/one.c": .text(Self.lake), "a/two.c": .text(Self.lake)],
      move: [("a/two.c", "b/two.c"), ("a/one.c", "b/one.c")])
    #expect(try fixture.diff().fileLines == ["renamed a/one.c > b/one.c", "renamed a/two.c > b/two.c"])
  }

  @Test func aDirectoryNarrowsAndItsBorderIsSeenAcross() async throws {
    let fixture = try await Fixture(
      ["a/lake.c": .text(Self.lake), "c/note.txt": "one\n"], ["c/note.txt": "two\n"], move: [("a/lake.c", "b/lake.c")])
    #expect(try fixture.diff(DiffRequest(path: "a")).fileLines == ["renamed a/lake.c > b/lake.c"])
    #expect(try fixture.diff(DiffRequest(path: "b/")).fileLines == ["renamed a/lake.c > b/lake.c"])
    #expect(try fixture.diff(DiffRequest(path: "c/note.txt")).fileLines == ["modified c/note.txt"])
    #expect(try fixture.diff(DiffRequest(path: "c/no")).fileLines == ["modified c/note.txt"])
  }

  @Test func aPathOfNeitherSideIsAnError() async throws {
    let fixture = try await Fixture(["dir/lake.c": .text(Self.lake)], ["x.c": "int x;\n"])
    let error = #expect(throws: NenrinError.self) { try fixture.diff(DiffRequest(path: "dir/laek.c")) }
    #expect(
      error?.description == """
        no path 'dir/laek.c' in project@v1.0 or project@v1.1: near it are dir/lake.c
          Name a file or a directory by its path from the top of the tree.
        """)
  }

  @Test func theSameSnapshotDiffersInNothing() async throws {
    let fixture = try await Fixture(["a.c": .text(Self.lake)], ["b.c": "int b;\n"])
    let result = try fixture.diff(DiffRequest(), "v1.1", "v1.1")
    #expect(result.files.isEmpty && result.symbols.isEmpty && result.fileSummary.total == 0)
  }

  @Test func backwardIsToldByVersionThenByDate() async throws {
    let fixture = try await Fixture(["a.c": .text(Self.lake)], ["b.c": "int b;\n"])
    #expect(try fixture.diff().isBackward == false)
    let back = try fixture.diff(DiffRequest(), "v1.1", "v1.0")
    #expect(back.isBackward)
    #expect(back.fileLines == ["removed b.c"])
  }
}
