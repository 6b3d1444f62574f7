// SPDX-License-Identifier: Apache-2.0
package import Answering
package import CommitSearch
package import Glossary
package import KnowledgeDiff
package import PatternSearch
package import Retrieval
import Synchronization

/// What the server knows: the indexed snapshots and how to ask them. The composition (the command line's `serve`)
/// implements it over the home, the retriever and the repositories.
///
/// Every method is called from Swift's cooperative threads, of which there are as few as cores. Reading mapped files
/// and git objects blocks, so an implementation does it on threads of its own: `BlockingThreads` is there for that.
package protocol Knowledge: Sendable {
  /// By collection, then newest first. Throws where the home cannot be read.
  func snapshots() async throws -> [SnapshotInfo]
  /// Throws `snapshotNotFound`, `collectionNotFound` with near misses.
  func resolve(_ name: SnapshotName) async throws -> SnapshotInfo
  /// Throws what `Retriever.search` throws.
  func search(_ request: SearchRequest, in snapshot: SnapshotInfo) async throws -> SearchResult
  /// Throws what `Retriever.symbol` throws.
  func symbol(_ name: String, referenceLimit: Int, in snapshot: SnapshotInfo) async throws -> SymbolResult
  /// Throws what `CallGraph.callers` throws.
  func callers(_ request: CallRequest, in snapshot: SnapshotInfo) async throws -> CallersResult
  /// Throws what `CallGraph.callees` throws.
  func callees(_ request: CallRequest, in snapshot: SnapshotInfo) async throws -> CalleesResult
  /// Throws what `CallGraph.chain` throws.
  func chain(_ request: ChainRequest, in snapshot: SnapshotInfo) async throws -> ChainResult
  /// Throws what `PatternSearch.search` throws.
  func grep(_ request: PatternRequest, in snapshot: SnapshotInfo) async throws -> PatternResult
  /// Throws what `CommitSearch.search` throws, and where no history was read.
  func log(_ request: CommitRequest, in snapshot: SnapshotInfo) async throws -> CommitResult
  /// A commit by its id or the first 7 or more digits of it. Throws what `CommitSearch.id` throws, and where no history
  /// was read.
  func commit(_ digits: String, in snapshot: SnapshotInfo) async throws -> CommitExcerpt
  /// The lines of a file, clamped to those it has; nil means all. Throws `pathNotFound` with near misses.
  func source(
    of path: TreePath, lines: ClosedRange<Int>?, in snapshot: SnapshotInfo
  ) async throws -> SourceExcerpt
  /// Throws what `KnowledgeComparer.diff` throws.
  func diff(_ request: DiffRequest, from old: SnapshotInfo, to new: SnapshotInfo) async throws -> DiffResult
  /// Those of the names that the snapshot does not hold: `Grounding.unverified(mentions, in: view)`.
  func unverified(_ mentions: [NameMention], in snapshot: SnapshotInfo) async throws -> [UnverifiedName]
}

extension Knowledge {
  /// Those of the names that none of the snapshots holds, each with the nearest of the first.
  package func unverified(
    _ mentions: [NameMention], in snapshots: [SnapshotInfo]
  ) async throws -> [UnverifiedName] {
    var unknown: [UnverifiedName]?
    for snapshot in snapshots {
      let names = try await unverified(mentions, in: snapshot)
      unknown = unknown.map { known in known.filter { name in names.contains { $0.name == name.name } } } ?? names
    }
    return unknown ?? []
  }
}

/// One snapshot of a `Knowledge`, as an answer asks it. The place at work that the answer was admitted to is given back
/// when its search is done, so that a client who reads slowly keeps nobody waiting.
final class SnapshotKnowledge: AnswerKnowledge {
  private let knowledge: any Knowledge
  private let snapshot: SnapshotInfo
  private let admission: Mutex<RequestGate.Admission?>

  init(knowledge: any Knowledge, snapshot: SnapshotInfo, admission: RequestGate.Admission) {
    self.knowledge = knowledge
    self.snapshot = snapshot
    self.admission = Mutex(admission)
  }

  func search(_ request: SearchRequest) async throws -> SearchResult {
    defer { admission.withLock { $0 = nil } }
    return try await knowledge.search(request, in: snapshot)
  }

  func unverified(_ mentions: [NameMention]) async throws -> [UnverifiedName] {
    try await knowledge.unverified(mentions, in: snapshot)
  }
}
