// SPDX-License-Identifier: Apache-2.0
package import Glossary
package import IndexStore

/// What one snapshot cost.
package struct SnapshotReport: Sendable {
  package var collection: String
  package var revision: String
  package var commit: ObjectID
  package var files: Int
  package var bytes: Int64
  package var blobsTotal: Int
  package var blobsNew: Int
  package var chunksTotal: Int
  package var chunksNew: Int
  /// Vectors made for it; of commits that are published together, shared out by new chunks.
  package var embeddingsNew: Int
  /// Vectors that were there before, by the share of the home's chunks that have one.
  package var embeddingsReused: Int
  /// Chunks of it, and of those published together with it, that have no vector because the embedder failed. Searches
  /// answer without vectors until another run has made them.
  package var embeddingsMissing = 0
  /// Why; nil where all went well.
  package var embeddingFailure: NenrinError?
  /// Files of the snapshot left out, by `SkipReason.name`.
  package var skipped: [String: Int]
  package var seconds: Double
  package var cpuSeconds: Double
  package var peakResidentBytes: Int64
  /// True where the snapshot was there already and nothing was done.
  package var alreadyIndexed: Bool
  /// What a person should know: a tag that moved, a folder's files that were left out.
  package var notices: [String]
  /// What reading the collection's history came to: on the first report of a run, where any was read.
  package var history: HistoryReport?
}

/// How far an index run is, for a progress display.
package struct IndexProgress: Sendable {
  /// What the run is busy with.
  package enum Stage: String, Sendable {
    case resolving, planning, reading, sealing, embedding, publishing, history, done
  }
  package var stage: Stage
  package var revision: String
  package var blobsDone: Int
  package var blobsTotal: Int
  /// Of the blobs read so far. While history is read, the two counts are of commits.
  package var bytesDone: Int64
  /// Texts sent to the embedder so far.
  package var textsDone = 0
  package var elapsed: Duration
}

/// What an index run would do, without doing it.
package struct SnapshotPlan: Sendable {
  package var collection: String
  package var revision: String
  package var commit: ObjectID
  package var files: Int
  package var blobsToRead: Int
  package var blobsReused: Int
  package var bytesToRead: Int64
  package var chunksNew: Int
  package var chunksReused: Int
  package var alreadyIndexed: Bool
  /// Texts that would be sent to an embedder's servers.
  package var inputs: PlannedInputs

  /// Their tokens, estimated on the careful side.
  package var inputTokens: Int { inputs.byteCount / 3 + inputs.count }
}

/// What to index.
package struct IndexRequest: Sendable {
  /// A git directory, a work tree, or a plain folder.
  package var source: String
  /// Tags, branches, commits, ranges; empty means HEAD.
  package var revisions: [String]
  /// Every tag that matches is indexed too, oldest first.
  package var tagGlobs: [String]
  /// Nil: the folder's name.
  package var collection: String?
  package var selfContained: Bool
  package var history: HistoryReading

  package init(
    source: String, revisions: [String] = [], tagGlobs: [String] = [], collection: String? = nil,
    selfContained: Bool = false, history: HistoryReading = .automatic
  ) {
    self.history = history
    self.source = source
    self.revisions = revisions
    self.tagGlobs = tagGlobs
    self.collection = collection
    self.selfContained = selfContained
  }
}
