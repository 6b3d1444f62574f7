// SPDX-License-Identifier: Apache-2.0
import Glossary
import Inference

/// The models that the configuration names.
enum ConfiguredModels {
  /// The chat model, nil where none is configured. Throws `configurationInvalid`.
  static func chat(_ chat: Configuration.Chat, _ transport: Transport = Transport()) throws -> RemoteChatModel? {
    guard !chat.baseURLs.isEmpty else { return nil }
    let key = try key(chat.apiKey, of: "[chat] api_key")
    return RemoteChatModel(
      RemoteChatModel.Settings(
        upstreams: try upstreams(chat.baseURLs, key, of: "[chat] base_urls"), model: chat.model,
        contextTokens: chat.contextTokens,
        timeouts: RemoteTimeouts(
          connect: .seconds(chat.connectTimeout), firstByte: .seconds(chat.firstTokenTimeout),
          idle: .seconds(chat.stallTimeout), total: .seconds(chat.answerTimeout)),
        retries: RetryPolicy(retryCount: chat.retries)),
      transport: transport)
  }

  /// The embedder behind a server, nil where another one is configured. Throws `configurationInvalid`.
  static func embedder(
    _ embedding: Configuration.Embedding, _ transport: Transport = Transport()
  ) throws -> RemoteEmbedder? {
    guard let settings = try embedderSettings(embedding) else { return nil }
    guard settings.dimensions > 0 else {
      throw NenrinError(
        .configurationInvalid, "[embedding] dimensions: not set",
        reason: "vectors of different length cannot be compared",
        remedies: ["Run `nenrin doctor`, which asks the server how many numbers its vectors have."])
    }
    return RemoteEmbedder(settings, transport: transport)
  }

  /// The same as far as it is set: dimensions may be 0.
  static func embedderSettings(_ embedding: Configuration.Embedding) throws -> RemoteEmbedder.Settings? {
    guard embedding.embedder == "openai" else { return nil }
    guard !embedding.baseURLs.isEmpty, !embedding.model.isEmpty else {
      throw NenrinError(
        .configurationInvalid, "[embedding] \(embedding.baseURLs.isEmpty ? "base_urls" : "model"): not set",
        reason: "embedder is \"openai\"", remedies: ["Set it as docs/CONFIGURATION.md shows."])
    }
    let key = try key(embedding.apiKey, of: "[embedding] api_key")
    return RemoteEmbedder.Settings(
      upstreams: try upstreams(embedding.baseURLs, key, of: "[embedding] base_urls"), model: embedding.model,
      queryModel: embedding.queryModel, dimensions: embedding.dimensions, batchCount: embedding.batchCount,
      batchTokens: embedding.batchTokens,
      inputTokens: embedding.inputTokens, concurrency: embedding.concurrency, queryPrefix: embedding.queryPrefix,
      passagePrefix: embedding.passagePrefix,
      timeouts: RemoteTimeouts(
        firstByte: .seconds(embedding.timeout), idle: .seconds(embedding.timeout), total: .seconds(embedding.timeout)),
      retries: RetryPolicy(retryCount: embedding.retries))
  }

  /// Throws `configurationInvalid` where an address is none.
  static func upstreams(_ addresses: [String], _ key: String, of name: String) throws -> [Upstream] {
    try addresses.map { text in
      let address = RemoteAddress(text)
      guard address.isValid else {
        throw NenrinError(
          .configurationInvalid, "\(address.shown): no address of a server, in \(name)",
          reason: "an address begins with http:// or https://",
          remedies: ["Write it as http://127.0.0.1:11434/v1, for example."])
      }
      return Upstream(baseURL: text, key: key)
    }
  }

  /// What `env:NAME` stands for; empty stays empty. Throws `configurationInvalid`, without repeating what may be a key.
  static func key(_ text: String, of name: String) throws -> String {
    guard !text.isEmpty else { return "" }
    let prefix = "env:"
    guard text.hasPrefix(prefix) else {
      throw NenrinError(
        .configurationInvalid, "\(name): not the name of an environment variable",
        reason: "a key does not belong in a file that others may read",
        remedies: ["Write env:NAME, and set the variable NAME to the key."])
    }
    let variable = String(text.dropFirst(prefix.count))
    guard let key = Environment.value(variable) else {
      throw NenrinError(
        .configurationInvalid, "\(variable): a key is to be read from it, and it is not set",
        remedies: ["Set the variable where `nenrin` starts, or take 'env:\(variable)' out of \(name)."])
    }
    return key
  }
}
