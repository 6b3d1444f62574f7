// SPDX-License-Identifier: Apache-2.0
import CommitSearch
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
            SnapshotPair(from: from, to: to, fromSource: fromSource, toSource: toSource, lexicons: lexicons),
            cache: comparisons))
      }
      // Two versions of a file mostly lie in one chain of deltas: one handle keeps what both are made from.
      return try old.collection == new.collection ? compared(fromSource) : withSource(of: second, compared)
    }
  }

  /// What changed, with the commits that touched it where one path or symbol is asked for, or that bear on a question,
  /// from the stored history or, where there is none, from the repository. Throws as `withComparer` does.
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
      if let question = request.question {
        result.commits = commits(from: old, to: new, about: question, path: request.path)
      }
      return result
    }
    result.commits = storedCommits(from: old, to: new, touching: paths) ?? commits(from: old, to: new, touching: paths)
    return result
  }

  private static let mostCommits = 50
  /// Of those that bear on a question; a later one needs this share of the best one's score.
  private static let mostRelevant = 5
  private static let leastShare = 0.5
  /// A range of no more commits may be one of imported releases.
  private static let mostReleases = 64

  /// Nil where the stored history does not reach.
  private func storedCommits(
    from old: SnapshotInfo, to new: SnapshotInfo, touching paths: [TreePath]
  ) -> [CommitEntry]? {
    guard old.collection == new.collection, old.commit != new.commit,
      let log = try? commitLog(of: new.collection), let start = log.number(of: old.commit),
      let end = log.number(of: new.commit)
    else { return nil }
    let range = log.history(of: [end]).subtracting(log.history(of: [start]))
    guard !areReleases(range, log, new.collection) else { return [] }
    let wanted = paths.prefix(16).map(\.bytes)
    let touching = try? log.touching(in: range) { path in
      wanted.contains { wanted in
        path.bytes.starts(with: wanted)
          && (path.bytes.count == wanted.count || wanted.isEmpty || path.bytes[wanted.count] == UInt8(ascii: "/"))
      }
    }
    let found = touching?.numbers.sorted { log.date(at: $0) > log.date(at: $1) }.prefix(LocalHome.mostCommits)
    return found?.compactMap { number in
      (try? log.record(at: number)).map { CommitEntry(id: $0.id, date: $0.date, subject: $0.subject) }
    }
  }

  /// Whether each commit has a tag of its own: trees that were imported, which tell nothing of who changed what.
  private func areReleases(_ range: CommitSet, _ log: CommitLog, _ collection: String) -> Bool {
    guard range.count <= LocalHome.mostReleases,
      let info = try? home.collections().first(where: { $0.name == collection }),
      let tagged = try? Repository(opening: info.gitDirectory).taggedCommits()
    else { return false }
    return range.numbers.allSatisfy { tagged.contains(log.id(at: $0)) }
  }

  /// The commits between that bear on a question, best first; empty where no history was read.
  private func commits(
    from old: SnapshotInfo, to new: SnapshotInfo, about question: String, path: String?
  ) -> [CommitEntry] {
    guard old.collection == new.collection, old.commit != new.commit,
      let log = try? commitLog(of: new.collection), let start = log.number(of: old.commit),
      let end = log.number(of: new.commit),
      !areReleases(log.history(of: [end]).subtracting(log.history(of: [start])), log, new.collection)
    else { return [] }
    var request = CommitRequest(question: question, pathGlob: path, limit: LocalHome.mostRelevant)
    request.wantsIntroduction = false
    (request.after, request.upTo) = (old.commit, new.commit)
    guard let hits = try? self.log(request, in: new).hits, let best = hits.first?.score else { return [] }
    return hits.filter { $0.score >= LocalHome.leastShare * best }.map { hit in
      CommitEntry(
        id: hit.commit.id, date: hit.commit.date, subject: hit.commit.subject, author: hit.commit.author,
        message: hit.commit.message, path: hit.paths.first?.path)
    }
  }

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
    return found.map { CommitEntry(id: $0.id, date: $0.date, subject: $0.subject, isKept: false) }
  }
}
