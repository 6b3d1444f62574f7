// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// What `nenrin index --json` prints. Built from plain values, because readers know nothing of the write path.
package struct IndexDocument: Codable, Sendable {
  /// How many there are in the snapshot, and how many of them the home did not hold before.
  package struct Share: Codable, Hashable, Sendable {
    package var total: Int
    package var new: Int

    package init(total: Int, new: Int) {
      self.total = total
      self.new = new
    }
  }

  /// Embeddings made in this run, those that were there, and those that an embedder's failure left out.
  package struct Embeddings: Codable, Hashable, Sendable {
    package var new: Int
    package var reused: Int
    package var missing: Int

    package init(new: Int, reused: Int, missing: Int = 0) {
      self.new = new
      self.reused = reused
      self.missing = missing
    }
  }

  /// What one snapshot cost.
  package struct Snapshot: Codable, Hashable, Sendable {
    package var revision: String
    package var commit: String
    package var files: Int
    package var bytes: Int64
    package var blobs: Share
    package var chunks: Share
    package var embeddings: Embeddings
    /// Files left out, by `SkipReason.name`.
    package var skipped: [String: Int]
    package var seconds: Double
    package var cpuSeconds: Double
    package var peakResidentBytes: Int64
    /// True where the snapshot was there already and nothing was done.
    package var alreadyIndexed: Bool

    private enum CodingKeys: String, CodingKey {
      case revision, commit, files, bytes, blobs, chunks, embeddings, skipped, seconds
      case cpuSeconds = "cpu_seconds"
      case peakResidentBytes = "peak_rss_bytes"
      case alreadyIndexed = "already_indexed"
    }

    package init(
      revision: String, commit: ObjectID, files: Int, bytes: Int64, blobs: Share, chunks: Share,
      embeddings: Embeddings, skipped: [String: Int], seconds: Double, cpuSeconds: Double, peakResidentBytes: Int64,
      alreadyIndexed: Bool = false
    ) {
      self.revision = revision
      self.commit = commit.hex
      self.files = files
      self.bytes = bytes
      self.blobs = blobs
      self.chunks = chunks
      self.embeddings = embeddings
      self.skipped = skipped
      self.seconds = (seconds * 1_000).rounded() / 1_000
      self.cpuSeconds = (cpuSeconds * 1_000).rounded() / 1_000
      self.peakResidentBytes = peakResidentBytes
      self.alreadyIndexed = alreadyIndexed
    }
  }

  package var collection: String
  package var snapshots: [Snapshot]
  /// Bytes of the whole home after the run.
  package var indexBytes: Int64
  /// Of the collection, where any of it is read.
  package var history: History?

  /// Commits that the home has, those that this run read, and what that took.
  package struct History: Codable, Hashable, Sendable {
    package var commits: Int
    package var new: Int
    package var seconds: Double
    package var cpuSeconds: Double

    private enum CodingKeys: String, CodingKey {
      case commits, new, seconds
      case cpuSeconds = "cpu_seconds"
    }

    package init(commits: Int, new: Int, seconds: Double, cpuSeconds: Double) {
      (self.commits, self.new) = (commits, new)
      self.seconds = (seconds * 1_000).rounded() / 1_000
      self.cpuSeconds = (cpuSeconds * 1_000).rounded() / 1_000
    }
  }

  private enum CodingKeys: String, CodingKey {
    case collection, snapshots, history
    case indexBytes = "index_bytes"
  }

  package init(collection: String, snapshots: [Snapshot], indexBytes: Int64, history: History? = nil) {
    self.history = history
    self.collection = collection
    self.snapshots = snapshots
    self.indexBytes = indexBytes
  }
}
