// SPDX-License-Identifier: Apache-2.0
import Glossary
package import IndexStore

/// What a question is made of, for whoever compares snapshots by it.
package struct QuestionParts: Sendable {
  /// Names as they are written, those behind `struct`, `config` and the like among them.
  package var identifiers: [String]
  package var paths: [String]
  package var fileNames: [String]
  package var terms: [QueryTerm]
}

extension FileRanker {
  /// Takes a question apart, with the words that this snapshot has for it. Throws `questionEmpty`, `questionTooLong`.
  package func parts(of question: String) throws -> QuestionParts {
    try Retriever.check(question)
    let query = analyzer(for: question).analyze(question)
    return QuestionParts(
      identifiers: query.identifiers, paths: query.paths, fileNames: query.fileNames, terms: query.terms)
  }

  /// The files that `search` would find, best first, by their place among the paths; nothing is read from git.
  /// Throws what `search` throws.
  package func rankedFiles(_ request: SearchRequest) throws -> [Int] {
    try Retriever.check(request.question)
    view.prepareForQuestions()
    return try candidates(request).ranked(limit: max(1, request.limit)).map(\.file)
  }

  /// BM25 of the snapshot's chunks by a question's terms.
  package func words(_ terms: [QueryTerm], limit: Int) -> WordMatches {
    view.words(terms, limit: limit, chunkModel: RankingWeights().chunkModel, fileModel: RankingWeights().fileModel)
  }
}
