// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2
package import Glossary

/// Reads a repository's history commit by commit: what each says and what it touched. Not `Sendable`.
package final class CommitReader {
  private let repository: Repository
  private let trees: TreeCache

  package init(_ repository: Repository) {
    self.repository = repository
    trees = TreeCache(repository)
  }

  /// Commits that are to be read, and what stands in the way of reading all.
  package struct Plan: Sendable {
    /// Each after its parents.
    package var commits: [ObjectID] = []
    /// Named as parents and not there, without those that a shallow clone left out on purpose.
    package var missing: Set<ObjectID> = []
    /// Whether the walk ended because there are more commits than the limit.
    package var isOverLimit = false
  }

  /// The commits of the history of `heads` that are not read yet, each after its parents. A commit that is read is taken
  /// to have its ancestors read. Throws `objectUnreadable` for a head that cannot be read, and what `check` throws.
  ///
  /// - Parameters:
  ///   - limit: the walk ends where it comes upon more commits than these.
  ///   - check: called now and then, to end the walk by throwing.
  package func plan(
    from heads: [ObjectID], limit: Int = .max, check: () throws -> Void = {}, isRead: (ObjectID) -> Bool
  ) throws -> Plan {
    var plan = Plan()
    var seen: Set<ObjectID> = []
    // A commit waits below its parents until they are all in the plan.
    var stack: [(id: ObjectID, parents: [ObjectID], next: Int)] = []
    func visit(_ id: ObjectID, isHead: Bool) throws {
      guard !seen.contains(id), !isRead(id) else { return }
      seen.insert(id)
      do {
        stack.append((id, try parents(of: id), 0))
      } catch let error as NenrinError where !isHead && error.code == .objectUnreadable {
        plan.missing.insert(id)
      }
    }
    for head in heads {
      try visit(head, isHead: true)
      while let top = stack.last {
        if top.next < top.parents.count {
          stack[stack.count - 1].next += 1
          try visit(top.parents[top.next], isHead: false)
          if seen.count % 1_024 == 0 { try check() }
          if seen.count > limit {
            plan.isOverLimit = true
            return plan
          }
        } else {
          plan.commits.append(top.id)
          stack.removeLast()
        }
      }
    }
    return plan
  }

  /// The parents that history goes on with: none where a shallow clone ends.
  private func parents(of id: ObjectID) throws -> [ObjectID] {
    if repository.shallowBoundary.contains(id) { return [] }
    return try repository.withObject(id, type: GIT_OBJECT_COMMIT) { try CommitObject.parents(in: $0) }
  }

  /// Whether a commit, that named parents which were missing when it was read, has them now.
  package func canGoOn(from commit: ObjectID, to parent: ObjectID) -> Bool {
    guard !repository.shallowBoundary.contains(commit) else { return false }
    return (try? parents(of: parent)) != nil
  }

  /// Reads one commit. A tree that is missing leaves its paths unknown. Throws `objectUnreadable`.
  package func record(_ id: ObjectID) throws -> CommitRecord {
    let object = try repository.withObject(id, type: GIT_OBJECT_COMMIT) { bytes in
      guard let object = CommitObject(bytes) else { throw repository.unreadable(id, "it is not a well-formed commit") }
      return object
    }
    var notes: CommitNotes = object.isTranscoded ? .transcoded : []
    let message = CommitReader.bounded(object.message)
    if message.utf8.count < object.message.utf8.count { notes.insert(.messageCut) }
    var changes = ChangeList(limit: CommitRecord.mostChanges)
    if repository.shallowBoundary.contains(id), !object.parents.isEmpty {
      notes.formUnion([.parentMissing, .pathsUnknown])
    } else {
      do {
        let before = try object.parents.map { try tree(ofCommit: $0) }
        try trees.compare(object.tree, with: before, into: &changes)
      } catch let error as NenrinError where error.code == .objectUnreadable || error.code == .unsupported {
        notes.insert(.pathsUnknown)
        changes = ChangeList(limit: 0)
        if object.parents.contains(where: { (try? tree(ofCommit: $0)) == nil }) { notes.insert(.parentMissing) }
      }
    }
    return CommitRecord(
      id: id, parents: object.parents, author: object.author, authorDate: object.authorDate, date: object.date,
      message: message, changes: changes.kept, changeCount: changes.count, notes: notes)
  }

  private func tree(ofCommit id: ObjectID) throws -> ObjectID {
    try repository.withObject(id, type: GIT_OBJECT_COMMIT) { bytes in
      guard let tree = CommitObject.tree(in: bytes) else {
        throw repository.unreadable(id, "it is not a well-formed commit")
      }
      return tree
    }
  }

  private static func bounded(_ message: String) -> String {
    guard message.utf8.count > CommitRecord.mostMessageBytes else { return message }
    // Cut between two characters, not inside one.
    let bytes = Array(message.utf8)
    var end = CommitRecord.mostMessageBytes
    while end > 0, bytes[end] & 0xc0 == 0x80 { end -= 1 }
    return String(decoding: bytes[..<end], as: UTF8.self)
  }
}

/// Changes as they are found.
struct ChangeList {
  let limit: Int
  private(set) var kept: [PathChange] = []
  private(set) var count = 0

  init(limit: Int) { self.limit = limit }

  mutating func append(_ status: PathChangeStatus, _ path: [UInt8]) {
    count += 1
    if kept.count < limit { kept.append(PathChange(status, TreePath(bytes: path))) }
  }
}
