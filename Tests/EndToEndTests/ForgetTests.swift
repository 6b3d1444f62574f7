// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

/// `nenrin forget` and `nenrin gc`, and snapshots that need no repository.
struct ForgetTests {
  @Test func aForgottenSnapshotIsGone() throws {
    let (program, repository) = try RingProject.indexed()
    let commit = try repository.git(["rev-parse", "v1.0.1"])
    let outcome = try program.run("forget", "v1.0.1")
    #expect(outcome.status == 0)
    #expect(outcome.output == "forgot ring@v1.0.1  \(commit.prefix(12))\n")
    #expect(outcome.error == "Run `nenrin gc` to free the room that only it took.\n")
    #expect(try program.run("snapshots", "--json").json.list.map { $0["revision"].text } == ["v1.0.2"])
    let search = try program.run("search", "ring", "--at", "v1.0.1")
    #expect(search.status == 2)
    #expect(search.error.hasPrefix("nenrin: no snapshot 'v1.0.1': indexed here are v1.0.2\n"))
  }

  @Test func theDocumentNamesWhatIsForgotten() throws {
    let (program, repository) = try RingProject.indexed()
    let commits = try ["v1.0.1", "v1.0.2"].map { try repository.git(["rev-parse", $0]) }
    // The same snapshot under two names is forgotten once.
    let outcome = try program.run("forget", "ring@v1.0.1", String(commits[0].prefix(9)), "v1.0.2", "--json")
    #expect(outcome.error == "")
    #expect(outcome.json.keys == ["forgotten"])
    #expect(outcome.json["forgotten"].list.map { $0["commit"].text } == commits)
    #expect(outcome.json["forgotten"][0].keys == ["collection", "commit", "revision"])
    let snapshots = try program.run("snapshots")
    #expect(snapshots.status == 1)
    #expect(snapshots.error == "nothing is indexed in \(program.home) yet\n")
  }

  @Test func anUnknownNameForgetsNothing() throws {
    let (program, _) = try RingProject.indexed()
    let outcome = try program.run("forget", "v1.0.1", "v1.0.7", "--json")
    #expect(outcome.status == 2)
    #expect(outcome.output == "")
    #expect(
      outcome.error == """
        nenrin: no snapshot 'v1.0.7': indexed here are v1.0.2, v1.0.1
          Run `nenrin index SOURCE v1.0.7` to add it, or `nenrin snapshots` for the list.

        """)
    #expect(try program.run("snapshots", "--json").json.list.count == 2)
    #expect(try program.run("forget").status == 64)
  }

  @Test(arguments: ["forget", "gc"]) func aHomeThatIsNotThereIsNotMade(command: String) throws {
    let program = try Program()
    let outcome = try program.shell("nenrin \(command) \(command == "gc" ? "" : "v1"); echo $?; ls '\(program.home)'")
    #expect(outcome.output == "2\n")
    #expect(outcome.error.hasPrefix("nenrin: nothing is indexed in \(program.home)\n"))
  }

  @Test func whatOnlyTheForgottenHadIsFreed() throws {
    let (program, _) = try RingProject.indexed()
    let before = try program.run("search", "ring buffer", "--json").json
    let symbols = try program.run("symbol", "ring_push", "--references", "--json").output
    let idle = try program.run("gc", "--json").json
    #expect(idle["blobs"]["freed"].number == 0 && idle["chunks"]["freed"].number == 0)
    #expect(try program.run("forget", "v1.0.1").status == 0)
    let outcome = try program.run("gc", "--json")
    #expect(outcome.status == 0)
    #expect(outcome.error == "")
    #expect(outcome.json.keys == ["blobs", "chunks", "freed_bytes", "index_bytes", "segments"])
    #expect(outcome.json["blobs"] == JSON(parsing: #"{"kept":4,"freed":1}"#))
    #expect((outcome.json["chunks"]["freed"].number ?? 0) > 0)
    #expect(outcome.json["segments"] == JSON(parsing: #"{"before":1,"after":1}"#))
    #expect((outcome.json["freed_bytes"].number ?? 0) > 0)
    let after = try program.run("search", "ring buffer", "--json").json
    #expect(after["files"] == before["files"] && after["passages"] == before["passages"])
    #expect(try program.run("symbol", "ring_push", "--references", "--json").output == symbols)
    #expect(try program.run("verify").status == 0)
    let text = try program.run("gc").output
    #expect(text.hasPrefix("freed 0 B, the index takes "))
    let chunks = Int(outcome.json["chunks"]["kept"].number ?? 0)
    #expect(
      text.hasSuffix(
        "\n  segments  1, before 1\n  blobs     0 freed, 4 kept\n  chunks    0 freed, \(chunks) kept\n"), "\(text)")
  }

  /// The objects of its snapshot are in the home: it answers when the repository is gone for good.
  @Test func aSelfContainedSnapshotOutlivesItsRepository() throws {
    let program = try Program()
    do {
      let repository = try RingProject.repository()
      let outcome = try program.run("index", repository.path, "v1.0.1", "--name", "ring", "--self-contained")
      #expect(outcome.status == 0, "\(outcome.error)")
      _ = try program.shell("rm -r '\(repository.path)'")
    }
    #expect(try program.run("show", "v1.0.1:lib/ring.c").output == RingProject.source)
    let found = try program.run("search", "which file implements the ring buffer", "--json").json
    #expect(found["files"][0]["path"].text == "lib/ring.c")
    #expect(found["passages"].list.contains { $0["text"].text?.hasPrefix("int ring_pop(") == true })
    let answer = try program.run("ask", "which file implements the ring buffer", "--json")
    #expect(answer.status == 0, "\(answer.error)")
    #expect(answer.json["citations"][0]["path"].text == "lib/ring.c")
    // With its last snapshot goes what the home kept for the collection.
    #expect(try program.run("forget", "v1.0.1").status == 0)
    #expect(try program.run("gc").status == 0)
    #expect(try program.shell("ls '\(program.home)/objects'").output == "")
  }
}
