// SPDX-License-Identifier: Apache-2.0
import Glossary

/// Where a match must stand to be shown.
package enum CodeRegion: String, CaseIterable, Sendable {
  /// In the text of a function, comments and strings left out.
  case function
  case comment
  case string
}

/// The comments and strings of a source, found once on its bytes.
struct CodeRegions {
  private var comments: [Range<Int>] = []
  private var strings: [Range<Int>] = []

  init(_ bytes: [UInt8], language: Language) {
    let marks = CommentMarks(language)
    bytes.withUnsafeBufferPointer { text in
      var at = 0
      while at < text.count {
        let byte = text[at]
        if marks.hasSlashes, byte == UInt8(ascii: "/"), at + 1 < text.count,
          text[at + 1] == UInt8(ascii: "*") || text[at + 1] == UInt8(ascii: "/")
        {
          let end = CodeRegions.endOfComment(text, at)
          comments.append(at..<end)
          at = end
        } else if marks.hasHash, byte == UInt8(ascii: "#") {
          let end = CodeRegions.endOfLine(text, at)
          comments.append(at..<end)
          at = end
        } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") && marks.hasCharacters {
          let end = CodeRegions.endOfQuote(text, at)
          if byte == UInt8(ascii: "\"") || marks.hasHash { strings.append(at..<end) }
          at = end
        } else {
          at += 1
        }
      }
    }
  }

  func isComment(_ offset: Int) -> Bool { CodeRegions.holds(comments, offset) }

  func isString(_ offset: Int) -> Bool { CodeRegions.holds(strings, offset) }

  private struct CommentMarks {
    var hasSlashes: Bool
    var hasHash: Bool
    var hasCharacters: Bool

    init(_ language: Language) {
      switch language {
      case .c, .cpp, .devicetree, .assembly, .linkerScript: (hasSlashes, hasHash, hasCharacters) = (true, false, true)
      // A lifetime of Rust looks like the begin of a character.
      case .rust, .swift: (hasSlashes, hasHash, hasCharacters) = (true, false, false)
      case .python, .shell, .perl: (hasSlashes, hasHash, hasCharacters) = (false, true, true)
      case .make, .kconfig, .yaml: (hasSlashes, hasHash, hasCharacters) = (false, true, false)
      default: (hasSlashes, hasHash, hasCharacters) = (false, false, false)
      }
    }
  }

  private static func holds(_ ranges: [Range<Int>], _ offset: Int) -> Bool {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound <= offset { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(offset)
  }

  private static func endOfComment(_ text: UnsafeBufferPointer<UInt8>, _ slash: Int) -> Int {
    if text[slash + 1] == UInt8(ascii: "/") { return endOfLine(text, slash) }
    var at = slash + 2
    while at + 1 < text.count, text[at] != UInt8(ascii: "*") || text[at + 1] != UInt8(ascii: "/") { at += 1 }
    return min(at + 2, text.count)
  }

  private static func endOfLine(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    var at = start
    while at < text.count, text[at] != UInt8(ascii: "\n") { at += 1 }
    return at
  }

  /// One past the closing quote; the line's end where there is none.
  private static func endOfQuote(_ text: UnsafeBufferPointer<UInt8>, _ open: Int) -> Int {
    var at = open + 1
    while at < text.count, text[at] != text[open] {
      if text[at] == UInt8(ascii: "\n") { return at }
      at += text[at] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(at + 1, text.count)
  }
}
