// SPDX-License-Identifier: Apache-2.0
package import Glossary
import Retrieval

/// The best passages as an answer, in pieces that can be streamed. Pure.
struct ExtractiveAnswer: Sendable {
  let passages: [EvidencePassage]
  private let snapshot: String
  private let words: AnswerWords
  /// The files that the first sentence names, each with the number of its first citation.
  private let named: [(path: String, id: Int?)]

  init(result: SearchResult, request: AnswerRequest) {
    words = AnswerWords(for: request.question)
    snapshot = result.snapshot.name
    let excerpter = Excerpter(question: request.searchText)
    let best = result.passages.map(\.score).max() ?? 0
    let name = result.snapshot.name
    passages = ExtractiveAnswer.chosen(result, limit: request.passageLimit).enumerated().map { index, passage in
      let citation = Citation(
        id: request.firstCitation + index, path: passage.path, lines: passage.lines, symbol: passage.symbol,
        url: request.link(passage.path, passage.lines), language: passage.language,
        similarity: best > 0 ? min(1, max(0, passage.score / best)) : 0, excerpt: excerpter.excerpt(of: passage.text))
      return EvidencePassage(citation: citation, kind: passage.kind, text: passage.text, snapshot: name)
    }
    named = ExtractiveAnswer.named(result, passages.map(\.citation))
  }

  /// Markdown; together the whole text.
  func pieces(_ reason: ExtractReason) -> [String] {
    guard !named.isEmpty else { return [words.nothingFound(snapshot, reason)] }
    return [words.opening(named, snapshot: snapshot, reason)]
      + passages.map { "\n\n" + ExtractiveAnswer.section($0, words) }
  }

  /// The best passage of each of the best three files, in the files' order, then the other passages as they stand.
  private static func chosen(_ result: SearchResult, limit: Int) -> [Passage] {
    let leading = result.files.prefix(3).compactMap { file in result.passages.first { $0.path == file.path } }
    let leadingRanks = Set(leading.map(\.rank))
    return Array((leading + result.passages.filter { !leadingRanks.contains($0.rank) }).prefix(limit))
  }

  /// At most three.
  private static func named(_ result: SearchResult, _ citations: [Citation]) -> [(path: String, id: Int?)] {
    let paths = result.files.isEmpty ? citations.map(\.path) : result.files.map(\.path)
    var seen: Set<TreePath> = []
    return paths.filter { seen.insert($0).inserted }.prefix(3).map { path in
      (path.text, citations.first { $0.path == path }?.id)
    }
  }

  private static func section(_ passage: EvidencePassage, _ words: AnswerWords) -> String {
    let citation = passage.citation
    let place = words.place(citation.lines, symbol: citation.symbol, kind: passage.kind)
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
