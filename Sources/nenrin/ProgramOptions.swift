// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glossary
import HTTPAPI

/// What every command takes.
struct ProgramOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder that holds the index. Else $NENRIN_HOME, $XDG_DATA_HOME/nenrin, ~/.local/share/nenrin.",
      valueName: "dir"),
    completion: .directory)
  var home: String?

  @Option(
    help: ArgumentHelp("The configuration. Else nenrin.toml in the home.", valueName: "file"),
    completion: .file(extensions: ["toml"]))
  var config: String?

  @Flag(help: "Print JSON, and nothing else, on standard output.")
  var json = false

  func homePath() throws -> String { try Locations.home(option: home) }

  func configuration() throws -> LoadedConfiguration {
    try ConfigurationReader.load(option: config, home: homePath())
  }

  /// Opens the home for reading. The configuration is read first, so that a fault in it never goes unseen.
  func openHome() throws -> LocalHome {
    let configuration = try configuration().configuration
    return try openHome(configuration, QuestionModels(embedder: EmbedderChoice.current(configuration.embedding)))
  }

  /// The same for a command that asks questions, with all models that are configured or chosen.
  func openHome(_ models: ModelOptions) throws -> LocalHome {
    let configuration = try configuration().configuration
    let choice = ModelChoice(rerank: models.rerank, plan: models.plan)
    return try openHome(configuration, QuestionModels(configuration, choice))
  }

  private func openHome(_ configuration: Configuration, _ models: QuestionModels) throws -> LocalHome {
    try LocalHome(
      reading: homePath(), models: models, access: .anywhere, grammars: configuration.index.grammars)
  }

  /// Prints a document: indented on a terminal, on one line for a program.
  func print(_ document: some Encodable) throws {
    try Console.write(JSONDocument.text(document, pretty: Console.outputIsTerminal) + "\n")
  }
}

/// Which of the models that help a search are used.
struct ModelOptions: ParsableArguments {
  @Flag(inversion: .prefixedNo, help: "Let the reranker of [rerank] order what was found.")
  var rerank: Bool?

  @Flag(inversion: .prefixedNo, help: "Let the chat model propose what to search for, too.")
  var plan: Bool?
}

/// Which snapshot is asked.
struct SnapshotOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Ask this snapshot; else the newest. `worktree` is the checkout here, uncommitted changes and all.",
      valueName: "[collection@]revision"))
  var at: String?
}

/// A question in words; the one word `-` reads it from standard input.
struct QuestionArgument: ParsableArguments {
  @Argument(help: "The question, in one or several words; `-` reads it from standard input.")
  var question: [String]

  func text() throws -> String {
    question == ["-"] ? String(decoding: try FileAccess.read("-"), as: UTF8.self) : question.joined(separator: " ")
  }
}
