// SPDX-License-Identifier: Apache-2.0
import Glossary
import KnowledgeDiff
import TestSupport
import Testing

@Suite struct HunkTests {
  private static func hunks(_ old: String, _ new: String) async throws -> [Hunk] {
    let fixture = try await Fixture(["a.txt": .text(old), "pad": "x\n"], ["a.txt": .text(new)])
    var request = DiffRequest(path: "a.txt")
    request.wantsPatch = true
    return try #require(try fixture.diff(request).hunks.first)
  }

  private static func text(_ hunks: [Hunk]) -> String {
    hunks.map { hunk in
      hunk.header + "\n" + hunk.lines.map { "\($0.mark.rawValue)\($0.text)\n" }.joined()
    }.joined()
  }

  @Test func aHunkHasThreeLinesAround() async throws {
    let old = (1...20).map { "line \($0)\n" }.joined()
    let new = old.replacing("line 10\n", with: "line ten\nline ten and a half\n")
    #expect(
      Self.text(try await Self.hunks(old, new)) == """
        @@ -7,7 +7,8 @@
         line 7
         line 8
         line 9
        -line 10
        +line ten
        +line ten and a half
         line 11
         line 12
         line 13

        """)
  }

  @Test func changesFarApartAreHunksOfTheirOwn() async throws {
    let old = (1...40).map { "line \($0)\n" }.joined()
    let new = old.replacing("line 3\n", with: "").replacing("line 39\n", with: "line 39\nmore\n")
    let hunks = try await Self.hunks(old, new)
    #expect(hunks.map(\.header) == ["@@ -1,6 +1,5 @@", "@@ -37,4 +36,5 @@"])
  }

  /// Whatever was done to a text, its hunks put on the old one give the new one.
  @Test(arguments: 0..<40) func hunksTurnTheOldIntoTheNew(seed: Int) throws {
    var state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 &+ 1
    func random(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    let old = (0..<random(60)).map { _ in "word \(random(9))" }
    var new = old
    for _ in 0..<random(12) {
      if !new.isEmpty, random(2) == 0 {
        new.remove(at: random(new.count))
      } else {
        new.insert("word \(random(12))", at: random(new.count + 1))
      }
    }
    let bytes = { (lines: [String]) in Array(lines.map { $0 + "\n" }.joined().utf8) }
    var made: [String] = []
    var next = 0
    for hunk in LineDifference(bytes(old), bytes(new)).hunks() {
      let start = hunk.oldCount == 0 ? hunk.oldStart : hunk.oldStart - 1
      made += old[next..<start]
      #expect(made.count == (hunk.newCount == 0 ? hunk.newStart : hunk.newStart - 1))
      made += hunk.lines.filter { $0.mark != .old }.map(\.text)
      #expect(hunk.lines.filter { $0.mark != .new }.map(\.text) == Array(old[start..<(start + hunk.oldCount)]))
      next = start + hunk.oldCount
    }
    made += old[next...]
    #expect(made == new)
  }

  @Test func commentsWhiteSpaceModesAndBytesAreToldFromCode() async throws {
    let code = "int a(void)\n{\n\treturn 1; /* one */\n}\n"
    let fixture = try await Fixture(
      [
        "comment.c": .text(code), "space.c": .text(code), "code.c": .text(code),
        "include.c": .text("#include <a.h>\n" + code),
        "mode.sh": "#!/bin/sh\n", "bytes.bin": .bytes([0, 1, 2]), "python.py": "if a:\n    b()\nc()\n",
      ],
      [
        "comment.c": .text(code.replacing("one", with: "uno")),
        "space.c": .text(code.replacing("\t", with: "        ")),
        "code.c": .text(code.replacing("1;", with: "2;")), "include.c": .text("#include <b.h>\n" + code),
        "mode.sh": .executable("#!/bin/sh\n"), "bytes.bin": .bytes([0, 1, 3]), "python.py": "if a:\n    b()\n    c()\n",
      ])
    let natures = try fixture.diff().files.map { "\($0.path.text) \($0.nature?.rawValue ?? "-")" }
    #expect(
      natures == [
        "bytes.bin binary", "code.c code", "comment.c comments", "include.c code", "mode.sh mode", "python.py code",
        "space.c whitespace",
      ])
  }
}
