// SPDX-License-Identifier: Apache-2.0
import Glossary
import HTTPAPI
import IndexStore
import Indexing

/// What an index run did, for a person.
enum IndexRendering {
  /// What `--dry-run` prints.
  static func text(_ plans: [SnapshotPlan]) -> String {
    var table = Table([.left, .left, .right, .right, .right, .right, .right, .right])
    table.add([
      "snapshot", "commit", "files", "blobs to read", "bytes to read", "blobs reused", "chunks new", "chunks reused",
    ])
    for plan in plans {
      table.add([
        "\(plan.collection)@\(plan.revision)", String(plan.commit.hex.prefix(12)), Figures.count(plan.files),
        plan.alreadyIndexed ? "indexed" : Figures.count(plan.blobsToRead), Figures.bytes(plan.bytesToRead),
        Figures.count(plan.blobsReused), Figures.count(plan.chunksNew), Figures.count(plan.chunksReused),
      ])
    }
    let texts = plans.reduce(0) { $0 + $1.inputs.count }
    let tokens = plans.reduce(0) { $0 + $1.inputTokens }
    let sent =
      texts > 0
      ? "\nTo the embedder: \(Figures.count(texts)) texts at most, about \(Figures.count(tokens)) tokens." : ""
    return table.lines().joined(separator: "\n") + sent + "\nNothing was written.\n"
  }

  static func text(_ reports: [SnapshotReport], indexBytes: Int64) -> String {
    var lines: [String] = []
    for report in reports {
      let name = "\(report.collection)@\(report.revision)"
      guard !report.alreadyIndexed else {
        lines.append("\(name)  \(report.commit.hex.prefix(12))  indexed already")
        if report.embeddingsNew + report.embeddingsMissing > 0 { lines.append(vectors(report)) }
        continue
      }
      lines.append("\(name)  \(report.commit.hex.prefix(12))")
      lines.append("  files    \(Figures.count(report.files)), \(Figures.bytes(report.bytes))")
      lines.append("  blobs    \(Figures.count(report.blobsNew)) new of \(Figures.count(report.blobsTotal))")
      lines.append("  chunks   \(Figures.count(report.chunksNew)) new of \(Figures.count(report.chunksTotal))")
      if report.embeddingsNew + report.embeddingsReused + report.embeddingsMissing > 0 { lines.append(vectors(report)) }
      let skipped = report.skipped.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      if !skipped.isEmpty {
        let reasons = skipped.map { "\(Figures.count($0.value)) \($0.key)" }.joined(separator: ", ")
        lines.append("  skipped  \(reasons)")
      }
      let peak = Figures.bytes(report.peakResidentBytes)
      lines.append(
        "  took     \(Figures.seconds(report.seconds)), \(Figures.seconds(report.cpuSeconds)) of CPU, \(peak) at most")
    }
    if let history = reports.first?.history, history.commits > 0 {
      let took =
        history.new > 0
        ? "; \(Figures.seconds(history.seconds)), \(Figures.seconds(history.cpuSeconds)) of CPU" : ""
      lines.append(
        "history  \(Figures.count(history.new)) new of \(Figures.counted(history.commits, "commit"))\(took)")
    }
    lines.append("the index takes \(Figures.bytes(indexBytes))")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func vectors(_ report: SnapshotReport) -> String {
    let there = report.embeddingsReused > 0 ? ", \(Figures.count(report.embeddingsReused)) there before" : ""
    let missing = report.embeddingsMissing > 0 ? ", up to \(Figures.count(report.embeddingsMissing)) missing" : ""
    return "  vectors  \(Figures.count(report.embeddingsNew)) new\(there)\(missing)"
  }
}

extension SnapshotReport {
  /// As the contract shows it.
  var document: IndexDocument.Snapshot {
    IndexDocument.Snapshot(
      revision: revision, commit: commit, files: files, bytes: bytes,
      blobs: IndexDocument.Share(total: blobsTotal, new: blobsNew),
      chunks: IndexDocument.Share(total: chunksTotal, new: chunksNew),
      embeddings: IndexDocument.Embeddings(
        new: embeddingsNew, reused: embeddingsReused, missing: embeddingsMissing), skipped: skipped,
      seconds: seconds, cpuSeconds: cpuSeconds, peakResidentBytes: peakResidentBytes, alreadyIndexed: alreadyIndexed)
  }
}

/// What `nenrin index --dry-run --json` prints.
struct PlanDocument: Encodable {
  struct Blobs: Encodable {
    var read: Int
    var reuse: Int
  }

  struct Chunks: Encodable {
    var new: Int
    var reuse: Int
  }

  /// What would be sent to an embedder's servers, tokens estimated.
  struct Embeddings: Encodable {
    var inputs: Int
    var tokens: Int
  }

  struct Snapshot: Encodable {
    private enum CodingKeys: String, CodingKey {
      case revision, commit, files, blobs, chunks, embeddings
      case bytesToRead = "bytes_to_read"
      case alreadyIndexed = "already_indexed"
    }

    var revision: String
    var commit: String
    var files: Int
    var blobs: Blobs
    var chunks: Chunks
    var embeddings: Embeddings
    var bytesToRead: Int64
    var alreadyIndexed: Bool
  }

  private enum CodingKeys: String, CodingKey {
    case collection, snapshots
    case dryRun = "dry_run"
  }

  var collection: String?
  var dryRun = true
  var snapshots: [Snapshot]

  init(_ plans: [SnapshotPlan]) {
    collection = plans.first?.collection
    snapshots = plans.map {
      Snapshot(
        revision: $0.revision, commit: $0.commit.hex, files: $0.files,
        blobs: Blobs(read: $0.blobsToRead, reuse: $0.blobsReused),
        chunks: Chunks(new: $0.chunksNew, reuse: $0.chunksReused),
        embeddings: Embeddings(inputs: $0.inputs.count, tokens: $0.inputTokens), bytesToRead: $0.bytesToRead,
        alreadyIndexed: $0.alreadyIndexed)
    }
  }
}
