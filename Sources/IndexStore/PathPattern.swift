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

  /// How many slashes a path has, 255 at most.
  static func depth(of path: UnsafeRawBufferPointer) -> UInt8 {
    var depth = 0
    for byte in path where byte == UInt8(ascii: "/") { depth += 1 }
    return UInt8(clamping: depth)
  }

  /// - Parameter depth: of the path.
  mutating func matches(_ bytes: UnsafeRawBufferPointer, depth: UInt8) -> Bool {
    if let slashes, UInt8(clamping: slashes) != depth { return false }
    guard bytes.hasSuffix(end) else { return false }
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

/// Finds the paths of a snapshot that patterns of MAINTAINERS are over.
struct PatternPaths {
  private let view: SnapshotView
  private let depths: [UInt8]

  init(_ view: SnapshotView) {
    self.view = view
    depths = (0..<view.fileCount).map { view.manifest.withPath(at: $0, PathPattern.depth) }
  }

  /// The paths that a pattern is over, `limit` of them at most: `fs/btrfs/` all below it, `net/*.c` those beside each
  /// other, `lib/sort.c` one. A pattern that begins with a wild card is over too much to say anything.
  func matching(_ pattern: String, limit: Int) -> [Int] {
    guard let wild = pattern.firstIndex(where: { "*?[".contains($0) }) else {
      if !pattern.hasSuffix("/"), let file = view.manifest.index(of: TreePath(text: pattern)) { return [file] }
      return Array(view.files(under: pattern.hasSuffix("/") ? pattern : pattern + "/").prefix(limit))
    }
    guard wild > pattern.startIndex else { return [] }
    var wanted = PathPattern(pattern)
    var found: [Int] = []
    for file in view.files(under: String(pattern[..<wild])) where found.count < limit {
      if view.manifest.withPath(at: file, { wanted.matches($0, depth: depths[file]) }) { found.append(file) }
    }
    return found
  }
}
