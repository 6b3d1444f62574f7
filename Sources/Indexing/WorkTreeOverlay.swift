// SPDX-License-Identifier: Apache-2.0
import Chunking
import Foundation
package import GitStore
package import Glossary
package import IndexStore
package import Inference
import Synchronization

/// The uncommitted changes of a checkout over an indexed snapshot: a view like any other, of which nothing is written to
/// the home.
package final class WorkTreeOverlay: Sendable {
  package let view: SnapshotView
  /// The folder of the checkout.
  package let checkout: String
  /// The git directory that holds its objects.
  package let gitDirectory: String
  package let state: WorkTreeState
  /// The snapshot below.
  package let base: SnapshotInfo
  /// Where vectors are put on their way into the view; gone with the object.
  private let folder: String
  /// By space: whoever asks second waits for the first.
  private let embedding = Mutex<[VectorSpace: Task<Void, any Error>]>([:])

  /// More blobs than this between the snapshot and the work tree are not read on the fly.
  package static let mostBlobs = 10_000

  /// - Parameters:
  ///   - base: the indexed snapshot of HEAD, or of a commit not far before it.
  ///   - id: what the view goes by beside the snapshots of the home; less than zero.
  /// Throws `unsupported` where too much lies between, and what reading blobs throws.
  package init(
    _ tree: WorkTree, state: WorkTreeState, over base: SnapshotInfo, in home: Home, id: Int64,
    grammars: String, queries: String
  ) throws {
    (checkout, gitDirectory, self.state, self.base) = (tree.path, tree.repository.gitDirectory, state, base)
    let head = try tree.head
    let below = try home.overlayBase(base)
    let manifest = ManifestTable(state.entries)
    let blobs = try WorkTreeOverlay.read(
      manifest.changes(from: below.manifest), below.known, state, tree, head, base, grammars, queries)
    folder = FileManager.default.temporaryDirectory.path + "/nenrin-overlay-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let info = SnapshotInfo(
      id: id, collection: base.collection, revision: SnapshotName.workTree, commit: head.id, date: head.date,
      indexedAt: Int64(Date().timeIntervalSince1970), files: 0, bytes: 0, chunks: 0, ownBytes: 0)
    do {
      view = try below.view(info, manifest: manifest, blobs: blobs, folder: folder)
    } catch {
      try? FileManager.default.removeItem(atPath: folder)
      throw error
    }
    // What is mapped stays readable; a program that is killed leaves nothing behind.
    try? FileManager.default.removeItem(atPath: folder)
  }

  private static func read(
    _ changes: [ManifestChange], _ known: KnownContent, _ state: WorkTreeState, _ tree: WorkTree,
    _ head: ResolvedCommit, _ base: SnapshotInfo, _ grammars: String, _ queries: String
  ) throws -> [PreparedBlob] {
    var keys: [BlobKey] = []
    var seen = Set<BlobKey>()
    for change in changes {
      guard let entry = change.newEntry, entry.kind.isFile else { continue }
      if !known.contains(entry.blobKey), seen.insert(entry.blobKey).inserted { keys.append(entry.blobKey) }
    }
    guard keys.count <= mostBlobs else {
      throw NenrinError(
        .unsupported, "\(keys.count) files differ between \(tree.path) and \(base.name), the nearest snapshot",
        reason: "up to \(mostBlobs) are read on the fly",
        remedies: ["Run `nenrin index \(tree.path) HEAD --name \(base.collection)` first."])
    }
    guard !keys.isEmpty else { return [] }
    let library = try GrammarLibrary.load(grammars, queries: queries)
    let (directory, contents) = (tree.repository.gitDirectory, state.contents)
    let workers = BlobWorkers {
      try BlobWorker(gitDirectory: directory, contents: contents, grammars: library, isKnown: known.contains)
    }
    let size = max(1, min(32, keys.count / (2 * ProcessUsage.coreCount)))
    let parts = stride(from: 0, to: keys.count, by: size).map { keys[$0..<min($0 + size, keys.count)] }
    return try parts.concurrentMap { try workers.prepare($0) }.flatMap(\.self)
  }

  /// Gives the new chunks their vectors, where the snapshot below has some in the embedder's space. Does nothing the
  /// second time. Throws what the embedder throws.
  package func embed(_ embedder: any Embedder) async throws {
    let space = EmbeddingRun.space(of: embedder.identity)
    let task = embedding.withLock { tasks in
      if let task = tasks[space] { return task }
      let task = Task { try await makeVectors(embedder, space) }
      tasks[space] = task
      return task
    }
    do { try await task.value } catch {
      embedding.withLock { $0[space] = nil }
      throw error
    }
  }

  private func makeVectors(_ embedder: any Embedder, _ space: VectorSpace) async throws {
    guard let segment = view.unembeddedOverlay(in: space) else { return }
    var batch = segment.batch()
    var heads: [(place: HeadPlace, text: String)] = []
    var repository: Repository?
    for blob in segment.blobs {
      let bytes: [UInt8]
      if let content = state.contents[blob.object] {
        bytes = content
      } else {
        let opened = try repository ?? Repository(opening: gitDirectory)
        repository = opened
        bytes = try opened.bytes(of: blob.object)
      }
      bytes.withUnsafeBytes { bytes in
        for place in blob.places {
          let head = UnsafeRawBufferPointer(rebasing: bytes[place.bytes.clamped(to: 0..<bytes.count)])
          if Embeddable.isWorthIt(head, isLoose: place.isLoose) {
            heads.append((place, String(decoding: head, as: UTF8.self)))
          } else {
            batch.add(place, nil)
          }
        }
      }
    }
    // A text that the server refuses is looked at and has no vector, as in the index.
    let made = try await embedder.embedKeeping(heads.map(\.text), as: .passage)
    if let failure = made.failure { throw failure }
    for (head, vector) in zip(heads, made.vectors) { batch.add(head.place, vector) }
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try view.addOverlay(batch, in: space)
  }
}

extension ManifestChange {
  fileprivate var newEntry: ManifestEntry? {
    switch self {
    case .added(let entry), .modified(_, let entry): entry
    case .removed: nil
    }
  }
}
