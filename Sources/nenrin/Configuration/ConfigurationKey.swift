// SPDX-License-Identifier: Apache-2.0
import Glossary

/// A value as TOML or an environment variable gives it.
enum ConfigurationValue: Equatable {
  case string(String)
  case integer(Int)
  case boolean(Bool)
  case strings([String])

  var typeName: String {
    switch self {
    case .string: "a string"
    case .integer: "a whole number"
    case .boolean: "true or false"
    case .strings: "a list of strings"
    }
  }
}

/// One key: its name and where its value goes.
struct ConfigurationKey: Sendable {
  private enum Target: Sendable {
    case string(any (WritableKeyPath<Configuration, String> & Sendable), allowed: [String])
    case integer(any (WritableKeyPath<Configuration, Int> & Sendable), ClosedRange<Int>)
    case boolean(any (WritableKeyPath<Configuration, Bool> & Sendable))
    case strings(any (WritableKeyPath<Configuration, [String]> & Sendable))
  }

  let section: String
  let name: String
  private let target: Target

  /// Every key there is.
  static let all: [ConfigurationKey] = [
    ConfigurationKey("server", "host", .string(\.server.host, allowed: [])),
    ConfigurationKey("server", "port", .integer(\.server.port, 0...65_535)),
    ConfigurationKey("server", "public_url", .string(\.server.publicURL, allowed: [])),
    ConfigurationKey("server", "api_keys", .strings(\.server.apiKeys)),
    ConfigurationKey("server", "private_pages", .boolean(\.server.privatePages)),
    ConfigurationKey("server", "page_link_days", .integer(\.server.pageLinkDays, 0...36_500)),
    ConfigurationKey("server", "page_secret", .string(\.server.pageSecret, allowed: [])),
    ConfigurationKey(
      "server", "open_webui_events", .string(\.server.openWebuiEvents, allowed: ["auto", "always", "never"])),
    ConfigurationKey("server", "comparisons", .strings(\.server.comparisons)),
    ConfigurationKey("server", "worktree", .boolean(\.server.worktree)),
    ConfigurationKey("server", "concurrent_requests", .integer(\.server.concurrentRequests, 1...4_096)),
    ConfigurationKey("server", "queued_requests", .integer(\.server.queuedRequests, 0...100_000)),
    ConfigurationKey("server", "concurrent_answers", .integer(\.server.concurrentAnswers, 1...100_000)),
    ConfigurationKey("server", "request_timeout", .integer(\.server.requestTimeout, 1...86_400)),
    ConfigurationKey("chat", "base_urls", .strings(\.chat.baseURLs)),
    ConfigurationKey("chat", "model", .string(\.chat.model, allowed: [])),
    ConfigurationKey("chat", "api_key", .string(\.chat.apiKey, allowed: [])),
    ConfigurationKey("chat", "context_tokens", .integer(\.chat.contextTokens, 1_024...10_000_000)),
    ConfigurationKey("chat", "connect_timeout", .integer(\.chat.connectTimeout, 1...600)),
    ConfigurationKey("chat", "first_token_timeout", .integer(\.chat.firstTokenTimeout, 1...86_400)),
    ConfigurationKey("chat", "stall_timeout", .integer(\.chat.stallTimeout, 1...86_400)),
    ConfigurationKey("chat", "answer_timeout", .integer(\.chat.answerTimeout, 1...86_400)),
    ConfigurationKey("chat", "retries", .integer(\.chat.retries, 0...20)),
    ConfigurationKey("chat", "tools", .boolean(\.chat.tools)),
    ConfigurationKey("chat", "tool_turns", .integer(\.chat.toolTurns, 1...50)),
    ConfigurationKey("chat", "planning", .boolean(\.chat.planning)),
    ConfigurationKey("chat", "planning_timeout", .integer(\.chat.planningTimeout, 1...600)),
    ConfigurationKey("embedding", "embedder", .string(\.embedding.embedder, allowed: ["static", "openai", "none"])),
    ConfigurationKey("embedding", "base_urls", .strings(\.embedding.baseURLs)),
    ConfigurationKey("embedding", "model", .string(\.embedding.model, allowed: [])),
    ConfigurationKey("embedding", "query_model", .string(\.embedding.queryModel, allowed: [])),
    ConfigurationKey("embedding", "dimensions", .integer(\.embedding.dimensions, 0...65_536)),
    ConfigurationKey("embedding", "api_key", .string(\.embedding.apiKey, allowed: [])),
    ConfigurationKey("embedding", "query_prefix", .string(\.embedding.queryPrefix, allowed: [])),
    ConfigurationKey("embedding", "passage_prefix", .string(\.embedding.passagePrefix, allowed: [])),
    ConfigurationKey("embedding", "input_tokens", .integer(\.embedding.inputTokens, 16...1_000_000)),
    ConfigurationKey("embedding", "batch_tokens", .integer(\.embedding.batchTokens, 16...10_000_000)),
    ConfigurationKey("embedding", "batch_count", .integer(\.embedding.batchCount, 1...4_096)),
    ConfigurationKey("embedding", "concurrency", .integer(\.embedding.concurrency, 1...256)),
    ConfigurationKey("embedding", "timeout", .integer(\.embedding.timeout, 1...86_400)),
    ConfigurationKey("embedding", "retries", .integer(\.embedding.retries, 0...100)),
    ConfigurationKey("rerank", "base_urls", .strings(\.rerank.baseURLs)),
    ConfigurationKey("rerank", "model", .string(\.rerank.model, allowed: [])),
    ConfigurationKey("rerank", "api_key", .string(\.rerank.apiKey, allowed: [])),
    ConfigurationKey("rerank", "depth", .integer(\.rerank.depth, 2...200)),
    ConfigurationKey("rerank", "document_tokens", .integer(\.rerank.documentTokens, 16...100_000)),
    ConfigurationKey("rerank", "weight", .integer(\.rerank.weight, 0...100)),
    ConfigurationKey("rerank", "timeout", .integer(\.rerank.timeout, 1...600)),
    ConfigurationKey("index", "workers", .integer(\.index.workers, 0...1_024)),
    ConfigurationKey("index", "grammars", .string(\.index.grammars, allowed: [])),
  ]

  static let sections: [String] = all.map(\.section).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }

  private init(_ section: String, _ name: String, _ target: Target) {
    self.section = section
    self.name = name
    self.target = target
  }

  /// `server.port`.
  var path: String { "\(section).\(name)" }

  /// `NENRIN_SERVER_PORT`.
  var variable: String { "NENRIN_\(section)_\(name)".uppercased() }

  /// Puts a value in its place; gives back what is wrong with it, or nil.
  func set(_ value: ConfigurationValue, in configuration: inout Configuration) -> String? {
    switch (target, value) {
    case (.string(let place, let allowed), .string(let text)):
      guard allowed.isEmpty || allowed.contains(text) else { return "it can be \(allowed.joined(separator: ", "))" }
      configuration[keyPath: place] = text
    case (.integer(let place, let range), .integer(let number)):
      guard range.contains(number) else { return "it can be \(range.lowerBound) to \(range.upperBound)" }
      configuration[keyPath: place] = number
    case (.boolean(let place), .boolean(let flag)): configuration[keyPath: place] = flag
    case (.strings(let place), .strings(let list)): configuration[keyPath: place] = list
    default: return "it wants \(wanted), not \(value.typeName)"
    }
    return nil
  }

  /// Reads the text of an environment variable as the key's type; text that does not fit stays a string, which `set`
  /// then refuses.
  func value(ofVariable text: String) -> ConfigurationValue {
    switch target {
    case .string: return .string(text)
    case .integer: return Int(text).map(ConfigurationValue.integer) ?? .string(text)
    case .boolean:
      switch text.lowercased() {
      case "true", "1", "yes": return .boolean(true)
      case "false", "0", "no": return .boolean(false)
      default: return .string(text)
      }
    case .strings:
      return .strings(text.split(separator: ",").map { String($0.drop { $0 == " " }) })
    }
  }

  private var wanted: String {
    switch target {
    case .string: ConfigurationValue.string("").typeName
    case .integer: ConfigurationValue.integer(0).typeName
    case .boolean: ConfigurationValue.boolean(false).typeName
    case .strings: ConfigurationValue.strings([]).typeName
    }
  }
}
