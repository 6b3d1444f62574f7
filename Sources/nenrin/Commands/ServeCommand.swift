// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glossary
import HTTPAPI
import Logging
import Synchronization

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

      The [server] section of the configuration sets the rest: docs/CONFIGURATION.md. SIGHUP reads it again, and running
      answers go on; SIGTERM and Ctrl-C wait for them, a second one does not.
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
    let path = try options.homePath()
    let loaded = try options.configuration().configuration
    let setup = try ServerSetup(loaded, self, home: path, previous: nil)
    let home = try LocalHome(
      reading: path, models: setup.questionModels, access: loaded.server.worktree ? .collections : .none,
      grammars: loaded.index.grammars)
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
    let logger = Logger(label: "nenrin")
    let address = setup.configuration.host
    if setup.configuration.apiKeys.isEmpty, !["127.0.0.1", "::1", "localhost"].contains(address) {
      Console.notice(Style.error.warning("nenrin: everyone who reaches \(address) may ask: set [server] api_keys"))
    }
    let shown = address.contains(":") ? "[\(address)]" : address
    let isJSON = options.json
    let server = Server(
      configuration: setup.configuration, knowledge: ServedKnowledge(home: home), models: setup.models, logger: logger)
    let reload = Reload(server: server, command: self, home: home, setup: setup, logger: logger)
    try await Interruption.serving(stop: server.stop, reload: reload.run) {
      try await server.run { port in
        let address = "http://\(shown):\(port)"
        if isJSON {
          _ = try? Console.write("{\"address\":\"\(address)\"}\n")
        } else {
          Console.notice("listening on \(address)")
        }
      }
    }
  }
}

/// What a configuration comes to: how the server stands towards its clients, and the models behind it.
private struct ServerSetup: Sendable {
  let loaded: Configuration
  let configuration: ServerConfiguration
  let models: ServedModels
  let questionModels: QuestionModels

  /// Models whose section is as it was before stay the ones they were, with their connections and counts. Throws
  /// `configurationInvalid`.
  init(_ loaded: Configuration, _ command: ServeCommand, home: String, previous: ServerSetup?) throws {
    self.loaded = loaded
    var server = loaded.server
    if let host = command.host { server.host = host }
    if let port = command.port { server.port = port }
    var configuration = try ServerConfiguration(server, readOnly: command.readOnly, home: home)
    configuration.limits.answerDuration = .seconds(loaded.chat.answerTimeout)
    configuration.chatToolTurns = loaded.chat.tools ? loaded.chat.toolTurns : 0
    self.configuration = configuration
    var models = ServedModels()
    if let previous, previous.loaded.chat == loaded.chat {
      models.chat = previous.models.chat
    } else {
      models.chat = try ConfiguredModels.chat(loaded.chat)
    }
    if let previous, previous.loaded.embedding == loaded.embedding {
      models.embedders = previous.models.embedders
    } else {
      models.embedders = try EmbedderChoice.current(loaded.embedding).map { [$0] } ?? []
    }
    self.models = models
    var questions = QuestionModels(embedder: models.embedders.first)
    if let previous, previous.loaded.chat == loaded.chat {
      questions.planner = previous.questionModels.planner
    } else {
      questions.planner = try QuestionModels.planner(loaded.chat, wanted: nil) { _ in models.chat }
    }
    if let previous, previous.loaded.rerank == loaded.rerank {
      questions.reranker = previous.questionModels.reranker
    } else {
      questions.reranker = try FileReranker(loaded.rerank)
    }
    questionModels = questions
  }
}

/// Reads the configuration again while the server runs; one that is wrong is refused, and the old one stays.
private final class Reload: Sendable {
  private let server: Server
  private let command: ServeCommand
  private let home: LocalHome
  private let setup: Mutex<ServerSetup>
  private let logger: Logger

  init(server: Server, command: ServeCommand, home: LocalHome, setup: ServerSetup, logger: Logger) {
    self.server = server
    self.command = command
    self.home = home
    self.setup = Mutex(setup)
    self.logger = logger
  }

  func run() {
    setup.withLock { old in
      do {
        let loaded = try command.options.configuration().configuration
        let new = try ServerSetup(loaded, command, home: home.path, previous: old)
        server.change(to: new.configuration, models: new.models)
        home.use(new.questionModels)
        home.use(loaded.server.worktree ? WorkTreeAccess.collections : .none)
        let hasMoved =
          (new.configuration.host, new.configuration.port) != (old.configuration.host, old.configuration.port)
        old = new
        logger.notice("configuration is read again")
        if hasMoved { logger.warning("host and port are taken at the start: restart to listen elsewhere") }
      } catch {
        logger.error("configuration is refused, the old one stays", metadata: ["error": "\(error)"])
      }
    }
  }
}

extension ServerConfiguration {
  /// What the configuration says, with the keys of `api_keys` looked up. Throws `configurationInvalid`; a key itself is
  /// never part of an error.
  fileprivate init(_ server: Configuration.Server, readOnly: Bool, home: String) throws {
    self.init()
    host = server.host
    port = server.port
    publicURL = server.publicURL.isEmpty ? nil : String(server.publicURL.reversed().drop { $0 == "/" }.reversed())
    apiKeys = try server.apiKeys.map(ServerConfiguration.key)
    if server.privatePages {
      guard !server.apiKeys.isEmpty else {
        throw NenrinError(
          .configurationInvalid, "private_pages: set without api_keys",
          reason: "where no key is asked for, everyone can ask for every source",
          remedies: ["Set [server] api_keys, or take private_pages out."])
      }
      let secret = try PageSecret.load(server.pageSecret, home: home, mayWrite: !readOnly)
      pageSigner = PageSigner(secret: secret, days: server.pageLinkDays)
    }
    openWebUIEvents = OpenWebUIEvents(rawValue: server.openWebuiEvents) ?? .auto
    comparisons = server.comparisons
    limits.concurrentRequests = server.concurrentRequests
    limits.queuedRequests = server.queuedRequests
    limits.concurrentAnswers = server.concurrentAnswers
    limits.requestDuration = .seconds(server.requestTimeout)
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
