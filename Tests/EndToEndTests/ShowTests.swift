// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

/// `nenrin show`: the bytes as git has them.
struct ShowTests {
  @Test func aFileComesByteForByte() throws {
    let (program, _) = try RingProject.indexed()
    #expect(try program.run("show", "v1.0.1:lib/ring.c").output == RingProject.source)
    #expect(try program.run("show", "ring@v1.0.1:lib/ring.c").output == RingProject.source)
    #expect(try program.run("show", ":lib/ring.c").output == RingProject.source)
    #expect(try program.shell("nenrin show v1.0.1:art/logo.bin | od -An -tx1").output == " 00 01 02 03 00 ff\n")
  }

  @Test func linesAreExactAndInclusive() throws {
    let (program, _) = try RingProject.indexed()
    let lines = RingProject.source.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(try program.run("show", "v1.0.1:lib/ring.c:6-7").output == "\(lines[5])\n\(lines[6])\n")
    #expect(try program.run("show", "v1.0.1:lib/ring.c:17").output == "}\n")
    #expect(try program.run("show", "v1.0.1:lib/ring.c:17-99").output == "}\n")
  }

  @Test func theDocumentNamesTheBlobAndTheSymbols() throws {
    let (program, repository) = try RingProject.indexed()
    let document = try program.run("show", "v1.0.1:lib/ring.c:6-8", "--json").json
    #expect(document["blob"].text == (try repository.git(["rev-parse", "v1.0.1:lib/ring.c"])))
    #expect(document["language"].text == "c")
    #expect(document["start_line"].number == 6)
    #expect(document["end_line"].number == 8)
    #expect(document["lines"].number == 17)
    #expect(document["symbols"].list.map { $0["name"].text } == ["ring_push"])
    #expect(document["symbols"][0]["start_line"].number == 6)
    #expect(document["symbols"][0]["end_line"].number == 12)
    #expect(try program.run("show", "v1.0.1:art/logo.bin", "--json").json["binary"] == .flag(true))
  }

  @Test func aLinkShowsWhereItPoints() throws {
    let (program, _) = try RingProject.indexed()
    let outcome = try program.run("show", "v1.0.1:latest")
    #expect(outcome.output == "lib/ring.c")
    #expect(outcome.error == "'latest' is a symbolic link; what it holds is the path it points to\n")
  }

  @Test func aPathThatIsNotThereHasNearOnes() throws {
    let (program, _) = try RingProject.indexed()
    let outcome = try program.run("show", "v1.0.1:src/ring.c")
    #expect(outcome.status == 2)
    #expect(outcome.output == "")
    #expect(
      outcome.error == """
        nenrin: no path 'src/ring.c' in ring@v1.0.1: near it are lib/ring.c
          Name a file by its path from the top of the tree.

        """)
  }

  @Test func linesThatAreNotThereAreSaid() throws {
    let (program, _) = try RingProject.indexed()
    let outcome = try program.run("show", "v1.0.1:lib/ring.c:18-20")
    #expect(outcome.status == 2)
    #expect(
      outcome.error == """
        nenrin: no line 18 in 'lib/ring.c': it has 17 lines in ring@v1.0.1
          Name lines that it has, 1 being the first.

        """)
  }

  @Test func aSubmoduleIsExplained() throws {
    let repository = try TestRepository()
    let commit = "0123456789012345678901234567890123456789"
    try repository.commit(["a.c": "int a;\n", "vendor": .submodule(commit)], tag: "v1")
    let program = try Program()
    #expect(try program.run("index", repository.path, "v1", "--name", "p").status == 0)
    let outcome = try program.run("show", "v1:vendor")
    #expect(outcome.status == 2)
    #expect(
      outcome.error == """
        nenrin: 'vendor' is a submodule: p@v1 records commit 012345678901 of another repository there
          Index that repository on its own, then show the file from its snapshot.

        """)
  }

  @Test func aPathThatIsNotUTF8IsWrittenAsGitWritesIt() throws {
    let repository = try TestRepository()
    try repository.commit([#""caf\351.c""#: "int cafe;\n", "a:1-2": "colons\n"], tag: "v1")
    let program = try Program()
    #expect(try program.run("index", repository.path, "v1", "--name", "p").status == 0)
    #expect(try program.run("show", #"v1:"caf\351.c""#).output == "int cafe;\n")
    #expect(try program.run("show", "v1:a:1-2").output == "colons\n")
    #expect(try program.run("show", "v1:a:1-2:1", "--json").json["path"].text == "a:1-2")
  }
}
