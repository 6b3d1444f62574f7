// SPDX-License-Identifier: Apache-2.0
package import Glossary
package import Inference
package import Retrieval

/// A text that whoever asks gives along with the question. It is no part of the snapshot.
package struct AttachedText: Hashable, Sendable {
  /// The number by which it is cited, from 1; those of the passages come after.
  package var id: Int
  /// What it is called; may be empty.
  package var name: String
  package var text: String

  package init(id: Int, name: String, text: String) {
    self.id = id
    self.name = name
    self.text = text
  }
}

/// A question to be answered.
package struct AnswerRequest: Sendable {
  package var question: String
  /// What to search for; the question itself unless it follows up on others.
  package var searchText: String
  package var snapshot: SnapshotInfo
  /// How many passages may be cited.
  package var passageLimit: Int
  /// The first citation's number; beyond 1 where a client shows sources of its own before them.
  package var firstCitation = 1
  /// What the client shows sources of, for the chat model to read; an extractive answer has no use for it.
  package var attachments: [AttachedText] = []
  package var pathGlob: String?
  package var language: Language?
  /// What was said before the question, oldest first: questions and answers by turns.
  package var history: [ChatMessage]
  /// What a client asks of the model beside (its system messages); empty for nothing.
  package var instructions: String
  package var sampling: ChatSampling
  /// A sentence to begin the answer with, for what the question takes for granted and is not so.
  package var notice: String
  /// Where a reader sees lines of a file; nil where no server gives a page.
  package var link: @Sendable (TreePath, ClosedRange<Int>) -> String?

  package init(
    question: String, snapshot: SnapshotInfo, passageLimit: Int = 6, pathGlob: String? = nil,
    language: Language? = nil, link: @escaping @Sendable (TreePath, ClosedRange<Int>) -> String? = { _, _ in nil }
  ) {
    self.question = question
    searchText = question
    self.snapshot = snapshot
    self.passageLimit = passageLimit
    self.pathGlob = pathGlob
    self.language = language
    self.link = link
    history = []
    instructions = ""
    sampling = ChatSampling()
    notice = ""
  }
}

/// Turns a question into a cited answer: a chat model writes it from the passages, or, where there is none, it is
/// extractive: the best passages, quoted.
package struct Answerer: Sendable {
  /// The model's name where no chat model wrote the answer.
  package static let extractiveModel = "extractive"

  private let model: (any ChatModel)?
  private let modelFailed: @Sendable (any Error) -> Void
  private let gathering: Gathering?

  /// What a model may call before it writes, and for how long.
  package struct Gathering: Sendable {
    package var tools: any AnswerTools
    package var bounds: ToolBounds

    package init(tools: any AnswerTools, bounds: ToolBounds) {
      self.tools = tools
      self.bounds = bounds
    }
  }

  /// - Parameters:
  ///   - gathering: nil where the model writes from what the search found alone.
  ///   - modelFailed: gets why a configured model did not answer; the answer is extractive then.
  package init(
    model: (any ChatModel)? = nil, gathering: Gathering? = nil,
    modelFailed: @escaping @Sendable (any Error) -> Void = { _ in }
  ) {
    self.model = model
    self.gathering = gathering
    self.modelFailed = modelFailed
  }

  /// Searches, answers and checks the answer's names, event by event. Throws what `source` throws, and `upstreamFailed`
  /// where a model breaks off in the middle.
  package func answer(_ request: AnswerRequest, from source: any EvidenceSource) -> AnswerStream {
    let (model, gathering, modelFailed) = (model, gathering, modelFailed)
    return AnswerStream {
      let events = AnswerEvents(
        request: request, source: source, model: model, gathering: gathering, modelFailed: modelFailed)
      return { try await events.next() }
    }
  }

  /// The same from one snapshot.
  package func answer(_ request: AnswerRequest, from knowledge: any AnswerKnowledge) -> AnswerStream {
    answer(request, from: SnapshotEvidence(knowledge, snapshot: request.snapshot))
  }

  /// The answer that the passages themselves make, unchecked: pure, for any result.
  package func extract(from result: SearchResult, for request: AnswerRequest) -> Answer {
    let extract = ExtractiveAnswer(result: result, request: request)
    return Answer(extractive: extract.pieces(.noModel).joined(), extract.passages.map(\.citation), request)
  }
}

extension Answer {
  /// An answer that no model wrote, its names unchecked.
  init(extractive text: String, _ citations: [Citation], _ request: AnswerRequest) {
    self.init(
      text: text, citations: citations, unverified: [], model: Answerer.extractiveModel,
      usage: TokenUsage(
        promptTokens: TokenUsage.estimate(request.question), completionTokens: TokenUsage.estimate(text)))
  }
}

/// One iteration of an answer. Each step's work is done when its first event is asked for.
private actor AnswerEvents {
  private enum Step {
    case searching, retrieving
    case gathering(ToolRounds)
    case asking(Evidence, TokenUsage)
    case writing(ModelAnswer)
    case finished
  }

  private let request: AnswerRequest
  private let source: any EvidenceSource
  private let model: (any ChatModel)?
  private let gathering: Answerer.Gathering?
  private let modelFailed: @Sendable (any Error) -> Void
  private let words: AnswerWords
  private var step = Step.searching
  /// Made and not yet asked for, the next one last.
  private var pending: [AnswerEvent] = []
  /// Citations that the reader knows.
  private var announced: Set<Int> = []

  init(
    request: AnswerRequest, source: any EvidenceSource, model: (any ChatModel)?, gathering: Answerer.Gathering?,
    modelFailed: @escaping @Sendable (any Error) -> Void
  ) {
    self.gathering = gathering
    self.request = request
    self.source = source
    self.model = model
    self.modelFailed = modelFailed
    words = AnswerWords(for: request.question)
  }

  func next() async throws -> AnswerEvent? {
    while true {
      if let event = pending.popLast() { return event }
      switch step {
      case .searching:
        step = .retrieving
        pending = [.status(AnswerStatus(step: .searching, text: words.searching(source.subject), isDone: false))]
      case .retrieving:
        step = .finished
        pending = try await retrieve().reversed()
      case .gathering(let rounds):
        pending = try await gather(rounds).reversed()
      case .asking(let evidence, let spent):
        step = .finished
        pending = try await ask(evidence, spent).reversed()
      case .writing(let answer):
        let events = try await answer.next()
        if events.isEmpty { step = .finished }
        pending = events.reversed()
      case .finished:
        return nil
      }
    }
  }

  private func retrieve() async throws -> [AnswerEvent] {
    let evidence = try await source.evidence(for: request)
    let found = words.found(passages: evidence.passages.count, files: evidence.fileCount)
    let planned =
      evidence.plan.isEmpty
      ? [] : [AnswerEvent.status(AnswerStatus(step: .planned, text: words.planned(evidence.plan), isDone: true))]
    let events =
      planned + [AnswerEvent.status(AnswerStatus(step: .found, text: found, isDone: true))] + given(evidence)
    if let model, let gathering {
      step = .gathering(ToolRounds(request, evidence, model, gathering.tools, gathering.bounds))
      return events
    }
    // A model that was given nothing could only make something up.
    guard model != nil, !(evidence.passages.isEmpty && request.attachments.isEmpty) else {
      return events + (try await extract(evidence, .noModel))
    }
    step = .asking(evidence, TokenUsage(promptTokens: 0, completionTokens: 0))
    return events
  }

  private func given(_ evidence: Evidence) -> [AnswerEvent] {
    announced = Set(evidence.passages.map(\.citation.id))
    return evidence.passages.map { .citation($0.citation) } + (request.notice.isEmpty ? [] : [.text(request.notice)])
  }

  /// Where the model fails while it gathers, what was gathered by then is answered from.
  private func gather(_ rounds: ToolRounds) async throws -> [AnswerEvent] {
    do {
      let events = try await rounds.next()
      if !events.isEmpty { return events }
    } catch let error as NenrinError {
      modelFailed(error)
      await rounds.finish()
    }
    let evidence = await rounds.evidence
    let new = evidence.passages.filter { !announced.contains($0.citation.id) }
    guard !(evidence.passages.isEmpty && request.attachments.isEmpty) else {
      return try await extract(evidence, .noModel)
    }
    step = .asking(evidence, await rounds.usage)
    return new.map { .citation($0.citation) }
  }

  private func ask(_ evidence: Evidence, _ spent: TokenUsage) async throws -> [AnswerEvent] {
    guard let model else { return [] }
    while true {
      let contextTokens = model.contextTokens
      let prompt = ChatPrompt(request, evidence, contextTokens: contextTokens)
      do {
        let answer = try await model.answer(to: prompt.messages, prompt.sampling)
        step = .writing(ModelAnswer(answer, evidence, request, prompt, source, spent: spent))
        return []
      } catch let error as NenrinError {
        // The prompt was too long for the model, which now says how long it may be.
        if model.contextTokens < contextTokens { continue }
        modelFailed(error)
        return try await extract(evidence, .modelFailed)
      }
    }
  }

  private func extract(_ evidence: Evidence, _ reason: ExtractReason) async throws -> [AnswerEvent] {
    let pieces = evidence.extract(evidence.passages.isEmpty && model != nil ? .modelFailed : reason)
    let text = request.notice + pieces.joined()
    var answer = Answer(extractive: text, evidence.passages.map(\.citation), request)
    let mentions = Grounding.mentions(in: answer.text, quoted: evidence.passages.map(\.text), from: evidence.paths)
    answer.unverified = mentions.isEmpty ? [] : try await source.unverified(mentions)
    return pieces.map(AnswerEvent.text) + [.done(answer)]
  }
}
