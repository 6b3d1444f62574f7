// SPDX-License-Identifier: Apache-2.0

/// One message of a chat.
package struct ChatMessage: Hashable, Sendable {
  /// Who speaks; `tool` is the result of a call.
  package enum Role: String, Sendable { case system, user, assistant, tool }

  package var role: Role
  package var text: String
  /// What an assistant asked for.
  package var calls: [ChatToolCall]
  /// Of a tool's result: which call it answers.
  package var callID: String?

  package init(_ role: Role, _ text: String, calls: [ChatToolCall] = [], callID: String? = nil) {
    self.role = role
    self.text = text
    self.calls = calls
    self.callID = callID
  }
}

/// Something that a chat model may call.
package struct ChatTool: Hashable, Sendable {
  /// One argument.
  package struct Parameter: Hashable, Sendable {
    /// What a value can be.
    package enum Kind: Hashable, Sendable {
      case text
      case choice([String])
      case flag
      case count(ClosedRange<Int>)
    }

    package var name: String
    package var kind: Kind
    package var isRequired: Bool
    package var description: String

    package init(name: String, kind: Kind, isRequired: Bool, description: String) {
      self.name = name
      self.kind = kind
      self.isRequired = isRequired
      self.description = description
    }
  }

  package var name: String
  package var description: String
  package var parameters: [Parameter]

  package init(name: String, description: String, parameters: [Parameter]) {
    self.name = name
    self.description = description
    self.parameters = parameters
  }
}

/// A call that a chat model asks for.
package struct ChatToolCall: Hashable, Sendable {
  package var id: String
  package var name: String
  /// JSON, as the model wrote it: it may be anything.
  package var arguments: String

  package init(id: String, name: String, arguments: String) {
    self.id = id
    self.name = name
    self.arguments = arguments
  }
}

/// What a chat model says where it is given tools: what it wants called, or that it wants nothing more.
package struct ToolTurn: Hashable, Sendable {
  package var text: String
  package var calls: [ChatToolCall]
  /// Tokens, as the model's server counted them.
  package var promptTokens: Int
  package var completionTokens: Int

  package init(text: String = "", calls: [ChatToolCall] = [], promptTokens: Int = 0, completionTokens: Int = 0) {
    self.text = text
    self.calls = calls
    self.promptTokens = promptTokens
    self.completionTokens = completionTokens
  }
}

/// What a client may say about how an answer is to be generated; nil leaves it to the model's server.
package struct ChatSampling: Hashable, Sendable {
  package var maxTokens: Int?
  package var temperature: Double?
  package var topP: Double?
  package var seed: Int?
  package var stop: [String]
  /// Where not empty, the answer is to be a JSON object of lists of strings with these names: servers that know how keep
  /// their model to it.
  package var lists: [String] = []

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
  /// Sends the messages with tools to choose from and waits for what it wants called. Throws as `answer` does.
  func callTools(_ messages: [ChatMessage], _ tools: [ChatTool], _ sampling: ChatSampling) async throws -> ToolTurn
  /// Why nobody would answer just now, in a line; nil where somebody would.
  func problem() async -> String?
  /// Requests for an answer that failed so far, those included that another server then took.
  var failures: Int { get }
}

extension ChatModel {
  /// A model that knows no tools wants none.
  package func callTools(
    _ messages: [ChatMessage], _ tools: [ChatTool], _ sampling: ChatSampling
  ) async throws -> ToolTurn { ToolTurn() }
}
