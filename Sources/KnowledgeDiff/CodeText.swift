// SPDX-License-Identifier: Apache-2.0
import Glossary

/// Tells a change of code from one of comments or white space alone.
enum CodeText {
  private enum Comments { case slashes, hash, none }

  /// What two texts of one language differ in.
  static func nature(_ old: [UInt8], _ new: [UInt8], _ language: Language) -> ChangeNature {
    if old.prefix(8_000).contains(0) || new.prefix(8_000).contains(0) { return .binary }
    let comments = comments(language)
    let isIndented = language == .python || language == .yaml || language == .make
    if words(old, .none, isIndented) == words(new, .none, isIndented) { return .whitespace }
    guard comments != .none else { return .code }
    return words(old, comments, isIndented) == words(new, comments, isIndented) ? .comments : .code
  }

  private static func comments(_ language: Language) -> Comments {
    switch language {
    case .c, .cpp, .rust, .swift, .devicetree, .assembly, .linkerScript: .slashes
    case .python, .shell, .make, .kconfig, .yaml, .perl: .hash
    default: .none
    }
  }

  /// The text with comments out and each run of white space as one space, none where it parts no two words. Where
  /// indentation means something, lines and what they begin with are kept.
  private static func words(_ text: [UInt8], _ comments: Comments, _ isIndented: Bool) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(text.count)
    var index = 0
    var isParted = false
    func isWord(_ byte: UInt8) -> Bool {
      (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
        || byte >= 0x80
    }
    while index < text.count {
      let byte = text[index]
      if isIndented, byte == UInt8(ascii: "\n") {
        while let last = out.last, last == 0x20 || last == 0x09 { out.removeLast() }
        if let last = out.last, last != UInt8(ascii: "\n") { out.append(byte) }
        isParted = false
        index += 1
      } else if byte <= 0x20 {
        if isIndented, out.last == UInt8(ascii: "\n") || out.last == 0x20 { out.append(byte) }
        isParted = true
        index += 1
      } else if let end = commentEnd(text, index, comments) {
        isParted = true
        index = end
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        let end = stringEnd(text, index)
        out += text[index..<end]
        isParted = false
        index = end
      } else {
        if isParted, let last = out.last, isWord(last), isWord(byte) { out.append(0x20) }
        isParted = false
        out.append(byte)
        index += 1
      }
    }
    while let last = out.last, last <= 0x20 { out.removeLast() }
    return out
  }

  private static func commentEnd(_ text: [UInt8], _ start: Int, _ comments: Comments) -> Int? {
    let next = start + 1 < text.count ? text[start + 1] : 0
    switch comments {
    case .none: return nil
    case .hash:
      // `$#` and `${#x}` of a shell are no comments.
      guard text[start] == UInt8(ascii: "#"), start == 0 || text[start - 1] <= 0x20 else { return nil }
    case .slashes:
      guard text[start] == UInt8(ascii: "/"), next == UInt8(ascii: "*") || next == UInt8(ascii: "/") else { return nil }
      if next == UInt8(ascii: "*") {
        var index = start + 2
        while index + 1 < text.count, !(text[index] == UInt8(ascii: "*") && text[index + 1] == UInt8(ascii: "/")) {
          index += 1
        }
        return min(index + 2, text.count)
      }
    }
    return text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
  }

  /// One past the closing quote, or the end of the line.
  private static func stringEnd(_ text: [UInt8], _ start: Int) -> Int {
    var index = start + 1
    while index < text.count, text[index] != UInt8(ascii: "\n") {
      if text[index] == text[start] { return index + 1 }
      index += text[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(index, text.count)
  }
}
