// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore

/// "Which commits of this group are new, and which of their blobs?" The first commit is read as a whole tree, those after
/// it as what they change.
struct GroupPlan {
  /// A commit that is not indexed yet.
  struct Work {
    var commit: ResolvedCommit
    var manifest: NewManifest
    var fileCount: Int
    /// Blobs that neither the home nor a commit before holds.
    var newBlobs: [BlobKey] = []
    var newChunks = 0
  }

  private(set) var works: [Work] = []
  private let repository: Repository
  private var seen = Set<BlobKey>()

  /// - Parameters:
  ///   - isIndexed: whether a commit is in the index.
  ///   - contains: whether the home holds a blob.
  init(
    _ group: [ResolvedCommit], in repository: Repository, isIndexed: (ObjectID) -> Bool,
    contains: (BlobKey) -> Bool
  ) throws {
    self.repository = repository
    var planned = Set<ObjectID>()
    for commit in group where !isIndexed(commit.id) && planned.insert(commit.id).inserted {
      try add(commit, contains)
    }
  }

  private mutating func add(_ commit: ResolvedCommit, _ contains: (BlobKey) -> Bool) throws {
    var work: Work
    if let previous = works.last {
      let changes = try repository.changes(fromTree: previous.commit.tree, toTree: commit.tree)
      work = Work(commit: commit, manifest: .changes(changes), fileCount: previous.fileCount)
      for change in changes {
        switch change {
        case .added(let entry):
          work.fileCount += 1
          note(entry.kind, entry.blobKey, &work, contains)
        case .modified(_, let entry): note(entry.kind, entry.blobKey, &work, contains)
        case .removed: work.fileCount -= 1
        }
      }
    } else {
      let manifest = ManifestTable(try repository.manifest(ofTree: commit.tree))
      work = Work(commit: commit, manifest: .whole(manifest), fileCount: manifest.count)
      for index in 0..<manifest.count { note(manifest.kind(at: index), manifest.blobKey(at: index), &work, contains) }
    }
    guard work.fileCount > 0 else { throw GroupPlan.emptyTree(commit) }
    works.append(work)
  }

  private mutating func note(
    _ kind: EntryKind, _ key: BlobKey, _ work: inout Work, _ contains: (BlobKey) -> Bool
  ) {
    if kind.isFile, seen.insert(key).inserted, !contains(key) { work.newBlobs.append(key) }
  }

  private static func emptyTree(_ commit: ResolvedCommit) -> NenrinError {
    NenrinError(
      .emptyTree, "no files in '\(commit.revision)'", reason: "the tree of commit \(commit.id.hex.prefix(12)) is empty",
      remedies: ["Give a revision that has files; `git ls-tree -r \(commit.revision)` lists them."])
  }
}
