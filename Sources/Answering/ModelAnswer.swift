// SPDX-License-Identifier: Apache-2.0
import Inference

/// A chat model's answer as it is written: citations of passages that were not given are taken out, and at its end the
/// names that the snapshot does not hold are marked.
actor ModelAnswer {
  private let answer: any ChatModelAnswer
  private let evidence: Evidence
  private let request: AnswerRequest
  private let source: any EvidenceSource
  private let words: AnswerWords
  private var filter: CitationFilter
  private var text: String
  private var usage: TokenUsage?
  private let promptTokens: Int
  /// Before it wrote.
  private let spent: TokenUsage
  private var finishReason = "stop"
  private var isFinished = false

  init(
    _ answer: any ChatModelAnswer, _ evidence: Evidence, _ request: AnswerRequest, _ prompt: ChatPrompt,
    _ source: any EvidenceSource, spent: TokenUsage
  ) {
    self.spent = spent
    self.answer = answer
    self.evidence = evidence
    self.request = request
    self.source = source
    words = AnswerWords(for: request.question)
    filter = CitationFilter(
      first: evidence.passages.first?.citation.id ?? 1, passageCount: evidence.passages.count,
      others: Set(request.attachments.map(\.id)))
    text = request.notice
    promptTokens = prompt.messages.reduce(0) { $0 + TokenUsage.estimate($1.text) }
  }

  /// The next events; empty at the end.
  func next() async throws -> [AnswerEvent] {
    while !isFinished {
      switch try await answer.next() {
      case .reasoning(let thought): return [.reasoning(thought)]
      case .text(let piece):
        let said = filter.add(piece)
        if said.isEmpty { continue }
        text += said
        return [.text(said)]
      case .usage(let prompt, let completion):
        usage = TokenUsage(promptTokens: prompt, completionTokens: completion)
      case .finished(let reason): finishReason = reason
      case nil:
        isFinished = true
        return try await ending()
      }
    }
    return []
  }

  private func ending() async throws -> [AnswerEvent] {
    let tail = filter.finish()
    text += tail
    let completionTokens = TokenUsage.estimate(text)
    var citations = evidence.passages.map(\.citation).filter { filter.cited.contains($0.id) }
    var added = ""
    if filter.cited.isEmpty, !evidence.passages.isEmpty {
      citations = evidence.passages.map(\.citation)
      added += "\n\n" + words.given(citations)
    }
    // What an attached text calls something is no name of the snapshot's, and no invention either.
    let quoted = evidence.passages.map(\.text) + request.attachments.map(\.text)
    let mentions = Grounding.mentions(in: text, quoted: quoted, from: evidence.paths)
    let unverified = mentions.isEmpty ? [] : try await source.unverified(mentions)
    if !unverified.isEmpty { added += "\n\n" + words.unverified(unverified, in: evidence.subject) }
    if text.isOpenFence { added = "\n```" + added }
    text += added
    var sum = usage ?? TokenUsage(promptTokens: promptTokens, completionTokens: completionTokens)
    sum.promptTokens += spent.promptTokens
    sum.completionTokens += spent.completionTokens
    let whole = Answer(
      text: text, citations: citations, unverified: unverified, model: answer.model, usage: sum,
      finishReason: finishReason)
    return ([tail, added].filter { !$0.isEmpty }.map(AnswerEvent.text)) + [.done(whole)]
  }
}

extension String {
  /// Whether a fenced block of code was begun and not ended, as where a limit of tokens cut an answer off.
  fileprivate var isOpenFence: Bool {
    var isOpen = false
    for line in utf8.split(separator: UInt8(ascii: "\n")) {
      if line.drop(while: { $0 == UInt8(ascii: " ") }).starts(with: "```".utf8) { isOpen.toggle() }
    }
    return isOpen
  }
}
