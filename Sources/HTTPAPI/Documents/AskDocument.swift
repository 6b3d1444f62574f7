// SPDX-License-Identifier: Apache-2.0
package import Answering
package import Glossary

/// What `nenrin ask --json` prints.
package struct AskDocument: Codable, Sendable {
  /// From the answer into a passage.
  package struct Citation: Codable, Hashable, Sendable {
    /// The `[n]` of the answer's text.
    package var id: Int
    package var path: String
    /// Where the answer stands on two snapshots, the one that the lines are of.
    package var revision: String?
    package var startLine: Int
    package var endLine: Int
    package var symbol: String?
    package var url: String?
    /// Where a commit's message is cited, its id: `symbol` is then its subject, and the lines mean nothing.
    package var commit: String?

    private enum CodingKeys: String, CodingKey {
      case id, path, revision, symbol, url, commit
      case startLine = "start_line"
      case endLine = "end_line"
    }

    package init(_ citation: Answering.Citation) {
      id = citation.id
      path = citation.path.text
      revision = citation.revision
      startLine = citation.lines.lowerBound
      endLine = citation.lines.upperBound
      symbol = citation.symbol
      url = citation.url
      commit = citation.commit?.hex
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(id, forKey: .id)
      try container.encode(path, forKey: .path)
      try container.encodeIfPresent(revision, forKey: .revision)
      try container.encode(startLine, forKey: .startLine)
      try container.encode(endLine, forKey: .endLine)
      try container.encode(symbol, forKey: .symbol)
      try container.encode(url, forKey: .url)
      try container.encodeIfPresent(commit, forKey: .commit)
    }
  }

  /// Tokens, OpenAI's names.
  package struct Usage: Codable, Hashable, Sendable {
    package var promptTokens: Int
    package var completionTokens: Int
    package var totalTokens: Int

    private enum CodingKeys: String, CodingKey {
      case promptTokens = "prompt_tokens"
      case completionTokens = "completion_tokens"
      case totalTokens = "total_tokens"
    }

    package init(_ usage: TokenUsage) {
      promptTokens = usage.promptTokens
      completionTokens = usage.completionTokens
      totalTokens = usage.totalTokens
    }
  }

  package var question: String
  package var answer: String
  package var model: String
  package var snapshot: SnapshotReferenceDocument
  /// The older snapshot, where the answer is about a pair.
  package var from: SnapshotReferenceDocument?
  package var citations: [Citation]
  /// Names that the answer mentions and the snapshot does not hold.
  package var unverified: [String]
  package var usage: Usage
  package var elapsedMilliseconds: Double

  private enum CodingKeys: String, CodingKey {
    case question, answer, model, snapshot, from, citations, unverified, usage
    case elapsedMilliseconds = "elapsed_ms"
  }

  package init(
    question: String, answer: Answer, snapshot: SnapshotInfo, from: SnapshotInfo? = nil, elapsed: Duration
  ) {
    self.from = from.map(SnapshotReferenceDocument.init)
    self.question = question
    self.answer = answer.text
    model = answer.model
    self.snapshot = SnapshotReferenceDocument(snapshot)
    citations = answer.citations.map(Citation.init)
    unverified = answer.unverified.map(\.name)
    usage = Usage(answer.usage)
    elapsedMilliseconds = DocumentFormat.milliseconds(elapsed)
  }
}
