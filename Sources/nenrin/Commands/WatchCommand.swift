// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import Glossary
import HTTPAPI
import IndexStore
import Indexing

struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Keep branches and tags indexed as the repository moves.",
    discussion: """
      SOURCE is a git directory (bare or not) or a work tree. Without --branches and --tags, the branch that HEAD names
      is watched. What a name points to is indexed; to have every commit in between, use `nenrin index SOURCE A..B`.
      It looks at the references every few seconds and fetches nothing: `git fetch` is somebody else's task. What it
      does it says on standard error; what fails is tried again at the next look, as is a home that another process is
      writing to. Ctrl-C and SIGTERM end it, and lose nothing that was published.

      EXAMPLES:
        nenrin watch /srv/linux.git --branches master 'linux-6.*'
        nenrin watch ~/src/linux --tags 'v6.12.*' --interval 300
        nenrin watch ~/src/linux --once
      """)

  @Argument(help: "A git directory or a work tree.", completion: .directory)
  var source: String

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Watch every branch that matches, remotes' branches too.", valueName: "glob"))
  var branches: [String] = []

  @Option(parsing: .upToNextOption, help: ArgumentHelp("Watch every tag that matches.", valueName: "glob"))
  var tags: [String] = []

  @Option(help: ArgumentHelp("The collection's name; else the folder's.", valueName: "collection"))
  var name: String?

  @Option(help: ArgumentHelp("How long to wait between two looks.", valueName: "seconds"))
  var interval = 30

  @Flag(help: "Look once and end: exit code 2 where something failed.")
  var once = false

  @Option(help: ArgumentHelp("The folder of compiled grammars.", visibility: .hidden))
  var grammars: String?

  @OptionGroup var options: ProgramOptions

  func validate() throws {
    if !(1...86_400).contains(interval) { throw ValidationError("--interval can be 1 to 86400, not \(interval).") }
  }

  func run() async throws {
    let configuration = try options.configuration().configuration
    let settings = configuration.index
    let indexer = Indexer(
      home: try options.homePath(),
      grammars: Locations.grammars(option: grammars, configured: settings.grammars),
      queries: Locations.queries(), workers: settings.workers,
      embedder: try EmbedderChoice.current(configuration.embedding))
    let path = [".", ".."].contains(FileAccess.name(of: source)) ? FileAccess.realPath(source) ?? source : source
    let watcher = try Watcher(
      indexer, WatchRequest(source: path, branchGlobs: branches, tagGlobs: tags, collection: name))
    let log = WatchLog(home: indexer.home, isJSON: options.json)
    let (once, interval) = (once, interval)
    if !once { log.say("watching \(path), every \(interval) s") }
    try await Interruption.untilStopped {
      var watcher = watcher
      while true {
        let failed = try await watcher.look { log.say($0) }
        if once {
          if failed > 0 { throw Ending.failure }
          return
        }
        try await Task.sleep(for: .seconds(interval))
      }
    }
  }
}

/// Says what a watcher does: lines with the time on standard error, with `--json` a document for each published snapshot
/// on standard output, as `nenrin index` prints it.
private struct WatchLog: Sendable {
  let home: String
  let isJSON: Bool

  func say(_ event: WatchEvent) {
    switch event {
    case .indexed(let report):
      let new = "\(Figures.count(report.blobsNew)) of \(Figures.count(report.blobsTotal)) blobs new"
      say("indexed \(name(report)): \(new), \(Figures.seconds(report.seconds))")
      publish(report)
    case .indexedBefore(let report): say("\(name(report)) is indexed already")
    case .failed(let error): say("\(error)")
    }
    if case .indexed(let report) = event { report.notices.forEach(say) }
    if case .indexedBefore(let report) = event { report.notices.forEach(say) }
  }

  func say(_ text: String) { Console.notice("\(DocumentFormat.timestamp(Int64(time(nil))))  \(text)") }

  private func name(_ report: SnapshotReport) -> String {
    "\(report.collection)@\(report.revision) \(report.commit.hex.prefix(12))"
  }

  private func publish(_ report: SnapshotReport) {
    guard isJSON, let bytes = try? Home(reading: home).byteCount() else { return }
    let document = IndexDocument(collection: report.collection, snapshots: [report.document], indexBytes: bytes)
    guard let text = try? JSONDocument.text(document, pretty: false) else { return }
    // Nobody reads any more: what is watched for goes on.
    _ = try? Console.write(text + "\n")
  }
}
