// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glossary
import HTTPAPI
import IndexStore
import KnowledgeDiff

struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Say what changed between two snapshots: files, functions, types, options, and where things went.",
    discussion: """
      Comments and white space count as no change of a symbol. `--path` narrows to a file or a directory, `--symbol`
      follows one name.

      EXAMPLES:
        nenrin diff v6.1.192..v6.12.117 --path fs/btrfs
        nenrin diff v6.1.192..v6.12.117 --symbol vfs_mkdir
        nenrin diff v6.1.192..v6.12.117 --about "what took the place of register_shrinker()?"
        nenrin diff v6.12.115..v6.12.117 --path net --markdown > net.md
        nenrin diff v6.12.115..v6.12.117 --json | jq '.summary'
      """)

  @Argument(help: ArgumentHelp("Two snapshots of a collection, the older one first.", valueName: "a..b"))
  var range: SnapshotRange

  @Option(help: ArgumentHelp("Only this file, or what is below this directory.", valueName: "prefix"))
  var path: String?

  @Option(help: ArgumentHelp("What became of this function, type, macro or option.", valueName: "name"))
  var symbol: String?

  @Option(help: ArgumentHelp("The changes that bear on this question, best first.", valueName: "question"))
  var about: String?

  @Flag(help: "Show the lines that changed of the files listed.")
  var patch = false

  @Flag(help: "Print GitHub's Markdown: the sums, then by directory, symbols in tables.")
  var markdown = false

  @Option(
    name: .customShort("k"),
    help: ArgumentHelp("How many files and how many symbols are listed; 0 lists all.", valueName: "n"))
  var limit: Int?

  @OptionGroup var options: ProgramOptions

  /// Listed for a person, where `-k` says nothing.
  private static let shownToPerson = 60

  func validate() throws {
    if symbol != nil, about != nil {
      throw ValidationError("--symbol follows one name and --about takes a question: give one of them.")
    }
    if let symbol, symbol.allSatisfy(\.isWhitespace) { throw ValidationError("--symbol is empty: name a symbol.") }
    if markdown, options.json { throw ValidationError("--markdown and --json are two forms: give one of them.") }
    if let limit, limit < 0 { throw ValidationError("-k can be 0 or more, not \(limit).") }
  }

  func run() throws {
    let home = try options.openHome()
    var request = DiffRequest(path: path, symbol: symbol, question: about)
    let shown = about != nil ? 10 : options.json ? nil : DiffCommand.shownToPerson
    request.limit = limit.map { $0 == 0 ? .max : $0 } ?? shown
    request.wantsPatch = patch
    let result: DiffResult
    do {
      result = try home.diff(request, from: home.resolve(range.from), to: home.resolve(range.to))
    } catch let error as NenrinError where error.code == .symbolNotFound {
      Console.notice("nenrin: \(error)")
      throw Ending.nothingFound
    }
    let isNothing = result.fileCount == 0 && result.symbolCount == 0
    if result.from.commit == result.to.commit, result.from.id >= 0, result.to.id >= 0 {
      Console.notice("\(result.from.name) and \(result.to.name) are the same commit")
    } else if result.isBackward {
      Console.notice(
        "\(result.to.name) is older than \(result.from.name): what it has alone is shown as added")
    } else if isNothing, let path {
      Console.notice("'\(path)' is the same in both")
    }
    if options.json {
      try options.print(DiffDocument(result))
    } else if markdown {
      try Console.write(DiffMarkdown(request: request).text(result))
    } else {
      try Console.write(DiffRendering(style: .output).text(result))
    }
    if isNothing { throw Ending.nothingFound }
  }
}

extension SnapshotRange: ExpressibleByArgument {
  /// `A..B`.
  init?(argument: String) { self.init(argument) }
}
