// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2
internal import Glibc
internal import Glossary

/// What a path that a person gave as a source turns out to be.
package enum SourceKind: Hashable, Sendable {
  case repository
  /// A folder that is in no repository: `FolderImport` makes a commit of it.
  case folder
  /// A folder inside a work tree, with the work tree's path.
  case insideWorkTree(of: String)
  case file
  case missing
}

extension Repository {
  /// Says what stands at a path, without opening it for good. A repository that would be refused is still one.
  package static func kind(of path: String) -> SourceKind {
    _ = Libgit2.started
    var handle: OpaquePointer?
    do {
      try git(.open) {
        git_repository_open_ext(&handle, path, UInt32(GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue), nil)
      }
      git_repository_free(handle)
      return .repository
    } catch let failure as GitFailure where !failure.isNotFound {
      return .repository
    } catch {
      return kindOutsideRepository(path)
    }
  }

  private static func kindOutsideRepository(_ path: String) -> SourceKind {
    var status = stat()
    guard stat(path, &status) == 0 else { return .missing }
    guard status.st_mode & S_IFMT == S_IFDIR else { return .file }
    // A `.git` that leads nowhere is a broken repository, not a plain folder.
    if lstat(path + "/.git", &status) == 0, status.st_mode & S_IFMT == S_IFREG { return .repository }
    var buffer = git_buf()
    defer { git_buf_dispose(&buffer) }
    guard (try? git(.open) { git_repository_discover(&buffer, path, 0, nil) }) != nil else { return .folder }
    let found = withoutTrailingSlash(String(cString: buffer.ptr))
    return .insideWorkTree(of: found.hasSuffix("/.git") ? String(found.dropLast(5)) : found)
  }

  /// The error for a path that libgit2 would not open.
  static func refusal(of path: String, _ failure: GitFailure) -> NenrinError {
    guard failure.isNotFound else { return refusalOfRepository(path, failure) }
    switch kindOutsideRepository(path) {
    case .missing:
      return NenrinError(
        .notARepository, "nothing at '\(path)'", reason: "neither a repository nor a folder is there",
        remedies: ["Check the path; `~` is only understood by the shell."])
    case .insideWorkTree(let workTree):
      return NenrinError(
        .notARepository, "not a repository itself: '\(path)' lies inside \(workTree)",
        reason: "a snapshot is a whole commit, never a part of one",
        remedies: ["Give the repository instead: \(workTree)"])
    case .repository:
      return NenrinError(
        .notARepository, "no repository behind '\(path)/.git'", reason: "the git directory that it points to is gone",
        remedies: ["Run `git worktree repair` in the main repository, or give the main repository itself."])
    case .folder, .file:
      return NenrinError(
        .notARepository, "not a git repository: '\(path)'",
        reason: "it has no objects and references, nor has a .git in it",
        remedies: ["Give a bare repository, or a folder in which `git log` works."])
    }
  }

  private static func refusalOfRepository(_ path: String, _ failure: GitFailure) -> NenrinError {
    let copying = "Make a plain copy and give that: git clone --bare \(shellQuoted(path)) COPY.git"
    let marker = "unsupported extension name extensions."
    if let range = failure.message.firstRange(of: marker) {
      let name = failure.message[range.upperBound...]
      return NenrinError(
        .repositoryRefused, "extension '\(name)' of '\(path)' is not known to libgit2 \(libraryVersion)",
        reason: "the repository asks every reader that does not know it to keep away", remedies: [copying])
    }
    if failure.message.contains("unsupported repository version") {
      return NenrinError(
        .repositoryRefused, "repository format of '\(path)' is too new for libgit2 \(libraryVersion)",
        reason: failure.message, remedies: [copying])
    }
    return NenrinError(
      .repositoryRefused, "repository '\(path)' cannot be opened", reason: failure.message,
      remedies: ["Run `git -C \(shellQuoted(path)) status`: where git itself refuses, mend that first."])
  }

  /// Refuses the formats that libgit2 would misread.
  static func checkFormat(of directory: String, named path: String) throws {
    if let format = try setting("extensions.objectformat", in: directory), format != "sha1" {
      throw NenrinError(
        .repositoryRefused, "object format '\(format)' of '\(path)' is not supported",
        reason: "libgit2 \(libraryVersion) reads SHA-1 repositories only",
        remedies: [
          "Make a SHA-1 copy and give that: git init --bare COPY.git && "
            + "git -C \(shellQuoted(path)) fast-export --all --signed-tags=strip | git -C COPY.git fast-import"
        ])
    }
    if let storage = try setting("extensions.refstorage", in: directory), storage != "files" {
      throw NenrinError(
        .repositoryRefused, "reference storage '\(storage)' of '\(path)' is not supported",
        reason: "libgit2 \(libraryVersion) reads references from files only",
        remedies: [
          "Change it: git -C \(shellQuoted(path)) refs migrate --ref-format=files",
          "Make a copy and give that: git clone --bare --ref-format=files \(shellQuoted(path)) COPY.git",
        ])
    }
  }

  /// The error for an object that should be there and whole.
  func unreadable(_ id: ObjectID, _ reason: String, isMissing: Bool = false) -> NenrinError {
    let directory = shellQuoted(gitDirectory)
    guard isMissing else {
      return NenrinError(
        .objectUnreadable, "object \(id) in \(gitDirectory) cannot be read", reason: reason,
        remedies: ["Run `git -C \(directory) fsck` to see what is damaged, then fetch or clone again."])
    }
    if isPartialClone {
      return NenrinError(
        .objectUnreadable, "object \(id) is missing in \(gitDirectory)",
        reason: "this is a partial clone, which leaves objects with its server until git asks for them",
        remedies: ["Fetch them all: git -C \(directory) fetch --refetch --no-filter"])
    }
    return NenrinError(
      .objectUnreadable, "object \(id) is missing in \(gitDirectory)", reason: reason,
      remedies: [
        "Run `git -C \(directory) fsck` to see what else is missing, then fetch or clone again.",
        "Check that the repository it borrows objects from is still there, where objects/info/alternates names one.",
      ])
  }

  private var isPartialClone: Bool {
    (try? Repository.setting("extensions.partialclone", in: gitDirectory)) != nil
      || (try? Repository.setting("remote.origin.promisor", in: gitDirectory)) == "true"
  }
}
