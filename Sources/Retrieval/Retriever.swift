// SPDX-License-Identifier: Apache-2.0
package import Glossary
package import IndexStore

/// Asks one snapshot: the best files, and passages read from git. Cheap to make; use one for each request, from one task
/// at a time.
package struct Retriever {
  package let ranker: FileRanker
  package let source: any BlobSource

  package var view: SnapshotView { ranker.view }

  package init(view: SnapshotView, source: any BlobSource, lexicons: Lexicons = .empty) {
    ranker = FileRanker(view: view, lexicons: lexicons)
    self.source = source
  }

  /// The longest question, in UTF-8 bytes.
  package static let longestQuestion = 100_000

  /// The best files and passages for a question. Throws `questionEmpty`, `questionTooLong`, `objectUnreadable`,
  /// `indexDamaged`.
  package func search(_ request: SearchRequest) throws -> SearchResult {
    let clock = ContinuousClock()
    let start = clock.now
    try Retriever.check(request.question)
    view.prepareForQuestions()
    let found = try ranker.candidates(
      request, exact: ExactText(ranker: ranker, source: source).matches(request.question))
    var hits = found.ranked(limit: max(1, request.limit))
    explainWords(&hits, found.matches)
    let passages = try Passages(
      view: view, source: source, matches: found.matches, places: found.places, exact: Set(found.exact.map(\.chunk))
    ).pick(from: hits, limit: max(1, request.limit))
    var result = SearchResult(
      question: request.question, snapshot: view.info, elapsed: clock.now - start,
      files: hits.enumerated().map {
        FileHit(rank: $0 + 1, path: view.path(at: $1.file), score: $1.score, reasons: $1.reasons)
      }, passages: passages, ideas: found.query.terms.map(\.explanation))
    result.notes = request.notes
    if let space = request.meaning?.space, !view.hasVectors(in: space) {
      result.notes.append(
        "\(view.info.name) has not all its vectors of '\(space.name)', and is asked without: run `nenrin index` of it "
          + "again")
    }
    return result
  }

  /// Throws `questionEmpty`, `questionTooLong`.
  package static func check(_ question: String) throws {
    if question.allSatisfy(\.isWhitespace) {
      throw NenrinError(
        .questionEmpty, "the question is empty", remedies: ["Ask in a sentence or name a symbol, a path or an option."])
    }
    if question.utf8.count > longestQuestion {
      throw NenrinError(
        .questionTooLong, "the question is \(question.utf8.count) bytes long",
        reason: "at most \(longestQuestion) are taken",
        remedies: ["Ask about the part that matters; a log or a patch is best cut to the lines that fail."])
    }
  }

  /// Says which words stand in each file, for the few that are shown.
  private func explainWords(_ hits: inout [Fusion.Fused], _ matches: WordMatches) {
    for index in hits.indices {
      let found = matches.terms(inChunks: view.chunkNumbers(inFile: hits[index].file)).prefix(24)
      for reason in hits[index].reasons.indices where hits[index].reasons[reason].matched.isEmpty {
        hits[index].reasons[reason].matched = found.joined(separator: ", ")
      }
    }
  }
}
