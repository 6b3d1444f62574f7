// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2
package import Glossary

/// One record of a tree object: `mode SP name NUL id`.
struct TreeRecord {
  /// Nil for a subtree.
  var kind: EntryKind?
  /// Points into the tree object's bytes.
  var name: UnsafeRawBufferPointer
  var id: ObjectID

  /// git's order within a tree: by bytes, a subtree as if its name ended in a slash. It makes a walk yield paths in
  /// byte order.
  func isBefore(_ other: TreeRecord) -> Bool { order(other) < 0 }

  /// Negative, zero or positive as this one stands before, at or behind the other.
  func order(_ other: TreeRecord) -> Int {
    let common = min(name.count, other.name.count)
    var index = 0
    while index < common {
      if name[index] != other.name[index] { return Int(name[index]) - Int(other.name[index]) }
      index += 1
    }
    return byteBeyond(common) - other.byteBeyond(common)
  }

  private func byteBeyond(_ index: Int) -> Int {
    index < name.count ? Int(name[index]) : kind == nil ? Int(UInt8(ascii: "/")) : 0
  }
}

/// What is wrong with a tree object's bytes.
enum TreeDamage: Error {
  case malformed
  /// Readable, but not in git's order; git itself complains and goes on.
  case unordered
}

/// Reads a tree object's records one after the other.
struct TreeCursor {
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0
  private var previous: TreeRecord?

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next record, nil at the end. With `ordered`, throws `TreeDamage.unordered` for one that stands too late.
  mutating func next(ordered: Bool) throws -> TreeRecord? {
    guard offset < bytes.count else { return nil }
    var mode: UInt32 = 0
    while offset < bytes.count, bytes[offset] != UInt8(ascii: " ") {
      guard (0x30...0x37).contains(bytes[offset]), mode < 1 << 20 else { throw TreeDamage.malformed }
      mode = mode << 3 | UInt32(bytes[offset] - 0x30)
      offset += 1
    }
    let start = offset + 1
    var end = start
    while end < bytes.count, bytes[end] != 0 { end += 1 }
    guard end > start, end + 20 < bytes.count else { throw TreeDamage.malformed }
    let name = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    let id = ObjectID(bytes: UnsafeRawBufferPointer(rebasing: bytes[(end + 1)..<(end + 21)]))
    offset = end + 21
    let record = TreeRecord(kind: try TreeCursor.kind(ofMode: mode), name: name, id: id)
    if ordered, let previous, !previous.isBefore(record) { throw TreeDamage.unordered }
    previous = record
    return record
  }

  private static func kind(ofMode mode: UInt32) throws -> EntryKind? {
    switch mode & 0o170000 {
    case 0o040000: nil
    case 0o100000: mode & 0o100 == 0 ? .file : .executable
    case 0o120000: .symlink
    case 0o160000: .submodule
    default: throw TreeDamage.malformed
    }
  }
}

extension Repository {
  /// Deeper than any real tree and shallow enough for the stack.
  private static let maximumDepth = 512
  /// A few small trees that hold one another can spell billions of paths.
  private static let maximumEntryCount = 20_000_000

  /// Every path of a tree, ordered by path; symlinks and submodules are entries like files. Empty for an empty tree.
  /// Throws `objectUnreadable`, and `unsupported` for a tree that is nested or large beyond reason.
  package func manifest(ofTree tree: ObjectID) throws -> [ManifestEntry] {
    var entries: [ManifestEntry] = []
    var prefix: [UInt8] = []
    do {
      try list(tree, prefix: &prefix, depth: 0, ordered: true) { entries.append($0) }
      return entries
    } catch TreeDamage.unordered {
      return try manifestOfUnorderedTree(tree)
    }
  }

  private func manifestOfUnorderedTree(_ tree: ObjectID) throws -> [ManifestEntry] {
    var entries: [ManifestEntry] = []
    var prefix: [UInt8] = []
    try list(tree, prefix: &prefix, depth: 0, ordered: false) { entries.append($0) }
    entries.sort { $0.path < $1.path }
    var distinct: [ManifestEntry] = []
    for entry in entries where distinct.last?.path != entry.path { distinct.append(entry) }
    return distinct
  }

  private func list(
    _ tree: ObjectID, prefix: inout [UInt8], depth: Int, ordered: Bool, _ body: (ManifestEntry) -> Void
  ) throws {
    var count = 0
    try list(tree, prefix: &prefix, depth: depth, ordered: ordered, count: &count, body)
  }

  private func list(
    _ tree: ObjectID, prefix: inout [UInt8], depth: Int, ordered: Bool, count: inout Int,
    _ body: (ManifestEntry) -> Void
  ) throws {
    try withTree(tree, depth: depth) { bytes in
      var cursor = TreeCursor(bytes)
      let length = prefix.count
      while let record = try cursor.next(ordered: ordered) {
        prefix.append(contentsOf: record.name)
        if let kind = record.kind {
          body(ManifestEntry(path: TreePath(bytes: Array(prefix)), kind: kind, object: record.id))
          count += 1
          guard count <= Repository.maximumEntryCount else {
            throw beyondReason(tree, "holds more than 20,000,000 paths")
          }
        } else {
          prefix.append(UInt8(ascii: "/"))
          try list(record.id, prefix: &prefix, depth: depth + 1, ordered: ordered, count: &count, body)
        }
        prefix.removeSubrange(length...)
      }
    }
  }

  func withTree(_ tree: ObjectID, depth: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    guard depth <= Repository.maximumDepth else { throw beyondReason(tree, "lies more than 512 folders deep") }
    do {
      try withObject(tree, type: GIT_OBJECT_TREE, body)
    } catch TreeDamage.malformed {
      throw unreadable(tree, "it is not a well-formed tree")
    }
  }

  private func beyondReason(_ tree: ObjectID, _ what: String) -> NenrinError {
    NenrinError(.unsupported, "tree \(tree) in \(gitDirectory) \(what)", remedies: ["Index another commit."])
  }

  /// What differs between two trees, ordered by path. Equal subtrees are skipped unread. A path that changed its kind
  /// (a file that became a symlink) or its mode is modified; a file that became a folder is removed, and what the
  /// folder holds is added. Throws as `manifest(ofTree:)` does.
  package func changes(fromTree old: ObjectID, toTree new: ObjectID) throws -> [ManifestChange] {
    var changes: [ManifestChange] = []
    var prefix: [UInt8] = []
    do {
      try compare(old, new, prefix: &prefix, depth: 0, &changes)
      return changes
    } catch TreeDamage.unordered {
      return ManifestChange.between(
        try manifestOfUnorderedTree(old), try manifestOfUnorderedTree(new))
    }
  }

  private func compare(
    _ old: ObjectID, _ new: ObjectID, prefix: inout [UInt8], depth: Int, _ changes: inout [ManifestChange]
  ) throws {
    guard old != new else { return }
    try withTree(old, depth: depth) { oldBytes in
      try withTree(new, depth: depth) { newBytes in
        var oldCursor = TreeCursor(oldBytes)
        var newCursor = TreeCursor(newBytes)
        var left = try oldCursor.next(ordered: true)
        var right = try newCursor.next(ordered: true)
        while left != nil || right != nil {
          let order = left.map { left in right.map { left.order($0) } ?? -1 } ?? 1
          if order == 0, let left, let right {
            try compareRecords(left, right, prefix: &prefix, depth: depth, &changes)
          } else if order < 0, let left {
            try add(left, prefix: &prefix, depth: depth) { changes.append(.removed($0)) }
          } else if let right {
            try add(right, prefix: &prefix, depth: depth) { changes.append(.added($0)) }
          }
          if order <= 0 { left = try oldCursor.next(ordered: true) }
          if order >= 0 { right = try newCursor.next(ordered: true) }
        }
      }
    }
  }

  /// Two records of the same name, both subtrees or both not.
  private func compareRecords(
    _ old: TreeRecord, _ new: TreeRecord, prefix: inout [UInt8], depth: Int, _ changes: inout [ManifestChange]
  ) throws {
    guard old.id != new.id || old.kind != new.kind else { return }
    let length = prefix.count
    prefix.append(contentsOf: old.name)
    defer { prefix.removeSubrange(length...) }
    if let oldKind = old.kind, let newKind = new.kind {
      let path = TreePath(bytes: Array(prefix))
      changes.append(
        .modified(
          from: ManifestEntry(path: path, kind: oldKind, object: old.id),
          to: ManifestEntry(path: path, kind: newKind, object: new.id)))
    } else {
      prefix.append(UInt8(ascii: "/"))
      try compare(old.id, new.id, prefix: &prefix, depth: depth + 1, &changes)
    }
  }

  private func add(
    _ record: TreeRecord, prefix: inout [UInt8], depth: Int, _ body: (ManifestEntry) -> Void
  ) throws {
    let length = prefix.count
    prefix.append(contentsOf: record.name)
    defer { prefix.removeSubrange(length...) }
    if let kind = record.kind {
      body(ManifestEntry(path: TreePath(bytes: Array(prefix)), kind: kind, object: record.id))
    } else {
      prefix.append(UInt8(ascii: "/"))
      try list(record.id, prefix: &prefix, depth: depth + 1, ordered: true, body)
    }
  }
}

extension ManifestChange {
  /// What differs between two manifests that are both ordered by path.
  package static func between(_ old: [ManifestEntry], _ new: [ManifestEntry]) -> [ManifestChange] {
    var changes: [ManifestChange] = []
    var left = old[...]
    var right = new[...]
    while let first = left.first ?? right.first {
      let from = left.first
      let to = right.first
      if let from, to.map({ from.path < $0.path }) ?? true {
        changes.append(.removed(from))
        left.removeFirst()
      } else if let to, from.map({ to.path < $0.path }) ?? true {
        changes.append(.added(to))
        right.removeFirst()
      } else {
        if let to, first != to { changes.append(.modified(from: first, to: to)) }
        left.removeFirst()
        right.removeFirst()
      }
    }
    return changes
  }
}
