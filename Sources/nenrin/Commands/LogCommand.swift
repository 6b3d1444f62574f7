// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import CommitSearch
import Glossary
import HTTPAPI

struct LogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "Ask the commits behind a snapshot: which change was about this, who touched that, what brought it in.",
    discussion: """
      Without a question the newest commits are listed, kept to a path, a symbol or a range where these are given. A
      question such as "which commit introduced read_gitfile?" is answered with that commit and how sure it is.
      `nenrin index` reads the history of what it indexes where that has at most 100,000 new commits; `nenrin index
      SOURCE --history` reads all of it. Ends of a range are any revisions of the repository.

      EXAMPLES:
        nenrin log why does fetch prune stale references
        nenrin log "speed up status in large work trees" --between v2.30.0..v2.40.0
        nenrin log --path fs/btrfs --between v6.11..v6.12 -k 50
        nenrin log --symbol vfs_mkdir
        nenrin log --introduced CONFIG_BTRFS_FS
      """)

  @Argument(help: "The question, in one or several words; `-` reads it from standard input.")
  var question: [String] = []

  @Option(help: ArgumentHelp("Only commits of B's history that A's does not hold.", valueName: "a..b"))
  var between: SnapshotRange?

  @Option(help: ArgumentHelp("Only commits that touched a path below this, or that matches.", valueName: "prefix"))
  var path: String?

  @Option(help: ArgumentHelp("Only commits that changed this function, type, macro or option.", valueName: "name"))
  var symbol: String?

  @Option(help: ArgumentHelp("Say which commit brought this name or path.", valueName: "name"))
  var introduced: String?

  @Option(name: .customShort("k"), help: ArgumentHelp("How many commits are listed.", valueName: "n"))
  var limit = 10

  @Option(help: ArgumentHelp("Pass over this many commits first.", valueName: "n"))
  var offset = 0

  @Option(
    help: ArgumentHelp("How long files' versions may be read for --symbol and --introduced.", valueName: "seconds"))
  var seconds = 10

  @OptionGroup var snapshot: SnapshotOption
  @OptionGroup var options: ProgramOptions

  func validate() throws {
    guard (1...10_000).contains(limit) else { throw ValidationError("-k can be 1 to 10000, not \(limit).") }
    guard offset >= 0 else { throw ValidationError("--offset can be 0 or more, not \(offset).") }
    guard (1...3_600).contains(seconds) else { throw ValidationError("--seconds can be 1 to 3600, not \(seconds).") }
    for (name, value) in [("--symbol", symbol), ("--introduced", introduced), ("--path", path)] {
      if value?.allSatisfy(\.isWhitespace) == true { throw ValidationError("\(name) is empty.") }
    }
  }

  func run() throws {
    let home = try options.openHome()
    let text =
      question == ["-"] ? String(decoding: try FileAccess.read("-"), as: UTF8.self) : question.joined(separator: " ")
    let request = CommitRequest(
      question: question.isEmpty ? nil : text, range: between, pathGlob: path, symbol: symbol,
      introduced: introduced, limit: limit, offset: offset, time: .seconds(seconds))
    let name = snapshot.at ?? between.flatMap { $0.to.collection ?? $0.from.collection }.map { $0 + "@" }
    let result = try home.log(request, in: home.resolve(SnapshotName(at: name)))
    if options.json {
      try options.print(LogDocument(result, request))
    } else {
      try Console.write(LogRendering(style: .output, columns: Console.outputColumns).text(result, request))
      for notice in result.notices { Console.notice("nenrin: " + notice) }
    }
    if result.hits.isEmpty, result.introduction == nil { throw Ending.nothingFound }
  }
}
