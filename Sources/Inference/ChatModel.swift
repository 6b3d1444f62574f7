// SPDX-License-Identifier: Apache-2.0

/// One message of a chat.
package struct ChatMessage: Hashable, Sendable {
  /// Who speaks.
  package enum Role: String, Sendable { case system, user, assistant }

  package var role: Role
  package var text: String

  package init(_ role: Role, _ text: String) {
    self.role = role
    self.text = text
  }
}

/// What a client may say about how an answer is to be generated; nil leaves it to the model's server.
package struct ChatSampling: Hashable, Sendable {
  package var maxTokens: Int?
  package var temperature: Double?
  package var topP: Double?
  package var seed: Int?
  package var stop: [String]
  /// Whether the answer is to be a JSON object: servers that know how keep their model to it.
  package var isJSON = false

  package init(
    maxTokens: Int? = nil, temperature: Double? = nil, topP: Double? = nil, seed: Int? = nil, stop: [String] = []
  ) {
    self.maxTokens = maxTokens
    self.temperature = temperature
    self.topP = topP
    self.seed = seed
    self.stop = stop
  }
}

/// A piece of a chat model's answer.
package enum ChatModelEvent: Hashable, Sendable {
  /// What the model thinks before it answers.
  case reasoning(String)
  case text(String)
  /// Tokens, as the model's server counted them.
  case usage(prompt: Int, completion: Int)
  /// `stop`, `length` or what else the model's server says; more usage may follow.
  case finished(reason: String)
}

/// An answer that has begun.
package protocol ChatModelAnswer: Sendable {
  /// Who writes it.
  var model: String { get }
  /// The next piece, nil at the end. One call at a time. Throws `upstreamFailed` where the answer breaks off,
  /// `CancellationError`.
  func next() async throws -> ChatModelEvent?
}

/// Writes answers.
package protocol ChatModel: Sendable {
  /// For a person and for `model` in documents.
  var name: String { get }
  /// Tokens that prompt and answer may have together.
  var contextTokens: Int { get }
  /// Sends the messages and waits for the first piece of the answer. Throws `upstreamFailed` where no model answers,
  /// `CancellationError`.
  func answer(to messages: [ChatMessage], _ sampling: ChatSampling) async throws -> any ChatModelAnswer
  /// Why nobody would answer just now, in a line; nil where somebody would.
  func problem() async -> String?
  /// Requests for an answer that failed so far, those included that another server then took.
  var failures: Int { get }
}
