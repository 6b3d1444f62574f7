// SPDX-License-Identifier: Apache-2.0
import Chunking
import GitStore
import Glossary
import IndexStore
import Inference

/// Works out what indexing would read and add, without writing anything.
struct IndexPlanner {
  let source: CommitSource
  let existing: ExistingIndex
  let library: GrammarLibrary
  let workers: Int
  /// Nil where no text would be sent anywhere.
  let space: VectorSpace?
  let progress: @Sendable (IndexProgress) -> Void

  /// Reads and chunks the new blobs in memory: no other way tells how many of their chunks are known.
  func plan(_ groups: [[ResolvedCommit]]) async throws -> [SnapshotPlan] {
    let collection = source.collection.name
    var counter = PlanCounter(existing, sendingTo: space)
    var works: [(work: GroupPlan.Work, amount: Amount)] = []
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
    for (work, amount) in works {
      let (counts, new) = try counter.count(work.manifest)
      plans[work.commit.id] = SnapshotPlan(
        collection: collection, revision: work.commit.revision, commit: work.commit.id, files: counts.files,
        blobsToRead: new.blobs, blobsReused: counts.blobs - new.blobs, bytesToRead: amount.bytes, chunksNew: new.chunks,
        chunksReused: counts.chunks - new.chunks, alreadyIndexed: false, inputs: amount.inputs)
    }
    return try groups.joined().map { commit in try plans[commit.id] ?? existingPlan(commit, &counter) }
  }

  /// What reading a work's new blobs takes, and what would be sent for it.
  private struct Amount {
    var bytes: Int64 = 0
    var inputs = PlannedInputs()
  }

  private func read(_ works: [GroupPlan.Work], into counter: inout PlanCounter) async throws -> [Amount] {
    let (gitDirectory, library, hashesHeads) = (source.repository.gitDirectory, library, space != nil)
    // No terms are counted: every chunk is taken for known.
    let pool = BlobWorkers {
      try BlobWorker(
        gitDirectory: gitDirectory, grammars: library, hashesHeads: hashesHeads, isKnown: { _ in true })
    }
    let start = ProcessUsage.now()
    let total = works.reduce(0) { $0 + $1.newBlobs.count }
    var (done, all): (Int, [Amount]) = (0, [])
    for work in works {
      var amount = Amount()
      amount.inputs = counter.unembedded(IndexPlanner.blobs(work.manifest))
      try await BlobPipeline(workers: pool, width: workers).run(work.newBlobs) { batch in
        for blob in batch {
          amount.inputs += counter.add(blob)
          amount.bytes += Int64(blob.byteCount)
        }
        done += batch.count
        progress(
          IndexProgress(
            stage: .reading, revision: work.commit.revision, blobsDone: done, blobsTotal: total,
            bytesDone: amount.bytes,
            elapsed: ProcessUsage.now().since(start).elapsed))
      }
      all.append(amount)
    }
    return all
  }

  private static func blobs(_ manifest: NewManifest) -> [BlobKey] {
    switch manifest {
    case .whole(let table): return (0..<table.count).filter { table.kind(at: $0).isFile }.map(table.blobKey(at:))
    case .changes(let changes):
      return changes.compactMap { change in
        switch change {
        case .added(let entry), .modified(_, let entry): entry.kind.isFile ? entry.blobKey : nil
        case .removed: nil
        }
      }
    }
  }

  private func existingPlan(_ commit: ResolvedCommit, _ counter: inout PlanCounter) throws -> SnapshotPlan {
    var inputs = PlannedInputs()
    if space != nil {
      let manifest = ManifestTable(try source.repository.manifest(ofTree: commit.tree))
      inputs = counter.unembedded(IndexPlanner.blobs(.whole(manifest)))
    }
    let snapshot = existing.snapshot(commit.id, collection: source.collection.name)
    return SnapshotPlan(
      collection: source.collection.name, revision: commit.revision, commit: commit.id,
      files: snapshot?.info.files ?? 0, blobsToRead: 0, blobsReused: snapshot?.blobs ?? 0, bytesToRead: 0,
      chunksNew: 0, chunksReused: snapshot?.info.chunks ?? 0, alreadyIndexed: snapshot != nil, inputs: inputs)
  }
}
