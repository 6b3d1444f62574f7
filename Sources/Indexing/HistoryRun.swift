// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore

/// How much of a repository's history is read beside its snapshots.
package enum HistoryReading: Sendable, Hashable {
  /// That of the indexed snapshots, unless more than `HistoryReport.automaticLimit` commits of it are unread.
  case automatic
  /// All of it: what the snapshots, branches and tags come from.
  case whole
  case none
}

/// What reading a history came to.
package struct HistoryReport: Hashable, Sendable {
  /// Commits that the home has of the collection.
  package var commits = 0
  package var new = 0
  package var seconds: Double = 0
  package var cpuSeconds: Double = 0
  /// What a person should know: that it was left unread, what is missing.
  package var notices: [String] = []

  /// Some twenty seconds' work.
  package static let automaticLimit = 100_000
}

/// Brings the commits behind a collection's snapshots into the home, each once.
struct HistoryRun {
  let source: CommitSource
  let writer: HomeWriter
  let mode: HistoryReading
  /// Commits of one segment; killed, a run loses no more than these.
  let sealed: Int
  /// Of new commits, for `HistoryReading.automatic`.
  let limit: Int
  let progress: @Sendable (IndexProgress) -> Void

  init(
    source: CommitSource, writer: HomeWriter, mode: HistoryReading, sealed: Int = 65_536,
    limit: Int = HistoryReport.automaticLimit,
    progress: @escaping @Sendable (IndexProgress) -> Void = { _ in }
  ) {
    self.source = source
    self.writer = writer
    self.mode = mode
    self.sealed = sealed
    self.limit = limit
    self.progress = progress
  }

  /// Nil where none is wanted, or where the collection has none: a plain folder's snapshots stand alone. What is read
  /// when it fails or is cancelled stays. Throws `diskFull`, `homeNotWritable`, `CancellationError`.
  func run() throws -> HistoryReport? {
    let name = source.collection.name
    guard mode != .none, source.repository.gitDirectory != writer.layout.objects(of: name) else { return nil }
    let start = ProcessUsage.now()
    let commits = try CommitWriter(writer, collection: name, sealed: sealed)
    // Counted once: every later run would walk as far for nothing.
    if mode == .automatic, commits.isLeftUnread { return nil }
    let reader = CommitReader(source.repository)
    let (heads, unreadable) = try heads(commits, reader)
    let plan = try reader.plan(
      from: heads, limit: mode == .automatic ? limit : .max,
      check: { try Task.checkCancellation() }, isRead: commits.contains)
    var report = HistoryReport(commits: commits.count)
    if plan.isOverLimit {
      report.notices = [
        "history not read: more than \(limit) commits of it are new here; "
          + "`nenrin index \(source.collection.source) --history` reads them once, for `nenrin log`"
      ]
      if commits.count == 0 { try commits.leaveUnread() }
      return report
    }
    let unknown = try read(plan.commits, reader, into: commits, start)
    let usage = ProcessUsage.now().since(start)
    report.commits = commits.count
    report.new = plan.commits.count
    (report.seconds, report.cpuSeconds) = (usage.seconds, usage.cpuSeconds)
    report.notices = notices(missing: plan.missing.count + unreadable, unknown: unknown, isNew: report.new > 0)
    return report
  }

  /// The commits to begin from; of those that cannot be read, how many there are.
  private func heads(_ commits: CommitWriter, _ reader: CommitReader) throws -> ([ObjectID], unreadable: Int) {
    let repository = source.repository
    let snapshots = writer.snapshots().filter { $0.collection == source.collection.name }.map(\.commit)
    var heads = snapshots
    if mode == .whole { heads += try repository.namedCommits() }
    // A clone that is not shallow any more has what was missing.
    heads += commits.missingParents().filter { reader.canGoOn(from: $0.commit, to: $0.parent) }.map(\.parent)
    let unread = heads.filter { !commits.contains($0) }
    let readable = unread.filter { (try? repository.commit($0, as: "")) != nil }
    return (readable, unread.count - readable.count)
  }

  /// Returns how many commits have paths that are not known.
  private func read(
    _ ids: [ObjectID], _ reader: CommitReader, into commits: CommitWriter, _ start: ProcessUsage
  ) throws -> Int {
    var unknown = 0
    do {
      for (index, id) in ids.enumerated() {
        if index % 256 == 0 {
          try Task.checkCancellation()
          progress(
            IndexProgress(
              stage: .history, revision: "of \(source.collection.name)", blobsDone: index, blobsTotal: ids.count,
              bytesDone: 0, elapsed: ProcessUsage.now().since(start).elapsed))
        }
        let record = try reader.record(id)
        if record.notes.contains(.pathsUnknown) { unknown += 1 }
        try commits.add(record)
      }
    } catch {
      try commits.seal()
      throw error
    }
    try commits.seal()
    return unknown
  }

  private func notices(missing: Int, unknown: Int, isNew: Bool) -> [String] {
    guard isNew else { return [] }
    var notices: [String] = []
    if source.repository.isShallow {
      notices.append(
        "history ends early: this is a shallow clone; `git fetch --unshallow` brings the rest, "
          + "which the next run reads")
    } else if missing > 0 {
      notices.append("history has gaps: \(missing) of its commits are missing in \(source.repository.gitDirectory)")
    }
    let withoutPaths = source.repository.isShallow ? 0 : unknown
    if withoutPaths > 0 {
      notices.append(
        "the paths of \(withoutPaths) commits are not known: their trees are missing in "
          + source.repository.gitDirectory)
    }
    return notices
  }
}
