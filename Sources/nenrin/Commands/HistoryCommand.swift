// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glossary
import HTTPAPI
import IndexStore
import KnowledgeDiff

struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Tell the life of a symbol or a file over all indexed snapshots: first seen, changed, moved, gone.",
    discussion: """
      A name with a slash in it, or that is a path of a snapshot, is a file.

      EXAMPLES:
        nenrin history vfs_mkdir
        nenrin history lock_extent --path fs/btrfs
        nenrin history fs/btrfs/extent_io.c
      """)

  @Argument(help: "A function, type, macro, option …, or a file's path.")
  var name: String

  @Option(help: ArgumentHelp("Only where it stands in this file or below this directory.", valueName: "path"))
  var path: String?

  @Option(help: ArgumentHelp("Of this collection; else of the newest snapshot's.", valueName: "name"))
  var collection: String?

  @OptionGroup var options: ProgramOptions

  func validate() throws {
    guard !name.isEmpty else { throw ValidationError("the name is empty.") }
  }

  func run() throws {
    let home = try options.openHome()
    let newest = try home.home.resolve(SnapshotName(collection: collection))
    let snapshots = History.ordered(try home.home.snapshots().filter { $0.collection == newest.collection })
    let isFile = try isFile(snapshots, home)
    var history = History(name: name, isFile: isFile, path: path)
    if let first = snapshots.first {
      try home.withComparer(from: first, to: first) { try history.begin($0) }
    }
    for (old, new) in zip(snapshots, snapshots.dropFirst()) {
      try home.withComparer(from: old, to: new) { try history.go($0) }
    }
    if options.json {
      try options.print(HistoryDocument(name: name, snapshots: snapshots.count, events: history.events))
    } else if history.events.isEmpty {
      let near = try snapshots.last.map { try nearNames(home.home.view(of: $0), isFile) } ?? []
      let hint = near.isEmpty ? "" : "; near it: \(near.joined(separator: ", "))"
      Console.notice("no '\(name)' in \(Figures.counted(snapshots.count, "snapshot")) of \(newest.collection)\(hint)")
    } else {
      try Console.write(HistoryRendering(style: .output).text(history.events, snapshots))
    }
    if history.events.isEmpty { throw Ending.nothingFound }
  }

  private func nearNames(_ view: SnapshotView, _ isFile: Bool) -> [String] {
    isFile ? view.nearPaths(TreePath(text: name), limit: 3).map(\.text) : view.nearNames(name, limit: 5)
  }

  private func isFile(_ snapshots: [SnapshotInfo], _ home: LocalHome) throws -> Bool {
    let path = TreePath(text: name)
    for snapshot in snapshots.reversed() where try home.home.view(of: snapshot).file(path) != nil { return true }
    return name.contains("/")
  }
}
