// SPDX-License-Identifier: Apache-2.0
package import Glossary
import Retrieval

/// The best passages as an answer, in pieces that can be streamed. Pure.
struct ExtractiveAnswer {
  let citations: [Citation]
  /// Markdown; together the whole text.
  let pieces: [String]

  init(result: SearchResult, request: AnswerRequest) {
    let words = AnswerWords(for: request.question)
    let snapshot = result.snapshot.name
    guard !result.files.isEmpty || !result.passages.isEmpty else {
      citations = []
      pieces = [words.nothingFound(snapshot)]
      return
    }
    let excerpter = Excerpter(question: request.question)
    let best = result.passages.map(\.score).max() ?? 0
    citations = ExtractiveAnswer.chosen(result, limit: request.passageLimit).enumerated().map { index, passage in
      Citation(
        id: index + 1, path: passage.path, lines: passage.lines, symbol: passage.symbol,
        url: request.link(passage.path, passage.lines), language: passage.language,
        similarity: best > 0 ? min(1, max(0, passage.score / best)) : 0, excerpt: excerpter.excerpt(of: passage))
    }
    let kinds = Dictionary(
      result.passages.map { (PassageKey($0.path, $0.lines), $0.kind) }, uniquingKeysWith: { first, _ in first })
    let opening = words.opening(ExtractiveAnswer.named(result, citations), snapshot: snapshot)
    pieces =
      [opening]
      + citations.map { citation in
        "\n\n"
          + ExtractiveAnswer.section(citation, kinds[PassageKey(citation.path, citation.lines)] ?? nil, words)
      }
  }

  /// The whole answer, its names unchecked.
  func answer(to question: String) -> Answer {
    let text = pieces.joined()
    return Answer(
      text: text, citations: citations, unverified: [], model: Answerer.extractiveModel,
      usage: TokenUsage(
        promptTokens: TokenUsage.estimate(question), completionTokens: TokenUsage.estimate(text)))
  }

  private struct PassageKey: Hashable {
    var path: TreePath
    var lines: ClosedRange<Int>

    init(_ path: TreePath, _ lines: ClosedRange<Int>) {
      self.path = path
      self.lines = lines
    }
  }

  /// The best passage of each of the best three files, in the files' order, then the other passages as they stand.
  private static func chosen(_ result: SearchResult, limit: Int) -> [Passage] {
    let leading = result.files.prefix(3).compactMap { file in result.passages.first { $0.path == file.path } }
    let leadingRanks = Set(leading.map(\.rank))
    return Array((leading + result.passages.filter { !leadingRanks.contains($0.rank) }).prefix(limit))
  }

  /// The files that the first sentence names, at most three, each with the number of its first citation.
  private static func named(_ result: SearchResult, _ citations: [Citation]) -> [(path: String, id: Int?)] {
    let paths = result.files.isEmpty ? citations.map(\.path) : result.files.map(\.path)
    var seen: Set<TreePath> = []
    return paths.filter { seen.insert($0).inserted }.prefix(3).map { path in
      (path.text, citations.first { $0.path == path }?.id)
    }
  }

  private static func section(_ citation: Citation, _ kind: SymbolKind?, _ words: AnswerWords) -> String {
    let place = words.place(citation.lines, symbol: citation.symbol, kind: kind)
    let fence = Markdown.fence(around: citation.excerpt, language: citation.language)
    return "**[\(citation.id)]** `\(citation.path.text)` \(place)\n\n\(fence)"
  }
}

/// Source text inside Markdown.
package enum Markdown {
  /// A fenced code block whose fence is longer than any run of backticks in the text, so that no text ends it early.
  package static func fence(around text: String, language: Language) -> String {
    var longest = 0
    var run = 0
    for byte in text.utf8 {
      run = byte == UInt8(ascii: "`") ? run + 1 : 0
      longest = max(longest, run)
    }
    let fence = String(repeating: "`", count: max(3, longest + 1))
    return "\(fence)\(tag(language))\n\(text)\(text.hasSuffix("\n") || text.isEmpty ? "" : "\n")\(fence)"
  }

  /// The name that highlighters know a language by; empty where there is none.
  package static func tag(_ language: Language) -> String {
    switch language {
    case .c, .rust, .python, .yaml, .markdown, .perl, .cpp, .swift: language.name
    case .shell: "bash"
    case .make: "makefile"
    case .devicetree: "dts"
    case .assembly: "asm"
    case .kconfig, .restructuredText, .maintainers, .linkerScript, .text, .unknown, .other: ""
    }
  }
}
