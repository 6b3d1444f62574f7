// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2
package import Glossary

/// A commit that a revision stands for.
package struct ResolvedCommit: Hashable, Sendable {
  /// As it was asked for; for a member of a range its tag, else the first 12 digits of its id.
  package var revision: String
  package var id: ObjectID
  /// Its root tree.
  package var tree: ObjectID
  /// Committer time, in seconds since 1970.
  package var date: Int64
  /// As the commit names them; a shallow clone may lack them.
  package var parents: [ObjectID]
  /// The first line of its message.
  package var subject: String

  package init(revision: String, id: ObjectID, tree: ObjectID, date: Int64, parents: [ObjectID], subject: String) {
    self.revision = revision
    self.id = id
    self.tree = tree
    self.date = date
    self.parents = parents
    self.subject = subject
  }
}

extension Repository {
  /// The commit that a tag (annotated or not), a branch, a remote's branch, an id or its first 4 or more digits, `HEAD`
  /// or an expression such as `v6.1~3` stands for. Throws `revisionNotFound` with near misses, `invalidArgument` where
  /// it names several objects, a range or something else than a commit, `objectUnreadable` for a damaged commit.
  package func resolve(_ revision: String) throws -> ResolvedCommit {
    guard !revision.isEmpty, !revision.utf8.contains(0) else {
      throw NenrinError(
        .invalidArgument, "empty revision", remedies: ["Name a tag, a branch, a commit or HEAD."])
    }
    guard !revision.contains("..") else {
      throw NenrinError(
        .invalidArgument, "'\(revision)' is a range, and one commit is wanted here",
        remedies: ["Name a tag, a branch, a commit or HEAD."])
    }
    var object: OpaquePointer?
    do {
      try git(.resolve) { git_revparse_single(&object, handle, revision) }
    } catch let failure as GitFailure {
      if failure.isAmbiguous { return try resolveAmbiguous(revision) }
      throw revisionError(revision, failure)
    }
    defer { git_object_free(object) }
    return try commit(behind: object, as: revision)
  }

  /// Reads a commit by its full name.
  package func commit(_ id: ObjectID, as revision: String) throws -> ResolvedCommit {
    var object: OpaquePointer?
    var gitID = id.gitID
    do {
      try git(.readObject) { git_object_lookup(&object, handle, &gitID, GIT_OBJECT_ANY) }
    } catch let failure as GitFailure {
      throw unreadable(id, failure.message, isMissing: failure.isNotFound)
    }
    defer { git_object_free(object) }
    return try commit(behind: object, as: revision)
  }

  private func commit(behind object: OpaquePointer?, as revision: String) throws -> ResolvedCommit {
    var peeled: OpaquePointer?
    do {
      try git(.resolve) { git_object_peel(&peeled, object, GIT_OBJECT_COMMIT) }
    } catch let failure as GitFailure {
      throw peelError(object, revision, failure)
    }
    defer { git_object_free(peeled) }
    return ResolvedCommit(
      revision: revision, id: ObjectID(git_commit_id(peeled).pointee),
      tree: ObjectID(git_commit_tree_id(peeled).pointee),
      date: git_commit_time(peeled),
      parents: (0..<git_commit_parentcount(peeled)).map { ObjectID(git_commit_parent_id(peeled, $0).pointee) },
      subject: git_commit_summary(peeled).map { String(cString: $0) } ?? "")
  }

  private func peelError(_ object: OpaquePointer?, _ revision: String, _ failure: GitFailure) -> NenrinError {
    var type = git_object_type(object)
    if type == GIT_OBJECT_COMMIT {
      return unreadable(ObjectID(git_object_id(object).pointee), failure.message)
    }
    if type == GIT_OBJECT_TAG {
      var target: OpaquePointer?
      guard (try? git(.resolve) { git_tag_peel(&target, object) }) != nil else {
        return unreadable(ObjectID(git_tag_target_id(object).pointee), failure.message, isMissing: failure.isNotFound)
      }
      type = git_object_type(target)
      git_object_free(target)
    }
    return NenrinError(
      .invalidArgument, "'\(revision)' is a \(Repository.name(of: type)), and a commit is wanted here",
      reason: "a snapshot is a commit with its whole tree", remedies: ["Name a tag, a branch, a commit or HEAD."])
  }

  /// An abbreviation of several objects means the one commit among them, as git has it.
  private func resolveAmbiguous(_ revision: String) throws -> ResolvedCommit {
    let prefix = revision.prefix { $0.isHexDigit }.lowercased()
    guard prefix.utf8.count == revision.utf8.count else { throw ambiguityError(revision, []) }
    let candidates = try objectIDs(withPrefix: prefix)
    let commits = candidates.compactMap { id in try? commit(id, as: revision) }
    if Set(commits.map(\.id)).count == 1, let only = commits.first { return only }
    throw ambiguityError(revision, commits.isEmpty ? candidates : commits.map(\.id))
  }

  private func ambiguityError(_ revision: String, _ candidates: [ObjectID]) -> NenrinError {
    NenrinError(
      .invalidArgument, "'\(revision)' is ambiguous in \(gitDirectory)",
      reason: candidates.isEmpty
        ? "it names more than one object"
        : "it begins " + listed(candidates.sorted().prefix(6).map { String($0.hex.prefix(16)) }, "and"),
      remedies: ["Give more digits, or the name of a tag or branch."])
  }

  private func objectIDs(withPrefix prefix: String) throws -> [ObjectID] {
    final class Search {
      let prefix: ObjectID, last: ObjectID
      var found: [ObjectID] = []
      init(_ prefix: String) {
        func filled(_ digit: String) -> ObjectID {
          ObjectID(hex: prefix + String(repeating: digit, count: max(0, 40 - prefix.utf8.count))) ?? .zero
        }
        self.prefix = filled("0")
        last = filled("f")
      }
    }
    let search = Search(prefix)
    try git(.resolve) {
      git_odb_foreach(
        objects,
        { id, payload in
          guard let id, let payload else { return 0 }
          let search = Unmanaged<Search>.fromOpaque(payload).takeUnretainedValue()
          let name = ObjectID(id.pointee)
          if search.prefix <= name, name <= search.last { search.found.append(name) }
          return 0
        }, Unmanaged.passUnretained(search).toOpaque())
    }
    return Array(Set(search.found))
  }

  private func revisionError(_ revision: String, _ failure: GitFailure) -> NenrinError {
    if failure.code == GIT_EINVALIDSPEC.rawValue {
      return NenrinError(
        .invalidArgument, "'\(revision)' is not a revision", reason: failure.message,
        remedies: ["Name a tag, a branch, a commit or HEAD."])
    }
    if let damaged = targetOfDamagedReference(revision) {
      return unreadable(damaged, failure.message, isMissing: failure.isNotFound)
    }
    guard failure.isNotFound || failure.code == GIT_EUNBORNBRANCH.rawValue else {
      return ObjectID(hex: revision).map { unreadable($0, failure.message) }
        ?? NenrinError(
          .objectUnreadable, "revision '\(revision)' in \(gitDirectory) cannot be read", reason: failure.message,
          remedies: [
            "Run `git -C \(shellQuoted(gitDirectory)) fsck` to see what is damaged, then fetch or clone again."
          ])
    }
    return notFound(revision)
  }

  /// The object that a reference of this name leads to, where that cannot be read.
  private func targetOfDamagedReference(_ revision: String) -> ObjectID? {
    var reference: OpaquePointer?
    guard (try? git(.resolve) { git_reference_dwim(&reference, handle, revision) }) != nil else { return nil }
    defer { git_reference_free(reference) }
    guard let target = git_reference_target(reference) else { return nil }
    var object: OpaquePointer?
    defer { git_object_free(object) }
    let isReadable = (try? git(.readObject) { git_object_lookup(&object, handle, target, GIT_OBJECT_ANY) }) != nil
    return isReadable ? nil : ObjectID(target.pointee)
  }

  private func notFound(_ revision: String) -> NenrinError {
    let names = ((try? tagNames()) ?? []) + ((try? branches(matching: "*")) ?? [])
    if names.isEmpty {
      return NenrinError(
        .revisionNotFound, "no commit in \(gitDirectory)", reason: "it has no branch and no tag yet",
        remedies: ["Commit or fetch something first."])
    }
    if revision == "HEAD" {
      return NenrinError(
        .revisionNotFound, "no commit behind HEAD in \(gitDirectory)",
        reason: "HEAD names a branch that has no commit yet",
        remedies: ["Name a revision: \(listed(Array(names.prefix(6)), "or"))."])
    }
    let unshallow =
      "Fetch the whole history, since this is a shallow clone: "
      + "git -C \(shellQuoted(gitDirectory)) fetch --unshallow --tags"
    let base = String(revision.prefix { !"~^@:".contains($0) })
    if base != revision, (try? resolve(base)) != nil {
      return NenrinError(
        .revisionNotFound, "no revision '\(revision)' in \(gitDirectory)",
        reason: "'\(base)' is there, but not what '\(revision.dropFirst(base.count))' asks of it",
        remedies: [isShallow ? unshallow : "Run `git -C \(shellQuoted(gitDirectory)) log \(base)` to see what is."])
    }
    let near = nearMisses(of: base, among: names, limit: 5)
    var remedies = near.isEmpty ? [] : ["Try \(listed(near, "or"))."]
    if isShallow {
      remedies.append(unshallow)
    } else if near.isEmpty {
      remedies.append(
        "Run `git -C \(shellQuoted(gitDirectory)) tag` and `git branch -a` to see the names that are there.")
    }
    return NenrinError(.revisionNotFound, "no revision '\(revision)' in \(gitDirectory)", remedies: remedies)
  }
}

/// `a, b or c`.
func listed(_ words: [String], _ conjunction: String) -> String {
  words.count < 2
    ? words.joined() : words.dropLast().joined(separator: ", ") + " \(conjunction) " + words[words.count - 1]
}
