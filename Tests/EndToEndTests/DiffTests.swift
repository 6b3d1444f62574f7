// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

/// `nenrin diff`, `nenrin history`, `nenrin ask --between`.
struct DiffTests {
  @Test func theDocumentIsAsPromised() throws {
    let (program, _) = try RingProject.indexed()
    let outcome = try program.run("diff", "v1.0.1..v1.0.2", "--json")
    #expect(outcome.status == 0 && outcome.error == "", "\(outcome.error)")
    let json = outcome.json
    #expect(Set(["elapsed_ms", "files", "from", "summary", "symbols", "to"]).isSubset(of: json.keys))
    #expect(json["from"]["revision"].text == "v1.0.1" && json["to"]["revision"].text == "v1.0.2")
    #expect(json["summary"]["files"]["removed"].number == 1 && json["summary"]["files"]["added"].number == 0)
    #expect(json["summary"]["symbols"]["removed"].number == 1)
    #expect(json["files"][0]["status"].text == "removed" && json["files"][0]["path"].text == "app/feed.c")
    #expect(json["files"][0].keys == ["from_path", "path", "score", "status"])
    let symbol = json["symbols"][0]
    #expect(
      symbol["status"].text == "removed" && symbol["kind"].text == "function" && symbol["name"].text == "feed_ring")
    #expect(symbol["from_start_line"].number == 3 && symbol["start_line"] == .null)
    #expect(symbol["from_signature"].text == "static int feed_ring(struct slots *ring)")
  }

  @Test func aPersonReadsSumsFirst() throws {
    let (program, _) = try RingProject.indexed()
    let lines = try program.run("diff", "ring@v1.0.1..v1.0.2", "--patch").output.split(separator: "\n")
    #expect(lines[0] == "files    1 removed")
    #expect(lines[1] == "symbols  1 removed")
    #expect(lines[2] == "removed   app/feed.c")
    #expect(lines[3] == "    −  function feed_ring  static int feed_ring(struct slots *ring)")
    #expect(lines[4] == "--- a/app/feed.c" && lines[5] == "+++ /dev/null" && lines[6] == "@@ -1,6 +0,0 @@")
  }

  @Test func whatIsWrongIsSaid() throws {
    let (program, _) = try RingProject.indexed()
    let missing = try program.run("diff", "v1.0.1..v1.0.7")
    #expect(missing.status == 2)
    #expect(missing.error.hasPrefix("nenrin: no snapshot 'v1.0.7': indexed here are v1.0.2, v1.0.1\n"))
    #expect(try program.run("diff", "v1.0.1").status == 64)
    #expect(try program.run("diff", "v1.0.1...v1.0.2").status == 64)
    let same = try program.run("diff", "v1.0.1..v1.0.1")
    #expect(same.status == 1 && same.error == "ring@v1.0.1 and ring@v1.0.1 are the same commit\n")
    let back = try program.run("diff", "v1.0.2..v1.0.1")
    #expect(back.status == 0)
    #expect(back.error == "ring@v1.0.1 is older than ring@v1.0.2: what it has alone is shown as added\n")
    #expect(back.output.hasPrefix("files    1 added\n"))
    let symbol = try program.run("diff", "v1.0.1..v1.0.2", "--symbol", "ring_posh")
    #expect(symbol.status == 1)
    #expect(
      symbol.error == """
        nenrin: no symbol 'ring_posh' in ring@v1.0.1 or ring@v1.0.2: near it are ring_push, ring_pop
          Name a function, type, macro or option as it is written; `--about` takes a question.

        """)
    #expect(try program.run("diff", "v1.0.1..v1.0.2", "--path", "nowhere").status == 2)
    #expect(try program.run("diff", "v1.0.1..v1.0.2", "--symbol", " ").status == 64)
    let equal = try program.run("diff", "v1.0.1..v1.0.2", "--path", "doc")
    #expect(equal.status == 1 && equal.error == "'doc' is the same in both\n")
    #expect(try program.run("diff", "v1.0.1..v1.0.2", "--about", "???").status == 1)
  }

  @Test func collectionsThatShareNothingAreNotCompared() throws {
    let (program, _) = try RingProject.indexed()
    let other = try TestRepository()
    try other.commit(["z.c": .text("int z;\n" + String(repeating: "/* z */\n", count: 20))], tag: "z1")
    #expect(try program.run("index", other.path, "z1", "--name", "zoo").status == 0)
    let outcome = try program.run("diff", "ring@v1.0.1..zoo@z1")
    #expect(outcome.status == 2)
    #expect(
      outcome.error == """
        nenrin: ring@v1.0.1 and zoo@z1 have no file in common: they are of two collections that have nothing to do with each other
          Name two snapshots of one collection; `nenrin snapshots` lists them.

        """)
  }

  @Test func aHistoryIsTold() throws {
    let (program, _) = try RingProject.indexed()
    let json = try program.run("history", "feed_ring", "--json").json
    #expect(json["snapshots"].number == 2)
    #expect(json["events"].list.map { $0["symbol"]["status"].text } == ["added", "removed"])
    let file = try program.run("history", "app/feed.c").output.split(separator: "\n")
    #expect(file.first == "v1.0.1, the first that is indexed" && file[2] == "v1.0.2 since v1.0.1")
    let nothing = try program.run("history", "ring_posh")
    #expect(nothing.status == 1)
    #expect(nothing.error == "no 'ring_posh' in 2 snapshots of ring; near it: ring_push, ring_pop\n")
    let path = try program.run("history", "lib/rings.c")
    #expect(path.status == 1 && path.error.contains("; near it: lib/ring.c"), "\(path.error)")
  }

  @Test func aQuestionAboutAPairIsAnsweredWithCitations() throws {
    let (program, _) = try RingProject.indexed()
    let json = try program.run("ask", "which function was removed?", "--between", "v1.0.1..v1.0.2", "--json").json
    #expect(json["from"]["revision"].text == "v1.0.1" && json["snapshot"]["revision"].text == "v1.0.2")
    #expect(json["citations"][0]["path"].text == "app/feed.c" && json["citations"][0]["revision"].text == "v1.0.1")
    #expect(json["answer"].text?.contains("`feed_ring`") == true)
    #expect(try program.run("ask", "x", "--between", "v1.0.1..v1.0.2", "--at", "v1.0.1").status == 64)
  }

  @Test func commitsThatTouchedItAreTold() throws {
    let repository = try TestRepository()
    try repository.commit(["a.c": "int a(void)\n{\n\treturn 1;\n}\n", "b.c": "int b;\n"], tag: "v1")
    try repository.commit(["a.c": "int a(void)\n{\n\treturn 2;\n}\n"], message: "a: return two")
    try repository.commit(["b.c": "int b, c;\n"], message: "b: add c", tag: "v2")
    let program = try Program()
    program.repository = repository
    #expect(try program.run("index", repository.path, "v1", "v2", "--name", "p").status == 0)
    let json = try program.run("diff", "v1..v2", "--symbol", "a", "--json").json
    #expect(json["commits"].list.map { $0["subject"].text } == ["a: return two"])
    #expect(try program.run("diff", "v1..v2", "--path", "b.c", "--json").json["commits"].list.count == 1)
    #expect(try program.run("diff", "v1..v2", "--json").json["commits"] == .null)
    try repository.commit(["a.c": "int a(void)\n{\n\treturn 3;\n}\n"], message: "a: return three")
    try repository.commit([:], move: [("a.c", "lib/a.c")], message: "lib: take a in", tag: "v3")
    #expect(try program.run("index", repository.path, "v3", "--name", "p").status == 0)
    let moved = try program.run("diff", "v2..v3", "--path", "lib/a.c", "--json").json
    #expect(moved["commits"].list.map { $0["subject"].text } == ["lib: take a in", "a: return three"])
  }

  @Test func markdownIsEscapedAndInTables() throws {
    let repository = try TestRepository()
    try repository.commit(
      [
        "hw/a_*b*.h": "#define MASK(a) ((a) | 1)\n#define TICK '`'\n\nstruct box {\n\tint lid;\n};\n",
        "notes.txt": "One.\n", "old.c": "int old(void)\n{\n\treturn 1;\n}\n",
      ], tag: "v1")
    try repository.commit(
      [
        "hw/a_*b*.h":
          "#define MASK(a) ((a) || 1)\n#define TICK '``'\n\nstruct box {\n\tint lid;\n\tint (*open)(int a);\n};\n"
      ], remove: ["old.c"], message: "hw: open")
    try repository.commit(["notes.txt": "Two.\n"], message: "<b>notes</b>: a_b_c | d", tag: "v2")
    let program = try Program()
    program.repository = repository
    #expect(try program.run("index", repository.path, "v1", "v2", "--name", "p").status == 0)
    let outcome = try program.run("diff", "v1..v2", "--markdown")
    #expect(outcome.status == 0 && outcome.error == "")
    #expect(
      outcome.output == """
        # What changed, p@v1 → p@v2

        - **files**: 1 removed, 2 modified
        - **symbols**: 1 removed, 3 changed

        ## By directory

        | Directory | Files added | removed | modified | renamed | Symbols added | removed | changed |
        |:--|--:|--:|--:|--:|--:|--:|--:|
        | `./` |  | 1 | 1 |  |  | 1 |  |
        | `hw/` |  |  | 1 |  |  |  | 3 |

        ## `hw/`

        ### `hw/a_*b*.h` modified

        | | Kind | Name | Before | Now |
        |:--|:--|:--|:--|:--|
        | changed | macro | `MASK` | `#define MASK(a) ((a) \\| 1)` | `#define MASK(a) ((a) \\|\\| 1)` |
        | changed | macro | `TICK` | ``#define TICK '`'`` | ```#define TICK '``'``` |
        | changed | struct | `box` |  |  |
        | added | member | `open` |  | `int (*open)(int a)` |

        ## `./`

        - `notes.txt` modified

        ### `old.c` removed

        | | Kind | Name | Before | Now |
        |:--|:--|:--|:--|:--|
        | removed | function | `old` | `int old(void)` |  |

        """)
    let one = try program.run("diff", "v1..v2", "--markdown", "--path", "notes.txt", "--patch").output
    #expect(one.hasPrefix("# What changed, p@v1 → p@v2\n\nBelow `notes.txt`.\n\n- **files**: 1 modified\n"))
    #expect(one.contains("\n## Lines\n\n### `notes.txt`\n\n```diff\n@@ -1 +1 @@\n-One.\n+Two.\n```\n"))
    #expect(one.contains("\\<b\\>notes\\</b\\>: a\\_b\\_c \\| d\n"))
    #expect(try program.run("diff", "v1..v2", "--markdown", "--json").status == 64)
  }
}
