// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2
internal import Dispatch
internal import Glibc
package import Glossary
internal import Synchronization

/// What a work tree holds: what `git add --all && git commit` would record now.
package struct WorkTreeState: Sendable {
  /// In order of path.
  package var entries: [ManifestEntry]
  /// The bytes of what no commit and no index holds yet, as git would store them.
  package var contents: [ObjectID: [UInt8]]
  /// Paths whose content differs from the index, or that it does not know.
  package var changedCount: Int
  package var removedCount: Int
  /// What a person should know: files left out, conflicts.
  package var notes: [String]
}

/// A checkout of a repository, opened to see what stands in it. Nothing of it is ever written, not even the times in
/// its index. Not `Sendable`, as `Repository` is not.
package final class WorkTree {
  /// The folder, without a slash at its end.
  package let path: String
  package let repository: Repository
  /// Throws `revisionNotFound` where the branch has no commit yet.
  package var head: ResolvedCommit { get throws { try repository.resolve("HEAD") } }

  /// How much may differ from the index before the work tree is refused.
  package struct Limits: Sendable {
    package var files = 10_000
    package var bytes = 256 << 20
    /// Of one file.
    package var fileBytes = 64 << 20

    package init() {}
  }

  /// The checkout that a path is in (or below); nil where it is in none, or in a bare repository. Throws
  /// `repositoryRefused`.
  package init?(holding folder: String) throws {
    _ = Libgit2.started
    var buffer = git_buf()
    defer { git_buf_dispose(&buffer) }
    guard (try? git(.open) { git_repository_discover(&buffer, folder, 0, nil) }) != nil else { return nil }
    let found = Repository.withoutTrailingSlash(String(cString: buffer.ptr))
    repository = try Repository(opening: found)
    guard let root = git_repository_workdir(repository.handle) else { return nil }
    path = Repository.withoutTrailingSlash(String(cString: root))
  }

  /// The first commit that `isKnown` knows, of HEAD and its first parents, and how many lie before it; nil where none
  /// of `limit` commits is, or where objects are missing.
  package func nearest(
    limit: Int = 2_000, where isKnown: (ObjectID) -> Bool
  ) throws -> (commit: ResolvedCommit, distance: Int)? {
    var commit = try head
    for distance in 0..<limit {
      if isKnown(commit.id) { return (commit, distance) }
      guard let parent = commit.parents.first, let next = try? repository.commit(parent, as: "") else { return nil }
      commit = next
    }
    return nil
  }

  /// Reads what stands in it. Throws `unsupported` for an index that libgit2 cannot read and for a work tree that
  /// differs in more than the limits, `fileUnreadable` where the folder is gone.
  package func state(_ limits: Limits = Limits()) throws -> WorkTreeState {
    let root = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard root >= 0 else { throw NenrinError(.fileUnreadable, "\(path): cannot be read", reason: systemMessage()) }
    defer { close(root) }
    var status = stat()
    let hasIndex = stat(gitFile("index"), &status) == 0
    let index = try readIndex()
    let walk = WorkTreeWalk(
      root: root, index: index, indexTime: hasIndex ? status.st_mtim : timespec(), trustsMode: trustsMode,
      rules: IgnoreRules(baseRules()))
    let contents = try WorkTreeReading(
      tree: path, gitDirectory: gitFile(""), root: root, index: index, limits: limits
    ).read(walk.candidates)
    return merged(index, walk, contents)
  }

  private func merged(_ index: CheckoutIndex, _ walk: WorkTreeWalk, _ read: WorkTreeReading.Result) -> WorkTreeState {
    var entries: [ManifestEntry] = []
    entries.reserveCapacity(index.count + read.new.count)
    var new = read.new.sorted { $0.path < $1.path }[...]
    let submodules = Dictionary(uniqueKeysWithValues: walk.submodules.map { ($0.record, $0.path) })
    var (removed, conflicts) = (0, 0)
    for (place, record) in index.records.enumerated() {
      if record.isConflict { conflicts += 1 }
      guard walk.isPresent[place], !read.gone.contains(place) else {
        removed += 1
        continue
      }
      var entry = ManifestEntry(
        path: TreePath(bytes: Array(index.path(place))), kind: EntryKind(mode: record.mode), object: record.object)
      if let changed = read.changed[place] { (entry.kind, entry.object) = (changed.kind, changed.object) }
      if let path = submodules[place], let head = submoduleHead(path) { entry.object = head }
      // A conflict of which nothing could be read has no content.
      if record.isConflict, read.changed[place] == nil { continue }
      while let next = new.first, next.path < entry.path {
        entries.append(next)
        new.removeFirst()
      }
      entries.append(entry)
    }
    entries += new
    var notes = walk.notes + read.notes
    if conflicts > 0 {
      notes.insert(
        "in the middle of a merge: \(conflicts) path\(conflicts == 1 ? "" : "s") in conflict, taken as the files stand "
          + "on the disk, marks of the conflict included", at: 0)
    }
    return WorkTreeState(
      entries: entries, contents: read.contents, changedCount: read.new.count + read.changed.count,
      removedCount: removed, notes: notes)
  }

  private func readIndex() throws -> CheckoutIndex {
    do { return try CheckoutIndex(repository.handle) } catch let failure as GitFailure {
      throw NenrinError(
        .unsupported, "the index of \(path) cannot be read by libgit2 \(Repository.libraryVersion)",
        reason: failure.message,
        remedies: [
          "Run `git -C \(shellQuoted(path)) update-index --no-split-index`, or `git sparse-checkout reapply "
            + "--no-sparse-index` where it is a sparse one."
        ])
    }
  }

  /// A file of the checkout's own git directory; of a linked work tree that is not the repository's.
  private func gitFile(_ name: String) -> String {
    git_repository_path(repository.handle).map { String(cString: $0) + name } ?? "\(path)/.git/\(name)"
  }

  private var trustsMode: Bool {
    (try? Repository.setting("core.filemode", in: repository.gitDirectory)) != "false"
  }

  /// The rules for the whole tree, the strongest last: the person's own, then the repository's.
  private func baseRules() -> [IgnoreFile] {
    func file(_ path: String?) -> IgnoreFile? {
      path.flatMap { try? wholeFile($0) }.map { IgnoreFile($0, base: []) }
    }
    return [
      file(PersonalIgnoreFile.path(of: repository.gitDirectory)), file(repository.gitDirectory + "/info/exclude"),
    ]
    .compactMap(\.self)
  }

  private func submoduleHead(_ path: [UInt8]) -> ObjectID? {
    guard let tree = try? Repository(opening: self.path + "/" + String(decoding: path, as: UTF8.self)) else {
      return nil
    }
    return try? tree.resolve("HEAD").id
  }
}

/// Where a person keeps rules for all repositories: `core.excludesFile`, else git's usual place.
private enum PersonalIgnoreFile {
  static func path(of gitDirectory: String) -> String? {
    func variable(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    let home = variable("HOME")
    let folder = variable("XDG_CONFIG_HOME") ?? home.map { $0 + "/.config" }
    let own =
      variable("GIT_CONFIG_GLOBAL").map { [$0] }
      ?? [home.map { $0 + "/.gitconfig" }, folder.map { $0 + "/git/config" }]
      .compactMap(\.self)
    for file in [gitDirectory + "/config"] + own {
      guard let named = setting("core.excludesfile", inFile: file) else { continue }
      return named.hasPrefix("~/") ? home.map { $0 + named.dropFirst() } : named
    }
    return folder.map { $0 + "/git/ignore" }
  }

  private static func setting(_ key: String, inFile path: String) -> String? {
    var configuration: OpaquePointer?
    guard git_config_open_ondisk(&configuration, path) == 0 else { return nil }
    defer { git_config_free(configuration) }
    var buffer = git_buf()
    defer { git_buf_dispose(&buffer) }
    guard git_config_get_string_buf(&buffer, configuration, key) == 0 else { return nil }
    return String(cString: buffer.ptr)
  }
}

extension EntryKind {
  /// From git's octal mode.
  init(mode: UInt32) {
    switch mode & 0o170000 {
    case 0o120000: self = .symlink
    case 0o160000: self = .submodule
    default: self = mode & 0o100 != 0 ? .executable : .file
    }
  }
}
