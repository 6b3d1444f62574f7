// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2
internal import Glossary

extension Repository {
  /// The one commit of a revision, or for `A..B` every first-parent commit of B's history that A's does not hold, the
  /// oldest first. An empty side means HEAD. Where a shallow clone cuts the walk short, `notices` says so. Throws as
  /// `resolve(_:)` does, and `invalidArgument` for a range without commits.
  package func expand(_ revision: String) throws -> [ResolvedCommit] {
    guard let dots = revision.firstRange(of: "..") else { return [try resolve(revision)] }
    let rest = revision[dots.upperBound...]
    guard !rest.hasPrefix(".") else {
      throw NenrinError(
        .invalidArgument, "'\(revision)' has three dots",
        reason: "commits of either side have no order to be indexed in",
        remedies: ["Give a range with two dots: \(revision[..<dots.lowerBound])..\(rest.drop { $0 == "." })"])
    }
    let start = try resolve(dots.lowerBound == revision.startIndex ? "HEAD" : String(revision[..<dots.lowerBound]))
    let end = try resolve(rest.isEmpty ? "HEAD" : String(rest))
    let commits = try firstParentChain(after: start, upTo: end, range: revision)
    guard !commits.isEmpty else {
      throw NenrinError(
        .invalidArgument, "range '\(revision)' holds no commit",
        reason: start.id == end.id
          ? "both ends are the same commit" : "\(end.revision) is part of \(start.revision)'s history",
        remedies: start.id == end.id
          ? ["Name the commit itself: \(end.revision)"] : ["Turn it round: \(end.revision)..\(start.revision)"])
    }
    let tags = try tagsByCommit()
    return commits.reversed().map { commit in
      var named = commit
      if commit.id != end.id { named.revision = tags[commit.id]?.first ?? commit.id.shortHex }
      return named
    }
  }

  /// B's first parents, newest first, down to the first that A's history holds.
  private func firstParentChain(
    after start: ResolvedCommit, upTo end: ResolvedCommit, range: String
  ) throws -> [ResolvedCommit] {
    var history = History(of: start)
    var chain: [ResolvedCommit] = []
    var next: ResolvedCommit? = end
    while let commit = next {
      try history.unfold(downTo: commit.date, in: self)
      if history.holds(commit.id) { return chain }
      chain.append(commit)
      if shallowBoundary.contains(commit.id) {
        notices.append(
          "range '\(range)' begins at \(commit.id.shortHex), where this shallow clone ends; "
            + "`git -C \(shellQuoted(gitDirectory)) fetch --unshallow` brings what lies before")
        return chain
      }
      next = try commit.parents.first.map { try self.commit($0, as: $0.shortHex) }
    }
    return chain
  }

  /// The ancestors of a commit, itself among them, read only as far back in time as is asked.
  private struct History {
    private var known: Set<ObjectID>
    /// Read, but their parents not yet: ordered by date, the newest last.
    private var open: [ResolvedCommit]

    init(of commit: ResolvedCommit) {
      known = [commit.id]
      open = [commit]
    }

    func holds(_ id: ObjectID) -> Bool { known.contains(id) }

    /// Reads every ancestor that is not older than `date`, and the parents of those.
    mutating func unfold(downTo date: Int64, in repository: Repository) throws {
      while let newest = open.last, newest.date >= date {
        open.removeLast()
        guard !repository.shallowBoundary.contains(newest.id) else { continue }
        for parent in newest.parents where known.insert(parent).inserted {
          let commit = try repository.commit(parent, as: "")
          var place = open.count
          while place > 0, open[place - 1].date > commit.date { place -= 1 }
          open.insert(commit, at: place)
        }
      }
    }
  }
}
