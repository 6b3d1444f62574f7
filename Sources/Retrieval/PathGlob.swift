// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// A pattern for paths: `*` and `?` stay within a directory, `**` does not; a pattern without them stands for the path
/// itself and all below it; one without `/` is matched against the file's name.
package struct PathGlob: Sendable {
  private let pattern: [UInt8]
  private let hasWildcard: Bool
  private let matchesName: Bool

  package init(_ pattern: String) {
    var text = pattern[...]
    while text.hasPrefix("/") { text = text.dropFirst() }
    while text.hasPrefix("./") { text = text.dropFirst(2) }
    while text.hasSuffix("/") { text = text.dropLast() }
    self.pattern = Array(text.utf8)
    hasWildcard = text.contains("*") || text.contains("?")
    matchesName = hasWildcard && !text.contains("/") && !text.contains("**")
  }

  /// Whether the pattern takes the whole path.
  package func matches(_ path: TreePath) -> Bool {
    guard hasWildcard else {
      return path.bytes.starts(with: pattern)
        && (pattern.isEmpty || path.bytes.count == pattern.count || path.bytes[pattern.count] == UInt8(ascii: "/"))
    }
    return PathGlob.match(pattern[...], matchesName ? path.nameBytes : path.bytes[...])
  }

  /// Backtracks only to the last star of each kind, so that the time stays within pattern times path.
  private static func match(_ pattern: ArraySlice<UInt8>, _ path: ArraySlice<UInt8>) -> Bool {
    let star = UInt8(ascii: "*")
    var (p, s) = (pattern.startIndex, path.startIndex)
    var single: (pattern: Int, path: Int)?
    var double: (pattern: Int, path: Int)?
    while true {
      if p < pattern.endIndex, pattern[p] == star {
        let isDouble = p + 1 < pattern.endIndex && pattern[p + 1] == star
        if isDouble {
          p += 2
          if p < pattern.endIndex, pattern[p] == UInt8(ascii: "/") { p += 1 }
          (double, single) = ((p, s), nil)
        } else {
          p += 1
          single = (p, s)
        }
        continue
      }
      if s == path.endIndex, p == pattern.endIndex { return true }
      if s < path.endIndex, p < pattern.endIndex,
        pattern[p] == path[s] || (pattern[p] == UInt8(ascii: "?") && path[s] != UInt8(ascii: "/"))
      {
        p += 1
        s += 1
      } else if let last = single, last.path < path.endIndex, path[last.path] != UInt8(ascii: "/") {
        single = (last.pattern, last.path + 1)
        (p, s) = (last.pattern, last.path + 1)
      } else if let last = double, last.path < path.endIndex {
        (double, single) = ((last.pattern, last.path + 1), nil)
        (p, s) = (last.pattern, last.path + 1)
      } else {
        return false
      }
    }
  }
}
