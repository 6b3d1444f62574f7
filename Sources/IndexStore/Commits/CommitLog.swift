// SPDX-License-Identifier: Apache-2.0
package import Glossary
import Synchronization

/// Some of a history's commits: a bit for each.
package struct CommitSet: Sendable {
  private var words: [UInt64]
  package private(set) var count = 0

  package init(size: Int) { words = Array(repeating: 0, count: (size + 63) / 64) }

  /// Whether a commit's number is in it.
  package func contains(_ number: Int) -> Bool {
    number >> 6 < words.count && words[number >> 6] >> UInt64(number & 63) & 1 == 1
  }

  /// Returns whether it was not there.
  @discardableResult
  package mutating func insert(_ number: Int) -> Bool {
    guard number >> 6 < words.count, !contains(number) else { return false }
    words[number >> 6] |= 1 << UInt64(number & 63)
    count += 1
    return true
  }

  /// What the other has not.
  package func subtracting(_ other: CommitSet) -> CommitSet {
    var result = self
    result.count = 0
    for index in words.indices {
      if index < other.words.count { result.words[index] &= ~other.words[index] }
      result.count += result.words[index].nonzeroBitCount
    }
    return result
  }

  /// What both have.
  package func intersection(_ other: CommitSet) -> CommitSet {
    var result = self
    result.count = 0
    for index in words.indices {
      result.words[index] &= index < other.words.count ? other.words[index] : 0
      result.count += result.words[index].nonzeroBitCount
    }
    return result
  }

  /// In ascending order.
  package var numbers: [Int] {
    var numbers: [Int] = []
    numbers.reserveCapacity(count)
    for (index, word) in words.enumerated() where word != 0 {
      var rest = word
      while rest != 0 {
        numbers.append(index << 6 + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
    return numbers
  }
}

/// The history of one collection as far as it was read, opened for reading. Commits are known by numbers, which hold for
/// this object alone.
package final class CommitLog: Sendable {
  let segments: [CommitSegment]
  /// Parents that were missing when their commits were read, and came later.
  private let found: [ObjectID: Int]
  private let histories = Mutex<[(heads: [Int], set: CommitSet)]>([])

  /// Nil where no history of the collection was read. Throws `indexDamaged`.
  package convenience init?(_ layout: HomeLayout, collection: String) throws {
    try self.init(CommitFolder(path: layout.commits(of: collection)))
  }

  init?(_ folder: CommitFolder) throws {
    segments = try folder.segments()
    guard !segments.isEmpty else { return nil }
    var found: [ObjectID: Int] = [:]
    for segment in segments where segment.missingCount > 0 {
      for row in 0..<segment.count {
        for case .missing(let parent) in segment.parents(of: row) {
          if let number = CommitLog.number(of: parent, segments) { found[parent] = number }
        }
      }
    }
    self.found = found
  }

  /// Something that differs for every published state of a collection's history; nil where none was read.
  package static func state(_ layout: HomeLayout, collection: String) -> String? {
    SmallFile.read(CommitFolder(path: layout.commits(of: collection)).pointer)
  }

  package var count: Int { segments.last?.range.upperBound ?? 0 }

  /// The number of a commit; nil where it was not read.
  package func number(of id: ObjectID) -> Int? { CommitLog.number(of: id, segments) }

  private static func number(of id: ObjectID, _ segments: [CommitSegment]) -> Int? {
    for segment in segments.reversed() {
      if let row = segment.row(of: id) { return segment.base + row }
    }
    return nil
  }

  /// The commits whose ids begin with these hexadecimal digits.
  package func numbers(withPrefix digits: String) -> [Int] {
    let digits = digits.lowercased()
    guard digits.utf8.count <= 40,
      let low = ObjectID(hex: digits + String(repeating: "0", count: 40 - digits.utf8.count)),
      let high = ObjectID(hex: digits + String(repeating: "f", count: 40 - digits.utf8.count))
    else { return [] }
    return segments.flatMap { segment in segment.rows(from: low, through: high).map { segment.base + $0 } }
  }

  private func segment(_ number: Int) -> CommitSegment {
    var (low, high) = (0, segments.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if segments[middle].range.upperBound <= number { low = middle + 1 } else { high = middle }
    }
    return segments[low]
  }

  package func id(at number: Int) -> ObjectID {
    let segment = segment(number)
    return segment.commits[number - segment.base].key.id
  }

  /// The committer's time, in seconds since 1970.
  package func date(at number: Int) -> Int64 {
    let segment = segment(number)
    return segment.dates[number - segment.base]
  }

  func isMerge(_ number: Int) -> Bool {
    let segment = segment(number)
    let row = number - segment.base
    return segment.parentStarts[row + 1] > segment.parentStarts[row] + 1
  }

  /// Throws `indexDamaged`.
  package func record(at number: Int) throws -> CommitRecord {
    let segment = segment(number)
    return try segment.record(number - segment.base) { $0 < count ? self.id(at: $0) : nil }
  }

  /// The first parent, where it was read.
  package func firstParent(of number: Int) -> Int? {
    let segment = segment(number)
    switch segment.parents(of: number - segment.base).first {
    case .commit(let parent): return parent
    case .missing(let id): return found[id]
    case nil: return nil
    }
  }

  /// Some commits with all their ancestors.
  package func history(of heads: [Int]) -> CommitSet {
    if let known = histories.withLock({ $0.first { $0.heads == heads }?.set }) { return known }
    var set = CommitSet(size: count)
    var stack = heads.filter { set.insert($0) }
    while let number = stack.popLast() {
      let segment = segment(number)
      let row = number - segment.base
      for place in Int(segment.parentStarts[row])..<Int(segment.parentStarts[row + 1]) {
        let value = segment.parents[place]
        if value >> 31 == 0, Int(value) < count, set.insert(Int(value)) { stack.append(Int(value)) }
      }
      guard !found.isEmpty else { continue }
      for case .missing(let id) in segment.parents(of: row) {
        if let parent = found[id], set.insert(parent) { stack.append(parent) }
      }
    }
    histories.withLock { kept in
      if kept.count >= 8 { kept.removeFirst() }
      kept.append((heads, set))
    }
    return set
  }

  /// The paths that a commit changed, or added, as far as they are kept. Throws `indexDamaged`.
  package func paths(changedBy number: Int) throws -> [TreePath] {
    let segment = segment(number)
    return try segment.changedPaths(number - segment.base).filter { $0.status != .removed }.map {
      try segment.path($0.path)
    }
  }

  /// The commits of a set that touched a path that `matches` takes.
  package func touching(in set: CommitSet, _ matches: (TreePath) -> Bool) throws -> CommitSet {
    var result = CommitSet(size: count)
    for segment in segments {
      var isWanted = [Bool](repeating: false, count: segment.pathCount)
      var isAny = false
      for path in 0..<segment.pathCount where matches(try segment.path(path)) {
        isWanted[path] = true
        isAny = true
      }
      guard isAny else { continue }
      for row in 0..<segment.count where set.contains(segment.base + row) {
        segment.forEachChange(row) { path, _ in if isWanted[path] { result.insert(segment.base + row) } }
      }
    }
    return result
  }
}
