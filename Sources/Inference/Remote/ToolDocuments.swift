// SPDX-License-Identifier: Apache-2.0

/// A tool as OpenAI's API describes it.
struct ToolDescription: Encodable {
  private struct Function: Encodable {
    var name: String
    var description: String
    var parameters: Schema
  }

  private struct Schema: Encodable {
    var type = "object"
    var properties: [String: Property]
    var required: [String]
    var additionalProperties = false
  }

  private struct Property: Encodable {
    var type: String
    var description: String
    var `enum`: [String]?
    var minimum: Int?
    var maximum: Int?

    init(_ parameter: ChatTool.Parameter) {
      description = parameter.description
      switch parameter.kind {
      case .text: type = "string"
      case .choice(let names): (type, self.enum) = ("string", names)
      case .flag: type = "boolean"
      case .count(let range): (type, minimum, maximum) = ("integer", range.lowerBound, range.upperBound)
      }
    }
  }

  private var type = "function"
  private var function: Function

  init(_ tool: ChatTool) {
    let properties = Dictionary(uniqueKeysWithValues: tool.parameters.map { ($0.name, Property($0)) })
    function = Function(
      name: tool.name, description: tool.description,
      parameters: Schema(properties: properties, required: tool.parameters.filter(\.isRequired).map(\.name)))
  }
}

/// A call as OpenAI's API writes it.
struct ToolCallDocument: Codable {
  private struct Function: Codable {
    var name: String
    var arguments: String

    init(name: String, arguments: String) { (self.name, self.arguments) = (name, arguments) }

    /// Some servers leave the arguments of a call without any out; what is no string is none that can be read.
    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      name = try container.decode(String.self, forKey: .name)
      arguments = (try? container.decodeIfPresent(String.self, forKey: .arguments)) ?? ""
    }
  }

  private var id: String?
  private var type: String?
  private var function: Function

  init(_ call: ChatToolCall) {
    (id, type) = (call.id, "function")
    function = Function(name: call.name, arguments: call.arguments)
  }

  /// - Parameter place: makes an id where the server gave none.
  func call(_ place: Int) -> ChatToolCall {
    let given = id.flatMap { $0.isEmpty ? nil : $0 }
    return ChatToolCall(id: given ?? "call_\(place)", name: function.name, arguments: function.arguments)
  }
}

/// A chat completion that may hold calls.
struct ToolTurnDocument: Decodable {
  private struct Choice: Decodable { var message: Message }

  private struct Message: Decodable {
    var content: String?
    var calls: [ToolCallDocument]?

    private enum CodingKeys: String, CodingKey {
      case content
      case calls = "tool_calls"
    }
  }

  private struct Usage: Decodable {
    var prompt: Int?
    var completion: Int?

    private enum CodingKeys: String, CodingKey {
      case prompt = "prompt_tokens"
      case completion = "completion_tokens"
    }
  }

  private var choices: [Choice]
  private var usage: Usage?

  var turn: ToolTurn {
    let message = choices.first?.message
    return ToolTurn(
      text: message?.content ?? "", calls: (message?.calls ?? []).enumerated().map { $0.element.call($0.offset + 1) },
      promptTokens: usage?.prompt ?? 0, completionTokens: usage?.completion ?? 0)
  }
}
