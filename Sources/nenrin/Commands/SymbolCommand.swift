// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glossary
import HTTPAPI
import Retrieval

struct SymbolCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "symbol",
    abstract: "Find where a name is defined, where it is used, who calls it and what it calls.",
    discussion: """
      EXAMPLES:
        nenrin symbol openat2
        nenrin symbol CONFIG_BTRFS_FS
        nenrin symbol i_ctime_sec
        nenrin symbol folio_add_lru --references --at v6.12.117
        nenrin symbol btrfs_search_slot --callers --path fs/btrfs
        nenrin symbol vfs_read --callees
      """)

  @Argument(help: "The name: a function, type, macro, system call, tracepoint, option …")
  var name: String

  @Flag(help: "List the lines that use it, too.")
  var references = false

  @Flag(help: "List who calls it: directly, through a table's field (as possible), and where its address is taken.")
  var callers = false

  @Flag(help: "List what it calls, each with where that is defined.")
  var callees = false

  @Option(
    help: ArgumentHelp("Keep callers, and definitions whose callees are listed, to these paths.", valueName: "glob"))
  var path: String?

  @Option(help: ArgumentHelp("How many references, callers or callees at most.", valueName: "n"))
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
    let request = CallRequest(name: name, limit: limit, pathGlob: path)
    let calling = callers ? try home.withCalls(view) { try $0.callers(request) } : nil
    let called = callees ? try home.withCalls(view) { try $0.callees(request) } : nil
    let isUncalled = calling.map { $0.callers.isEmpty && $0.uses.isEmpty } ?? true
    let isEmpty = result.definitions.isEmpty && result.members.isEmpty && result.references.isEmpty && isUncalled
    if options.json {
      var document = SymbolDocument(result)
      document.calls = calling.map(CallersDocument.init)
      document.callees = called.map { $0.definitions.map(CalleesDocument.init) }
      try options.print(document)
    } else {
      if !isEmpty { try Console.write(text(result) + text(calling, called)) }
      if let calling, !calling.isComplete { Console.notice(boundNotice(calling)) }
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

  private func boundNotice(_ result: CallersResult) -> String {
    "there are more callers: \(result.filesRead) of \(Figures.counted(result.filesHolding, "file")) with the name were "
      + "read; --limit shows more, --path keeps to a part of the tree"
  }

  private func text(_ callers: CallersResult?, _ callees: CalleesResult?) -> String {
    let rendering = CallRendering()
    let parts = [callers.map(rendering.callers), callees.map(rendering.callees)].compactMap(\.self)
    return parts.map { "\n" + $0.joined(separator: "\n") + "\n" }.joined()
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
