// SPDX-License-Identifier: Apache-2.0
import Chunking
import GitStore
import Glossary
import IndexStore
import Inference

/// One group of commits on its way into the index.
struct IndexRun {
  let source: CommitSource
  let writer: HomeWriter
  let library: GrammarLibrary
  let workers: Int
  /// Nil: no vectors are made.
  let embedder: (any Embedder)?
  /// Whether the embedder failed before in this run: it is not asked again.
  let isEmbedderGivenUp: Bool
  let progress: @Sendable (IndexProgress) -> Void

  func index(_ group: [ResolvedCommit], selfContained: Bool) async throws -> [SnapshotReport] {
    let start = ProcessUsage.now()
    var notices: [String] = []
    for commit in group { notices += try noteMovedRevision(commit) }
    report(.planning, group, start)
    if selfContained {
      for commit in group { try copyObjects(of: commit) }
    }
    let collection = source.collection.name
    var works = try GroupPlan(
      group, in: source.repository,
      isIndexed: { writer.snapshot(collection: collection, commit: $0) != nil },
      contains: writer.contains
    ).works
    let vectors = GroupVectors(run: self)
    try await read(&works, start)
    // A server takes hours for what is done here in a minute: the snapshot answers meanwhile, without vectors.
    let waitsForVectors = embedder.map { $0.requestsAtOnce == 0 } ?? true
    var published = waitsForVectors ? [] : try publish(works, group, start)
    let outcome = try await vectors.add(works, indexed: group, isGivenUp: isEmbedderGivenUp, start)
    if waitsForVectors { published = try publish(works, group, start) }
    let usage = ProcessUsage.now().since(start)
    let reports = Dictionary(
      zip(works, published).map { work, published in
        (work.commit.id, makeReport(work, published, usage.divided(by: works.count)))
      }, uniquingKeysWith: { first, _ in first })
    var ordered = try group.map { commit in try reports[commit.id] ?? existingReport(commit) }
    vectors.count(outcome, works, in: &ordered, usage)
    if !notices.isEmpty, !ordered.isEmpty { ordered[0].notices += notices }
    report(.done, group, start)
    return ordered
  }

  private func publish(
    _ works: [GroupPlan.Work], _ group: [ResolvedCommit], _ start: ProcessUsage
  ) throws -> [PublishedSnapshot] {
    report(.publishing, group, start)
    guard !works.isEmpty else { return [] }
    let published = try writer.publish(snapshots(works))
    report(.done, group, start)
    return published
  }

  /// Reads all new blobs of the works; what is finished is sealed even where reading fails or is cancelled.
  private func read(_ works: inout [GroupPlan.Work], _ start: ProcessUsage) async throws {
    let gitDirectory = source.repository.gitDirectory
    let (library, known) = (library, writer.known)
    let pool = BlobWorkers { try BlobWorker(gitDirectory: gitDirectory, grammars: library, isKnown: known.contains) }
    let pipeline = BlobPipeline(workers: pool, width: workers)
    let revision = works.last?.commit.revision ?? ""
    let keys = works.flatMap(\.newBlobs)
    // Blobs come in the order in which they were asked for: each belongs to the work that the count has reached.
    let ends = works.reduce(into: []) { $0.append(($0.last ?? 0) + $1.newBlobs.count) }
    var (done, bytes, current): (Int, Int64, Int) = (0, 0, 0)
    do {
      try await pipeline.run(keys) { batch in
        for blob in batch {
          while done >= ends[current] { current += 1 }
          works[current].newChunks += try writer.add(blob)
          bytes += Int64(blob.byteCount)
          done += 1
        }
        progress(
          IndexProgress(
            stage: .reading, revision: revision, blobsDone: done, blobsTotal: keys.count, bytesDone: bytes,
            elapsed: ProcessUsage.now().since(start).elapsed))
      }
    } catch {
      try writer.seal()
      throw error
    }
  }

  private func snapshots(_ works: [GroupPlan.Work]) -> [NewSnapshot] {
    works.map { work in
      NewSnapshot(
        collection: source.collection, revision: work.commit.revision, commit: work.commit.id, date: work.commit.date,
        manifest: work.manifest, like: nearestSnapshot(to: work.commit))
    }
  }

  /// The indexed commit of the collection that is nearest in time.
  private func nearestSnapshot(to commit: ResolvedCommit) -> ObjectID? {
    writer.snapshots().filter { $0.collection == source.collection.name }
      .min { abs($0.date - commit.date) < abs($1.date - commit.date) }?.commit
  }

  private func copyObjects(of commit: ResolvedCommit) throws {
    let own = writer.layout.objects(of: source.collection.name)
    if own != source.repository.gitDirectory { try source.repository.copyObjects(ofCommit: commit.id, into: own) }
  }

  /// Says so where a revision name stood for another commit, and gives an indexed commit the name it was asked for.
  private func noteMovedRevision(_ commit: ResolvedCommit) throws -> [String] {
    let collection = source.collection.name
    let before = writer.commit(collection: collection, revision: commit.revision)
    if before == commit.id { return [] }
    if let snapshot = writer.snapshot(collection: collection, commit: commit.id) {
      try writer.name(snapshot, commit.revision)
    }
    guard let before else { return [] }
    return [
      "'\(commit.revision)' was commit \(before.hex.prefix(12)) and is now \(commit.id.hex.prefix(12)); "
        + "the old snapshot is kept under its commit id"
    ]
  }

  private func report(_ stage: IndexProgress.Stage, _ group: [ResolvedCommit], _ start: ProcessUsage) {
    progress(
      IndexProgress(
        stage: stage, revision: group.last?.revision ?? "", blobsDone: 0, blobsTotal: 0, bytesDone: 0,
        elapsed: ProcessUsage.now().since(start).elapsed))
  }

  private func makeReport(
    _ work: GroupPlan.Work, _ published: PublishedSnapshot, _ usage: ProcessUsage
  ) -> SnapshotReport {
    SnapshotReport(
      published.info, published.counts, revision: work.commit.revision, blobsNew: work.newBlobs.count,
      chunksNew: work.newChunks, usage: usage, alreadyIndexed: false)
  }

  private func existingReport(_ commit: ResolvedCommit) throws -> SnapshotReport {
    guard let info = writer.snapshot(collection: source.collection.name, commit: commit.id) else {
      throw NenrinError(.internalFailure, "snapshot \(commit.id) was published but is not in the catalog")
    }
    let usage = ProcessUsage(seconds: 0, cpuSeconds: 0, peakResidentBytes: ProcessUsage.now().peakResidentBytes)
    return SnapshotReport(
      info, try writer.counts(of: info), revision: commit.revision, blobsNew: 0, chunksNew: 0, usage: usage,
      alreadyIndexed: true)
  }
}

extension SnapshotReport {
  fileprivate init(
    _ info: SnapshotInfo, _ counts: SnapshotCounts, revision: String, blobsNew: Int, chunksNew: Int,
    usage: ProcessUsage, alreadyIndexed: Bool
  ) {
    self.init(
      collection: info.collection, revision: revision, commit: info.commit, files: info.files, bytes: info.bytes,
      blobsTotal: counts.blobs, blobsNew: blobsNew, chunksTotal: info.chunks, chunksNew: chunksNew, embeddingsNew: 0,
      embeddingsReused: 0,
      skipped: Dictionary(uniqueKeysWithValues: counts.skipped.map { ($0.key.name, $0.value) }),
      seconds: usage.seconds, cpuSeconds: usage.cpuSeconds, peakResidentBytes: usage.peakResidentBytes,
      alreadyIndexed: alreadyIndexed, notices: [])
  }
}
