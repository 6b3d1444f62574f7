// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore
import Inference

/// "Which chunks of this group have no vector?" Where all that the home held had one, only new blobs can lack any.
struct GroupVectors {
  let run: IndexRun
  /// Nil where no vectors are wanted.
  private let space: VectorSpace?
  private let wasEmbedded: Bool

  /// Made before the group's blobs are added.
  init(run: IndexRun) {
    self.run = run
    space = run.embedder.map { EmbeddingRun.space(of: $0.identity) }
    wasEmbedded = space.map(run.writer.isEmbedded) ?? true
  }

  /// Gives the group's chunks their vectors. An embedder that fails ends it early; with `isGivenUp`, because it failed
  /// before, it is not asked. Throws what reading and writing throw; what is finished by then is kept.
  func add(
    _ works: [GroupPlan.Work], indexed group: [ResolvedCommit], isGivenUp: Bool, _ start: ProcessUsage
  ) async throws -> EmbeddingOutcome {
    guard let embedder = run.embedder else { return EmbeddingOutcome() }
    try run.writer.seal()
    let blobs = wasEmbedded ? works.flatMap(\.newBlobs) : try allBlobs(works, group)
    guard !blobs.isEmpty else { return EmbeddingOutcome() }
    let (report, revision) = (run.progress, group.last?.revision ?? "")
    let embedding = EmbeddingRun(
      embedder: embedder, writer: run.writer, gitDirectory: run.source.repository.gitDirectory,
      width: max(run.workers, embedder.requestsAtOnce),
      progress: { done, total, sent in
        report(
          IndexProgress(
            stage: .embedding, revision: revision, blobsDone: done, blobsTotal: total, bytesDone: 0, textsDone: sent,
            elapsed: ProcessUsage.now().since(start).elapsed))
      })
    return isGivenUp ? EmbeddingOutcome(missing: embedding.missing(blobs)) : try await embedding.run(blobs)
  }

  private func allBlobs(_ works: [GroupPlan.Work], _ group: [ResolvedCommit]) throws -> [BlobKey] {
    var blobs = works.flatMap(\.newBlobs)
    for work in works {
      if case .whole(let manifest) = work.manifest { blobs += GroupVectors.blobs(manifest) }
      if case .changes(let changes) = work.manifest {
        for case .added(let entry) in changes where entry.kind.isFile { blobs.append(entry.blobKey) }
        for case .modified(_, let entry) in changes where entry.kind.isFile { blobs.append(entry.blobKey) }
      }
    }
    let new = Set(works.map(\.commit.id))
    for commit in group where !new.contains(commit.id) {
      guard let info = run.writer.snapshot(collection: run.source.collection.name, commit: commit.id) else { continue }
      blobs += GroupVectors.blobs(try run.writer.manifest(of: info))
    }
    return blobs
  }

  private static func blobs(_ manifest: ManifestTable) -> [BlobKey] {
    (0..<manifest.count).filter { manifest.kind(at: $0).isFile }.map(manifest.blobKey(at:))
  }

  /// Says in the reports how many vectors are new, shared out by new chunks, and how many were there: the snapshot's
  /// share of the home's.
  func count(
    _ outcome: EmbeddingOutcome, _ works: [GroupPlan.Work], in reports: inout [SnapshotReport], _ usage: ProcessUsage
  ) {
    guard let space, !reports.isEmpty else { return }
    let new = outcome.new
    reports[0].embeddingFailure = outcome.failure
    reports[reports.count - 1].embeddingsMissing = outcome.missing
    if outcome.refused > 0 {
      reports[0].notices.append(
        "the embedder refused \(outcome.refused) of \(outcome.refused + new) texts, which stay without a vector; "
          + "the first: \(outcome.refusal ?? "")")
    }
    let share = run.writer.embeddedShare(in: space)
    let chunks = works.reduce(0) { $0 + $1.newChunks }
    for index in reports.indices {
      let work = works.first { $0.commit.id == reports[index].commit }
      if let work, chunks > 0 {
        reports[index].embeddingsNew = Int((Double(new) * Double(work.newChunks) / Double(chunks)).rounded())
      } else if chunks == 0, index == 0, new > 0 {
        reports[index].embeddingsNew = new
        (reports[index].seconds, reports[index].cpuSeconds) = (usage.seconds, usage.cpuSeconds)
      }
      let all = Int((Double(reports[index].chunksTotal) * share).rounded())
      // Chunks that were not reached have no share in what was there.
      reports[index].embeddingsReused = max(0, all - reports[index].embeddingsNew - reports[index].embeddingsMissing)
    }
  }
}
