// SPDX-License-Identifier: Apache-2.0

/// One `.gitignore`, or a file of its form, as gitignore(5) describes it.
struct IgnoreFile: Sendable {
  private struct Rule: Sendable {
    var pattern: ArraySlice<UInt8>
    var isNegated = false
    /// Only directories match.
    var isDirectory = false
    /// Matched against the whole path below the file's directory, not against the name alone.
    var isAnchored = false
    var form = Form.pattern

    /// Most rules need no pattern match.
    enum Form { case literal, suffix, pattern }
  }

  /// The directory that it stands in, empty or with a slash at its end.
  private let base: [UInt8]
  private var rules: [Rule] = []

  init(_ bytes: [UInt8], base: [UInt8]) {
    self.base = base
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    let text = bytes.starts(with: mark) ? bytes.dropFirst(3) : bytes[...]
    for line in text.split(separator: UInt8(ascii: "\n")) {
      if let rule = IgnoreFile.rule(line.last == UInt8(ascii: "\r") ? line.dropLast() : line) { rules.append(rule) }
    }
  }

  var isEmpty: Bool { rules.isEmpty }

  private static func rule(_ line: ArraySlice<UInt8>) -> Rule? {
    guard line.first != UInt8(ascii: "#") else { return nil }
    var rule = Rule(pattern: withoutTrailingSpaces(line))
    if rule.pattern.first == UInt8(ascii: "!") {
      rule.isNegated = true
      rule.pattern = rule.pattern.dropFirst()
    }
    if rule.pattern.last == UInt8(ascii: "/") {
      rule.isDirectory = true
      rule.pattern = rule.pattern.dropLast()
    }
    rule.isAnchored = rule.pattern.contains(UInt8(ascii: "/"))
    if rule.pattern.first == UInt8(ascii: "/") { rule.pattern = rule.pattern.dropFirst() }
    guard !rule.pattern.isEmpty else { return nil }
    if !rule.pattern.contains(where: isSpecial) {
      rule.form = .literal
    } else if !rule.isAnchored, rule.pattern.first == UInt8(ascii: "*"),
      !rule.pattern.dropFirst().contains(where: isSpecial)
    {
      rule.form = .suffix
      rule.pattern = rule.pattern.dropFirst()
    }
    return rule
  }

  private static func isSpecial(_ byte: UInt8) -> Bool {
    [UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "["), UInt8(ascii: "\\")].contains(byte)
  }

  /// Spaces at the end do not count, but for one behind a backslash.
  private static func withoutTrailingSpaces(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var end = line.endIndex
    while end > line.startIndex, line[end - 1] == UInt8(ascii: " ") {
      let escapes = line[..<(end - 1)].reversed().prefix { $0 == UInt8(ascii: "\\") }.count
      if escapes % 2 == 1 { break }
      end -= 1
    }
    return line[..<end]
  }

  /// Whether a path is ignored, by the last rule that fits; nil where none does.
  func verdict(_ path: [UInt8], nameStart: Int, isDirectory: Bool) -> Bool? {
    let name = path[nameStart...]
    for rule in rules.reversed() where isDirectory || !rule.isDirectory {
      let text = rule.isAnchored ? path[base.count...] : name
      let matches =
        switch rule.form {
        case .literal: text.elementsEqual(rule.pattern)
        case .suffix: text.count >= rule.pattern.count && text.suffix(rule.pattern.count).elementsEqual(rule.pattern)
        case .pattern: WildMatch.matches(rule.pattern, text)
        }
      if matches { return !rule.isNegated }
    }
    return nil
  }
}

/// What is ignored in one directory: the files above it and its own, the strongest last.
struct IgnoreRules: Sendable {
  private var files: [IgnoreFile] = []
  /// The directory itself is ignored: nothing below it can be taken in again.
  var ignoresAll = false

  init(_ files: [IgnoreFile]) { self.files = files.filter { !$0.isEmpty } }

  /// With the `.gitignore` of a directory below.
  func adding(_ file: IgnoreFile) -> IgnoreRules {
    var rules = self
    if !file.isEmpty { rules.files.append(file) }
    return rules
  }

  func ignores(_ path: [UInt8], nameStart: Int, isDirectory: Bool) -> Bool {
    if ignoresAll { return true }
    for file in files.reversed() {
      if let verdict = file.verdict(path, nameStart: nameStart, isDirectory: isDirectory) { return verdict }
    }
    return false
  }
}
