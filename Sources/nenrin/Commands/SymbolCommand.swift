// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glossary
import HTTPAPI
import Retrieval

struct SymbolCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "symbol",
    abstract: "Find where a name is defined, and where it is used.",
    discussion: """
      EXAMPLES:
        nenrin symbol openat2
        nenrin symbol CONFIG_BTRFS_FS
        nenrin symbol i_ctime_sec
        nenrin symbol folio_add_lru --references --at v6.12.117
      """)

  @Argument(help: "The name: a function, type, macro, system call, tracepoint, option …")
  var name: String

  @Flag(help: "List the lines that use it, too.")
  var references = false

  @Option(help: ArgumentHelp("How many references at most.", valueName: "n"))
  var limit = 1_000

  @OptionGroup var snapshot: SnapshotOption
  @OptionGroup var options: ProgramOptions

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit can be 1 or more, not \(limit).") }
    guard !name.isEmpty else { throw ValidationError("the name is empty.") }
  }

  func run() throws {
    let home = try options.openHome()
    let view = try home.view(at: snapshot.at)
    let result = try home.withRetriever(view) { try $0.symbol(name, referenceLimit: references ? limit : 0) }
    let isEmpty = result.definitions.isEmpty && result.members.isEmpty && result.references.isEmpty
    if options.json {
      try options.print(SymbolDocument(result))
    } else {
      if !isEmpty { try Console.write(text(result)) }
      if result.definitions.isEmpty, result.members.isEmpty { Console.notice(explanation(result)) }
      if result.referencesTruncated {
        Console.notice("there are more references than \(limit): --limit shows more")
      }
    }
    if isEmpty { throw Ending.nothingFound }
  }

  private func explanation(_ result: SymbolResult) -> String {
    let near = result.nearMisses.isEmpty ? "" : "; near it: \(result.nearMisses.joined(separator: ", "))"
    return "no definition of '\(name)' in \(result.snapshot.name)\(near)"
  }

  private func text(_ result: SymbolResult) -> String {
    let style = Style.output
    var table = Table([.left, .left, .left])
    for hit in result.definitions {
      table.add(["\(hit.path.text):\(hit.definition.line)", hit.definition.kind.name, hit.signature])
      for binding in hit.bindings {
        table.add(["\(hit.path.text):\(binding.line)", "", "  .\(binding.field) = \(binding.target)"])
      }
    }
    for hit in result.members {
      table.add(["\(hit.path.text):\(hit.line)", "member of \(hit.owner)", trimmed(hit.text)])
    }
    var lines = table.lines()
    if references {
      if !lines.isEmpty { lines.append("") }
      lines.append(style.faint(Figures.counted(result.references.count, "reference")))
      var uses = Table([.left, .left, .left])
      for hit in result.references {
        uses.add(["\(hit.path.text):\(hit.line)", hit.inSymbol ?? "", trimmed(hit.text)])
      }
      lines += uses.lines()
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func trimmed(_ line: String) -> String {
    String(line.drop { $0 == " " || $0 == "\t" })
  }
}
