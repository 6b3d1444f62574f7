// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// A chat completion as it comes from a server: server-sent events, or one document where the server does not stream.
actor ChatStreamReader {
  /// What one event may hold; a server that sends more is not one of OpenAI's API.
  static let eventLimit = 1 << 20

  private let response: RemoteResponse
  private var events = EventStreamReader(limit: ChatStreamReader.eventLimit)
  /// Read and not yet given, the next one last.
  private var pending: [ChatModelEvent] = []
  private var hasFinished = false
  private var isAtEnd = false
  /// What is wrong behind the pending events.
  private var failure: UpstreamFailure?

  init(_ response: RemoteResponse) {
    self.response = response
  }

  /// The next piece, nil at the end. Throws `UpstreamFailure`, `CancellationError`.
  func next() async throws -> ChatModelEvent? {
    while true {
      if let event = pending.popLast() { return event }
      if let failure { throw failure }
      if isAtEnd { return nil }
      do {
        try await read()
      } catch let failure as RemoteFailure {
        throw UpstreamFailure(failure)
      }
    }
  }

  private func read() async throws {
    if response.contentType == "application/json" {
      isAtEnd = true
      pending = try chunk(try await response.body(limit: 8 << 20)).reversed()
      return
    }
    guard let bytes = try await response.next() else {
      if let last = events.finish() { take([last]) }
      isAtEnd = true
      if !hasFinished, failure == nil {
        failure = UpstreamFailure("the stream ended before the answer did", isPassing: true)
      }
      return
    }
    var complete: [[UInt8]] = []
    do {
      try events.add(bytes) { complete.append($0) }
    } catch {
      failure = UpstreamFailure(error)
    }
    take(complete)
  }

  /// Keeps what comes before a broken event: it has been said.
  private func take(_ list: [[UInt8]]) {
    var taken: [ChatModelEvent] = []
    for data in list where !isAtEnd {
      if data.elementsEqual("[DONE]".utf8) {
        isAtEnd = true
        hasFinished = true
        failure = nil
        break
      }
      do {
        taken += try chunk(data)
      } catch {
        failure = error
        break
      }
    }
    pending = taken.reversed()
  }

  private func chunk(_ data: [UInt8]) throws(UpstreamFailure) -> [ChatModelEvent] {
    let chunk: Chunk
    do {
      chunk = try JSONDecoder().decode(Chunk.self, from: Data(data))
    } catch {
      let text = ErrorText.line(String(decoding: data.prefix(80), as: UTF8.self))
      throw UpstreamFailure("the stream holds what is no chat completion: \(text)", isPassing: true)
    }
    if chunk.error != nil || chunk.choices == nil && chunk.usage == nil {
      let said = ErrorText.message(in: data)
      throw UpstreamFailure("the server says: \(said)", isPassing: true)
    }
    var events: [ChatModelEvent] = []
    if let choice = chunk.choices?.first {
      let piece = choice.delta ?? choice.message
      if let text = piece?.reasoning, !text.isEmpty { events.append(.reasoning(text)) }
      if let text = piece?.content, !text.isEmpty { events.append(.text(text)) }
      if let reason = choice.finishReason {
        hasFinished = true
        events.append(.finished(reason: reason))
      }
    }
    if let usage = chunk.usage {
      events.append(.usage(prompt: usage.promptTokens ?? 0, completion: usage.completionTokens ?? 0))
    }
    return events
  }

  /// A chunk or a whole completion; everything may be absent, as servers see fit.
  private struct Chunk: Decodable {
    struct Piece: Decodable {
      var content: String?
      var reasoning: String?

      private enum CodingKeys: String, CodingKey {
        case content, reasoning
        case reasoningContent = "reasoning_content"
      }

      init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        content = try container.decodeIfPresent(String.self, forKey: .content)
        // vLLM, DeepSeek and llama.cpp say `reasoning_content`, ollama and OpenRouter `reasoning`.
        reasoning =
          try container.decodeIfPresent(String.self, forKey: .reasoningContent)
          ?? container.decodeIfPresent(String.self, forKey: .reasoning)
      }
    }

    struct Choice: Decodable {
      var delta: Piece?
      var message: Piece?
      var finishReason: String?

      private enum CodingKeys: String, CodingKey {
        case delta, message
        case finishReason = "finish_reason"
      }
    }

    struct Usage: Decodable {
      var promptTokens: Int?
      var completionTokens: Int?

      private enum CodingKeys: String, CodingKey {
        case promptTokens = "prompt_tokens"
        case completionTokens = "completion_tokens"
      }
    }

    struct Anything: Decodable { init(from decoder: any Decoder) {} }

    var choices: [Choice]?
    var usage: Usage?
    var error: Anything?
  }
}
