// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glossary
import HTTPAPI
import IndexStore

struct SnapshotsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshots",
    abstract: "List what is indexed: collections and their snapshots.",
    discussion: """
      EXAMPLES:
        nenrin snapshots
        nenrin snapshots --json | jq -r '.[].revision'
      """)

  @OptionGroup var options: ProgramOptions

  func run() throws {
    let home = try options.openHome().home
    let snapshots = try home.snapshots()
    if options.json {
      try options.print(snapshots.map(SnapshotDocument.init))
    } else if snapshots.isEmpty {
      Console.notice("nothing is indexed in \(home.path) yet")
    } else {
      try Console.write(table(snapshots))
    }
    if snapshots.isEmpty { throw Ending.nothingFound }
  }

  private func table(_ snapshots: [SnapshotInfo]) -> String {
    var table = Table([.left, .left, .left, .right, .right, .right, .right])
    table.add(["snapshot", "commit", "date", "files", "source", "chunks", "own size"])
    for snapshot in snapshots {
      table.add([
        snapshot.name, String(snapshot.commit.hex.prefix(12)),
        String(DocumentFormat.timestamp(snapshot.date).prefix(10)), Figures.count(snapshot.files),
        Figures.bytes(snapshot.bytes), Figures.count(snapshot.chunks), Figures.bytes(snapshot.ownBytes),
      ])
    }
    var lines = table.lines()
    lines[0] = Style.output.faint(lines[0])
    return lines.joined(separator: "\n") + "\n"
  }
}
