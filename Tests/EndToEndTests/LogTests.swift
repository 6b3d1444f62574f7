// SPDX-License-Identifier: Apache-2.0
import Glossary
import TestSupport
import Testing

/// `nenrin log`, and the commits in what `diff` and `ask --between` say.
struct LogTests {
  /// Three commits over one file, the last two after v1.
  private static func indexed() throws -> (program: Program, repository: TestRepository) {
    let repository = try TestRepository()
    try repository.commit(
      ["pump.c": "int pump(void)\n{\n\treturn 1;\n}\n"], message: "pump: begin\n\nWater flows.", tag: "v1")
    try repository.commit(
      ["pump.c": "int pump(void)\n{\n\treturn 2;\n}\n\nint drain(void)\n{\n\treturn 0;\n}\n"],
      message: "pump: let the basin empty\n\nOverflow flooded the cellar.")
    try repository.commit(
      ["pump.c": "int pump(void)\n{\n\treturn 3;\n}\n\nint drain(void)\n{\n\treturn 0;\n}\n"],
      message: "pump: twice as strong", tag: "v2")
    let program = try Program()
    program.repository = repository
    for revision in ["v1", "v2"] {
      let outcome = try program.run("index", repository.path, revision, "--name", "water")
      #expect(outcome.status == 0, "\(outcome.error)")
    }
    return (program, repository)
  }

  @Test func aQuestionFindsTheCommitAndSaysWhy() throws {
    let (program, repository) = try Self.indexed()
    let lines = try program.run("log", "why", "was", "the", "cellar", "flooded?").output.split(separator: "\n")
    let id = try repository.id(of: "v2~1").hex.prefix(12)
    #expect(lines[0] == "1  \(id)  2023-11-14  A Tester")
    #expect(lines[1] == "   pump: let the basin empty")
    #expect(lines[2] == "   message: flooded, cellar")
    #expect(lines[3] == "   paths: pump.c")
    #expect(lines[4].hasPrefix("1 of 1 commit, of 3 in water@v2, "))
  }

  @Test func theListOfSnapshotsSaysWhatWasRead() throws {
    let (program, _) = try Self.indexed()
    #expect(try program.run("snapshots").output.hasSuffix("\nhistory of water: 3 commits\n"))
  }

  @Test func theDocumentIsAsDescribed() throws {
    let (program, repository) = try Self.indexed()
    let json = try program.run("log", "cellar", "--between", "v1..v2", "--json").json
    #expect(json["from"].text == (try repository.id(of: "v1").hex) && json["considered"].number == 2)
    let commit = json["commits"][0]
    #expect(commit["subject"].text == "pump: let the basin empty")
    #expect(commit["body"].text == "Overflow flooded the cellar." && commit["rank"].number == 1)
    #expect(commit["matched"]["message"].list.map(\.text) == ["cellar"])
    #expect(commit["paths"][0]["status"].text == "modified" && commit["path_count"].number == 1)
  }

  @Test func symbolsAndIntroductionsAreFollowed() throws {
    let (program, repository) = try Self.indexed()
    let touched = try program.run("log", "--symbol", "drain", "--json").json["commits"].list
    #expect(touched.map { $0["subject"].text } == ["pump: let the basin empty"])
    let brought = try program.run("log", "--introduced", "drain", "--json").json
    #expect(brought["introduced"]["commit"]["commit"].text == (try repository.id(of: "v2~1").hex))
    #expect(brought["introduced"]["certainty"].text == "certain" && brought["commits"].list.isEmpty)
  }

  @Test func whatIsWrongIsSaid() throws {
    let (program, _) = try Self.indexed()
    #expect(try program.run("log", "zebra").status == 1)
    #expect(try program.run("log", "cellar", "--between", "v1..v9").error.hasPrefix("nenrin: no revision 'v9' in "))
    #expect(try program.run("log", "-k", "0").status == 64)
    let bare = try Program()
    let repository = try RingProject.repository()
    _ = try bare.run("index", repository.path, "v1.0.1", "--name", "ring", "--no-history")
    let missing = try bare.run("log", "anything")
    #expect(missing.status == 2)
    #expect(
      missing.error == """
        nenrin: history of ring@v1.0.1: not read: a plain folder has none, a long one is only read when it is asked for
          Run `nenrin index SOURCE --history` with the repository of ring.

        """)
  }

  @Test func aCommitHasAPage() async throws {
    let (program, repository) = try Self.indexed()
    let id = try repository.id(of: "v2~1").hex
    try await program.serving { server in
      let address = server.address
      func chat(_ question: String) throws -> JSON {
        try program.curl(
          "-H 'Content-Type: application/json' -d '{\"model\":\"water@v1..v2\",\"messages\":[{\"role\":\"user\",\"content\":\"\(question)\"}]}' \(address)/v1/chat/completions"
        ).json
      }
      let notes = try chat("what empties the basin?")["choices"][0]["message"]["annotations"].list
      let url = "\(address)/commit/water@v2/\(id)"
      #expect(notes.contains { $0["url_citation"]["url"].text == url })
      let page = try program.curl("'\(url)'").output
      #expect(page.contains("<h1>pump: let the basin empty</h1>"))
      #expect(page.contains("<pre>Overflow flooded the cellar.</pre>"))
      #expect(page.contains("<a href=\"/source/water@v2/pump.c#L1\">pump.c</a>"))
      let short = try program.curl("-o /dev/null -w '%{http_code}' \(address)/commit/water@v1/\(id.prefix(7))")
      #expect(short.output == "200")
      let missing = try program.curl("-w '%{http_code}' \(address)/commit/water@v2/0123456789").output
      #expect(missing.hasSuffix("404") && missing.contains("nenrin index SOURCE --history"))
    }
  }

  @Test func comparisonsTellTheCommitsThatBearOnAQuestion() throws {
    let (program, repository) = try Self.indexed()
    let id = try repository.id(of: "v2~1").hex
    let diff = try program.run("diff", "v1..v2", "--about", "how does the cellar stay dry?", "--json").json
    #expect(diff["commits"].list.map { $0["commit"].text } == [id])
    let ask = try program.run("ask", "what empties the basin?", "--between", "v1..v2", "--json").json
    #expect(ask["answer"].text?.contains("- `\(id.prefix(12))` pump: let the basin empty [") == true)
    #expect(ask["citations"].list.contains { $0["commit"].text == id })
  }
}
