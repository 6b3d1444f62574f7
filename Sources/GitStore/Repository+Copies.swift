// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2
internal import Glibc
package import Glossary

extension Repository {
  /// Copies a commit with its trees and blobs, but not its history, into a bare repository, which is made where it is
  /// missing; what is there already is not copied again. Throws `objectUnreadable`, `homeNotWritable`, `diskFull`.
  package func copyObjects(ofCommit commit: ObjectID, into gitDirectory: String) throws {
    let kept = try KeptRepository(at: gitDirectory)
    let reference = "refs/kept/\(commit)"
    guard kept.target(of: reference) == nil else { return }
    let resolved = try self.commit(commit, as: commit.shortHex)
    // A tree comes in one pack with all below it, so one that is there needs no second look.
    var missing: Set<ObjectID> = []
    if !kept.holds(resolved.tree) { try collect(resolved.tree, depth: 0, missingIn: kept, &missing) }
    if !kept.holds(commit) { missing.insert(commit) }
    try kept.writing {
      try ObjectStores.add(self.gitDirectory + "/objects", to: kept.objects)
      do { try kept.writePack(missing.sorted()) } catch let failure as GitFailure {
        try findUnreadable(among: missing)
        throw failure
      }
      if !resolved.parents.isEmpty { try kept.markShallow(commit) }
      try kept.setReference(reference, to: commit)
    }
  }

  /// libgit2 does not say which object kept it from writing a pack: this throws for the first that cannot be read.
  private func findUnreadable(among ids: Set<ObjectID>) throws {
    for id in ids.sorted() { try withObject(id, type: GIT_OBJECT_ANY) { _ in } }
  }

  private func collect(
    _ tree: ObjectID, depth: Int, missingIn kept: KeptRepository, _ missing: inout Set<ObjectID>
  ) throws {
    guard missing.insert(tree).inserted else { return }
    var subtrees: [ObjectID] = []
    try withTree(tree, depth: depth) { bytes in
      var cursor = TreeCursor(bytes)
      while let record = try cursor.next(ordered: false) {
        if record.kind == .submodule || kept.holds(record.id) { continue }
        if record.kind == nil { subtrees.append(record.id) } else { missing.insert(record.id) }
      }
    }
    for subtree in subtrees { try collect(subtree, depth: depth + 1, missingIn: kept, &missing) }
  }
}

extension KeptRepository {
  /// Notes that a commit's parents are left out on purpose, so that git does not call the repository broken.
  fileprivate func markShallow(_ commit: ObjectID) throws {
    let path = gitDirectory + "/shallow"
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw NenrinError(.homeNotWritable, "\(path) cannot be written", reason: systemMessage())
    }
    defer { close(descriptor) }
    let line = Array("\(commit)\n".utf8)
    guard write(descriptor, line, line.count) == line.count else {
      throw NenrinError(.diskFull, "\(path) cannot be written", reason: systemMessage())
    }
  }
}
