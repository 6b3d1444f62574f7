// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2
internal import Glibc
package import Glossary

/// Makes commits of a plain folder, in a bare repository that Nenrin keeps, so that a folder has snapshots like a
/// repository has.
package enum FolderImport {
  /// Something in the folder that the commit does not hold.
  package struct Omission: Hashable, Sendable {
    package var path: TreePath
    /// A word or two: "fifo", "Permission denied".
    package var reason: String
  }

  /// What an import came to.
  package struct Outcome: Hashable, Sendable {
    package var commit: ResolvedCommit
    package var omissions: [Omission]
    /// False where the folder is what it was at the last import, whose commit is given again.
    package var isNew: Bool
  }

  /// Files beyond this are left out: they are read whole, and nothing in them would be indexed.
  static let maximumFileByteCount = 512 << 20

  /// The folder's commit, without the list of what was left out (which the commit's message holds too).
  package static func commit(folder: String, into gitDirectory: String) throws -> ResolvedCommit {
    try run(folder: folder, into: gitDirectory).commit
  }

  /// Commits the folder's files: symbolic links as links, `.git` left out, what cannot be read left out and listed. The
  /// revision is the time in UTC, as in `20261122T153000Z`, and is kept as a tag. Throws `fileUnreadable` for a folder
  /// that cannot be read at all, `emptyTree`, `homeNotWritable`, `diskFull`.
  package static func run(folder: String, into gitDirectory: String) throws -> Outcome {
    let root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard root >= 0 else {
      throw NenrinError(.fileUnreadable, "folder '\(folder)' cannot be read", reason: systemMessage())
    }
    let kept: KeptRepository
    do { kept = try KeptRepository(at: gitDirectory) } catch {
      close(root)
      throw error
    }
    return try kept.writing {
      var pack = try PendingPack(in: kept)
      var walk = FolderWalk()
      let tree = try walk.tree(ofDirectory: root, prefix: [], pack: &pack)
      guard let tree else {
        throw NenrinError(
          .emptyTree, "no file in folder '\(folder)'",
          reason: walk.omissions.isEmpty
            ? "" : "\(walk.omissions.count) were left out, the first \(walk.omissions[0].path)",
          remedies: ["Give a folder with files that can be read."])
      }
      return try publish(tree, folder: folder, omissions: walk.omissions, in: kept, pack: &pack)
    }
  }

  private static func publish(
    _ tree: ObjectID, folder: String, omissions: [Omission], in kept: KeptRepository, pack: inout PendingPack
  ) throws -> Outcome {
    let repository = try Repository(opening: kept.gitDirectory)
    let last = try kept.target(of: "refs/heads/main").map { try repository.commit($0, as: $0.shortHex) }
    if var last, last.tree == tree {
      last.revision = try repository.tagsByCommit()[last.id]?.first ?? last.revision
      return Outcome(commit: last, omissions: omissions, isNew: false)
    }
    // The clock may stand where it stood, or have been set back: a later import is later all the same.
    let now = max(Int64(time(nil)), (last?.date).map { $0 + 1 } ?? 0)
    var name = timestamp(now)
    if kept.target(of: "refs/tags/\(name)") != nil { name += "-2" }
    var message = "Files of \(folder) at \(name)\n"
    if !omissions.isEmpty {
      message += "\nLeft out:\n" + omissions.prefix(1000).map { "\($0.path): \($0.reason)\n" }.joined()
    }
    let identity = "Nenrin <nenrin@localhost> \(now) +0000"
    let text =
      "tree \(tree)\n" + (last.map { "parent \($0.id)\n" } ?? "")
      + "author \(identity)\ncommitter \(identity)\n\n\(message)"
    let commit = try Array(text.utf8).withUnsafeBytes { try pack.add($0, type: GIT_OBJECT_COMMIT) }
    try pack.flush()
    try kept.setReference("refs/tags/\(name)", to: commit)
    try kept.setReference("refs/heads/main", to: commit)
    return Outcome(commit: try repository.commit(commit, as: name), omissions: omissions, isNew: true)
  }

  private static func timestamp(_ seconds: Int64) -> String {
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(parts.tm_year + 1900)\(two(parts.tm_mon + 1))\(two(parts.tm_mday))T"
      + "\(two(parts.tm_hour))\(two(parts.tm_min))\(two(parts.tm_sec))Z"
  }
}
