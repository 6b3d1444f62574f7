// SPDX-License-Identifier: Apache-2.0
import Answering
import Glossary
import Retrieval
import Testing

private let snapshot = SnapshotInfo(
  id: 1, collection: "tree", revision: "v1", commit: .zero, date: 0, indexedAt: 0, files: 1, bytes: 1, chunks: 1,
  ownBytes: 1)

private func passage(
  _ rank: Int, _ path: String, _ lines: ClosedRange<Int>, symbol: String? = nil, kind: SymbolKind? = nil,
  language: Language = .c, score: Double = 1, text: String = "int x;\n"
) -> Passage {
  Passage(
    rank: rank, path: TreePath(text: path), lines: lines, symbol: symbol, kind: kind, language: language,
    score: score, text: text)
}

private func result(_ passages: [Passage], files: [String]) -> SearchResult {
  SearchResult(
    question: "q", snapshot: snapshot, elapsed: .zero,
    files: files.enumerated().map { FileHit(rank: $0 + 1, path: TreePath(text: $1), score: 1, reasons: []) },
    passages: passages)
}

private func extract(_ result: SearchResult, _ question: String = "where is x?", limit: Int = 6) -> Answer {
  let request = AnswerRequest(question: question, snapshot: snapshot, passageLimit: limit) { path, lines in
    "u:\(path)#\(lines.lowerBound)"
  }
  return Answerer().extract(from: result, for: request)
}

@Suite struct ExtractiveAnswerTests {
  @Test func theFirstSentenceNamesTheBestFilesAndSaysWhatThisIs() {
    let answer = extract(
      result([passage(1, "b.c", 5...5), passage(2, "a.c", 1...3)], files: ["a.c", "b.c", "c.c", "d.c"]))
    #expect(
      answer.text.hasPrefix(
        "The best match is `a.c` [1], then `b.c` [2] and `c.c` (no chat model is configured: these are the best "
          + "passages of `tree@v1`, quoted as they are).\n\n**[1]** `a.c` lines 1–3\n\n```c\nint x;\n```\n\n"
          + "**[2]** `b.c` line 5\n\n```c\nint x;\n```"))
    #expect(answer.model == "extractive")
    #expect(answer.citations.map(\.path.text) == ["a.c", "b.c"])
    #expect(answer.citations.map(\.id) == [1, 2])
    #expect(answer.citations.map(\.url) == ["u:a.c#1", "u:b.c#5"])
  }

  @Test func theBestPassageOfEachLeadingFileComesFirst() {
    let passages = (1...8).map { passage($0, $0 < 7 ? "a.c" : "b.c", $0...$0, score: 1 / Double($0)) }
    let answer = extract(result(passages, files: ["b.c", "a.c"]), limit: 4)
    #expect(answer.citations.map(\.lines.lowerBound) == [7, 1, 2, 3])
    let shares: [Double] = [1.0 / 7, 1, 0.5, 1.0 / 3]
    #expect(answer.citations.map(\.similarity) == shares)
  }

  @Test func aFunctionIsNamedWithItsKind() {
    let answer = extract(
      result(
        [passage(1, "a.c", 1...2, symbol: "f", kind: .function), passage(2, "K", 1...2, symbol: "G")], files: ["a.c"]))
    #expect(answer.text.contains("**[1]** `a.c` lines 1–2, function `f`\n"))
    #expect(answer.text.contains("**[2]** `K` lines 1–2, `G`\n"))
  }

  @Test func nothingFoundIsSaidWithWhatToTry() {
    let english = extract(result([], files: []))
    #expect(
      english.text
        == "Nothing in `tree@v1` matches this question (no chat model is configured). Try an identifier, a file name, "
        + "the name of an option, or other words.")
    #expect(english.citations.isEmpty)
    let japanese = extract(result([], files: []), "これは?")
    #expect(
      japanese.text
        == "`tree@v1` には、この質問に当てはまる箇所が見つかりませんでした(チャットモデルは設定されていません)。"
        + "関数名やファイル名、`CONFIG_` の名前、または別の言葉で質問してみてください。")
  }

  @Test(arguments: [
    ("ロックはどこ?", true), ("ext4 の実装", true), ("漢字", true), ("カナ", true), ("ｶﾅ", true), ("where?", false),
    ("où est-ce?", false), ("где?", false), ("어디?", false), ("", false),
  ]) func japaneseIsKnownByItsLetters(question: String, isJapanese: Bool) {
    #expect(AnswerWords(for: question).isJapanese == isJapanese)
  }

  @Test func japaneseQuestionsGetJapaneseSentences() {
    let answer = extract(
      result([passage(1, "a.c", 1...2, symbol: "f", kind: .function)], files: ["a.c"]), "ロックはどこ?")
    #expect(
      answer.text.hasPrefix(
        "最も近いのは `a.c` [1] です(チャットモデルが設定されていないため、`tree@v1` の該当箇所をそのまま引用します)。\n\n"
          + "**[1]** `a.c` 1–2 行、関数 `f`\n"))
  }

  @Test func aLongPassageShowsItsHeadAndTheLinesThatMatter() {
    let lines = (1...100).map { $0 == 70 ? "\tspin_lock(&tree->guard);" : "\tstep(\($0));" }
    let text = "int f(void)\n{\n" + lines.joined(separator: "\n") + "\n}\n"
    let answer = extract(
      result([passage(1, "a.c", 1...103, text: text)], files: ["a.c"]), "what takes the tree's guard?")
    let excerpt = answer.citations[0].excerpt.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(excerpt.prefix(4) == ["int f(void)", "{", "\tstep(1);", "⋮"])
    #expect(excerpt.contains("\tspin_lock(&tree->guard);"))
    #expect(excerpt.last == "⋮")
    #expect(excerpt.count == 18)
    let plain = extract(result([passage(1, "a.c", 1...103, text: text)], files: ["a.c"]), "何?")
    #expect(plain.citations[0].excerpt.hasPrefix("int f(void)\n{\n\tstep(1);\n\tstep(2);"))
    #expect(plain.citations[0].excerpt.hasSuffix("\tstep(14);\n⋮"))
  }

  @Test func aLongLineIsCutBetweenCharacters() {
    let text = "// " + String(repeating: "語", count: 400) + "\n"
    let excerpt = extract(result([passage(1, "a.c", 1...1, text: text)], files: ["a.c"])).citations[0].excerpt
    #expect(excerpt == "// " + String(repeating: "語", count: 65) + " …")
  }

  @Test func noTextEndsItsFenceEarly() {
    let fenced = Markdown.fence(around: "```\n````x\n", language: .markdown)
    #expect(fenced == "`````markdown\n```\n````x\n`````")
    #expect(Markdown.fence(around: "all:", language: .make) == "```makefile\nall:\n```")
    #expect(
      Markdown.fence(around: "", language: .text) == "```\n\n```"
        || Markdown.fence(around: "", language: .text) == "```\n```")
  }
}

@Suite struct AnswerStreamTests {
  private struct Knowledge: AnswerKnowledge {
    var found: SearchResult
    var unknown: [UnverifiedName] = []

    func search(_ request: SearchRequest) async throws -> SearchResult { found }
    func unverified(_ mentions: [NameMention]) async throws -> [UnverifiedName] { unknown }
  }

  @Test func eventsComeInOrder() async throws {
    let knowledge = Knowledge(found: result([passage(1, "a.c", 1...2)], files: ["a.c"]))
    let stream = Answerer().answer(AnswerRequest(question: "where?", snapshot: snapshot), from: knowledge)
    var events: [AnswerEvent] = []
    for try await event in stream { events.append(event) }
    #expect(
      events.prefix(2) == [
        .status(AnswerStatus(step: .searching, text: "Searching tree@v1 …", isDone: false)),
        .status(AnswerStatus(step: .found, text: "Found 1 passage in 1 file", isDone: true)),
      ])
    guard case .citation(let citation) = events[2], case .done(let answer) = events.last else {
      Issue.record("a citation comes third and the answer last")
      return
    }
    #expect(answer.citations == [citation])
    let text = events.compactMap { event in if case .text(let piece) = event { piece } else { nil } }
    #expect(text.joined() == answer.text)
    #expect(text.count == 2)
    // A second iteration begins anew.
    #expect(try await stream.answer() == answer)
  }

  @Test func namesThatAreNotThereAreReported() async throws {
    let unknown = [UnverifiedName(name: "tree_lok", nearest: "tree_lock")]
    let knowledge = Knowledge(
      found: result([passage(1, "a.c", 1...2, symbol: "tree_lok")], files: ["a.c"]), unknown: unknown)
    let answer = try await Answerer().answer(
      AnswerRequest(question: "where?", snapshot: snapshot), from: knowledge
    ).answer()
    #expect(answer.unverified == unknown)
  }

  @Test func usageIsEstimatedFromBytes() {
    #expect(TokenUsage.estimate("") == 0)
    #expect(TokenUsage.estimate("a") == 1)
    #expect(TokenUsage.estimate("日本語") == 3)
    #expect(TokenUsage(promptTokens: 3, completionTokens: 4).totalTokens == 7)
  }
}
