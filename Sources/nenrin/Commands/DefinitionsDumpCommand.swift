// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glossary
import IndexStore
import Retrieval

/// Hidden: what the index knows, as text that `tools/ctags-agreement` compares with another reader's.
struct DefinitionsDumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "definitions-dump",
    abstract: "Print every definition of a snapshot: path, kind, name and line, between tabs.",
    discussion: """
      EXAMPLES:
        nenrin definitions-dump fs/btrfs kernel/sched --at v6.12.117
      """,
    shouldDisplay: false)

  @Argument(help: ArgumentHelp("Only what lies below these paths, or matches these patterns.", valueName: "glob"))
  var globs: [String] = []

  @OptionGroup var snapshot: SnapshotOption
  @OptionGroup var options: ProgramOptions

  func run() throws {
    let view = try options.openHome().view(at: snapshot.at)
    let wanted = globs.map(PathGlob.init)
    for index in 0..<view.fileCount {
      let path = view.path(at: index)
      guard wanted.isEmpty || wanted.contains(where: { $0.matches(path) }) else { continue }
      var text = ""
      for symbol in view.definitions(inFile: index) {
        // A section's title may hold a tab.
        let name = symbol.definition.name.split(separator: "\t").joined(separator: " ")
        text += "\(path)\t\(symbol.definition.kind.name)\t\(name)\t\(symbol.definition.line)\n"
      }
      try Console.write(text)
    }
  }
}
