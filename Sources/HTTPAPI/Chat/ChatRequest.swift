// SPDX-License-Identifier: Apache-2.0

/// The body of `POST /v1/chat/completions`, as far as it is heeded. Other members (`tools`, `temperature`, `stop` …)
/// are accepted and have nothing to act upon where no chat model is configured.
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

  private enum CodingKeys: String, CodingKey {
    case model, messages, stream, n
    case streamOptions = "stream_options"
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    model = try container.decode(String.self, forKey: .model)
    messages = try container.decode([Message].self, forKey: .messages)
    isStreamed = try container.decodeIfPresent(Bool.self, forKey: .stream) ?? false
    let options = try container.decodeIfPresent(StreamOptions.self, forKey: .streamOptions)
    includesUsage = options?.includeUsage ?? false
    choiceCount = try container.decodeIfPresent(Int.self, forKey: .n) ?? 1
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
  }
}
