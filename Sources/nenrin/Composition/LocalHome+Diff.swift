// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore
import KnowledgeDiff

extension LocalHome {
  /// Compares two snapshots, with the git objects of both at hand. Throws `snapshotNotFound` with near misses,
  /// `invalidArgument` for snapshots of collections that share nothing, and what `body` throws.
  func withComparer<Result>(_ range: SnapshotRange, _ body: (KnowledgeComparer) throws -> Result) throws -> Result {
    try withComparer(from: home.resolve(range.from), to: home.resolve(range.to), body)
  }

  func withComparer<Result>(
    from old: SnapshotInfo, to new: SnapshotInfo, _ body: (KnowledgeComparer) throws -> Result
  ) throws -> Result {
    let (from, to) = (try home.view(of: old), try home.view(of: new))
    if old.collection != new.collection, !from.sharesBlobs(with: to) {
      throw NenrinError(
        .invalidArgument, "\(old.name) and \(new.name) have no file in common",
        reason: "they are of two collections that have nothing to do with each other",
        remedies: ["Name two snapshots of one collection; `nenrin snapshots` lists them."])
    }
    return try withSource(of: from) { fromSource in
      try withSource(of: to) { toSource in
        try body(
          KnowledgeComparer(
            SnapshotPair(from: from, to: to, fromSource: fromSource, toSource: toSource, lexicon: lexicon)))
      }
    }
  }
}
