// SPDX-License-Identifier: Apache-2.0
import Glibc

/// One blob's bytes and where its lines begin; borrowed for the length of one analysis.
struct Source {
  let bytes: UnsafePointer<UInt8>
  let count: Int
  let lines: LineIndex

  @inline(__always) subscript(_ offset: Int) -> UInt8 { bytes[offset] }

  func text(_ range: Range<Int>) -> String {
    String(decoding: UnsafeBufferPointer(start: bytes + range.lowerBound, count: range.count), as: UTF8.self)
  }

  /// Whether the bytes at `offset` are those of `literal`.
  func matches(_ literal: StaticString, at offset: Int) -> Bool {
    let length = literal.utf8CodeUnitCount
    guard offset >= 0, offset + length <= count else { return false }
    for index in 0..<length where bytes[offset + index] != literal.utf8Start[index] { return false }
    return true
  }

  /// The first offset from `offset` on, below `end`, that is neither blank nor a line end.
  func skipSpace(_ offset: Int, _ end: Int) -> Int {
    var offset = offset
    while offset < end, bytes[offset].isBlankOrLineEnd { offset += 1 }
    return offset
  }

  /// The first offset from `offset` on, below `end`, that is not blank.
  func skipBlanks(_ offset: Int, _ end: Int) -> Int {
    var offset = offset
    while offset < end, bytes[offset].isBlank { offset += 1 }
    return offset
  }

  /// The end of the word at `offset`.
  func wordEnd(_ offset: Int, _ end: Int) -> Int {
    var offset = offset
    while offset < end, bytes[offset].isWord { offset += 1 }
    return offset
  }

  /// The range without blanks and line ends at its two ends.
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    let low = skipSpace(range.lowerBound, range.upperBound)
    var high = range.upperBound
    while high > low, bytes[high - 1].isBlankOrLineEnd { high -= 1 }
    return low..<high
  }

  /// The line's bytes without its line end; `line` counts from 0.
  func line(_ line: Int) -> Range<Int> {
    let start = lines.start(line)
    var end = lines.start(line + 1)
    if end > start, bytes[end - 1] == Ascii.lineEnd { end -= 1 }
    if end > start, bytes[end - 1] == Ascii.carriageReturn { end -= 1 }
    return start..<end
  }

  func isBlankLine(_ line: Int) -> Bool {
    let range = self.line(line)
    return skipBlanks(range.lowerBound, range.upperBound) == range.upperBound
  }
}

/// Where the lines of a blob begin. One is kept for each worker and filled anew for each blob.
final class LineIndex {
  private var starts = UnsafeMutablePointer<Int32>.allocate(capacity: 1024)
  private var capacity = 1024
  /// Line ends in the blob; an unfinished last line counts as one.
  private(set) var count = 0

  deinit { starts.deallocate() }

  func fill(_ bytes: UnsafePointer<UInt8>, _ byteCount: Int) {
    count = 0
    var offset = 0
    while offset < byteCount {
      if count + 2 > capacity { grow() }
      starts[count] = Int32(truncatingIfNeeded: offset)
      count += 1
      guard let found = memchr(bytes + offset, 0x0a, byteCount - offset) else { break }
      offset = UnsafeRawPointer(found) - UnsafeRawPointer(bytes) + 1
    }
    starts[count] = Int32(truncatingIfNeeded: byteCount)
  }

  /// The first byte of a line that counts from 0; one past the last line gives the blob's end.
  func start(_ line: Int) -> Int { Int(starts[line]) }

  /// The line, counted from 0, that holds the byte.
  func line(of offset: Int) -> Int {
    var low = 0
    var high = count
    while low + 1 < high {
      let middle = (low + high) / 2
      if Int(starts[middle]) <= offset { low = middle } else { high = middle }
    }
    return low
  }

  private func grow() {
    let larger = UnsafeMutablePointer<Int32>.allocate(capacity: capacity * 2)
    larger.update(from: starts, count: capacity)
    starts.deallocate()
    starts = larger
    capacity *= 2
  }
}
