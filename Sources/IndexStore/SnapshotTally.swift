// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// What a snapshot holds, in numbers.
package struct SnapshotCounts: Hashable, Sendable {
  package var files = 0
  package var bytes: Int64 = 0
  /// Distinct blobs of its files.
  package var blobs = 0
  /// Distinct chunks.
  package var chunks = 0
  /// Files left out, by reason.
  package var skipped: [SkipReason: Int] = [:]
}

/// What a snapshot holds that none before it does: its ring.
package struct RingCounts: Hashable, Sendable {
  package var blobs = 0
  package var chunks = 0
  /// Text of those chunks and rows of those blobs: what its share of the segments' bytes is measured by.
  var weight = 0
}

/// Counts snapshots path by path. From one to the next only what changes is looked at, so that the counts of a commit
/// of one file cost next to nothing, however large the tree.
struct SnapshotTally {
  private let content: HomeContent
  /// By blob: paths of the snapshot that name it.
  private var paths: [Int32]
  /// By chunk: how often the snapshot's blobs hold it.
  private var holders: [Int32]
  private(set) var counts = SnapshotCounts()
  /// By blob and by chunk: whether the ring of a snapshot before has it.
  private var isTakenBlob: [Bool]
  private var isTakenChunk: [Bool]
  private(set) var ring = RingCounts()

  /// - Parameter firstFree: chunks and blobs of this segment number and later belong to no ring yet.
  init(_ content: HomeContent, firstFree: Int64) {
    self.content = content
    paths = Array(repeating: 0, count: content.blobCount)
    holders = Array(repeating: 0, count: content.chunkCount)
    isTakenBlob = Array(repeating: false, count: content.blobCount)
    isTakenChunk = Array(repeating: false, count: content.chunkCount)
    let (blobs, chunks) = content.extent(before: firstFree)
    for index in 0..<blobs { isTakenBlob[index] = true }
    for index in 0..<chunks { isTakenChunk[index] = true }
  }

  /// Counts the next snapshot. Throws `indexDamaged` where a blob is not indexed.
  mutating func count(_ manifest: NewManifest) throws {
    ring = RingCounts()
    switch manifest {
    case .whole(let table): try begin(table)
    case .changes(let changes): try apply(changes)
    }
  }

  private mutating func begin(_ table: ManifestTable) throws {
    for index in paths.indices { paths[index] = 0 }
    for index in holders.indices { holders[index] = 0 }
    counts = SnapshotCounts()
    for index in 0..<table.count { try add(table.kind(at: index), table.blobKey(at: index)) }
  }

  private mutating func apply(_ changes: [ManifestChange]) throws {
    for change in changes {
      switch change {
      case .added(let entry): try add(entry.kind, entry.blobKey)
      case .removed(let entry): try remove(entry.kind, entry.blobKey)
      case .modified(let old, let new):
        try remove(old.kind, old.blobKey)
        try add(new.kind, new.blobKey)
      }
    }
  }

  private mutating func add(_ kind: EntryKind, _ key: BlobKey) throws {
    counts.files += 1
    guard kind.isFile else {
      counts.skipped[SnapshotTally.reason(kind), default: 0] += 1
      return
    }
    let blob = try content.blob(key)
    counts.bytes += blob.byteCount
    if blob.skip != .none { counts.skipped[blob.skip, default: 0] += 1 }
    paths[blob.number] += 1
    guard paths[blob.number] == 1 else { return }
    counts.blobs += 1
    let isOwn = !isTakenBlob[blob.number]
    if isOwn { takeBlob(blob.number, chunkCount: blob.chunks.count) }
    for chunk in blob.chunks {
      holders[Int(chunk)] += 1
      if holders[Int(chunk)] == 1 { counts.chunks += 1 }
      if isOwn, !isTakenChunk[Int(chunk)] { takeChunk(chunk) }
    }
  }

  private mutating func remove(_ kind: EntryKind, _ key: BlobKey) throws {
    counts.files -= 1
    guard kind.isFile else {
      counts.subtract(SnapshotTally.reason(kind))
      return
    }
    let blob = try content.blob(key)
    counts.bytes -= blob.byteCount
    if blob.skip != .none { counts.subtract(blob.skip) }
    paths[blob.number] -= 1
    guard paths[blob.number] == 0 else { return }
    counts.blobs -= 1
    for chunk in blob.chunks {
      holders[Int(chunk)] -= 1
      if holders[Int(chunk)] == 0 { counts.chunks -= 1 }
    }
  }

  private mutating func takeBlob(_ number: Int, chunkCount: Int) {
    isTakenBlob[number] = true
    ring.blobs += 1
    ring.weight += MemoryLayout<BlobRow>.stride + chunkCount * MemoryLayout<UInt32>.stride
  }

  private mutating func takeChunk(_ chunk: UInt32) {
    isTakenChunk[Int(chunk)] = true
    ring.chunks += 1
    ring.weight += content.byteCount(ofChunk: chunk)
  }

  private static func reason(_ kind: EntryKind) -> SkipReason { kind == .submodule ? .submodule : .symlink }
}

extension SnapshotCounts {
  fileprivate mutating func subtract(_ reason: SkipReason) {
    let rest = (skipped[reason] ?? 0) - 1
    skipped[reason] = rest > 0 ? rest : nil
  }
}

extension ManifestEntry {
  /// What makes its blob one to index; of no meaning for symlinks and submodules.
  package var blobKey: BlobKey { BlobKey(object: object, language: Language(path: path)) }
}
