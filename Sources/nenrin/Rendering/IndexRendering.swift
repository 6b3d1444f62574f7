// SPDX-License-Identifier: Apache-2.0
import Glossary
import HTTPAPI
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
    return table.lines().joined(separator: "\n") + "\nNothing was written.\n"
  }

  static func text(_ reports: [SnapshotReport], indexBytes: Int64) -> String {
    var lines: [String] = []
    for report in reports {
      let name = "\(report.collection)@\(report.revision)"
      guard !report.alreadyIndexed else {
        lines.append("\(name)  \(report.commit.hex.prefix(12))  indexed already")
        continue
      }
      lines.append("\(name)  \(report.commit.hex.prefix(12))")
      lines.append("  files    \(Figures.count(report.files)), \(Figures.bytes(report.bytes))")
      lines.append("  blobs    \(Figures.count(report.blobsNew)) new of \(Figures.count(report.blobsTotal))")
      lines.append("  chunks   \(Figures.count(report.chunksNew)) new of \(Figures.count(report.chunksTotal))")
      let skipped = report.skipped.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      if !skipped.isEmpty {
        let reasons = skipped.map { "\(Figures.count($0.value)) \($0.key)" }.joined(separator: ", ")
        lines.append("  skipped  \(reasons)")
      }
      let peak = Figures.bytes(report.peakResidentBytes)
      lines.append(
        "  took     \(Figures.seconds(report.seconds)), \(Figures.seconds(report.cpuSeconds)) of CPU, \(peak) at most")
    }
    lines.append("the index takes \(Figures.bytes(indexBytes))")
    return lines.joined(separator: "\n") + "\n"
  }
}

extension SnapshotReport {
  /// As the contract shows it.
  var document: IndexDocument.Snapshot {
    IndexDocument.Snapshot(
      revision: revision, commit: commit, files: files, bytes: bytes,
      blobs: IndexDocument.Share(total: blobsTotal, new: blobsNew),
      chunks: IndexDocument.Share(total: chunksTotal, new: chunksNew),
      embeddings: IndexDocument.Embeddings(new: embeddingsNew, reused: embeddingsReused), skipped: skipped,
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

  struct Snapshot: Encodable {
    private enum CodingKeys: String, CodingKey {
      case revision, commit, files, blobs, chunks
      case bytesToRead = "bytes_to_read"
      case alreadyIndexed = "already_indexed"
    }

    var revision: String
    var commit: String
    var files: Int
    var blobs: Blobs
    var chunks: Chunks
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
        chunks: Chunks(new: $0.chunksNew, reuse: $0.chunksReused), bytesToRead: $0.bytesToRead,
        alreadyIndexed: $0.alreadyIndexed)
    }
  }
}
