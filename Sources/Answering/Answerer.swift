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
      let events = AnswerEvents(request: request, knowledge: knowledge)
      return { try await events.next() }
    }
  }

  /// The answer that the passages themselves make, unchecked: pure, for any result.
  package func extract(from result: SearchResult, for request: AnswerRequest) -> Answer {
    ExtractiveAnswer(result: result, request: request).answer(to: request.question)
  }
}

/// One iteration of an answer. Each step's work is done when its first event is asked for.
private actor AnswerEvents {
  private enum Step { case searching, retrieving, finished }

  private let request: AnswerRequest
  private let knowledge: any AnswerKnowledge
  private let words: AnswerWords
  private var step = Step.searching
  /// Made and not yet asked for, the next one last.
  private var pending: [AnswerEvent] = []

  init(request: AnswerRequest, knowledge: any AnswerKnowledge) {
    self.request = request
    self.knowledge = knowledge
    words = AnswerWords(for: request.question)
  }

  func next() async throws -> AnswerEvent? {
    if let event = pending.popLast() { return event }
    switch step {
    case .searching:
      step = .retrieving
      return .status(
        AnswerStatus(step: .searching, text: words.searching(request.snapshot.name), isDone: false))
    case .retrieving:
      step = .finished
      pending = try await extractiveEvents().reversed()
      return pending.popLast()
    case .finished:
      return nil
    }
  }

  private func extractiveEvents() async throws -> [AnswerEvent] {
    let search = SearchRequest(
      question: request.question, limit: max(10, request.passageLimit), pathGlob: request.pathGlob,
      language: request.language)
    let result = try await knowledge.search(search)
    let extract = ExtractiveAnswer(result: result, request: request)
    var answer = extract.answer(to: request.question)
    let mentions = Grounding.mentions(
      in: answer.text, quoted: result.passages.map(\.text),
      from: result.files.map(\.path) + result.passages.map(\.path))
    answer.unverified = mentions.isEmpty ? [] : try await knowledge.unverified(mentions)
    let found = words.found(passages: result.passages.count, files: result.files.count)
    return [.status(AnswerStatus(step: .found, text: found, isDone: true))]
      + answer.citations.map(AnswerEvent.citation) + extract.pieces.map(AnswerEvent.text) + [.done(answer)]
  }
}
