// SPDX-License-Identifier: Apache-2.0
import Chunking
import GitStore
import Glossary
import IndexStore

/// Works out what indexing would read and add, without writing anything.
struct IndexPlanner {
  let source: CommitSource
  let existing: ExistingIndex
  let library: GrammarLibrary
  let workers: Int
  let progress: @Sendable (IndexProgress) -> Void

  /// Reads and chunks the new blobs in memory: no other way tells how many of their chunks are known.
  func plan(_ groups: [[ResolvedCommit]]) async throws -> [SnapshotPlan] {
    let collection = source.collection.name
    var counter = PlanCounter(existing)
    var works: [(work: GroupPlan.Work, bytes: Int64)] = []
    var planned = Set<ObjectID>()
    for group in groups {
      let plan = try GroupPlan(
        group, in: source.repository,
        isIndexed: { planned.contains($0) || existing.snapshot($0, collection: collection) != nil },
        contains: counter.contains)
      works += zip(plan.works, try await read(plan.works, into: &counter)).map { ($0, $1) }
      planned.formUnion(plan.works.map(\.commit.id))
    }
    var plans: [ObjectID: SnapshotPlan] = [:]
    for (work, bytes) in works {
      let (counts, new) = try counter.count(work.manifest)
      plans[work.commit.id] = SnapshotPlan(
        collection: collection, revision: work.commit.revision, commit: work.commit.id, files: counts.files,
        blobsToRead: new.blobs, blobsReused: counts.blobs - new.blobs, bytesToRead: bytes, chunksNew: new.chunks,
        chunksReused: counts.chunks - new.chunks, alreadyIndexed: false)
    }
    return groups.joined().map { plans[$0.id] ?? existingPlan($0) }
  }

  /// For each work the bytes of its new blobs.
  private func read(_ works: [GroupPlan.Work], into counter: inout PlanCounter) async throws -> [Int64] {
    let (gitDirectory, library) = (source.repository.gitDirectory, library)
    // No terms are counted: every chunk is taken for known.
    let pool = BlobWorkers { try BlobWorker(gitDirectory: gitDirectory, grammars: library, isKnown: { _ in true }) }
    let start = ProcessUsage.now()
    let total = works.reduce(0) { $0 + $1.newBlobs.count }
    var (done, all): (Int, [Int64]) = (0, [])
    for work in works {
      var bytes: Int64 = 0
      try await BlobPipeline(workers: pool, width: workers).run(work.newBlobs) { batch in
        for blob in batch {
          counter.add(blob)
          bytes += Int64(blob.byteCount)
        }
        done += batch.count
        progress(
          IndexProgress(
            stage: .reading, revision: work.commit.revision, blobsDone: done, blobsTotal: total, bytesDone: bytes,
            elapsed: ProcessUsage.now().since(start).elapsed))
      }
      all.append(bytes)
    }
    return all
  }

  private func existingPlan(_ commit: ResolvedCommit) -> SnapshotPlan {
    let snapshot = existing.snapshot(commit.id, collection: source.collection.name)
    return SnapshotPlan(
      collection: source.collection.name, revision: commit.revision, commit: commit.id,
      files: snapshot?.info.files ?? 0, blobsToRead: 0, blobsReused: snapshot?.blobs ?? 0, bytesToRead: 0,
      chunksNew: 0, chunksReused: snapshot?.info.chunks ?? 0, alreadyIndexed: snapshot != nil)
  }
}
