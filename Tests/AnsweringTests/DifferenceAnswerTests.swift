// SPDX-License-Identifier: Apache-2.0
import Answering
import Glossary
import KnowledgeDiff
import Testing

@Suite struct DifferenceAnswerTests {
  private static func snapshot(_ revision: String) -> SnapshotInfo {
    SnapshotInfo(
      id: 1, collection: "tree", revision: revision, commit: .zero, date: 0, indexedAt: 0, files: 1, bytes: 1,
      chunks: 1,
      ownBytes: 1)
  }

  private static var result: DiffResult {
    var result = DiffResult(from: snapshot("v1"), to: snapshot("v2"))
    let path = TreePath(text: "fs/lock.c")
    let place = { (line: Int, text: String) in SymbolPlace(path: path, line: line, signature: text, linkage: .global) }
    result.files = [
      FileEntry(status: .modified, path: path), FileEntry(status: .added, path: TreePath(text: "fs/new.c")),
    ]
    result.symbols = [
      SymbolEntry(
        status: .signature, kind: .function, name: "lock", from: place(10, "int lock(int a)"),
        to: place(12, "int lock(long a)"), isBodyChanged: false, isSignatureChanged: true),
      SymbolEntry(
        status: .removed, kind: .function, name: "unlock", from: place(30, "void unlock(void)"), to: nil,
        isBodyChanged: false, isSignatureChanged: false),
    ]
    result.passages = [
      DiffPassage(
        side: .to, path: path, lines: 11...20, symbol: "lock", kind: .function, language: .c,
        text: "int lock(long a)\n{\n}\n")
    ]
    result.isAboutQuestion = true
    return result
  }

  @Test func eachSentenceCitesItsSide() {
    var result = Self.result
    result.symbols[0].isNamed = true
    let answer = DifferenceAnswer(result, question: "what became of lock()?") { side, path, lines in
      "http://host/\(side)/\(path.text)#L\(lines.lowerBound)"
    }.answer(to: "what became of lock()?")
    #expect(
      answer.citations.map { "\($0.id) \($0.revision ?? "-") \($0.path.text) \($0.lines)" } == [
        "1 v1 fs/lock.c 10...10", "2 v2 fs/lock.c 11...20", "3 v1 fs/lock.c 30...30",
      ])
    #expect(answer.citations[1].url == "http://host/to/fs/lock.c#L11")
    #expect(answer.text.contains("- function `lock` (`fs/lock.c`): `int lock(int a)` [1] → `int lock(long a)` [2]"))
    #expect(answer.text.contains("**Gone since v1**\n\n- function `unlock` (`fs/lock.c`) [3]: `void unlock(void)`"))
    #expect(
      answer.text.hasPrefix("From v1 to v2, the changes nearest to the question are in `fs/lock.c` and `fs/new.c`"))
    #expect(answer.model == Answerer.extractiveModel)
  }

  /// What is asked for by name comes first, then the files.
  @Test(arguments: [
    (true, ["What the question names", "Files that bear on it", "Gone since v1"]),
    (false, ["Files that bear on it", "Declared anew", "Gone since v1"]),
  ])
  func theNearestComesFirst(_ isNamed: Bool, _ headings: [String]) {
    var result = Self.result
    result.symbols[0].isNamed = isNamed
    let text = DifferenceAnswer(result, question: "what became of the lock?") { _, _, _ in nil }.pieces.joined()
    #expect(
      text.split(separator: "**").enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) } == headings)
  }

  @Test func aJapaneseQuestionIsAnsweredInJapanese() {
    let text = DifferenceAnswer(Self.result, question: "lock の何が変わりましたか?") { _, _, _ in nil }.pieces.joined()
    #expect(text.contains("**宣言の変更**") && text.contains("v1 から v2 まで"))
  }

  @Test func commitsAreCitedByTheirMessages() throws {
    var result = Self.result
    let id = ObjectID(high: 0xabc1_2300_0000_0000, middle: 0, low: 0)
    result.commits = [
      CommitEntry(
        id: id, date: 0, subject: "lock: take longs", message: "lock: take longs\n\nInts were too short.",
        path: TreePath(text: "fs/lock.c"))
    ]
    let answer = DifferenceAnswer(result, question: "what became of lock()?") { _, _, _ in nil }.answer(to: "")
    let citation = try #require(answer.citations.last)
    #expect(answer.text.contains("**Commits that bear on it**\n\n- `abc123000000` lock: take longs [\(citation.id)]"))
    #expect(citation.url == nil)
    let linked = DifferenceAnswer(
      result, question: "lock?", link: { _, _, _ in nil }, commitLink: { "/commit/\($0.hex.prefix(6))" })
    #expect(linked.citations.compactMap(\.url) == ["/commit/abc123"])
    #expect(citation.commit == id && citation.excerpt.hasSuffix("Ints were too short."))
  }

  @Test func whereOnlyCommitsWereFoundThatIsSaid() {
    var result = DiffResult(from: Self.snapshot("v1"), to: Self.snapshot("v2"))
    result.commits = [CommitEntry(id: .zero, date: 0, subject: "lock: wake the waiter")]
    let english = DifferenceAnswer(result, question: "what became of the waiter?") { _, _, _ in nil }.pieces.joined()
    #expect(english.hasPrefix("From v1 to v2, no file and no symbol that changed bears on the question, but these"))
    let japanese = DifferenceAnswer(result, question: "待機者はどうなりましたか?") { _, _, _ in nil }.pieces.joined()
    #expect(japanese.hasPrefix("v1 から v2 までに、") && japanese.contains("次のコミットが関わります。"))
  }

  @Test func onlySymbolsAreNamedWhereNoFileIs() {
    var result = Self.result
    result.files = []
    let text = DifferenceAnswer(result, question: "lock の何が変わりましたか?") { _, _, _ in nil }.pieces.joined()
    #expect(text.contains("最も近い変更は 次のシンボル にあります"))
  }

  @Test func nothingIsSaidToBeNothing() {
    let empty = DiffResult(from: Self.snapshot("v1"), to: Self.snapshot("v2"))
    let answer = DifferenceAnswer(empty, question: "what?") { _, _, _ in nil }.answer(to: "what?")
    #expect(answer.citations.isEmpty)
    #expect(
      answer.text
        == "Nothing that changed between v1 and v2 matches this question. Try an identifier, a path, or other words.")
  }

  @Test func aStreamSaysWhatItDoes() async throws {
    let result = Self.result
    let stream = AnswerStream(comparing: "lock", name: "tree@v1..v2", link: { _, _, _ in nil }, compare: { result })
    var kinds: [String] = []
    var text = ""
    for try await event in stream {
      switch event {
      case .status(let status): kinds.append("status \(status.isDone)")
      case .citation(let citation): kinds.append("citation \(citation.id)")
      case .reasoning: Issue.record("no model was asked")
      case .text(let piece): text += piece
      case .done(let answer): #expect(answer.text == text)
      }
    }
    #expect(kinds == ["status false", "status true", "citation 1", "citation 2", "citation 3"])
  }
}
