// SPDX-License-Identifier: Apache-2.0
import Answering
import Glossary
import HummingbirdCore
import NIOCore

/// What every piece of one completion carries.
struct ChatEnvelope {
  var id: String
  /// Seconds since 1970.
  var created: Int64
  /// As the client named it.
  var model: String

  func chunk(_ delta: ChatChunkDocument.Delta, finishReason: String? = nil) -> ChatChunkDocument {
    ChatChunkDocument(
      id: id, created: created, model: model, choices: [.init(delta: delta, finishReason: finishReason)])
  }

  func usage(_ usage: TokenUsage) -> ChatChunkDocument {
    ChatChunkDocument(id: id, created: created, model: model, choices: [], usage: AskDocument.Usage(usage))
  }

  func completion(_ answer: Answer, revision: String) -> ChatCompletionDocument {
    let annotations = URLCitationDocument.annotations(of: answer, revision: revision)
    return ChatCompletionDocument(
      id: id, created: created, model: model,
      choices: [
        .init(
          message: .init(content: answer.text, annotations: annotations.isEmpty ? nil : annotations),
          finishReason: answer.finishReason)
      ],
      usage: AskDocument.Usage(answer.usage))
  }
}

/// An answer as server-sent events: OpenAI's chunks, Open WebUI's event lines where they are wanted, a comment line
/// where there is silence, an error line where the answer breaks off, and `[DONE]` in any case.
struct ChatStream: Sendable {
  let envelope: ChatEnvelope
  let answer: AnswerStream
  let revision: String
  let includesUsage: Bool
  let sendsEvents: Bool
  let limits: ServerLimits
  /// How long the whole answer may take.
  let duration: Duration
  let metrics: ServerMetrics
  let watch: ConnectionWatch

  /// Throws where the client has gone; the answer is then cancelled at once. `failed` gets what a client is not told.
  func write(to writer: inout any ResponseBodyWriter, failed: (String) -> Void) async throws {
    let pull = answer.makePull()
    let deadline = ContinuousClock.now + duration
    var stages = StageClock(metrics)
    do {
      try await send(envelope.chunk(.init(role: "assistant", content: "")), to: &writer)
      while let event = try await next(pull, deadline, &writer) {
        stages.note(event)
        try await write(event, to: &writer)
      }
    } catch let error as WriteFailure {
      throw error.cause
    } catch let error as ClientGone {
      throw error
    } catch {
      let failure = RequestFailure(any: error)
      if let detail = failure.detail { failed(detail) }
      try await send(failure.document, to: &writer)
    }
    try await send("data: [DONE]\n\n", to: &writer)
  }

  /// A client that has gone, as against an answer that failed.
  private struct WriteFailure: Error {
    let cause: any Error
  }

  private func write(_ event: AnswerEvent, to writer: inout any ResponseBodyWriter) async throws {
    switch event {
    case .status(let status):
      if sendsEvents { try await send(OpenWebUIEventDocument(status), to: &writer) }
    case .citation(let citation):
      if sendsEvents { try await send(OpenWebUIEventDocument(citation, revision: revision), to: &writer) }
    case .reasoning(let text):
      try await send(envelope.chunk(.init(reasoningContent: text)), to: &writer)
    case .text(let text):
      try await send(envelope.chunk(.init(content: text)), to: &writer)
    case .done(let answer):
      metrics.answered(answer)
      let annotations = URLCitationDocument.annotations(of: answer, revision: revision)
      if !annotations.isEmpty { try await send(envelope.chunk(.init(annotations: annotations)), to: &writer) }
      try await send(envelope.chunk(.init(), finishReason: answer.finishReason), to: &writer)
      if includesUsage { try await send(envelope.usage(answer.usage), to: &writer) }
    }
  }

  /// The next event; comment lines go out while it is waited for.
  private func next(
    _ pull: @escaping AnswerStream.Pull, _ deadline: ContinuousClock.Instant, _ writer: inout any ResponseBodyWriter
  ) async throws -> AnswerEvent? {
    let task = Task { try await pull() }
    // Whatever ends the wait, nobody waits for the event any more.
    defer { task.cancel() }
    while true {
      let remaining = deadline - ContinuousClock.now
      guard remaining > .zero else { throw TimeLimit.timedOut(duration) }
      if let event = try await TimeLimit.value(
        of: task, within: min(remaining, limits.heartbeatInterval), watching: watch)
      {
        return event
      }
      try await send(": keep-alive\n\n", to: &writer)
    }
  }

  private func send(_ document: some Encodable, to writer: inout any ResponseBodyWriter) async throws {
    try await send("data: \(JSONDocument.text(document))\n\n", to: &writer)
  }

  private func send(_ text: String, to writer: inout any ResponseBodyWriter) async throws {
    do {
      try await writer.write(ByteBuffer(string: text))
    } catch {
      throw WriteFailure(cause: error)
    }
  }
}

/// Notes how long an answer's stages take.
private struct StageClock {
  private let metrics: ServerMetrics
  private var start = ContinuousClock.now
  private var isFound = false
  private var isBegun = false

  init(_ metrics: ServerMetrics) { self.metrics = metrics }

  mutating func note(_ event: AnswerEvent) {
    switch event {
    case .status(let status) where status.isDone && !isFound:
      isFound = true
      metrics.took("retrieval", ContinuousClock.now - start)
      start = .now
    case .text, .reasoning:
      if !isBegun { metrics.took("first_token", ContinuousClock.now - start) }
      isBegun = true
    default: break
    }
  }
}

extension AnswerStream {
  /// Events that are known already.
  init(replaying events: [AnswerEvent]) {
    self.init {
      let replay = Replay(events)
      return { await replay.next() }
    }
  }

  private actor Replay {
    private var rest: ArraySlice<AnswerEvent>

    init(_ events: [AnswerEvent]) { rest = events[...] }

    func next() -> AnswerEvent? { rest.popFirst() }
  }
}
