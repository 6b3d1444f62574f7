// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glossary
import HTTPAPI
import IndexStore

struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print a file of a snapshot, or some of its lines, from the git object store.",
    discussion: """
      EXAMPLES:
        nenrin show v6.12.117:fs/btrfs/locking.c
        nenrin show v6.12.117:fs/btrfs/locking.c:120-160
        nenrin show :MAINTAINERS:1-40        (the newest snapshot)
        nenrin show linux@v6.12.117:mm/ksm.c --json | jq '.symbols[].name'
      """)

  @Argument(
    help: ArgumentHelp(
      "A snapshot, a path from the top of its tree, and lines if not all are wanted.", valueName: "snap:path[:a-b]"))
  var target: ShowTarget

  @OptionGroup var options: ProgramOptions

  func run() throws {
    let home = try options.openHome()
    let view = try home.view(at: target.snapshot)
    // A path may itself end in what looks like lines; a file that is there goes first.
    let isWhole = target.lines == nil || view.file(TreePath(text: target.rest)) != nil
    let path = TreePath(text: isWhole ? target.rest : target.path)
    let lines = isWhole ? nil : target.lines
    if options.json {
      try options.print(SourceDocument(home.excerpt(of: view, path: path, lines: lines)))
      return
    }
    let source = try home.source(of: view, path: path, lines: lines)
    if source.file.kind == .symlink {
      Console.notice("'\(path)' is a symbolic link; what it holds is the path it points to")
    }
    guard !source.isBinary || !Console.outputIsTerminal else {
      throw NenrinError(
        .unsupported, "'\(path)' is binary", reason: "a terminal cannot show it",
        remedies: ["Send it to a file: nenrin show … > FILE"])
    }
    try Console.write(source.bytes)
    if Console.outputIsTerminal, let last = source.bytes.last, last != UInt8(ascii: "\n") { try Console.write("\n") }
  }
}

/// `SNAP:PATH[:A-B]`.
struct ShowTarget: ExpressibleByArgument {
  /// Empty for the newest.
  let snapshot: String
  /// All behind the first colon.
  let rest: String
  /// What is left of `rest` without the lines.
  let path: String
  let lines: ClosedRange<Int>?

  init?(argument: String) {
    guard let colon = argument.firstIndex(of: ":") else { return nil }
    snapshot = String(argument[..<colon])
    rest = String(argument[argument.index(after: colon)...])
    guard !rest.isEmpty else { return nil }
    guard let last = rest.lastIndex(of: ":"), let range = ShowTarget.range(rest[rest.index(after: last)...]) else {
      path = rest
      lines = nil
      return
    }
    path = String(rest[..<last])
    lines = range
  }

  /// Reads `12-40` or `12`.
  static func range(_ text: some StringProtocol) -> ClosedRange<Int>? {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false)
    guard (1...2).contains(ends.count),
      ends.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }),
      let first = Int(ends[0]), let last = Int(ends[ends.count - 1]), first <= last
    else { return nil }
    return first...last
  }
}
