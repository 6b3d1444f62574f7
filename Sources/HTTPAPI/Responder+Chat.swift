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
    let question = try ChatQuestion.question(in: chat.messages, byteLimit: configuration.limits.questionByteCount)
    if let pair { return try await comparison(question, pair, chat, envelope, client, log) }
    let base = base(client)
    let request = AnswerRequest(question: question, snapshot: snapshot) { path, lines in
      SourceLink.url(base: base, snapshot: snapshot, path: path, lines: lines)
    }
    let admitted = SnapshotKnowledge(knowledge: knowledge, snapshot: snapshot, admission: try await gate.enter())
    let stream = Answerer().answer(request, from: admitted)
    if chat.isStreamed { return streamed(chatStream(envelope, stream, chat, snapshot, client), log: log) }
    let answer = try await TimeLimit.run(within: configuration.limits.requestDuration) { try await stream.answer() }
    metrics.answered(completionTokens: answer.usage.completionTokens, unverifiedNames: answer.unverified.count)
    return try .document(envelope.completion(answer, revision: snapshot.revision))
  }

  /// What changed between the two snapshots that the model names.
  private func comparison(
    _ question: String, _ pair: (from: SnapshotInfo, to: SnapshotInfo), _ chat: ChatRequest, _ envelope: ChatEnvelope,
    _ client: ClientRequest, _ log: RequestLog
  ) async throws -> Response {
    let (base, knowledge) = (base(client), knowledge)
    let link: DifferenceAnswer.Link = { side, path, lines in
      SourceLink.url(base: base, snapshot: side == .from ? pair.from : pair.to, path: path, lines: lines)
    }
    let stream = AnswerStream(comparing: question, name: "\(pair.from.name)..\(pair.to.revision)", link: link) {
      try await self.admitted {
        try await knowledge.diff(DiffRequest(question: question, limit: 10), from: pair.from, to: pair.to)
      }
    }
    if chat.isStreamed { return streamed(chatStream(envelope, stream, chat, pair.to, client), log: log) }
    let answer = try await TimeLimit.run(within: configuration.limits.requestDuration) { try await stream.answer() }
    metrics.answered(completionTokens: answer.usage.completionTokens, unverifiedNames: answer.unverified.count)
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
    return streamed(chatStream(envelope, stream, chat, snapshot, client), log: log)
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
      sendsEvents: sendsEvents, limits: configuration.limits, metrics: metrics)
  }

  private func streamed(_ stream: ChatStream, log: RequestLog) -> Response {
    Response(
      status: .ok,
      headers: [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-cache"],
      body: ResponseBody { writer in
        try await stream.write(to: &writer, failed: log.failed)
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
