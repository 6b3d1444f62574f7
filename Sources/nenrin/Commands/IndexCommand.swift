// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glossary
import HTTPAPI
import IndexStore
import Indexing

struct IndexCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index",
    abstract: "Index commits of a repository, or a plain folder.",
    discussion: """
      SOURCE is a git directory (bare or not), a work tree, a plain folder, or a recipe: a file like
      snapshots/linux-debian.toml, or its name. Without a revision, HEAD is indexed. Each snapshot adds only what the
      ones before it do not hold; Ctrl-C keeps all that was published, and the next run goes on from there.

      EXAMPLES:
        nenrin index ~/src/linux v6.12
        nenrin index ~/src/linux --tags 'v6.12.*' --name stable
        nenrin index ~/src/linux v6.12..v6.12.3 --dry-run
        nenrin index ~/src/linux v6.12 --history
        nenrin index linux-debian
      """)

  @Argument(help: "A git directory, work tree, folder, or recipe.", completion: .directory)
  var source: String

  @Argument(
    help: ArgumentHelp(
      "Tags, branches, commits, or ranges A..B: every first-parent commit after A up to B.",
      valueName: "rev"))
  var revisions: [String] = []

  @Option(help: ArgumentHelp("The collection's name; else the folder's.", valueName: "collection"))
  var name: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Index every tag that matches, oldest first. May be given again.", valueName: "glob"))
  var tags: [String] = []

  @Flag(help: "Copy the objects into the home, so that it answers without the repository.")
  var selfContained = false

  @Flag(
    inversion: .prefixedNo,
    help: "Read all commits' messages for `nenrin log`, or none; else those of the snapshots, 100,000 at most.")
  var history: Bool?

  @Flag(help: "Say what would be read, chunked and reused; write nothing. New files are read and chunked for that.")
  var dryRun = false

  @Option(
    help: ArgumentHelp(
      "How many files are read at once; else [index] workers, else one a core.",
      valueName: "n"))
  var workers: Int?

  @Option(help: ArgumentHelp("The folder of compiled grammars.", visibility: .hidden))
  var grammars: String?

  @OptionGroup var options: ProgramOptions

  func validate() throws {
    if let workers, !(1...1_024).contains(workers) {
      throw ValidationError("--workers can be 1 to 1024, not \(workers).")
    }
  }

  func run() async throws {
    let configuration = try options.configuration().configuration
    let settings = configuration.index
    let request = try request()
    let indexer = Indexer(
      home: try options.homePath(),
      grammars: Locations.grammars(option: grammars, configured: settings.grammars),
      queries: Locations.queries(),
      workers: workers ?? settings.workers, embedder: try EmbedderChoice.current(configuration.embedding))
    let display = ProgressDisplay(isTerminal: Console.errorIsTerminal)
    if dryRun {
      let plans = try await Interruption.cancelling { try await indexer.plan(request) { display.show($0) } }
      display.clear()
      try show(plans)
      return
    }
    let reports: [SnapshotReport]
    do {
      reports = try await Interruption.cancelling { try await indexer.index(request) { display.show($0) } }
      display.clear()
    } catch {
      display.clear()
      if error is CancellationError { Console.notice(interrupted(display.published)) }
      throw error
    }
    try show(reports, home: indexer.home)
    if let failure = reports.lazy.compactMap(\.embeddingFailure).first {
      throw withoutVectors(failure, missing: reports.reduce(0) { $0 + $1.embeddingsMissing })
    }
  }

  /// The snapshots are there and answer; who runs this from a script must see that something is missing all the same.
  private func withoutVectors(_ failure: NenrinError, missing: Int) -> NenrinError {
    NenrinError(
      failure.code, failure.summary, reason: failure.reason,
      remedies: failure.remedies + [
        "Run the same command again: it makes the vectors that are missing, \(Figures.count(missing)) at most. What was",
        "indexed is published, and answers without vectors meanwhile.",
      ])
  }

  /// The command line's own words go before the recipe's.
  private func request() throws -> IndexRequest {
    var request = try recipe() ?? IndexRequest(source: named(source))
    if !revisions.isEmpty || !tags.isEmpty {
      request.revisions = revisions
      request.tagGlobs = tags
    }
    if let name { request.collection = name }
    if selfContained { request.selfContained = true }
    if let history { request.history = history ? .whole : .none }
    return request
  }

  /// `.` and `..` have no name of their own that a collection could take.
  private func named(_ path: String) -> String {
    [".", ".."].contains(FileAccess.name(of: path)) ? FileAccess.realPath(path) ?? path : path
  }

  private func recipe() throws -> IndexRequest? {
    if source.hasSuffix(".toml"), FileAccess.kind(source) == .file { return try Recipe(file: source).request }
    if FileAccess.kind(source) == nil, let file = Locations.recipe(named: source) {
      return try Recipe(file: file).request
    }
    return nil
  }

  private func interrupted(_ published: [String]) -> String {
    let kept = published.isEmpty ? "no snapshot was published yet" : "published: \(published.joined(separator: ", "))"
    return """
      nenrin: interrupted: \(kept)
        Run the same command again: what was published stays, and the work done so far is not done again.
      """
  }

  private func show(_ plans: [SnapshotPlan]) throws {
    if options.json {
      try options.print(PlanDocument(plans))
      return
    }
    try Console.write(IndexRendering.text(plans))
  }

  private func show(_ reports: [SnapshotReport], home: String) throws {
    for notice in reports.flatMap(\.notices) { Console.notice("nenrin: " + notice) }
    let bytes = try Home(reading: home).byteCount()
    if options.json {
      let collection = reports.first?.collection ?? name ?? FileAccess.name(of: source)
      try options.print(
        IndexDocument(
          collection: collection, snapshots: reports.map(\.document), indexBytes: bytes,
          history: reports.first?.history.map {
            IndexDocument.History(
              commits: $0.commits, new: $0.new, seconds: $0.seconds, cpuSeconds: $0.cpuSeconds)
          }))
    } else {
      try Console.write(IndexRendering.text(reports, indexBytes: bytes))
    }
  }
}
