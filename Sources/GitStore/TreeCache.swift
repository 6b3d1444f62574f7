// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2
internal import Glossary

/// Trees in their parsed form, kept while a history is walked: a commit's trees are mostly those of its parent.
final class TreeCache {
  private let repository: Repository
  /// What was used lately, and what was used before that.
  private var young: [ObjectID: ParsedTree] = [:]
  private var old: [ObjectID: ParsedTree] = [:]
  private var youngByteCount = 0
  private static let mostBytes = 24 << 20
  private static let maximumDepth = 512

  init(_ repository: Repository) { self.repository = repository }

  /// One tree's records in git's order.
  private final class ParsedTree {
    let records: [TreeRecord]
    /// What the records' names point into.
    private let bytes: UnsafeMutableRawBufferPointer

    init(_ source: UnsafeRawBufferPointer) throws {
      bytes = .allocate(byteCount: max(1, source.count), alignment: 1)
      bytes.copyMemory(from: source)
      do {
        var cursor = TreeCursor(UnsafeRawBufferPointer(rebasing: bytes[..<source.count]))
        var records: [TreeRecord] = []
        var isOrdered = true
        while let record = try cursor.next(ordered: false) {
          if let last = records.last, !last.isBefore(record) { isOrdered = false }
          records.append(record)
        }
        self.records = isOrdered ? records : records.sorted { $0.isBefore($1) }
      } catch {
        bytes.deallocate()
        throw error
      }
    }

    deinit { bytes.deallocate() }

    var byteCount: Int { bytes.count + records.count * MemoryLayout<TreeRecord>.stride }
  }

  private func tree(_ id: ObjectID) throws -> ParsedTree {
    if let tree = young[id] { return tree }
    let tree: ParsedTree
    if let kept = old[id] {
      tree = kept
    } else {
      do {
        tree = try repository.withObject(id, type: GIT_OBJECT_TREE) { try ParsedTree($0) }
      } catch TreeDamage.malformed {
        throw repository.unreadable(id, "it is not a well-formed tree")
      }
    }
    young[id] = tree
    youngByteCount += tree.byteCount
    if youngByteCount > TreeCache.mostBytes {
      (old, young, youngByteCount) = (young, [:], 0)
    }
    return tree
  }

  /// The paths at which a tree differs from every one of some others; from nothing, where there are none. Throws
  /// `objectUnreadable`, and `unsupported` for a tree that is nested beyond reason.
  func compare(_ tree: ObjectID, with others: [ObjectID], into changes: inout ChangeList) throws {
    var prefix: [UInt8] = []
    try compare(tree, others.isEmpty ? [nil] : others.map { $0 }, &prefix, depth: 0, &changes)
  }

  private func compare(
    _ own: ObjectID?, _ others: [ObjectID?], _ prefix: inout [UInt8], depth: Int, _ changes: inout ChangeList
  ) throws {
    if others.contains(own) { return }
    guard depth <= TreeCache.maximumDepth else {
      throw NenrinError(.unsupported, "tree \(own ?? .zero) lies more than 512 folders deep")
    }
    let ours = try own.map(tree)
    let theirs = try others.map { try $0.map(tree) }
    if theirs.count == 1 {
      try compareTwo(ours?.records ?? [], theirs[0]?.records ?? [], &prefix, depth, &changes)
    } else {
      try compareMany(ours?.records ?? [], theirs.map { $0?.records ?? [] }, &prefix, depth, &changes)
    }
    withExtendedLifetime((ours, theirs)) {}
  }

  private func compareTwo(
    _ ours: [TreeRecord], _ theirs: [TreeRecord], _ prefix: inout [UInt8], _ depth: Int, _ changes: inout ChangeList
  ) throws {
    var (left, right) = (0, 0)
    while left < ours.count || right < theirs.count {
      let order =
        left == ours.count ? 1 : right == theirs.count ? -1 : ours[left].order(theirs[right])
      if order == 0 {
        if ours[left].id != theirs[right].id || ours[left].kind != theirs[right].kind {
          try add(ours[left], [theirs[right]], &prefix, depth, &changes)
        }
      } else {
        try add(order < 0 ? ours[left] : nil, [order < 0 ? nil : theirs[right]], &prefix, depth, &changes)
      }
      if order <= 0 { left += 1 }
      if order >= 0 { right += 1 }
    }
  }

  private func compareMany(
    _ ours: [TreeRecord], _ theirs: [[TreeRecord]], _ prefix: inout [UInt8], _ depth: Int, _ changes: inout ChangeList
  ) throws {
    var left = 0
    var places = Array(repeating: 0, count: theirs.count)
    while true {
      var least = left < ours.count ? ours[left] : nil
      for (place, records) in zip(places, theirs) where place < records.count {
        if least.map({ records[place].isBefore($0) }) ?? true { least = records[place] }
      }
      guard let least else { return }
      var own: TreeRecord?
      if left < ours.count, ours[left].order(least) == 0 {
        own = ours[left]
        left += 1
      }
      var others: [TreeRecord?] = []
      for index in theirs.indices {
        if places[index] < theirs[index].count, theirs[index][places[index]].order(least) == 0 {
          others.append(theirs[index][places[index]])
          places[index] += 1
        } else {
          others.append(nil)
        }
      }
      if others.contains(where: { $0?.id == own?.id && $0?.kind == own?.kind }) { continue }
      try add(own, others, &prefix, depth, &changes)
    }
  }

  /// Records of one name, all of them subtrees or none; nil where a tree has none.
  private func add(
    _ own: TreeRecord?, _ others: [TreeRecord?], _ prefix: inout [UInt8], _ depth: Int, _ changes: inout ChangeList
  ) throws {
    guard let any = own ?? others.lazy.compactMap({ $0 }).first else { return }
    let length = prefix.count
    prefix.append(contentsOf: any.name)
    defer { prefix.removeSubrange(length...) }
    if any.kind == nil {
      prefix.append(UInt8(ascii: "/"))
      try compare(own?.id, others.map { $0?.id }, &prefix, depth: depth + 1, &changes)
    } else {
      let status: PathChangeStatus =
        own == nil ? .removed : others.allSatisfy { $0 == nil } ? .added : .modified
      changes.append(status, prefix)
    }
  }
}
