// SPDX-License-Identifier: Apache-2.0
import Chunking
import Foundation
import GitStore
import Glossary
import IndexStore
package import Inference

/// Brings commits into a home: resolve, plan, read what is new, publish, report.
package struct Indexer: Sendable {
  package let home: String
  /// The folder of compiled grammars, and the one with the queries for them.
  package let grammars: String
  package let queries: String
  package let workers: Int
  /// Gives chunks their vectors; nil where none are wanted.
  package let embedder: (any Embedder)?

  /// `workers` of 0 means one for each core.
  package init(home: String, grammars: String, queries: String, workers: Int = 0, embedder: (any Embedder)? = nil) {
    self.home = home
    self.grammars = grammars
    self.queries = queries
    self.embedder = embedder
    self.workers = workers > 0 ? workers : ProcessUsage.coreCount
  }

  /// Indexes every revision of the request in order, publishing each as it is done (commits of a range in groups);
  /// cancelling the task stops after the blobs in flight, keeps them, and loses nothing that was published. An embedder
  /// that fails keeps no snapshot from being published: the reports say what is missing and why.
  package func index(
    _ request: IndexRequest, progress: @escaping @Sendable (IndexProgress) -> Void = { _ in }
  ) async throws -> [SnapshotReport] {
    let library = try GrammarLibrary.load(grammars, queries: queries)
    let writer = try HomeWriter(home: home)
    try writer.expect(chunkerVersion: Chunker.version)
    let source = try CommitSource(request, home: writer.layout)
    var reports: [SnapshotReport] = []
    for group in source.groups {
      let run = IndexRun(
        source: source, writer: writer, library: library, workers: workers, embedder: embedder,
        isEmbedderGivenUp: reports.contains { $0.embeddingFailure != nil }, progress: progress)
      reports += try await run.index(group, selfContained: request.selfContained)
    }
    let history = try HistoryRun(source: source, writer: writer, mode: request.history, progress: progress).run()
    if let history, !reports.isEmpty {
      reports[0].history = history
      reports[0].notices += history.notices
    }
    if !source.notices.isEmpty, !reports.isEmpty { reports[0].notices += source.notices }
    return reports
  }

  /// What `index` would read and add. Reads and chunks what is new, and writes nothing: makes no home where there is
  /// none.
  package func plan(
    _ request: IndexRequest, progress: @escaping @Sendable (IndexProgress) -> Void = { _ in }
  ) async throws -> [SnapshotPlan] {
    let library = try GrammarLibrary.load(grammars, queries: queries)
    let existing = try ExistingIndex(home: home)
    // A plain folder becomes a commit somewhere: not in the home, where nothing is to change.
    let scratch = FileManager.default.temporaryDirectory.path + "/nenrin-plan-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let source = try CommitSource(request, home: HomeLayout(root: scratch))
    let sendsTexts = embedder.map { $0.requestsAtOnce > 0 } ?? false
    let planner = IndexPlanner(
      source: source, existing: existing, library: library, workers: workers,
      space: sendsTexts ? embedder.map { EmbeddingRun.space(of: $0.identity) } : nil, progress: progress)
    return try await planner.plan(source.groups)
  }
}
