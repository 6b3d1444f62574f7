// SPDX-License-Identifier: Apache-2.0
package import Glossary
import Retrieval

/// A piece of source that an answer may stand on.
package struct EvidencePassage: Sendable {
  /// How the answer cites it; its `id` is its place in the evidence, from 1.
  package var citation: Citation
  package var kind: SymbolKind?
  /// Whole, as it stands in the snapshot.
  package var text: String
  /// Which snapshot it is from: `linux@v6.12.117`.
  package var snapshot: String

  package init(citation: Citation, kind: SymbolKind?, text: String, snapshot: String) {
    self.citation = citation
    self.kind = kind
    self.text = text
    self.snapshot = snapshot
  }
}

/// All that an answer may stand on.
package struct Evidence: Sendable {
  /// What was asked: `linux@v6.12.117`, or a pair.
  package var subject: String
  /// In order of citation.
  package var passages: [EvidencePassage]
  /// How many files were found, for the status.
  package var fileCount: Int
  /// Paths that need no check, since they were found.
  package var paths: [TreePath]
  /// The answer where no model writes one, in pieces of Markdown; gets why no model does.
  package var extract: @Sendable (ExtractReason) -> [String]
  /// What a model is to do beside answering from the passages; empty for a plain question.
  package var task: String
  /// What else was searched for, because a chat model proposed it.
  package var plan: [String] = []
  /// What is known beside the passages, for a model to tell; empty for nothing.
  package var notes: String

  package init(
    subject: String, passages: [EvidencePassage], fileCount: Int, paths: [TreePath], task: String = "",
    notes: String = "",
    extract: @escaping @Sendable (ExtractReason) -> [String]
  ) {
    self.subject = subject
    self.passages = passages
    self.fileCount = fileCount
    self.paths = paths
    self.task = task
    self.notes = notes
    self.extract = extract
  }
}

/// Why an answer is extractive.
package enum ExtractReason: Hashable, Sendable {
  case noModel
  /// A model is configured and does not answer.
  case modelFailed
}

/// Where an answer's evidence comes from, and who knows the names that it may mention. One snapshot is one such
/// source (`SnapshotEvidence`), a pair of snapshots another.
package protocol EvidenceSource: Sendable {
  /// What is asked, for the status: `linux@v6.12.117`.
  var subject: String { get }
  /// Throws what a search throws.
  func evidence(for request: AnswerRequest) async throws -> Evidence
  /// Those of the names that it does not hold.
  func unverified(_ mentions: [NameMention]) async throws -> [UnverifiedName]
}

/// One snapshot, asked through the composition that owns it.
package struct SnapshotEvidence: EvidenceSource {
  private let knowledge: any AnswerKnowledge
  private let snapshot: SnapshotInfo

  package init(_ knowledge: any AnswerKnowledge, snapshot: SnapshotInfo) {
    self.knowledge = knowledge
    self.snapshot = snapshot
  }

  /// The snapshot's name.
  package var subject: String { snapshot.name }

  /// What a search for the request's text finds. Throws what the search throws.
  package func evidence(for request: AnswerRequest) async throws -> Evidence {
    let search = SearchRequest(
      question: request.searchText, limit: max(10, request.passageLimit), pathGlob: request.pathGlob,
      language: request.language)
    let result = try await knowledge.search(search)
    let extract = ExtractiveAnswer(result: result, request: request)
    var evidence = Evidence(
      subject: result.snapshot.name, passages: extract.passages, fileCount: result.files.count,
      paths: result.files.map(\.path) + result.passages.map(\.path)
    ) { extract.pieces($0) }
    evidence.plan = result.plan
    return evidence
  }

  /// Throws what the knowledge throws.
  package func unverified(_ mentions: [NameMention]) async throws -> [UnverifiedName] {
    try await knowledge.unverified(mentions)
  }
}
