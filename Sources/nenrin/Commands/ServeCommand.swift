// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glossary
import HTTPAPI
import Logging

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve the index over HTTP: OpenAI's API for chat clients, /api for programs, a page for people.",
    discussion: """
      EXAMPLES:
        nenrin serve
        nenrin serve --port 9000
        NENRIN_SERVER_API_KEYS=env:MY_KEY MY_KEY=… nenrin serve --host 0.0.0.0 --read-only
        curl http://127.0.0.1:8471/v1/models

      The [server] section of the configuration sets the rest: docs/CONFIGURATION.md.
      """)

  @Option(help: ArgumentHelp("The address to listen on.", valueName: "address"))
  var host: String?

  @Option(help: ArgumentHelp("The port; 0 takes a free one.", valueName: "port"))
  var port: Int?

  @Flag(help: "Refuse every request that would write.")
  var readOnly = false

  @OptionGroup var options: ProgramOptions

  func validate() throws {
    if let port, !(0...65_535).contains(port) { throw ValidationError("--port can be 0 to 65535, not \(port).") }
  }

  func run() async throws {
    let loaded = try options.configuration().configuration
    var server = loaded.server
    if let host { server.host = host }
    if let port { server.port = port }
    var configuration = try ServerConfiguration(server, readOnly: readOnly)
    configuration.limits.answerDuration = .seconds(loaded.chat.answerTimeout)
    let models = ServedModels(
      chat: try ConfiguredModels.chat(loaded.chat),
      embedders: try ConfiguredModels.embedder(loaded.embedding).map { [$0] } ?? [])
    let home = try LocalHome(reading: options.homePath())
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
    if configuration.apiKeys.isEmpty, !["127.0.0.1", "::1", "localhost"].contains(configuration.host) {
      Console.notice(
        Style.error.warning("nenrin: everyone who reaches \(configuration.host) may ask: set [server] api_keys"))
    }
    let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
    let isJSON = options.json
    let service = Server(
      configuration: configuration, knowledge: ServedKnowledge(home: home), models: models,
      logger: Logger(label: "nenrin"))
    try await Interruption.noticing {
      try await service.run { port in
        let address = "http://\(host):\(port)"
        if isJSON {
          _ = try? Console.write("{\"address\":\"\(address)\"}\n")
        } else {
          Console.notice("listening on \(address)")
        }
      }
    }
  }
}

extension ServerConfiguration {
  /// What the configuration says, with the keys of `api_keys` looked up. Throws `configurationInvalid`; a key itself is
  /// never part of an error.
  fileprivate init(_ server: Configuration.Server, readOnly: Bool) throws {
    self.init()
    host = server.host
    port = server.port
    publicURL = server.publicURL.isEmpty ? nil : String(server.publicURL.reversed().drop { $0 == "/" }.reversed())
    apiKeys = try server.apiKeys.map(ServerConfiguration.key)
    privatePages = server.privatePages
    openWebUIEvents = OpenWebUIEvents(rawValue: server.openWebuiEvents) ?? .auto
    comparisons = server.comparisons
    self.readOnly = readOnly
    version = programVersion
  }

  private static func key(_ text: String) throws -> APIKeyHash {
    let prefix = "env:"
    guard text.hasPrefix(prefix) else { return try APIKeyHash(configured: text) }
    let name = String(text.dropFirst(prefix.count))
    guard let key = Environment.value(name) else {
      throw NenrinError(
        .configurationInvalid, "\(name): an API key is to be read from it, and it is not set",
        remedies: ["Set the variable where `nenrin serve` starts, or take 'env:\(name)' out of api_keys."])
    }
    return APIKeyHash(of: key)
  }
}
