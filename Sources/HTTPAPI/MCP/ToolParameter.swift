// SPDX-License-Identifier: Apache-2.0

/// One argument of a tool: its schema, and the check that holds a client to it.
struct ToolParameter: Sendable {
  enum Kind: Sendable {
    case text
    case choice([String])
    case flag
    case count(ClosedRange<Int>, standard: Int)
  }

  var name: String
  var kind: Kind
  var isRequired = false
  var description: String

  static let at = ToolParameter(
    name: "at", kind: .text,
    description:
      "The snapshot, collection@revision or a revision alone, as the tool snapshots lists them; else the newest.")
  static let path = ToolParameter(
    name: "path", kind: .text, description: "Keep to paths that match: a directory (fs/btrfs) or a glob (**/*.h).")
  static let offset = ToolParameter(
    name: "offset", kind: .count(0...100_000, standard: 0),
    description: "How many to pass over: next_offset of the page before.")

  static func limit(_ standard: Int, _ most: Int) -> ToolParameter {
    ToolParameter(name: "limit", kind: .count(1...most, standard: standard), description: "How many at most.")
  }

  var schema: JSONValue {
    var members: [String: JSONValue] = ["description": .string(description)]
    switch kind {
    case .text:
      members["type"] = .string("string")
      members["minLength"] = .integer(1)
    case .choice(let names):
      members["type"] = .string("string")
      members["enum"] = .array(names.map(JSONValue.string))
    case .flag: members["type"] = .string("boolean")
    case .count(let range, let standard):
      members["type"] = .string("integer")
      members["minimum"] = .integer(range.lowerBound)
      members["maximum"] = .integer(range.upperBound)
      members["default"] = .integer(standard)
    }
    return .object(members)
  }

  /// What is wrong with a value, for the one who sent it; nil where nothing is.
  func complaint(_ value: JSONValue) -> String? {
    switch kind {
    case .text:
      guard let text = value.string else { return "\(name) is not a string" }
      return text.isEmpty ? "\(name) is empty" : nil
    case .choice(let names):
      guard let text = value.string, names.contains(text) else {
        return "\(name) is none of \(names.joined(separator: ", "))"
      }
      return nil
    case .flag: return value.bool == nil ? "\(name) is neither true nor false" : nil
    case .count(let range, _):
      guard let count = value.integer else { return "\(name) is not a whole number" }
      return range.contains(count) ? nil : "\(name) is \(count): \(range.lowerBound) to \(range.upperBound)"
    }
  }
}

/// The arguments of one call, checked.
struct ToolArguments: Sendable {
  private let values: [String: JSONValue]
  private let parameters: [ToolParameter]

  /// Throws `ToolFailure` that says what is wrong with each argument and which there are.
  init(_ value: JSONValue?, _ parameters: [ToolParameter]) throws {
    var members: [String: JSONValue] = [:]
    switch value {
    case .object(let given): members = given.filter { $0.value != .null }
    case nil, .null: break
    default: throw ToolFailure("the arguments are not an object")
    }
    var complaints: [String] = []
    for name in members.keys.sorted() where !parameters.contains(where: { $0.name == name }) {
      complaints.append("there is no argument '\(name.prefix(40))'")
    }
    for parameter in parameters {
      if let given = members[parameter.name] {
        parameter.complaint(given).map { complaints.append($0) }
      } else if parameter.isRequired {
        complaints.append("\(parameter.name) is missing")
      }
    }
    guard complaints.isEmpty else {
      let names = parameters.map { $0.isRequired ? "\($0.name) (required)" : $0.name }.joined(separator: ", ")
      throw ToolFailure("\(complaints.joined(separator: "; ")). The arguments are: \(names).")
    }
    values = members
    self.parameters = parameters
  }

  func text(_ name: String) -> String? { values[name]?.string }

  func required(_ name: String) -> String { values[name]?.string ?? "" }

  func flag(_ name: String) -> Bool { values[name]?.bool ?? false }

  func count(_ name: String) -> Int {
    if let count = values[name]?.integer { return count }
    if case .count(_, let standard)? = parameters.first(where: { $0.name == name })?.kind { return standard }
    return 0
  }
}

/// What went wrong in a tool, in words for the model that called it.
struct ToolFailure: Error {
  var message: String

  init(_ message: String) { self.message = message }
}
