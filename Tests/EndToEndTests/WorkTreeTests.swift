// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// `--at worktree`, as a person in a checkout types it.
struct WorkTreeTests {
  private let checkout: TestCheckout
  private let program: Program

  init() throws {
    checkout = try TestCheckout(
      [
        "ring.c": "int ring_count(void)\n{\n\treturn 7;\n}\n",
        "use.c": "int use(void)\n{\n\treturn ring_count();\n}\n", "old.c": "int old_ring;\n",
      ], tag: "v1")
    program = try Program()
    #expect(try program.run("index", checkout.path, "v1", "--name", "ring").status == 0)
    try checkout.write("use.c", "int use(void)\n{\n\treturn ring_count() + ring_more();\n}\n")
    try checkout.write(
      "more.c", "/* Counts the rings that nobody has committed. */\nint ring_more(void)\n{\n\treturn 1;\n}\n")
    try checkout.remove("old.c")
  }

  private let state = " over ring@v1: 2 files changed or new, 1 removed\n"

  @Test func everyCommandSeesWhatIsNotCommitted() throws {
    let symbol = try program.run("symbol", "ring_more", "--callers", "--references", "--at", "worktree", "--json")
    #expect(symbol.error == checkout.path + state)
    #expect(symbol.json["snapshot"]["revision"].text == "worktree")
    #expect(symbol.json["snapshot"]["commit"].text == (try checkout.git("rev-parse", "HEAD")))
    #expect(symbol.json["definitions"][0]["path"].text == "more.c")
    #expect(symbol.json["references"].list.map { $0["path"].text } == ["use.c"])
    #expect(symbol.json["calls"]["callers"][0]["path"].text == "use.c")
    #expect(try program.run("symbol", "old_ring", "--at", "ring@worktree").status == 1)
    let callees = try program.run("symbol", "use", "--callees", "--at", "worktree").output
    #expect(callees.contains("ring_more"))
    #expect(try program.run("callchain", "use", "ring_more", "--at", "worktree").output.contains("more.c"))
    let grep = try program.run("grep", "ring_[a-z]+\\(\\) \\+", "--at", "worktree", "--json").json
    #expect(grep["lines"][0]["path"].text == "use.c" && grep["lines"][0]["line"].number == 3)
    let show = try program.run("show", "worktree:more.c:2-2")
    #expect(show.output == "int ring_more(void)\n")
    let search = try program.run("search", "what nobody has committed", "--at", "worktree", "--json").json
    #expect(search["files"][0]["path"].text == "more.c")
    let answer = try program.run(
      "ask", "which function counts what nobody has committed", "--at", "worktree", "--json")
    #expect(answer.json["citations"][0]["path"].text == "more.c")
    // What is indexed is as it was.
    #expect(try program.run("symbol", "ring_more").status == 1)
    #expect(try program.run("snapshots", "--json").json.list.count == 1)
  }

  @Test func differencesToTheWorkTreeAreTold() throws {
    for pair in ["v1..worktree", "HEAD..worktree", "ring@v1..worktree"] {
      let diff = try program.run("diff", pair, "--json", "--patch")
      #expect(diff.status == 0, "\(diff.error)")
      #expect(
        diff.json["files"].list.map { "\($0["status"].text ?? "") \($0["path"].text ?? "")" } == [
          "added more.c", "removed old.c", "modified use.c",
        ])
      #expect(
        diff.json["symbols"].list.map { "\($0["status"].text ?? "") \($0["name"].text ?? "")" }.sorted() == [
          "added ring_more", "changed use", "removed old_ring",
        ])
    }
    let back = try program.run("diff", "worktree..v1", "--symbol", "ring_more", "--json").json
    #expect(back["symbols"][0]["status"].text == "removed")
  }

  @Test func aCommitThatIsNotIndexedYetCountsAsChanged() throws {
    try checkout.git("add", "--all")
    try checkout.git("commit", "-qm", "more")
    try checkout.write("last.c", "int last_ring;\n")
    let outcome = try program.run("symbol", "ring_more", "--at", "worktree", "--json")
    #expect(outcome.json["definitions"][0]["path"].text == "more.c")
    #expect(outcome.error == checkout.path + " over ring@v1, 1 commit before HEAD: 1 file changed or new, 0 removed\n")
    #expect(try program.run("symbol", "last_ring", "--at", "worktree").status == 0)
    let head = try program.run("diff", "HEAD..worktree")
    #expect(head.status == 2)
    #expect(head.error.hasPrefix("nenrin: no snapshot '"))
  }

  @Test func theCheckoutAroundTheFolderIsMeant() throws {
    let linked = checkout.folder + "/linked"
    try checkout.git("worktree", "add", "-q", "-b", "side", linked)
    try "int side_ring;\n".write(toFile: linked + "/side.c", atomically: true, encoding: .utf8)
    #expect(try program.run("symbol", "side_ring", "--at", "worktree", in: linked).status == 0)
    #expect(try program.run("symbol", "side_ring", "--at", "worktree").status == 1)
    #expect(try program.run("symbol", "ring_more", "--at", "worktree", in: linked).status == 1)
  }

  @Test func withoutACheckoutTheReasonIsSaid() throws {
    let bare = try TestRepository()
    try bare.commit(["a.c": "int a;\n"], tag: "v1")
    let program = try Program()
    #expect(try program.run("index", bare.path, "v1", "--name", "bare").status == 0)
    let outcome = try program.run("symbol", "a", "--at", "worktree")
    #expect(outcome.status == 2)
    #expect(
      outcome.error == """
        nenrin: no work tree of bare: it was indexed from a bare repository or a folder without history, and this is no \
        checkout of it
          Run the command in a checkout; `git worktree add` makes one.

        """)
    // A history that shares nothing with what is indexed.
    let other = try TestCheckout(["b.c": "int b;\n"])
    #expect(try program.run("symbol", "a", "--at", "worktree", in: other.path).status == 2)
  }

  @Test func aHeadFarFromWhatIsIndexedIsRefused() throws {
    let other = try TestCheckout(["b.c": "int b;\n"], tag: "v1")
    try other.git("checkout", "-q", "--orphan", "fresh")
    try other.git("commit", "-qm", "nothing in common")
    let program = try Program()
    #expect(try program.run("index", other.path, "v1", "--name", "other").status == 0)
    let outcome = try program.run("symbol", "b", "--at", "worktree")
    #expect(outcome.status == 2)
    let head = try other.git("rev-parse", "HEAD").prefix(12)
    #expect(
      outcome.error == """
        nenrin: no snapshot under the work tree \(other.path): neither its HEAD (\(head)) nor a commit not far before it \
        is indexed in 'other'
          Run `nenrin index \(other.path) HEAD --name other` first.

        """)
  }

  @Test func aServerShowsUncommittedFilesOnlyWhereItIsToldTo() async throws {
    let request = "-d '{\"name\": \"ring_more\", \"at\": \"ring@worktree\"}'"
    try await program.serving { server in
      let refused = try program.curl("\(request) \(server.address)/api/symbol").json
      #expect(refused["error"]["code"].text == "unsupported")
      #expect(refused["error"]["message"].text?.hasPrefix("the work tree is not served") == true)
      let page = try program.curl("\(server.address)/source/ring@worktree/more.c").output
      #expect(!page.contains("ring_more"))
    }
    try await program.serving(environment: ["NENRIN_SERVER_WORKTREE": "true"]) { server in
      let found = try program.curl("\(request) \(server.address)/api/symbol").json
      #expect(found["definitions"][0]["path"].text == "more.c")
      #expect(try program.curl("\(server.address)/source/ring@worktree/more.c").output.contains("ring_more"))
      // Later changes are seen, too.
      try checkout.write("more.c", "int ring_fewer(void)\n{\n\treturn 1;\n}\n")
      var isSeen = false
      for _ in 0..<200 where !isSeen {
        let output = try program.curl("'\(server.address)/api/source?at=worktree&path=more.c'").output
        isSeen = output.contains("ring_fewer")
      }
      #expect(isSeen)
    }
  }
}
