// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore
import KnowledgeDiff

extension LocalHome {
  /// Compares two snapshots, with the git objects of both at hand. Throws `snapshotNotFound` with near misses,
  /// `invalidArgument` for snapshots of collections that share nothing, and what `body` throws.
  func withComparer<Result>(_ range: SnapshotRange, _ body: (KnowledgeComparer) throws -> Result) throws -> Result {
    try withComparer(from: resolve(range.from), to: resolve(range.to), body)
  }

  func withComparer<Result>(
    from old: SnapshotInfo, to new: SnapshotInfo, _ body: (KnowledgeComparer) throws -> Result
  ) throws -> Result {
    let views = try old.id < 0 || new.id < 0 ? [view(of: old), view(of: new)] : home.views(of: [old, new])
    let (from, to) = (views[0], views[1])
    if old.collection != new.collection, !from.sharesBlobs(with: to) {
      throw NenrinError(
        .invalidArgument, "\(old.name) and \(new.name) have no file in common",
        reason: "they are of two collections that have nothing to do with each other",
        remedies: ["Name two snapshots of one collection; `nenrin snapshots` lists them."])
    }
    // A source of uncommitted files has all that is committed, too.
    let (first, second) = new.id < 0 && old.collection == new.collection ? (to, from) : (from, to)
    return try withSource(of: first) { fromSource in
      func compared(_ toSource: any BlobSource) throws -> Result {
        try body(
          KnowledgeComparer(
            SnapshotPair(from: from, to: to, fromSource: fromSource, toSource: toSource, lexicon: lexicon),
            cache: comparisons))
      }
      // Two versions of a file mostly lie in one chain of deltas: one handle keeps what both are made from.
      return try old.collection == new.collection ? compared(fromSource) : withSource(of: second, compared)
    }
  }

  /// What changed, with the commits that touched it where one path or symbol is asked for and the repository has a
  /// history. Throws as `withComparer` does.
  func diff(_ request: DiffRequest, from old: SnapshotInfo, to new: SnapshotInfo) throws -> DiffResult {
    var result = try withComparer(from: old, to: new) { try $0.diff(request) }
    let paths: [TreePath]
    if request.symbol != nil {
      paths = result.files.flatMap { [$0.path] + ($0.fromPath.map { [$0] } ?? []) }
    } else if let path = request.path, request.question == nil {
      // What came from elsewhere was touched there before it moved.
      paths =
        [TreePath(text: path.hasSuffix("/") ? String(path.dropLast()) : path)] + result.files.compactMap(\.fromPath)
    } else {
      return result
    }
    result.commits = commits(from: old, to: new, touching: paths)
    return result
  }

  private static let mostCommits = 50
  private static let mostWalked = 5_000

  /// Empty where the repository is gone, was pruned, or does not tell: the comparison stands without.
  private func commits(from old: SnapshotInfo, to new: SnapshotInfo, touching paths: [TreePath]) -> [CommitEntry] {
    guard !paths.isEmpty, old.collection == new.collection, old.commit != new.commit,
      let collection = try? home.collections().first(where: { $0.name == new.collection }),
      let repository = try? Repository(opening: collection.gitDirectory),
      let found = try? repository.commits(
        after: old.commit, upTo: new.commit, touching: Array(paths.prefix(16)), limit: LocalHome.mostCommits,
        walkLimit: LocalHome.mostWalked)
    else { return [] }
    return found.map { CommitEntry(id: $0.id, date: $0.date, subject: $0.subject) }
  }
}
