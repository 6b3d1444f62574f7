// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2
package import Glossary

extension Repository {
  /// The commits of B's history that A's does not hold and that changed one of these paths (files or directories),
  /// newest first, as `git log A..B -- PATH` has them: a merge counts where it differs from every parent. Nil where
  /// there are more than `walkLimit` commits between, where each of them is a release with a tag of its own (trees that
  /// were imported, which tell nothing of who changed what), or where an object is missing.
  package func commits(
    after old: ObjectID, upTo new: ObjectID, touching paths: [TreePath], limit: Int, walkLimit: Int
  ) throws -> [ResolvedCommit]? {
    var walk: OpaquePointer?
    guard (try? git(.resolve) { git_revwalk_new(&walk, handle) }) != nil else { return nil }
    defer { git_revwalk_free(walk) }
    git_revwalk_sorting(walk, GIT_SORT_TIME.rawValue)
    var (first, last) = (new.gitID, old.gitID)
    guard git_revwalk_push(walk, &first) == 0, git_revwalk_hide(walk, &last) == 0 else { return nil }
    let wanted = paths.map { String(decoding: $0.bytes, as: UTF8.self) }
    let tags = try tagsByCommit()
    var isHistory = false
    var found: [ResolvedCommit] = []
    var id = git_oid()
    var walked = 0
    while found.count < limit || !isHistory {
      let status = git_revwalk_next(&id, walk)
      if status == GIT_ITEROVER.rawValue { break }
      guard status == 0, walked < walkLimit else { return nil }
      walked += 1
      let commit = try self.commit(ObjectID(id), as: "")
      if tags[commit.id] == nil { isHistory = true }
      guard found.count < limit else { continue }
      guard let own = entries(wanted, inTree: commit.tree) else { return nil }
      var isTouched = true
      for parent in commit.parents {
        guard let before = try? self.commit(parent, as: ""), let theirs = entries(wanted, inTree: before.tree) else {
          return nil
        }
        if own == theirs { isTouched = false }
      }
      if commit.parents.isEmpty { isTouched = own.contains { $0 != .zero } }
      if isTouched { found.append(commit) }
    }
    return isHistory ? found : nil
  }

  /// The blob at a path of a commit's tree; nil where there is none. Throws `objectUnreadable`.
  package func blob(at path: TreePath, inCommit commit: ObjectID) throws -> ObjectID? {
    var tree: OpaquePointer?
    var treeID = try self.commit(commit, as: "").tree.gitID
    do {
      try git(.readObject) { git_tree_lookup(&tree, handle, &treeID) }
    } catch let failure as GitFailure {
      throw unreadable(ObjectID(treeID), failure.message, isMissing: failure.isNotFound)
    }
    defer { git_tree_free(tree) }
    var entry: OpaquePointer?
    do {
      try git(.readObject) { git_tree_entry_bypath(&entry, tree, String(decoding: path.bytes, as: UTF8.self)) }
    } catch let failure as GitFailure {
      guard failure.isNotFound else { throw unreadable(ObjectID(treeID), failure.message) }
      return nil
    }
    defer { git_tree_entry_free(entry) }
    guard git_tree_entry_type(entry) == GIT_OBJECT_BLOB else { return nil }
    return git_tree_entry_id(entry).map { ObjectID($0.pointee) }
  }

  /// The object at each path of a tree, zero where there is none; nil where the tree cannot be read.
  private func entries(_ paths: [String], inTree id: ObjectID) -> [ObjectID]? {
    var tree: OpaquePointer?
    var treeID = id.gitID
    guard git_tree_lookup(&tree, handle, &treeID) == 0 else { return nil }
    defer { git_tree_free(tree) }
    return paths.map { path in
      var entry: OpaquePointer?
      guard git_tree_entry_bypath(&entry, tree, path) == 0 else { return .zero }
      defer { git_tree_entry_free(entry) }
      return git_tree_entry_id(entry).map { ObjectID($0.pointee) } ?? .zero
    }
  }
}
