// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2
internal import Glibc
internal import Glossary

/// A checkout's index file: the paths that git follows, in byte order, each with what `stat` said of it when git last
/// looked.
struct CheckoutIndex: Sendable {
  /// What git keeps of a path.
  struct Record: Sendable {
    var seconds: Int32
    var nanoseconds: UInt32
    var changeSeconds: Int32
    var changeNanoseconds: UInt32
    var inode: UInt32
    var size: UInt32
    var mode: UInt32
    var object: ObjectID
    /// In the middle of a merge: several versions and no result.
    var isConflict = false
    /// `git add --intent-to-add`: the index knows the path and no content.
    var isIntended = false
    /// Not to be looked for on the disk (a sparse checkout), or not to be looked at (`--assume-unchanged`).
    var isSkipped = false
  }

  private var paths: [UInt8] = []
  private var ends: [UInt32] = []
  private(set) var records: [Record] = []

  var count: Int { records.count }

  /// Reads a repository's index. Throws `GitFailure` where libgit2 cannot.
  init(_ repository: OpaquePointer) throws {
    var index: OpaquePointer?
    try git(.open) { git_repository_index(&index, repository) }
    defer { git_index_free(index) }
    try git(.open) { git_index_read(index, 0) }
    let count = git_index_entrycount(index)
    records.reserveCapacity(count)
    ends.reserveCapacity(count)
    paths.reserveCapacity(count * 40)
    for place in 0..<count {
      guard let entry = git_index_get_byindex(index, place)?.pointee, let name = entry.path else { continue }
      append(entry, UnsafeRawBufferPointer(start: name, count: strlen(name)))
    }
    if !(1..<max(1, records.count)).allSatisfy({ isBefore($0 - 1, $0) }) { sort() }
  }

  private mutating func append(_ entry: git_index_entry, _ path: UnsafeRawBufferPointer) {
    let stage = (entry.flags >> 12) & 3
    // The versions of a path in conflict follow each other.
    if stage > 0, let last = records.last, last.isConflict, self.path(records.count - 1).elementsEqual(path) { return }
    paths.append(contentsOf: path)
    ends.append(UInt32(paths.count))
    records.append(
      Record(
        seconds: entry.mtime.seconds, nanoseconds: entry.mtime.nanoseconds, changeSeconds: entry.ctime.seconds,
        changeNanoseconds: entry.ctime.nanoseconds, inode: entry.ino, size: entry.file_size, mode: entry.mode,
        object: ObjectID(entry.id), isConflict: stage > 0, isIntended: entry.flags_extended & (1 << 13) != 0,
        isSkipped: entry.flags_extended & (1 << 14) != 0 || entry.flags & 0x8000 != 0))
  }

  func path(_ place: Int) -> ArraySlice<UInt8> {
    paths[(place == 0 ? 0 : Int(ends[place - 1]))..<Int(ends[place])]
  }

  private func isBefore(_ left: Int, _ right: Int) -> Bool {
    CheckoutIndex.order(path(left), path(right)) < 0
  }

  private static func order(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Int {
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        let common = min(left.count, right.count)
        var index = 0
        while index < common {
          if left[index] != right[index] { return Int(left[index]) - Int(right[index]) }
          index += 1
        }
        return left.count - right.count
      }
    }
  }

  /// An index of a file system that ignores case is in another order.
  private mutating func sort() {
    let order = records.indices.sorted { isBefore($0, $1) }
    let sorted = order.map { (Array(path($0)), records[$0]) }
    (paths, ends, records) = ([], [], [])
    for (path, record) in sorted {
      paths += path
      ends.append(UInt32(paths.count))
      records.append(record)
    }
  }

  /// The first place of a range whose path is not before these bytes.
  func firstIndex(notBefore bytes: ArraySlice<UInt8>, in range: Range<Int>) -> Int {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if CheckoutIndex.order(path(middle), bytes) < 0 { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The place of a path.
  func index(of path: ArraySlice<UInt8>, in range: Range<Int>) -> Int? {
    let place = firstIndex(notBefore: path, in: range)
    return place < range.upperBound && self.path(place).elementsEqual(path) ? place : nil
  }

  /// The places of the paths below a directory, given with a slash at its end.
  func range(below directory: ArraySlice<UInt8>, in range: Range<Int>) -> Range<Int> {
    let start = firstIndex(notBefore: directory, in: range)
    // A slash and then the byte behind it: all that begins with the directory lies between.
    let behind = directory.dropLast() + [UInt8(ascii: "/") + 1]
    return start..<firstIndex(notBefore: behind[...], in: start..<range.upperBound)
  }
}
