// SPDX-License-Identifier: Apache-2.0
import Chunking
import GitStore
import Glossary
import IndexStore

/// One group of commits on its way into the index.
struct IndexRun {
  let source: CommitSource
  let writer: HomeWriter
  let library: GrammarLibrary
  let workers: Int
  let progress: @Sendable (IndexProgress) -> Void

  /// A commit of the group that is not indexed yet.
  private struct Work {
    var commit: ResolvedCommit
    var manifest: ManifestTable
    var like: ObjectID?
    var newBlobs: [BlobKey]
    var newChunks = 0
  }

  func index(_ group: [ResolvedCommit], selfContained: Bool) async throws -> [SnapshotReport] {
    let start = ProcessUsage.now()
    var notices: [String] = []
    for commit in group { notices += try noteMovedRevision(commit) }
    report(.planning, group, start)
    if selfContained {
      for commit in group { try copyObjects(of: commit) }
    }
    var works = try plan(group)
    try await read(&works, start)
    report(.publishing, group, start)
    let published = works.isEmpty ? [] : try writer.publish(works.map(snapshot))
    let usage = ProcessUsage.now().since(start)
    var reports = zip(works, published).map { work, published in
      makeReport(work, published, usage.divided(by: max(1, works.count)))
    }
    let indexed = Set(works.map(\.commit.id))
    for commit in group where !indexed.contains(commit.id) { reports.append(try existingReport(commit)) }
    reports.sort { left, right in
      group.firstIndex { $0.id == left.commit } ?? 0 < group.firstIndex { $0.id == right.commit } ?? 0
    }
    if !notices.isEmpty, !reports.isEmpty { reports[0].notices += notices }
    report(.done, group, start)
    return reports
  }

  /// The commits that are not indexed yet, each with its manifest and the blobs that nothing before it holds.
  private func plan(_ group: [ResolvedCommit]) throws -> [Work] {
    let collection = source.collection.name
    var works: [Work] = []
    var seen = Set<BlobKey>()
    var previous: (commit: ResolvedCommit, manifest: ManifestTable)?
    for commit in group where writer.snapshot(collection: collection, commit: commit.id) == nil {
      if works.contains(where: { $0.commit.id == commit.id }) { continue }
      let manifest: ManifestTable
      if let previous {
        manifest = previous.manifest.applying(
          try source.repository.changes(fromTree: previous.commit.tree, toTree: commit.tree))
      } else {
        manifest = ManifestTable(try source.repository.manifest(ofTree: commit.tree))
      }
      guard manifest.count > 0 else { throw IndexRun.emptyTree(commit) }
      var newBlobs: [BlobKey] = []
      for index in 0..<manifest.count where manifest.kind(at: index).isFile {
        let key = manifest.blobKey(at: index)
        if seen.insert(key).inserted, !writer.contains(key) { newBlobs.append(key) }
      }
      let like = previous?.commit.id ?? nearestSnapshot(to: commit)
      works.append(Work(commit: commit, manifest: manifest, like: like, newBlobs: newBlobs))
      previous = (commit, manifest)
    }
    return works
  }

  /// The indexed commit of the collection that is nearest in time.
  private func nearestSnapshot(to commit: ResolvedCommit) -> ObjectID? {
    writer.snapshots().filter { $0.collection == source.collection.name }
      .min { abs($0.date - commit.date) < abs($1.date - commit.date) }?.commit
  }

  /// Reads all new blobs of the works; what is finished is sealed even where reading fails or is cancelled.
  private func read(_ works: inout [Work], _ start: ProcessUsage) async throws {
    let gitDirectory = source.repository.gitDirectory
    let (library, known) = (library, writer.known)
    let pool = BlobWorkers { try BlobWorker(gitDirectory: gitDirectory, grammars: library, isKnown: known.contains) }
    let pipeline = BlobPipeline(workers: pool, width: workers)
    let revision = works.last?.commit.revision ?? ""
    let total = works.reduce(0) { $0 + $1.newBlobs.count }
    var (done, bytes): (Int, Int64) = (0, 0)
    do {
      for index in works.indices {
        var newChunks = 0
        try await pipeline.run(works[index].newBlobs) { batch in
          for blob in batch {
            newChunks += try writer.add(blob)
            bytes += Int64(blob.byteCount)
          }
          done += batch.count
          progress(
            IndexProgress(
              stage: .reading, revision: revision, blobsDone: done, blobsTotal: total, bytesDone: bytes,
              elapsed: ProcessUsage.now().since(start).elapsed))
        }
        works[index].newChunks = newChunks
      }
    } catch {
      try writer.seal()
      throw error
    }
  }

  private func snapshot(_ work: Work) -> NewSnapshot {
    NewSnapshot(
      collection: source.collection, revision: work.commit.revision, commit: work.commit.id, date: work.commit.date,
      manifest: work.manifest, like: work.like)
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

  private static func emptyTree(_ commit: ResolvedCommit) -> NenrinError {
    NenrinError(
      .emptyTree, "no files in '\(commit.revision)'", reason: "the tree of commit \(commit.id.hex.prefix(12)) is empty",
      remedies: ["Give a revision that has files; `git ls-tree -r \(commit.revision)` lists them."])
  }

  private func report(_ stage: IndexProgress.Stage, _ group: [ResolvedCommit], _ start: ProcessUsage) {
    progress(
      IndexProgress(
        stage: stage, revision: group.last?.revision ?? "", blobsDone: 0, blobsTotal: 0, bytesDone: 0,
        elapsed: ProcessUsage.now().since(start).elapsed))
  }

  private func makeReport(
    _ work: Work, _ published: PublishedSnapshot, _ usage: ProcessUsage
  ) -> SnapshotReport {
    var skipped = Dictionary(uniqueKeysWithValues: published.skipped.map { ($0.key.name, $0.value) })
    for index in 0..<work.manifest.count {
      switch work.manifest.kind(at: index) {
      case .symlink: skipped[SkipReason.symlink.name, default: 0] += 1
      case .submodule: skipped[SkipReason.submodule.name, default: 0] += 1
      default: break
      }
    }
    return SnapshotReport(
      collection: source.collection.name, revision: work.commit.revision, commit: work.commit.id,
      files: published.info.files, bytes: published.info.bytes, blobsTotal: published.blobs,
      blobsNew: work.newBlobs.count, chunksTotal: published.info.chunks, chunksNew: work.newChunks, embeddingsNew: 0,
      embeddingsReused: 0, skipped: skipped, seconds: usage.seconds, cpuSeconds: usage.cpuSeconds,
      peakResidentBytes: usage.peakResidentBytes, alreadyIndexed: false, notices: [])
  }

  private func existingReport(_ commit: ResolvedCommit) throws -> SnapshotReport {
    guard let info = writer.snapshot(collection: source.collection.name, commit: commit.id) else {
      throw NenrinError(.internalFailure, "snapshot \(commit.id) was published but is not in the catalog")
    }
    let contents = try writer.contents(of: info)
    return SnapshotReport(
      collection: info.collection, revision: commit.revision, commit: info.commit, files: info.files, bytes: info.bytes,
      blobsTotal: contents.blobs, blobsNew: 0, chunksTotal: info.chunks, chunksNew: 0, embeddingsNew: 0,
      embeddingsReused: 0, skipped: Dictionary(uniqueKeysWithValues: contents.skipped.map { ($0.key.name, $0.value) }),
      seconds: 0, cpuSeconds: 0, peakResidentBytes: ProcessUsage.now().peakResidentBytes, alreadyIndexed: true,
      notices: [])
  }
}
