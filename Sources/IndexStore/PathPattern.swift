// SPDX-License-Identifier: Apache-2.0
import Glibc
import Glossary

/// A pattern of MAINTAINERS with wild cards, as `fnmatch` takes it, asked of many paths: what a look at the path's slashes
/// and end rules out is not asked.
struct PathPattern {
  private let glob: [CChar]
  private let flags: Int32
  /// How many slashes a path must have; nil where any number will do.
  private let slashes: Int?
  /// What a path must end with.
  private let end: [UInt8]
  private var path: [CChar] = []

  /// Below a directory everything counts; a file's pattern stays in its directory.
  init(_ pattern: String) {
    let isDirectory = pattern.hasSuffix("/")
    let text = Array((isDirectory ? pattern + "*" : pattern).utf8)
    glob = text.map(CChar.init(bitPattern:)) + [0]
    flags = isDirectory ? 0 : FNM_PATHNAME
    // A set or an escape may hold any of the characters that are counted here.
    let isPlain = !text.contains { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "\\") }
    slashes = isPlain && !isDirectory ? text.count { $0 == UInt8(ascii: "/") } : nil
    let wild = text.lastIndex { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }
    end = isPlain ? wild.map { Array(text[($0 + 1)...]) } ?? [] : []
  }

  mutating func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= end.count, bytes.suffix(end.count).elementsEqual(end) else { return false }
    if let slashes, bytes.count(where: { $0 == UInt8(ascii: "/") }) != slashes { return false }
    if path.count <= bytes.count { path = [CChar](repeating: 0, count: bytes.count + 64) }
    return path.withUnsafeMutableBytes { buffer in
      buffer.copyMemory(from: bytes)
      buffer[bytes.count] = 0
      return glob.withUnsafeBufferPointer { glob in
        fnmatch(glob.baseAddress, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), flags) == 0
      }
    }
  }
}

extension SnapshotView {
  /// The paths that a pattern of MAINTAINERS is over, `limit` of them at most: `fs/btrfs/` all below it, `net/*.c`
  /// those beside each other, `lib/sort.c` one. A pattern that begins with a wild card is over too much to say anything.
  func files(matching pattern: String, limit: Int) -> [Int] {
    guard let wild = pattern.firstIndex(where: { "*?[".contains($0) }) else {
      if !pattern.hasSuffix("/"), let file = manifest.index(of: TreePath(text: pattern)) { return [file] }
      return Array(files(under: pattern.hasSuffix("/") ? pattern : pattern + "/").prefix(limit))
    }
    guard wild > pattern.startIndex else { return [] }
    var wanted = PathPattern(pattern)
    var found: [Int] = []
    for file in files(under: String(pattern[..<wild])) where found.count < limit {
      if manifest.withPath(at: file, { wanted.matches($0) }) { found.append(file) }
    }
    return found
  }
}
