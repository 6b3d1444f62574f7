// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glossary
import HTTPAPI
import PatternSearch

extension CodeRegion: ExpressibleByArgument {}

struct GrepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grep",
    abstract: "Find the lines of a snapshot's source that a regular expression matches.",
    discussion: """
      Perl-compatible expressions (PCRE2), matched within lines. Files are chosen by the words that every match needs: a
      pattern that names a whole identifier is found in a blink, one that names none reads the whole tree.

      EXAMPLES:
        nenrin grep 'spin_lock_irqsave\\(&\\w+->lock'
        nenrin grep '\\bkmalloc\\(.*GFP_ATOMIC' --path fs --in function
        nenrin grep 'FIXME.*lock' -i --in comment --at v6.12.117
      """)

  @Argument(help: "The regular expression.")
  var pattern: String

  @Option(help: ArgumentHelp("Keep to paths that match.", valueName: "glob"))
  var path: String?

  @Option(help: ArgumentHelp("Keep to files of this language.", valueName: "l"))
  var language: String?

  @Option(name: .customLong("in"), help: ArgumentHelp("Keep to matches in a function's code, a comment or a string."))
  var region: CodeRegion?

  @Flag(name: [.customShort("i"), .customLong("ignore-case")], help: "Take capitals and small letters as equal.")
  var ignoresCase = false

  @Flag(help: "Read register tables (headers of almost only #define lines), too.")
  var tables = false

  @Option(help: ArgumentHelp("How many lines at most.", valueName: "n"))
  var limit = 1_000

  @Option(help: ArgumentHelp("Pass over this many lines first.", valueName: "n"))
  var offset = 0

  @Option(help: ArgumentHelp("When to end with what was found.", valueName: "seconds"))
  var seconds = 30

  @OptionGroup var snapshot: SnapshotOption
  @OptionGroup var options: ProgramOptions

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit can be 1 or more, not \(limit).") }
    guard offset >= 0 else { throw ValidationError("--offset can be 0 or more, not \(offset).") }
    guard (1...3_600).contains(seconds) else { throw ValidationError("--seconds can be 1 to 3600, not \(seconds).") }
    if let language, Language(name: language) == nil {
      let names = Language.allCases.map(\.name).joined(separator: ", ")
      throw ValidationError("there is no language '\(language)': there are \(names).")
    }
  }

  func run() throws {
    let home = try options.openHome()
    let request = PatternRequest(
      pattern: pattern, ignoresCase: ignoresCase, pathGlob: path, language: language.flatMap(Language.init(name:)),
      region: region, includesTables: tables, limit: limit, offset: offset, time: .seconds(seconds))
    let result = try home.grep(request, in: home.view(at: snapshot.at))
    if options.json {
      try options.print(GrepDocument(result))
    } else {
      if !result.hits.isEmpty { try Console.write(text(result)) }
      for notice in notices(result) { Console.notice(notice) }
    }
    if result.hits.isEmpty { throw Ending.nothingFound }
  }

  private func text(_ result: PatternResult) -> String {
    var table = Table([.left, .left, .left])
    for hit in result.hits {
      let text = String(hit.text.drop { $0 == " " || $0 == "\t" })
      table.add(["\(hit.path.text):\(hit.line)", hit.symbol ?? "", text])
    }
    return table.lines().joined(separator: "\n") + "\n"
  }

  private func notices(_ result: PatternResult) -> [String] {
    var notices: [String] = []
    if result.hits.isEmpty, !result.isOutOfTime { notices.append("no line matches in \(result.snapshot.name)") }
    if result.isOutOfTime {
      let why = result.words.isEmpty ? "the pattern names no word that every match holds, so it is too broad: " : ""
      notices.append(
        "\(why)\(result.filesRead) of \(Figures.counted(result.filesToRead, "file")) were read in \(seconds) s; "
          + "name a whole identifier, keep to a --path, or give it more --seconds")
    }
    if result.hasMore {
      notices.append("there are more lines than \(limit): --limit shows more, --offset \(offset + limit) goes on")
    }
    if result.gaveUp > 0 {
      notices.append(
        "on \(Figures.counted(result.gaveUp, "piece")) of text the pattern took too many steps: "
          + "matches may be missing there; repeats within repeats, as in (a+)+, cost that")
    }
    return notices
  }
}
