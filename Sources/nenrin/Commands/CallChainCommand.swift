// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glossary
import HTTPAPI
import Retrieval

struct CallChainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "callchain",
    abstract: "Find the paths of calls from one function to another, or what is called below one.",
    discussion: """
      A call through a table's field only may lead to what the table names: such steps are marked. Where no path of
      plain calls is found, these are followed too.

      EXAMPLES:
        nenrin callchain vfs_read btrfs_file_read_iter
        nenrin callchain schedule --depth 2
        nenrin callchain btrfs_search_slot --up
      """)

  @Argument(help: "Where the path begins: a function or a macro.")
  var from: String

  @Argument(help: "Where it ends; without it, what is called below FROM is listed.")
  var to: String?

  @Flag(help: "List what calls FROM, and what calls that.")
  var up = false

  @Option(help: ArgumentHelp("How many calls deep; else 12 for a path, 2 for a list.", valueName: "n"))
  var depth: Int?

  @Option(help: ArgumentHelp("How many paths (else 5) or lines (else 200) at most.", valueName: "n"))
  var limit: Int?

  @Option(help: ArgumentHelp("When to give up the search.", valueName: "seconds"))
  var seconds = 10

  @OptionGroup var snapshot: SnapshotOption
  @OptionGroup var options: ProgramOptions

  func validate() throws {
    guard (1...30).contains(depth ?? 1) else { throw ValidationError("--depth can be 1 to 30, not \(depth ?? 0).") }
    guard limit ?? 1 > 0 else { throw ValidationError("--limit can be 1 or more, not \(limit ?? 0).") }
    guard (1...3_600).contains(seconds) else {
      throw ValidationError("--seconds can be 1 to 3600, not \(seconds).")
    }
    guard to == nil || !up else { throw ValidationError("--up lists callers of one function: leave out the second.") }
  }

  func run() throws {
    let home = try options.openHome()
    let request = ChainRequest(
      from: from, to: to, isUpward: up, depth: depth ?? (to == nil ? 2 : 12), limit: limit ?? (to == nil ? 200 : 5),
      time: .seconds(seconds))
    let result = try home.withCalls(home.view(at: snapshot.at)) { try $0.chain(request) }
    let lines = CallRendering().chain(result)
    if options.json {
      try options.print(CallChainDocument(result))
    } else {
      if !lines.isEmpty { try Console.write(lines.joined(separator: "\n") + "\n") }
      if let notice = notice(result) { Console.notice(notice) }
    }
    if lines.isEmpty { throw Ending.nothingFound }
  }

  private func notice(_ result: ChainResult) -> String? {
    let snapshot = result.snapshot.name
    if let unknown = result.unknown {
      let near = result.nearMisses.isEmpty ? "" : "; near it: \(result.nearMisses.joined(separator: ", "))"
      return "no function or macro '\(unknown)' in \(snapshot)\(near)"
    }
    let visited = Figures.counted(result.visited, "definition")
    if result.paths.isEmpty, let to {
      return result.isComplete
        ? "no path of calls from \(from) to \(to) in \(snapshot) (\(visited) looked into)"
        : "no path of calls found from \(from) to \(to) in \(snapshot) within \(result.request.depth) calls and "
          + "\(seconds) s (\(visited) looked into): --depth and --seconds let it look further"
    }
    if to == nil, !result.isComplete { return "there is more: --limit and --seconds show more" }
    return nil
  }
}
