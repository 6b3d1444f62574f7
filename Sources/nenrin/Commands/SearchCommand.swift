// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glossary
import HTTPAPI
import Retrieval

struct SearchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Find the files and the functions that answer a question.",
    discussion: """
      EXAMPLES:
        nenrin search which file implements the btrfs extent buffer locking
        nenrin search "where is a TCP SYN cookie made" --path net/ -k 5
        nenrin search openat2 flags check --at v6.12.117 --language c --explain
      """)

  @OptionGroup var question: QuestionArgument
  @OptionGroup var snapshot: SnapshotOption

  @Option(name: .customShort("k"), help: ArgumentHelp("How many files and passages.", valueName: "n"))
  var limit = 10

  @Option(
    help: ArgumentHelp(
      "Only paths that match (`fs/btrfs/`, `**/*.rst`); a directory stands for all below it.",
      valueName: "glob"))
  var path: String?

  @Option(
    help: ArgumentHelp("Only files in this language.", valueName: "language"),
    completion: .list(LanguageName.all))
  var language: LanguageName?

  @Flag(help: "Say why each file stands where it stands.")
  var explain = false

  @OptionGroup var models: ModelOptions
  @OptionGroup var options: ProgramOptions

  func validate() throws {
    guard (1...1_000).contains(limit) else { throw ValidationError("-k can be 1 to 1000, not \(limit).") }
  }

  func run() async throws {
    let text = try question.text()
    let home = try options.openHome(models)
    let view = try home.view(at: snapshot.at)
    let result = try await home.search(
      SearchRequest(question: text, limit: limit, pathGlob: path, language: language?.language), in: view)
    for note in result.notes { Console.notice(Style.error.warning("nenrin: \(note)")) }
    if options.json {
      try options.print(SearchDocument(result))
    } else if result.files.isEmpty {
      Console.notice("nothing found in \(result.snapshot.name)")
    } else {
      try Console.write(SearchRendering(explains: explain, style: .output).text(result))
    }
    if result.files.isEmpty { throw Ending.nothingFound }
  }
}

/// `--language L`.
struct LanguageName: ExpressibleByArgument {
  static let all = Language.allCases.filter { $0 != .unknown }.map(\.name).sorted()

  let language: Language

  init?(argument: String) {
    guard let language = Language(name: argument), language != .unknown else { return nil }
    self.language = language
  }

  static var allValueStrings: [String] { all }
}
