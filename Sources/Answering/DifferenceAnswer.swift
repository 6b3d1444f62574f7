// SPDX-License-Identifier: Apache-2.0
package import Glossary
package import KnowledgeDiff

/// What a comparison found, told in sentences: what became of what the question names, the files that bear on it, then
/// what is new, gone, moved, declared anew, with a citation for each that says which side it stands on. Pure.
package struct DifferenceAnswer {
  /// Where a reader sees lines of one side; nil where no server gives a page.
  package typealias Link = @Sendable (DiffSide, TreePath, ClosedRange<Int>) -> String?
  /// Where a reader sees a commit of the newer side's history, likewise.
  package typealias CommitLink = @Sendable (ObjectID) -> String?

  /// Citations first as they are named.
  package private(set) var citations: [Citation] = []
  /// Markdown; together the whole text.
  package private(set) var pieces: [String] = []

  private let result: DiffResult
  private let words: DifferenceWords
  private let link: Link
  private let commitLink: CommitLink
  private static let mostSymbols = 10
  private static let mostFiles = 6
  private static let mostCommits = 5
  private static let mostMessageLines = 24

  /// `result` is of `nenrin diff --about`.
  package init(
    _ result: DiffResult, question: String, link: @escaping Link, commitLink: @escaping CommitLink = { _ in nil }
  ) {
    self.result = result
    self.link = link
    self.commitLink = commitLink
    words = DifferenceWords(
      isJapanese: AnswerWords(for: question).isJapanese, from: result.from.revision, to: result.to.revision)
    guard !result.files.isEmpty || !result.symbols.isEmpty || !result.commits.isEmpty else {
      pieces = [words.nothing]
      return
    }
    pieces.append(words.opening(result))
    for change in result.directoryChanges.prefix(3) { pieces.append("\n\n" + words.directory(change)) }
    let symbols = result.symbols.prefix(DifferenceAnswer.mostSymbols)
    let named = symbols.filter(\.isNamed)
    if !named.isEmpty { pieces.append("\n\n**\(words.named)**\n") }
    for symbol in named { pieces.append("\n" + line(symbol)) }
    let files = result.files.prefix(DifferenceAnswer.mostFiles)
    if !files.isEmpty { pieces.append("\n\n**\(words.files)**\n") }
    for file in files { pieces.append("\n" + line(file)) }
    // By what became of them, in the order in which the nearest of each sort came.
    var others = symbols.filter { !$0.isNamed }
    while let status = others.first?.status {
      pieces.append("\n\n**\(words.heading(status))**\n")
      for symbol in others where symbol.status == status { pieces.append("\n" + line(symbol)) }
      others.removeAll { $0.status == status }
    }
    let commits = result.commits.prefix(DifferenceAnswer.mostCommits)
    if !commits.isEmpty { pieces.append("\n\n**\(words.commits)**\n") }
    for commit in commits { pieces.append("\n" + line(commit)) }
    pieces.append("\n\n" + words.closing)
  }

  /// The whole answer.
  package func answer(to question: String) -> Answer {
    let text = pieces.joined()
    return Answer(
      text: text, citations: citations, unverified: [], model: Answerer.extractiveModel,
      usage: TokenUsage(promptTokens: TokenUsage.estimate(question), completionTokens: TokenUsage.estimate(text)))
  }

  private mutating func line(_ symbol: SymbolEntry) -> String {
    let old = symbol.from.map { cite(.from, $0.path, $0.line, symbol.fromName ?? symbol.name) }
    let new = symbol.to.map { cite(.to, $0.path, $0.line, symbol.name) }
    var text = "- " + words.symbol(symbol, old: old ?? "", new: new ?? "")
    for member in symbol.members.prefix(6) { text += "\n  - " + words.member(member) }
    for property in symbol.properties.prefix(4) { text += "\n  - " + words.property(property) }
    return text
  }

  private mutating func line(_ file: FileEntry) -> String {
    let side: DiffSide = file.status == .removed ? .from : .to
    let passage = result.passages.first { $0.side == side && $0.path == file.path }
    let mark = passage.map { cite(side, file.path, $0.lines.lowerBound, $0.symbol) } ?? ""
    return "- " + words.file(file) + (mark.isEmpty ? "" : " " + mark)
  }

  /// Cites the commit's own message.
  private mutating func line(_ commit: CommitEntry) -> String {
    let message = (commit.message.isEmpty ? commit.subject : commit.message)
      .split(separator: "\n", omittingEmptySubsequences: false)
    let excerpt =
      message.prefix(DifferenceAnswer.mostMessageLines).joined(separator: "\n")
      + (message.count > DifferenceAnswer.mostMessageLines ? "\n⋮" : "")
    var citation = Citation(
      id: citations.count + 1, path: commit.path ?? TreePath(text: "commit"), lines: 1...1, symbol: commit.subject,
      url: commit.isKept ? commitLink(commit.id) : nil, language: .text, similarity: 1 / Double(citations.count + 1),
      excerpt: excerpt)
    citation.revision = commit.id.hex
    citation.commit = commit.id
    citations.append(citation)
    return "- `\(commit.id.hex.prefix(12))` \(commit.subject) [\(citation.id)]"
  }

  /// `[n]` for a line of one side: the passage that holds it, or the line itself.
  private mutating func cite(_ side: DiffSide, _ path: TreePath, _ line: Int, _ symbol: String?) -> String {
    let passage = result.passages.first { $0.side == side && $0.path == path && $0.lines.contains(line) }
    let lines = passage?.lines ?? line...line
    let revision = side == .from ? result.from.revision : result.to.revision
    if let known = citations.first(where: { $0.path == path && $0.lines == lines && $0.revision == revision }) {
      return "[\(known.id)]"
    }
    let text = passage?.text.split(separator: "\n", omittingEmptySubsequences: false) ?? []
    let excerpt =
      text.prefix(Excerpter.lineLimit).joined(separator: "\n") + (text.count > Excerpter.lineLimit ? "\n⋮" : "")
    var citation = Citation(
      id: citations.count + 1, path: path, lines: lines, symbol: symbol, url: link(side, path, lines),
      language: passage?.language ?? Language(path: path), similarity: 1 / Double(citations.count + 1),
      excerpt: excerpt)
    citation.revision = revision
    citations.append(citation)
    return "[\(citation.id)]"
  }
}
