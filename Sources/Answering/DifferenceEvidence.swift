// SPDX-License-Identifier: Apache-2.0
import Glossary
package import KnowledgeDiff

/// Two snapshots, as a comparison of them tells what changed: the evidence for a chat model's answer.
package struct DifferenceEvidence: EvidenceSource {
  /// `linux@v6.1.192..v6.12.117`.
  package let subject: String
  private let link: DifferenceAnswer.Link
  private let commitLink: DifferenceAnswer.CommitLink
  private let compare: @Sendable () async throws -> DiffResult
  private let missing: @Sendable ([NameMention]) async throws -> [UnverifiedName]

  /// `compare` gives what bears on the question, `missing` the names that neither side holds.
  package init(
    name: String, link: @escaping DifferenceAnswer.Link,
    commitLink: @escaping DifferenceAnswer.CommitLink = { _ in nil },
    compare: @escaping @Sendable () async throws -> DiffResult,
    missing: @escaping @Sendable ([NameMention]) async throws -> [UnverifiedName]
  ) {
    subject = name
    self.link = link
    self.commitLink = commitLink
    self.compare = compare
    self.missing = missing
  }

  /// The passages that the sentences of `DifferenceAnswer` cite, and those sentences as notes. Throws what `compare`
  /// throws.
  package func evidence(for request: AnswerRequest) async throws -> Evidence {
    let result = try await compare()
    let made = DifferenceAnswer(result, question: request.question, link: link, commitLink: commitLink)
    let passages = made.citations.map { citation in
      let side = citation.revision == result.from.revision ? DiffSide.from : .to
      let passage = result.passages.first {
        $0.side == side && $0.path == citation.path && $0.lines == citation.lines
      }
      return EvidencePassage(
        citation: citation, kind: passage?.kind, text: passage?.text ?? citation.excerpt,
        snapshot: citation.commit.map { "the message of commit \($0.hex.prefix(12))" }
          ?? (side == .from ? result.from.name : result.to.name))
    }
    return Evidence(
      subject: subject, passages: passages, fileCount: Set(made.citations.map(\.path)).count,
      paths: made.citations.map(\.path),
      task: "The passages are of two snapshots, and each says of which. Say what changed from "
        + "\(result.from.revision) to \(result.to.revision), as far as it bears on the question.",
      notes: made.pieces.joined()
    ) { _ in made.pieces }
  }

  /// Throws what `missing` throws.
  package func unverified(_ mentions: [NameMention]) async throws -> [UnverifiedName] {
    try await missing(mentions)
  }
}
