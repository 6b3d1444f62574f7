// SPDX-License-Identifier: Apache-2.0

import Inference

/// The body of `POST /v1/chat/completions`, as far as it is heeded. Other members (`tools` …) are accepted and have
/// nothing to act upon; `temperature`, `max_tokens`, `top_p`, `seed` and `stop` go to the chat model, where there is one.
struct ChatRequest: Decodable {
  struct Message: Decodable {
    var role: String
    /// The text of the content, its parts put together; empty where there is none.
    var text: String

    private enum CodingKeys: String, CodingKey { case role, content }

    private struct Part: Decodable {
      var type: String
      var text: String?
    }

    init(role: String, text: String) {
      self.role = role
      self.text = text
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      role = try container.decode(String.self, forKey: .role)
      if try !container.contains(.content) || container.decodeNil(forKey: .content) {
        text = ""
      } else if let parts = try? container.decode([Part].self, forKey: .content) {
        text = parts.filter { $0.type == "text" }.compactMap(\.text).joined(separator: "\n")
      } else {
        text = try container.decode(String.self, forKey: .content)
      }
    }
  }

  private struct StreamOptions: Decodable {
    var includeUsage: Bool?

    private enum CodingKeys: String, CodingKey { case includeUsage = "include_usage" }
  }

  var model: String
  var messages: [Message]
  var isStreamed: Bool
  /// Whether the stream ends with a chunk that holds the usage.
  var includesUsage: Bool
  /// How many answers are wanted.
  var choiceCount: Int
  var sampling: ChatSampling

  private enum CodingKeys: String, CodingKey {
    case model, messages, stream, n, temperature, seed, stop
    case streamOptions = "stream_options"
    case maxTokens = "max_tokens"
    case maxCompletionTokens = "max_completion_tokens"
    case topP = "top_p"
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    model = try container.decode(String.self, forKey: .model)
    messages = try container.decode([Message].self, forKey: .messages)
    isStreamed = try container.decodeIfPresent(Bool.self, forKey: .stream) ?? false
    let options = try container.decodeIfPresent(StreamOptions.self, forKey: .streamOptions)
    includesUsage = options?.includeUsage ?? false
    choiceCount = try container.decodeIfPresent(Int.self, forKey: .n) ?? 1
    sampling = try ChatSampling(
      maxTokens: container.decodeIfPresent(Int.self, forKey: .maxCompletionTokens)
        ?? container.decodeIfPresent(Int.self, forKey: .maxTokens),
      temperature: container.decodeIfPresent(Double.self, forKey: .temperature),
      topP: container.decodeIfPresent(Double.self, forKey: .topP),
      seed: container.decodeIfPresent(Int.self, forKey: .seed))
    if let text = try? container.decodeIfPresent(String.self, forKey: .stop) {
      sampling.stop = [text]
    } else {
      sampling.stop = try container.decodeIfPresent([String].self, forKey: .stop) ?? []
    }
  }

  /// Throws a failure with status 400.
  func validate(_ limits: ServerLimits) throws {
    guard !messages.isEmpty else { throw RequestFailure.invalid("messages is empty", param: "messages") }
    guard messages.count <= limits.messageCount else {
      throw RequestFailure.invalid(
        "messages are too many", reason: "\(limits.messageCount) are the limit", param: "messages")
    }
    guard choiceCount == 1 else {
      throw RequestFailure.invalid("n is \(choiceCount)", reason: "one answer is given", param: "n")
    }
    if let tokens = sampling.maxTokens, tokens < 1 {
      throw RequestFailure.invalid("max_tokens is \(tokens)", reason: "1 or more", param: "max_tokens")
    }
    if let temperature = sampling.temperature, !(0...2).contains(temperature) {
      throw RequestFailure.invalid("temperature is \(temperature)", reason: "0 to 2", param: "temperature")
    }
  }
}
