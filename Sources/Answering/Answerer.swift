// SPDX-License-Identifier: Apache-2.0
package import Glossary
package import Retrieval

/// A question to be answered from one snapshot.
package struct AnswerRequest: Sendable {
  package var question: String
  package var snapshot: SnapshotInfo
  /// How many passages may be cited.
  package var passageLimit: Int
  package var pathGlob: String?
  package var language: Language?
  /// Where a reader sees lines of a file; nil where no server gives a page.
  package var link: @Sendable (TreePath, ClosedRange<Int>) -> String?

  package init(
    question: String, snapshot: SnapshotInfo, passageLimit: Int = 6, pathGlob: String? = nil,
    language: Language? = nil, link: @escaping @Sendable (TreePath, ClosedRange<Int>) -> String? = { _, _ in nil }
  ) {
    self.question = question
    self.snapshot = snapshot
    self.passageLimit = passageLimit
    self.pathGlob = pathGlob
    self.language = language
    self.link = link
  }
}

/// Turns a question into a cited answer. Without a chat model the answer is extractive: the best passages, quoted.
package struct Answerer: Sendable {
  /// The model's name where no chat model wrote the answer.
  package static let extractiveModel = "extractive"

  package init() {}

  /// Searches, answers and checks the answer's names, event by event. Throws what `knowledge` throws.
  package func answer(_ request: AnswerRequest, from knowledge: any AnswerKnowledge) -> AnswerStream {
    AnswerStream {
      var stage = Stage.searching
      var pending: [AnswerEvent] = []
      return {
        while pending.isEmpty {
          guard let next = try await stage.advance(request, knowledge) else { return nil }
          (stage, pending) = (next.stage, next.events.reversed())
        }
        return pending.removeLast()
      }
    }
  }

  /// The answer that the passages themselves make, unchecked: pure, for any result.
  package func extract(from result: SearchResult, for request: AnswerRequest) -> Answer {
    let extract = ExtractiveAnswer(result: result, request: request)
    let text = extract.pieces.joined()
    return Answer(
      text: text, citations: extract.citations, unverified: [], model: Answerer.extractiveModel,
      usage: TokenUsage(
        promptTokens: TokenUsage.estimate(request.question), completionTokens: TokenUsage.estimate(text)))
  }

  /// Where a stream stands. Each stage's work is done when its first event is asked for.
  private enum Stage {
    case searching
    case retrieving
    case finished

    func advance(
      _ request: AnswerRequest, _ knowledge: any AnswerKnowledge
    ) async throws -> (stage: Stage, events: [AnswerEvent])? {
      let words = AnswerWords(for: request.question)
      switch self {
      case .searching:
        let status = AnswerStatus(step: .searching, text: words.searching(request.snapshot.name), isDone: false)
        return (.retrieving, [.status(status)])
      case .retrieving:
        let search = SearchRequest(
          question: request.question, limit: max(10, request.passageLimit), pathGlob: request.pathGlob,
          language: request.language)
        let result = try await knowledge.search(search)
        return (.finished, try await events(for: result, request, knowledge))
      case .finished:
        return nil
      }
    }

    private func events(
      for result: SearchResult, _ request: AnswerRequest, _ knowledge: any AnswerKnowledge
    ) async throws -> [AnswerEvent] {
      let words = AnswerWords(for: request.question)
      let extract = ExtractiveAnswer(result: result, request: request)
      var answer = Answerer().extract(from: result, for: request)
      let mentions = Grounding.mentions(in: answer.text, quoted: result.passages.map(\.text))
      answer.unverified = mentions.isEmpty ? [] : try await knowledge.unverified(mentions)
      let status = AnswerStatus(
        step: .found, text: words.found(passages: result.passages.count, files: result.files.count), isDone: true)
      return [.status(status)] + answer.citations.map(AnswerEvent.citation)
        + extract.pieces.map(AnswerEvent.text) + [.done(answer)]
    }
  }
}
