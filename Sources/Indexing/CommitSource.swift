// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore

/// "Here is what a person pointed at; which commits is it?"
struct CommitSource {
  var collection: CollectionInfo
  var repository: Repository
  /// In the order they are to be indexed; commits of one range stand together.
  var groups: [[ResolvedCommit]]
  var notices: [String] = []

  /// Commits of a range that are published together.
  static let largestGroup = 256

  /// Opens the source. A plain folder becomes a commit in a repository below the home.
  /// Throws `notARepository`, `repositoryRefused`, `revisionNotFound`, `invalidArgument`.
  init(_ request: IndexRequest, home: HomeLayout) throws {
    let path = CommitSource.withoutTrailingSlash(request.source)
    switch Repository.kind(of: path) {
    case .folder: try self.init(folder: path, request, home: home)
    case .insideWorkTree(let workTree):
      try self.init(folder: path, request, home: home)
      notices.append("\(path) lies inside the work tree \(workTree); it is indexed as a plain folder, without history")
    default: try self.init(repository: path, request)
    }
  }

  private init(repository path: String, _ request: IndexRequest) throws {
    repository = try Repository(opening: path)
    let name = try CommitSource.collectionName(request.collection, path: path)
    collection = CollectionInfo(name: name, gitDirectory: repository.gitDirectory, source: path)
    var revisions = request.revisions
    for glob in request.tagGlobs {
      let tags = try repository.tags(matching: glob)
      if tags.isEmpty {
        throw NenrinError(
          .revisionNotFound, "no tag matches '\(glob)' in \(path)",
          remedies: ["Run `git -C \(path) tag` for the list; quote the pattern, so that the shell leaves it alone."])
      }
      revisions += tags
    }
    groups = []
    for revision in revisions.isEmpty ? ["HEAD"] : revisions {
      let commits = try repository.expand(revision)
      for start in stride(from: 0, to: commits.count, by: CommitSource.largestGroup) {
        groups.append(Array(commits[start..<min(start + CommitSource.largestGroup, commits.count)]))
      }
    }
    notices = repository.notices
  }

  private init(folder path: String, _ request: IndexRequest, home: HomeLayout) throws {
    guard request.revisions.isEmpty, request.tagGlobs.isEmpty else {
      throw NenrinError(
        .invalidArgument, "revisions were given, but \(path) is a plain folder",
        reason: "a folder has no revisions: each `nenrin index` of it makes a new snapshot",
        remedies: ["Run `nenrin index \(path)`."])
    }
    let name = try CommitSource.collectionName(request.collection, path: path)
    let gitDirectory = home.objects(of: name)
    let outcome = try FolderImport.run(folder: path, into: gitDirectory)
    repository = try Repository(opening: gitDirectory)
    collection = CollectionInfo(name: name, gitDirectory: gitDirectory, source: path)
    groups = [[outcome.commit]]
    notices = outcome.omissions.prefix(20).map { "left out: \($0.path) (\($0.reason))" }
    if outcome.omissions.count > 20 { notices.append("… and \(outcome.omissions.count - 20) more were left out") }
  }

  /// The short name that a collection goes by: letters, digits, `.`, `_` and `-`.
  static func collectionName(_ wanted: String?, path: String) throws -> String {
    var components = path.split(separator: "/").map(String.init)
    if components.last == ".git" { components.removeLast() }
    var name = wanted ?? components.last ?? "repository"
    if wanted == nil, name.hasSuffix(".git"), name.count > 4 { name.removeLast(4) }
    if wanted == nil, name == "." || name == ".." { name = "repository" }
    let isValid = { (character: Character) in
      character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
    }
    if wanted == nil { name = String(name.map { isValid($0) ? $0 : "-" }) }
    guard !name.isEmpty, name.utf8.count <= 64, name.allSatisfy(isValid),
      name.first?.isLetter ?? false || name.first?.isNumber ?? false
    else {
      throw NenrinError(
        .invalidArgument, "'\(name)' cannot name a collection",
        reason: "a name has letters, digits, '.', '_' and '-', begins with a letter or digit and is at most 64 long",
        remedies: ["Give one with --name, for example --name linux."])
    }
    return name
  }

  private static func withoutTrailingSlash(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? withoutTrailingSlash(String(path.dropLast())) : path
  }
}
