// SPDX-License-Identifier: Apache-2.0
import Answering
import FoundationEssentials
import Glossary
import HTTPTypes
import Hummingbird
import HummingbirdCore
import KnowledgeDiff

extension Responder {
  func chatCompletion(_ client: ClientRequest, _ log: RequestLog) async throws -> Response {
    let chat: ChatRequest = try await document(client)
    try chat.validate(configuration.limits)
    let pair = try await comparedModel(chat.model)
    let snapshot = if let pair { pair.to } else { try await model(chat.model) }
    let envelope = ChatEnvelope(
      id: "chatcmpl-\(log.id)", created: Int64(Date().timeIntervalSince1970), model: chat.model)
    if let task = BackgroundTask(chat, header: client.header("x-owui-task")) {
      let text = try task.answer(chat, collection: snapshot.collection)
      return try complete(envelope, Responder.taskAnswer(text), chat, snapshot, client, log)
    }
    if let pair {
      let question = try ChatQuestion.question(in: chat.messages, byteLimit: configuration.limits.questionByteCount)
      return try await comparison(question, pair, chat, envelope, client, log)
    }
    let (request, shown) = try await answerRequest(chat, client, snapshot)
    let admitted = SnapshotKnowledge(knowledge: knowledge, snapshot: shown, admission: try await gate.enter())
    return try await answer(
      request, from: SnapshotEvidence(admitted, snapshot: shown), gathering: gathering(request, shown), chat, envelope,
      client, log)
  }

  /// What a chat asks, and of which snapshot: a follow-up may ask of another one ("and in 6.1?").
  private func answerRequest(
    _ chat: ChatRequest, _ client: ClientRequest, _ snapshot: SnapshotInfo
  ) async throws -> (AnswerRequest, SnapshotInfo) {
    let question = try ChatQuestion.question(in: chat.messages, byteLimit: configuration.limits.questionByteCount)
    let history = ChatQuestion.history(in: chat.messages)
    let snapshots = try await knowledge.snapshots().filter { $0.collection == snapshot.collection }
    let followUp = FollowUp(
      question, after: history, snapshots: snapshots, heedsVersion: chat.model == snapshot.collection)
    let asked = followUp.snapshot ?? snapshot
    let link = link(client)
    var request = AnswerRequest(question: question, snapshot: asked, passageLimit: models.chat == nil ? 6 : 8) {
      path, lines in link(asked, path, lines)
    }
    request.searchText = followUp.searchText
    request.attachments = ChatQuestion.attachments(in: chat.messages)
    request.firstCitation = (request.attachments.map(\.id).max() ?? 0) + 1
    request.history = history
    request.instructions = ChatQuestion.instructions(in: chat.messages)
    request.sampling = chat.sampling
    if let version = followUp.missingVersion {
      request.notice = AnswerWords(for: question).notIndexed(
        version, snapshots.map(\.revision), instead: asked.name)
    }
    return (request, asked)
  }

  /// What the chat model may call before it writes; nil where it may call nothing.
  private func gathering(_ request: AnswerRequest, _ snapshot: SnapshotInfo) -> Answerer.Gathering? {
    guard configuration.chatToolTurns > 0, models.chat != nil else { return nil }
    let responder = self
    let tools = ChatTools(
      knowledge: knowledge, snapshot: snapshot, link: request.link,
      admitted: { work in try await responder.admitted(work) })
    return Answerer.Gathering(tools: tools, bounds: ToolBounds(turns: configuration.chatToolTurns))
  }

  /// Answers from any evidence, streamed or whole. A client that goes away ends it at once.
  private func answer(
    _ request: AnswerRequest, from source: any EvidenceSource, gathering: Answerer.Gathering? = nil,
    _ chat: ChatRequest, _ envelope: ChatEnvelope,
    _ client: ClientRequest, _ log: RequestLog
  ) async throws -> Response {
    let metrics = metrics
    let place = models.chat == nil ? nil : try await answerGate.enter()
    let answerer = Answerer(model: models.chat, gathering: gathering) { error in
      metrics.fellBack()
      log.failed("\(error)")
    }
    let stream = answerer.answer(request, from: source)
    if chat.isStreamed {
      return streamed(chatStream(envelope, stream, chat, request.snapshot, client), place, log: log)
    }
    let duration = answerDuration
    do {
      let answer = try await TimeLimit.run(within: duration, watching: client.watch) { try await stream.answer() }
      withExtendedLifetime(place) {}
      metrics.answered(answer)
      return try .document(envelope.completion(answer, revision: request.snapshot.revision))
    } catch let error as ClientGone {
      throw ConnectionFailure(cause: error)
    }
  }

  private var answerDuration: Duration {
    models.chat == nil ? configuration.limits.requestDuration : configuration.limits.answerDuration
  }

  /// What changed between the two snapshots that the model names.
  private func comparison(
    _ question: String, _ pair: (from: SnapshotInfo, to: SnapshotInfo), _ chat: ChatRequest, _ envelope: ChatEnvelope,
    _ client: ClientRequest, _ log: RequestLog
  ) async throws -> Response {
    let (sourceLink, toCommit, knowledge) = (link(client), commitLink(client), knowledge)
    let link: DifferenceAnswer.Link = { side, path, lines in
      sourceLink(side == .from ? pair.from : pair.to, path, lines)
    }
    let commitLink: DifferenceAnswer.CommitLink = { toCommit(pair.to, $0) }
    let name = "\(pair.from.name)..\(pair.to.revision)"
    let compare: @Sendable () async throws -> DiffResult = {
      try await self.admitted {
        try await knowledge.diff(DiffRequest(question: question, limit: 10), from: pair.from, to: pair.to)
      }
    }
    if models.chat != nil {
      var request = AnswerRequest(question: question, snapshot: pair.to)
      request.history = ChatQuestion.history(in: chat.messages)
      request.instructions = ChatQuestion.instructions(in: chat.messages)
      request.sampling = chat.sampling
      let source = DifferenceEvidence(name: name, link: link, commitLink: commitLink, compare: compare) { mentions in
        try await knowledge.unverified(mentions, in: [pair.to, pair.from])
      }
      return try await answer(request, from: source, chat, envelope, client, log)
    }
    let stream = AnswerStream(
      comparing: question, name: name, link: link, commitLink: commitLink, compare: compare)
    if chat.isStreamed { return streamed(chatStream(envelope, stream, chat, pair.to, client), nil, log: log) }
    let answer = try await TimeLimit.run(within: configuration.limits.requestDuration) { try await stream.answer() }
    metrics.answered(answer)
    return try .document(envelope.completion(answer, revision: pair.to.revision))
  }

  /// The snapshot behind a model's id: `linux@v6.12.117`, a collection's own name for its newest, or a revision where
  /// that is plain. Throws OpenAI's `model_not_found` with near misses.
  func model(_ id: String) async throws -> SnapshotInfo {
    let snapshots = try await knowledge.snapshots()
    let name =
      snapshots.contains { $0.collection == id } ? SnapshotName(collection: id, revision: nil) : SnapshotName(id)
    guard !id.isEmpty else { throw RequestFailure.modelNotFound(id, snapshots, reason: "") }
    do {
      return try await knowledge.resolve(name)
    } catch let error as NenrinError where [.snapshotNotFound, .collectionNotFound].contains(error.code) {
      throw RequestFailure.modelNotFound(id, snapshots, reason: error.reason)
    }
  }

  private func complete(
    _ envelope: ChatEnvelope, _ answer: Answer, _ chat: ChatRequest, _ snapshot: SnapshotInfo,
    _ client: ClientRequest, _ log: RequestLog
  ) throws -> Response {
    guard chat.isStreamed else { return try .document(envelope.completion(answer, revision: snapshot.revision)) }
    let events = [AnswerEvent.text(answer.text), .done(answer)]
    let stream = AnswerStream(replaying: events)
    return streamed(chatStream(envelope, stream, chat, snapshot, client), nil, log: log)
  }

  private func chatStream(
    _ envelope: ChatEnvelope, _ stream: AnswerStream, _ chat: ChatRequest, _ snapshot: SnapshotInfo,
    _ client: ClientRequest
  ) -> ChatStream {
    let sendsEvents =
      switch configuration.openWebUIEvents {
      case .always: true
      case .never: false
      case .auto: client.looksLikeOpenWebUI
      }
    return ChatStream(
      envelope: envelope, answer: stream, revision: snapshot.revision, includesUsage: chat.includesUsage,
      sendsEvents: sendsEvents, limits: configuration.limits, duration: answerDuration, metrics: metrics,
      watch: client.watch)
  }

  private func streamed(_ stream: ChatStream, _ place: RequestGate.Admission?, log: RequestLog) -> Response {
    Response(
      status: .ok,
      headers: [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-cache"],
      body: ResponseBody { writer in
        try await stream.write(to: &writer, failed: log.failed)
        withExtendedLifetime(place) {}
        try await writer.finish(nil)
        log.finish(status: 200)
      })
  }

  private static func taskAnswer(_ text: String) -> Answer {
    Answer(
      text: text, citations: [], unverified: [], model: Answerer.extractiveModel,
      usage: TokenUsage(promptTokens: 0, completionTokens: TokenUsage.estimate(text)))
  }
}

extension RequestFailure {
  /// OpenAI's error for a model that is not there, with the nearest that are.
  static func modelNotFound(_ id: String, _ snapshots: [SnapshotInfo], reason: String) -> RequestFailure {
    let collections = snapshots.map(\.collection)
    let ids =
      collections.enumerated().filter { $0.offset == 0 || collections[$0.offset - 1] != $0.element }
      .map(\.element) + snapshots.map(\.name)
    let shown = String(id.prefix(100))
    let near = NearMisses.nearest(to: shown, among: ids, limit: 3)
    let known =
      ids.isEmpty
      ? "nothing is indexed yet"
      : near.isEmpty ? "GET /v1/models lists them" : "there is \(near.joined(separator: ", "))"
    return RequestFailure(
      status: 404,
      document: ErrorDocument(
        message: "no model '\(shown)': \(known)", type: "invalid_request_error", code: "model_not_found",
        param: "model"))
  }
}

/// Names that are like a wrong one.
enum NearMisses {
  /// Those within a third of the name's length in edits, or with the same beginning up to an `@`, or that it begins or
  /// that begin it; nearest first.
  static func nearest(to name: String, among names: [String], limit: Int) -> [String] {
    let wanted = Array(name.lowercased().utf8)
    let scored = names.compactMap { candidate -> (name: String, distance: Int)? in
      let bytes = Array(candidate.lowercased().utf8.prefix(200))
      let distance = distance(wanted, bytes)
      let collection = wanted.firstIndex(of: UInt8(ascii: "@")).map { wanted[...$0] }
      let isNear = (collection.map { bytes.starts(with: $0) } ?? false) || distance <= max(2, wanted.count / 3)
      let isPart = wanted.count >= 2 && (bytes.starts(with: wanted) || wanted.starts(with: bytes))
      return isNear || isPart ? (candidate, distance) : nil
    }
    return scored.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(limit).map(\.name)
  }

  /// Levenshtein's distance.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (index, byte) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for (column, other) in right.enumerated() {
        let substitution = diagonal + (byte == other ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(substitution, diagonal + 1, row[column] + 1)
      }
    }
    return row[right.count]
  }
}
