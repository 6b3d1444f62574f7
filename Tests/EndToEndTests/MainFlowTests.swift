// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

/// From a commit to an answer, as a person at a shell sees it.
struct MainFlowTests {
  @Test func indexReportsWhatItDid() throws {
    let repository = try RingProject.repository()
    let program = try Program()
    let outcome = try program.run("index", repository.path, "--tags", "v1.0.*", "--name", "ring", "--json")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.json["collection"].text == "ring")
    #expect(outcome.json["index_bytes"].number ?? 0 > 0)
    let snapshots = outcome.json["snapshots"]
    #expect(snapshots.list.map { $0["revision"].text } == ["v1.0.1", "v1.0.2"])
    #expect(snapshots[0]["commit"].text == (try repository.git(["rev-parse", "v1.0.1"])))
    #expect(
      snapshots[0].keys == [
        "already_indexed", "blobs", "bytes", "chunks", "commit", "cpu_seconds", "embeddings", "files", "peak_rss_bytes",
        "revision", "seconds", "skipped",
      ])
    #expect(snapshots[0]["files"].number == 6)
    #expect(snapshots[1]["files"].number == 5)
    #expect(snapshots[1]["blobs"]["new"].number == 0)
    #expect(snapshots[1]["chunks"]["new"].number == 0)
    #expect(snapshots[0]["skipped"]["binary"].number == 1)
    #expect(snapshots[0]["skipped"]["symlink"].number == 1)
  }

  @Test func indexSaysOnPaperWhatItDid() throws {
    let repository = try RingProject.repository()
    let program = try Program()
    let commit = try repository.git(["rev-parse", "--short=12", "v1.0.1"])
    let first = try program.run("index", repository.path, "v1.0.1", "--name", "ring")
    #expect(first.status == 0)
    #expect(first.output.hasPrefix("ring@v1.0.1  \(commit)\n  files    6, "))
    let second = try program.run("index", repository.path, "v1.0.1", "--name", "ring")
    #expect(second.output.hasPrefix("ring@v1.0.1  \(commit)  indexed already\n"))
  }

  @Test func aDryRunWritesNothing() throws {
    let repository = try RingProject.repository()
    let program = try Program()
    let outcome = try program.run("index", repository.path, "v1.0.1", "--dry-run", "--json")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.json["snapshots"][0]["files"].number == 6)
    #expect(outcome.json["snapshots"][0]["blobs"]["read"].number == 5)
    #expect(try program.run("snapshots").status == 2)
    // What it says is what indexing then does.
    let indexed = try program.run("index", repository.path, "v1.0.1", "--json").json["snapshots"][0]
    #expect(outcome.json["snapshots"][0]["chunks"]["new"] == indexed["chunks"]["new"])
    let plan = try program.run("index", repository.path, "v1.0.1", "v1.0.2", "--dry-run", "--json").json["snapshots"]
    #expect(plan[0]["already_indexed"] == JSON(parsing: "true"))
    #expect(plan[1]["blobs"] == JSON(parsing: #"{"read":0,"reuse":4}"#))
    #expect(plan[1]["chunks"]["new"].number == 0)
    let next = try program.run("index", repository.path, "v1.0.2", "--json").json["snapshots"][0]
    #expect(plan[1]["chunks"]["reuse"] == next["chunks"]["total"])
  }

  @Test func snapshotsAreListed() throws {
    let (program, repository) = try RingProject.indexed()
    let listed = try program.run("snapshots", "--json").json
    #expect(listed.list.map { $0["revision"].text } == ["v1.0.2", "v1.0.1"])
    #expect(listed[1]["date"].text == "2023-11-14T22:14:20Z")
    #expect(listed[1]["files"].number == 6)
    let commit = try repository.git(["rev-parse", "--short=12", "v1.0.2"])
    let lines = try program.run("snapshots").output.split(separator: "\n")
    try #require(lines.count == 5)
    #expect(
      lines[0].split(separator: " ").joined(separator: " ")
        == "snapshot commit date files source chunks own size shared")
    #expect(lines[1].hasPrefix("ring@v1.0.2  \(commit)  2023-11-14      5  "))
    #expect(lines[1].hasSuffix(" 100.00 %") && lines[2].hasSuffix(" -"))
    #expect(lines[3].hasPrefix("2 snapshots, ") && lines[4] == "history of ring: 2 commits")
    #expect(listed[0]["own_chunks"].number == 0 && listed[0]["shared_chunks"] == listed[0]["chunks"])
    #expect(listed[1]["own_chunks"] == listed[1]["chunks"])
  }

  @Test func searchFindsTheFileAndTheFunction() throws {
    let (program, _) = try RingProject.indexed()
    let outcome = try program.run("search", "which", "file", "implements", "the", "ring", "buffer", "-k", "2")
    #expect(outcome.status == 0)
    #expect(outcome.error == "")
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines.first == "1  lib/ring.c")
    #expect(lines.last?.hasPrefix("ring@v1.0.2, ") == true)

    let document = try program.run("search", "which file implements the ring buffer", "--json").json
    #expect(document.keys == ["elapsed_ms", "files", "passages", "query", "snapshot"])
    #expect(document["query"].text == "which file implements the ring buffer")
    #expect(document["snapshot"]["revision"].text == "v1.0.2")
    #expect(document["files"][0]["path"].text == "lib/ring.c")
    let pop = document["passages"].list.first { $0["symbol"].text == "ring_pop" } ?? .null
    #expect(pop["path"].text == "lib/ring.c")
    #expect(pop["start_line"].number == 14)
    #expect(pop["end_line"].number == 17)
    #expect(pop["kind"].text == "function")
    #expect(pop["language"].text == "c")
    #expect(pop["text"].text?.hasPrefix("int ring_pop(") == true)
  }

  @Test func searchKeepsToPathsAndLanguages() throws {
    let (program, _) = try RingProject.indexed()
    let paths = { (outcome: Outcome) in outcome.json["files"].list.compactMap { $0["path"].text } }
    #expect(paths(try program.run("search", "ring", "--path", "app/", "--at", "v1.0.1", "--json")) == ["app/feed.c"])
    #expect(paths(try program.run("search", "kettle water", "--language", "rst", "--json")) == ["doc/kettle.rst"])
  }

  @Test func searchExplainsItself() throws {
    let (program, _) = try RingProject.indexed()
    let outcome = try program.run("search", "ring", "buffer", "--explain")
    #expect(outcome.output.contains("\n   score 0.") || outcome.output.contains("\n     score "))
    let reasons = try program.run("search", "ring", "buffer", "--json").json["files"][0]["reasons"].list
    #expect(!reasons.isEmpty)
  }

  @Test func nothingFoundIsExitCodeOne() throws {
    let (program, _) = try RingProject.indexed()
    let outcome = try program.run("search", "xyzzyplugh")
    #expect(outcome.status == 1)
    #expect(outcome.output == "")
    #expect(outcome.error == "nothing found in ring@v1.0.2\n")
    let json = try program.run("search", "xyzzyplugh", "--json")
    #expect(json.status == 1)
    #expect(json.json["files"] == .list([]))
    #expect(json.error == "")
  }

  @Test func symbolsAreDefinedAndUsed() throws {
    let (program, _) = try RingProject.indexed()
    #expect(
      try program.run("symbol", "ring_pop").output == "lib/ring.c:14  function  int ring_pop(struct slots *ring)\n")
    let outcome = try program.run("symbol", "ring_push", "--references", "--at", "v1.0.1", "--json")
    #expect(outcome.json["definitions"][0]["path"].text == "lib/ring.c")
    #expect(outcome.json["definitions"][0]["start_line"].number == 6)
    #expect(outcome.json["definitions"][0]["signature"].text == "int ring_push(struct slots *ring, int value)")
    let use = outcome.json["references"].list.first { $0["path"].text == "app/feed.c" }
    #expect(use?["line"].number == 5)
    #expect(use?["in_symbol"].text == "feed_ring")
    #expect(use?["text"].text?.contains("return ring_push(ring, 7);") == true)
    // The same name in the release where the caller is gone.
    let later = try program.run("symbol", "ring_push", "--references", "--json").json["references"].list
    #expect(!later.contains { $0["path"].text == "app/feed.c" })
  }

  @Test func aSymbolThatIsNotThereHasNearOnes() throws {
    let (program, _) = try RingProject.indexed()
    let outcome = try program.run("symbol", "ring_pusj")
    #expect(outcome.status == 1)
    #expect(outcome.output == "")
    #expect(outcome.error.hasPrefix("no definition of 'ring_pusj' in ring@v1.0.2; near it: ring_push"))
  }

  @Test func answersCiteTheirLines() throws {
    let (program, _) = try RingProject.indexed()
    let outcome = try program.run("ask", "which file implements the ring buffer", "--json")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.json["model"].text == "extractive")
    #expect(outcome.json["citations"][0]["path"].text == "lib/ring.c")
    #expect(outcome.json["unverified"] == .list([]))
    let text = try program.run("ask", "which", "file", "implements", "the", "ring", "buffer")
    #expect(text.output.contains("lib/ring.c"))
    #expect(text.output.split(separator: "\n").contains { $0.hasPrefix("[1]  lib/ring.c:") })
    #expect(text.error == "")
  }

  @Test func verifyFindsNothingWrong() throws {
    let (program, _) = try RingProject.indexed()
    let outcome = try program.run("verify")
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.error)")
    #expect(outcome.output.hasSuffix("\nnothing is wrong\n"))
    #expect(try program.run("verify", "--json").json["problems"] == .list([]))
  }

  @Test func doctorSeesTheHome() throws {
    let (program, repository) = try RingProject.indexed()
    let outcome = try program.run("doctor", "--json")
    let checks = outcome.json["checks"].list
    let check = { (name: String) in checks.first { $0["name"].text == name } ?? .null }
    #expect(check("home")["state"].text == "ok")
    #expect(check("home")["detail"].text?.hasPrefix("\(program.home): 2 snapshots, ") == true)
    #expect(check("collection ring")["state"].text == "ok")
    #expect(check("collection ring")["detail"].text?.hasSuffix(", history of 2 commits") == true)
    #expect(check("configuration")["detail"].text == "no file, all at its default")
    #expect(check("libgit2")["detail"].text?.isEmpty == false)
    // A repository that was moved away breaks what rests on it.
    _ = try program.shell("mv '\(repository.path)' '\(repository.path).moved'")
    let broken = try program.run("doctor")
    #expect(broken.status == 2)
    #expect(broken.output.contains("broken  collection ring"))
    _ = try program.shell("mv '\(repository.path).moved' '\(repository.path)'")
  }

  @Test func aRecipeSaysWhatToIndex() throws {
    let repository = try RingProject.repository()
    let program = try Program()
    let recipe = try program.write(
      """
      # The releases that matter.
      source = "\(repository.path)"
      name = "ring"
      revisions = ["v1.0.2"]
      """, to: "mine.toml")
    let outcome = try program.run("index", recipe, "--json")
    #expect(outcome.json["collection"].text == "ring", "\(outcome.error)")
    #expect(outcome.json["snapshots"].list.map { $0["revision"].text } == ["v1.0.2"])
    // `snapshots/NAME.toml` is found by its name, and the command line's revisions go first.
    _ = try program.shell("mkdir snapshots && mv mine.toml snapshots/")
    let named = try program.run("index", "mine", "v1.0.1", "--json")
    #expect(named.json["snapshots"].list.map { $0["revision"].text } == ["v1.0.1"])
  }

  @Test func aPlainFolderIsACollectionToo() throws {
    let program = try Program()
    _ = try program.shell("mkdir notes && printf 'The kettle whistles.\\n' > notes/kettle.txt")
    let outcome = try program.run("index", "\(program.folder)/notes", "--json")
    #expect(outcome.json["collection"].text == "notes", "\(outcome.error)")
    #expect(try program.run("search", "kettle", "--json").json["files"][0]["path"].text == "kettle.txt")
  }

  @Test func aSelfContainedSnapshotNeedsNoRepository() throws {
    let repository = try RingProject.repository()
    let program = try Program()
    let outcome = try program.run("index", repository.path, "v1.0.1", "--name", "ring", "--self-contained")
    #expect(outcome.status == 0, "\(outcome.error)")
    _ = try program.shell("mv '\(repository.path)' '\(repository.path).moved'")
    defer { _ = try? program.shell("mv '\(repository.path).moved' '\(repository.path)'") }
    #expect(try program.run("show", "v1.0.1:lib/ring.c").output == RingProject.source)
    #expect(try program.run("search", "ring buffer", "--json").json["files"][0]["path"].text == "lib/ring.c")
    #expect(try program.run("doctor", "--json").json["checks"].list.contains { $0["state"].text == "broken" } == false)
  }
}
