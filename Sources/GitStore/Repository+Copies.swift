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
    // A tree that is there may be what an interrupted copy left: all below it is looked for.
    var seen: Set<ObjectID> = []
    try collect(resolved.tree, depth: 0, &seen)
    seen.insert(commit)
    let missing = seen.filter { !kept.holds($0) }
    try kept.writing {
      // What damaged packs hold is read object by object, which finds what is still whole and names what is not.
      let packs = ObjectStores.packs(of: self.gitDirectory + "/objects")
      let rest = try damageIsNil { try kept.copyRecords(of: missing, fromPacks: packs) } ?? missing
      try ObjectStores.add(self.gitDirectory + "/objects", to: kept.objects)
      do { try kept.writePack(rest.sorted()) } catch let failure as GitFailure {
        try findUnreadable(among: missing)
        throw failure
      }
      if !resolved.parents.isEmpty { try kept.markShallow(commit) }
      try kept.setReference(reference, to: commit)
    }
  }

  private func damageIsNil<R>(_ body: () throws -> R) throws -> R? {
    do { return try body() } catch is PackDamage { return nil }
  }

  /// libgit2 does not say which object kept it from writing a pack: this throws for the first that cannot be read.
  private func findUnreadable(among ids: Set<ObjectID>) throws {
    for id in ids.sorted() { try withObject(id, type: GIT_OBJECT_ANY) { _ in } }
  }

  /// The names of a tree, and of all trees and blobs below it.
  private func collect(_ tree: ObjectID, depth: Int, _ seen: inout Set<ObjectID>) throws {
    guard seen.insert(tree).inserted else { return }
    var subtrees: [ObjectID] = []
    try withTree(tree, depth: depth) { bytes in
      var cursor = TreeCursor(bytes)
      while let record = try cursor.next(ordered: false) {
        switch record.kind {
        case nil: subtrees.append(record.id)
        case .submodule: break
        default: seen.insert(record.id)
        }
      }
    }
    for subtree in subtrees { try collect(subtree, depth: depth + 1, &seen) }
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
