// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A table that `tools/dictionary` compiled: lines in byte order, each a key, a tab and what is known of it. Mapped, and
/// searched where it lies.
final class WordTable: @unchecked Sendable {  // because the mapping is read-only and lives as long as the object
  private let bytes: UnsafeRawBufferPointer

  /// Nil where the file cannot be mapped.
  init?(path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_size > 0,
      let start = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED
    else { return nil }
    bytes = UnsafeRawBufferPointer(start: start, count: Int(status.st_size))
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count) }

  /// The columns after the key, and whether any key begins with this one.
  func find(_ key: [UInt8]) -> (columns: [String]?, isPrefix: Bool) {
    let line = firstLine(notBefore: key)
    guard line < bytes.count else { return (nil, false) }
    var end = line
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
    guard end - line >= key.count, bytes[line..<(line + key.count)].elementsEqual(key) else { return (nil, false) }
    guard line + key.count < end, bytes[line + key.count] == UInt8(ascii: "\t") else { return (nil, true) }
    let text = bytes[(line + key.count + 1)..<end]
    return (text.split(separator: UInt8(ascii: "\t")).map { String(decoding: $0, as: UTF8.self) }, true)
  }

  /// Where the first line begins whose key is not before this one.
  private func firstLine(notBefore key: [UInt8]) -> Int {
    var (low, high) = (0, bytes.count)
    while low < high {
      let middle = lineStart(at: (low + high) / 2)
      if isKey(at: middle, before: key) { low = lineEnd(from: max(middle, low)) + 1 } else { high = middle }
    }
    return min(low, bytes.count)
  }

  private func lineStart(at offset: Int) -> Int {
    var start = offset
    while start > 0, bytes[start - 1] != UInt8(ascii: "\n") { start -= 1 }
    return start
  }

  private func lineEnd(from offset: Int) -> Int {
    var end = offset
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
    return end
  }

  private func isKey(at line: Int, before key: [UInt8]) -> Bool {
    var index = 0
    while index < key.count {
      let place = line + index
      // A tab sorts before every byte of a word, so a key comes before those that it begins.
      guard place < bytes.count, bytes[place] != UInt8(ascii: "\t"), bytes[place] != UInt8(ascii: "\n") else {
        return true
      }
      if bytes[place] != key[index] { return bytes[place] < key[index] }
      index += 1
    }
    return false
  }
}
