// SPDX-License-Identifier: Apache-2.0
import Answering
import CommitSearch
import Glibc
import Glossary
import HTTPAPI
import IndexStore
import KnowledgeDiff
import PatternSearch
import Retrieval

/// The home as the server and the answerer ask it: every question on a thread that may block, as many as there are
/// cores.
struct ServedKnowledge: Knowledge {
  private let home: LocalHome
  private let threads: BlockingThreads

  init(home: LocalHome) {
    self.home = home
    threads = BlockingThreads(limit: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }

  func snapshots() async throws -> [SnapshotInfo] {
    try await threads.run { try home.home.snapshots() }
  }

  func resolve(_ name: SnapshotName) async throws -> SnapshotInfo {
    try await threads.run { try home.resolve(name) }
  }

  func search(_ request: SearchRequest, in snapshot: SnapshotInfo) async throws -> SearchResult {
    let start = ContinuousClock.now
    let view = try await threads.run { try home.view(of: snapshot) }
    var result = try await home.search(request, in: view) { try await ask(snapshot, $0) }
    result.elapsed = start.duration(to: .now)
    for note in result.notes { Console.notice("nenrin: \(note)") }
    return result
  }

  func symbol(_ name: String, referenceLimit: Int, in snapshot: SnapshotInfo) async throws -> SymbolResult {
    try await ask(snapshot) { try $0.symbol(name, referenceLimit: referenceLimit) }
  }

  func callers(_ request: CallRequest, in snapshot: SnapshotInfo) async throws -> CallersResult {
    try await threads.run { try home.withCalls(home.view(of: snapshot)) { try $0.callers(request) } }
  }

  func callees(_ request: CallRequest, in snapshot: SnapshotInfo) async throws -> CalleesResult {
    try await threads.run { try home.withCalls(home.view(of: snapshot)) { try $0.callees(request) } }
  }

  func chain(_ request: ChainRequest, in snapshot: SnapshotInfo) async throws -> ChainResult {
    try await threads.run { try home.withCalls(home.view(of: snapshot)) { try $0.chain(request) } }
  }

  func grep(_ request: PatternRequest, in snapshot: SnapshotInfo) async throws -> PatternResult {
    try await threads.run { try home.grep(request, in: home.view(of: snapshot)) }
  }

  func log(_ request: CommitRequest, in snapshot: SnapshotInfo) async throws -> CommitResult {
    try await threads.run { try home.log(request, in: snapshot) }
  }

  func commit(_ digits: String, in snapshot: SnapshotInfo) async throws -> CommitExcerpt {
    try await threads.run { try home.commit(digits, in: snapshot) }
  }

  func source(
    of path: TreePath, lines: ClosedRange<Int>?, in snapshot: SnapshotInfo
  ) async throws -> SourceExcerpt {
    try await threads.run { try home.excerpt(of: home.view(of: snapshot), path: path, lines: lines) }
  }

  func diff(_ request: DiffRequest, from old: SnapshotInfo, to new: SnapshotInfo) async throws -> DiffResult {
    try await threads.run { try home.diff(request, from: old, to: new) }
  }

  func unverified(_ mentions: [NameMention], in snapshot: SnapshotInfo) async throws -> [UnverifiedName] {
    try await ask(snapshot) { Grounding.unverified(mentions, in: RetrievedNames($0)) }
  }

  private func ask<Result: Sendable>(
    _ snapshot: SnapshotInfo, _ body: @escaping @Sendable (Retriever) throws -> Result
  ) async throws -> Result {
    try await threads.run { try home.withRetriever(home.view(of: snapshot), body) }
  }
}

/// One snapshot of it, as `nenrin ask` needs it.
struct SnapshotAnswerKnowledge: AnswerKnowledge {
  let knowledge: ServedKnowledge
  let snapshot: SnapshotInfo

  func search(_ request: SearchRequest) async throws -> SearchResult {
    try await knowledge.search(request, in: snapshot)
  }

  func unverified(_ mentions: [NameMention]) async throws -> [UnverifiedName] {
    try await knowledge.unverified(mentions, in: snapshot)
  }
}
