// SPDX-License-Identifier: Apache-2.0
import CommitSearch
import Glossary
import HTTPAPI
import PatternSearch
import Retrieval

extension FakeKnowledge {
  /// One function calls everything; a page for one has more behind it.
  func callers(_ request: CallRequest, in snapshot: SnapshotInfo) async throws -> CallersResult {
    CallersResult(
      name: request.name, snapshot: snapshot, definitions: [],
      callers: [
        CallerHit(
          path: FakeKnowledge.lockPath, lines: [5, 6], symbol: "tree_lock", symbolKind: .function, symbolLine: 2,
          kind: .call, text: "spin(&t->lock);", via: nil, targets: [])
      ], uses: [], possible: [], filesRead: 1, filesHolding: 1, isComplete: request.limit > 1,
      hasMoreCallers: request.limit == 1, isPossibleComplete: true, nearMisses: [])
  }

  func callees(_ request: CallRequest, in snapshot: SnapshotInfo) async throws -> CalleesResult {
    CalleesResult(name: request.name, snapshot: snapshot, definitions: [], nearMisses: [])
  }

  func chain(_ request: ChainRequest, in snapshot: SnapshotInfo) async throws -> ChainResult {
    let step = ChainStep(
      name: request.from, path: FakeKnowledge.lockPath, line: 2, kind: .function, callLine: 0, isPossible: false)
    return ChainResult(
      request: request, snapshot: snapshot, paths: request.to == nil ? [] : [[step]],
      tree: request.to == nil ? [step] : [], visited: 1, isComplete: true, unknown: nil, nearMisses: [])
  }
}

extension FakeKnowledge {
  /// One line holds every pattern, and there are more.
  func grep(_ request: PatternRequest, in snapshot: SnapshotInfo) async throws -> PatternResult {
    let hit = PatternHit(
      path: FakeKnowledge.lockPath, line: 5, column: 3, symbol: nil, symbolKind: nil, text: "\t\tspin(&t->lock);")
    return PatternResult(
      request: request, snapshot: snapshot, hits: [hit], words: ["spin"], filesRead: 1, filesToRead: 2, hasMore: true,
      elapsed: .milliseconds(2))
  }
}

extension FakeKnowledge {
  /// One commit of three.
  func log(_ request: CommitRequest, in snapshot: SnapshotInfo) async throws -> CommitResult {
    var result = CommitResult(snapshot: snapshot, upTo: snapshot.commit, considered: 5, total: 4)
    result.hits = [CommitHit(rank: request.offset + 1, commit: FakeKnowledge.commit(snapshot.commit), score: 2)]
    return result
  }

  static func commit(_ id: ObjectID) -> CommitRecord {
    CommitRecord(
      id: id, parents: [], author: "A Tester <a@example.org>", authorDate: 1_700_000_000,
      date: 1_700_000_060, message: "lock: hold <it>\n\nThe \"tree\" & its <script>alert(1)</script> were left open.\n",
      changes: [
        PathChange(.modified, oddPath), PathChange(.modified, lockPath),
        PathChange(.removed, TreePath(text: "fs/tree/<old>.c")),
      ], changeCount: 12_003, notes: .messageCut)
  }

  /// The id that a comparison tells of, and two that begin alike.
  static let commitIDs = [
    ObjectID(high: 0xabcd_ef01_2345_6789, middle: 0, low: 0), ObjectID(high: 0x7777_7771_0000_0000, middle: 0, low: 1),
    ObjectID(high: 0x7777_7772_0000_0000, middle: 0, low: 2),
  ]

  /// The history of v1.0 was not read.
  func commit(_ digits: String, in snapshot: SnapshotInfo) async throws -> CommitExcerpt {
    guard snapshot.revision != "v1.0" else {
      throw NenrinError(.historyNotRead, "history of \(snapshot.name): not read", remedies: ["Read it."])
    }
    let id = try CommitSearch.id(digits, of: snapshot) { digits in
      FakeKnowledge.commitIDs.filter { $0.hex.hasPrefix(digits) }
    }
    let commit = FakeKnowledge.commit(id)
    return CommitExcerpt(
      snapshot: snapshot, commit: commit, present: Set(commit.changes.map(\.path).filter { Self.files[$0] != nil }))
  }
}
