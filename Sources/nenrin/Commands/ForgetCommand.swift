// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glossary
import HTTPAPI
import IndexStore

struct ForgetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget",
    abstract: "Take snapshots out of the index.",
    discussion: """
      All of them or none, with every name that they have; a collection goes with its last snapshot. The room that only
      they took is freed by `nenrin gc`. The repository is left alone.

      EXAMPLES:
        nenrin forget v6.12.1
        nenrin forget linux@v6.12.1 linux@v6.12.2
      """)

  @Argument(
    help: ArgumentHelp("By revision, or by 7 or more digits of the commit.", valueName: "[collection@]revision"))
  var snapshots: [String]

  @OptionGroup var options: ProgramOptions

  func run() throws {
    // Opened for reading first: a home that is not there is not made.
    let home = try options.openHome().home
    for name in snapshots { _ = try home.resolve(SnapshotName(name)) }
    let writer = try HomeWriter(home: home.path)
    var forgotten: [SnapshotInfo] = []
    for name in snapshots {
      let snapshot = try writer.resolve(SnapshotName(name))
      if !forgotten.contains(where: { $0.id == snapshot.id }) { forgotten.append(snapshot) }
    }
    try writer.forget(forgotten)
    if options.json {
      try options.print(Document(forgotten: forgotten.map(SnapshotReferenceDocument.init)))
    } else {
      try Console.write(forgotten.map { "forgot \($0.name)  \($0.commit.hex.prefix(12))\n" }.joined())
      Console.notice("Run `nenrin gc` to free the room that only \(forgotten.count == 1 ? "it" : "they") took.")
    }
  }

  private struct Document: Encodable {
    var forgotten: [SnapshotReferenceDocument]
  }
}
