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
      "own size" is what a snapshot's ring takes: what it holds and none that was indexed before it does. "shared" is the
      part of its chunks that were there already. After `nenrin forget`, `nenrin gc` frees what only the forgotten had,
      and the rest of its ring falls to the next snapshot that has it.

      EXAMPLES:
        nenrin snapshots
        nenrin snapshots --json | jq -r '.[].revision'
      """)

  @OptionGroup var options: ProgramOptions

  func run() throws {
    let local = try options.openHome()
    let home = local.home
    let snapshots = try home.snapshots()
    if options.json {
      try options.print(snapshots.map(SnapshotDocument.init))
    } else if snapshots.isEmpty {
      Console.notice("nothing is indexed in \(home.path) yet")
    } else {
      try Console.write(table(snapshots) + total(snapshots, home) + histories(snapshots, local))
    }
    if snapshots.isEmpty { throw Ending.nothingFound }
  }

  /// How many commits were read of each collection that has any.
  private func histories(_ snapshots: [SnapshotInfo], _ home: LocalHome) throws -> String {
    try Set(snapshots.map(\.collection)).sorted().map { collection in
      guard let log = try home.commitLog(of: collection) else { return "" }
      return "history of \(collection): \(Figures.counted(log.count, "commit"))\n"
    }.joined()
  }

  private func table(_ snapshots: [SnapshotInfo]) -> String {
    var table = Table([.left, .left, .left, .right, .right, .right, .right, .right])
    table.add(["snapshot", "commit", "date", "files", "source", "chunks", "own size", "shared"])
    for snapshot in snapshots {
      table.add([
        snapshot.name, String(snapshot.commit.hex.prefix(12)),
        String(DocumentFormat.timestamp(snapshot.date).prefix(10)), Figures.count(snapshot.files),
        Figures.bytes(snapshot.bytes), Figures.count(snapshot.chunks), Figures.bytes(snapshot.ownBytes),
        snapshot.ownChunks.map { shared($0, of: snapshot.chunks) } ?? "",
      ])
    }
    var lines = table.lines()
    lines[0] = Style.output.faint(lines[0])
    return lines.joined(separator: "\n") + "\n"
  }

  private func shared(_ ownChunks: Int, of chunks: Int) -> String {
    let share = chunks > 0 ? Double(chunks - ownChunks) / Double(chunks) : 0
    // Not all, where a single chunk is its own.
    let percent = ownChunks > 0 ? min(99.99, share * 100) : share * 100
    return ownChunks == chunks ? "-" : "\(Figures.fixed(percent, percent > 99 ? 2 : 1)) %"
  }

  private func total(_ snapshots: [SnapshotInfo], _ home: Home) throws -> String {
    let own = snapshots.reduce(0) { $0 + $1.ownBytes }
    return "\(Figures.counted(snapshots.count, "snapshot")), \(Figures.bytes(own)); "
      + "the home takes \(Figures.bytes(try home.byteCount()))\n"
  }
}
