// SPDX-License-Identifier: Apache-2.0

/// Finds what in Markdown looks like a path, a file name or a symbol. Works on bytes, in one pass over the lines.
struct MentionScanner {
  let text: String
  /// Code spans that need no look.
  let knownSpans: Set<[UInt8]>

  func mentions() -> [NameMention] {
    var mentions: [NameMention] = []
    var fence: [UInt8]?
    for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true) {
      let trimmed = line.drop { $0 == UInt8(ascii: " ") }
      let ticks = Array(trimmed.prefix { $0 == UInt8(ascii: "`") || $0 == UInt8(ascii: "~") })
      if let open = fence {
        if ticks.count >= open.count, ticks.first == open.first { fence = nil }
      } else if ticks.count >= 3 {
        fence = ticks
      } else {
        scan(Array(line), into: &mentions)
      }
    }
    return mentions
  }

  /// One line outside of fenced code: code spans and prose by turns.
  private func scan(_ line: [UInt8], into mentions: inout [NameMention]) {
    for (index, part) in line.split(separator: UInt8(ascii: "`"), omittingEmptySubsequences: false).enumerated() {
      let isCode = !index.isMultiple(of: 2)
      if isCode, knownSpans.contains(Array(part)) { continue }
      let separators: (UInt8) -> Bool = { byte in
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\""),
          UInt8(ascii: "'"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "["), UInt8(ascii: "]"),
          UInt8(ascii: "*"), UInt8(ascii: "|"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "="):
          true
        default: byte >= 0x80
        }
      }
      for token in part.split(whereSeparator: separators) {
        if let mention = MentionScanner.mention(token, isCode: isCode) { mentions.append(mention) }
      }
    }
  }

  private static func mention(_ token: ArraySlice<UInt8>, isCode: Bool) -> NameMention? {
    var token = token
    while let first = token.first, first == UInt8(ascii: "(") || first == UInt8(ascii: "&") {
      token = token.dropFirst()
    }
    let isCall = token.contains(UInt8(ascii: "("))
    if let parenthesis = token.firstIndex(where: { $0 == UInt8(ascii: "(") || $0 == UInt8(ascii: ")") }) {
      token = token[..<parenthesis]
    }
    let name = String(decoding: token, as: UTF8.self)
    if name.contains("://") || name.contains("@") { return nil }
    if let path = pathMention(token, isCode: isCode) { return path }
    return symbolMention(token, isCode: isCode, isCall: isCall)
  }

  private static func pathMention(_ token: ArraySlice<UInt8>, isCode: Bool) -> NameMention? {
    var path = token
    // A place in the file: `:12`, `:12-40`, `#L12-L40`.
    if let mark = path.firstIndex(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "#") }) {
      path = path[..<mark]
    }
    while let last = path.last, last == UInt8(ascii: ".") || last == UInt8(ascii: "!") || last == UInt8(ascii: "?") {
      path = path.dropLast()
    }
    guard path.count >= 3, path.allSatisfy(isPath), path.contains(where: isLetter) else { return nil }
    let name = path.split(separator: UInt8(ascii: "/")).last ?? path
    let text = String(decoding: path, as: UTF8.self)
    if path.contains(UInt8(ascii: "/")) {
      let isAbsolute = path.first == UInt8(ascii: "/")
      let looksLikeFile = hasExtension(name) || buildFileNames.contains(String(decoding: name, as: UTF8.self))
      return !isAbsolute && (isCode || looksLikeFile) ? NameMention(name: text, kind: .path) : nil
    }
    return hasExtension(name) ? NameMention(name: text, kind: .fileName) : nil
  }

  private static func symbolMention(_ token: ArraySlice<UInt8>, isCode: Bool, isCall: Bool) -> NameMention? {
    var name = token
    while let last = name.last, !isIdentifier(last) { name = name.dropLast() }
    guard name.count >= 3, name.allSatisfy(isIdentifier), let first = name.first, !isDigit(first) else { return nil }
    guard name.contains(where: isLetter) else { return nil }
    let hasUnderscore = name.dropFirst().dropLast().contains(UInt8(ascii: "_"))
    guard hasUnderscore || (isCode && isCall) else { return nil }
    return NameMention(name: String(decoding: name, as: UTF8.self), kind: .symbol)
  }

  private static let buildFileNames: Set<String> = ["Kconfig", "Makefile", "Kbuild", "MAINTAINERS"]

  private static let extensions: Set<String> = [
    "c", "h", "S", "s", "rs", "py", "sh", "pl", "rst", "md", "txt", "yaml", "yml", "dts", "dtsi", "dtso", "lds", "mk",
    "cc", "cpp", "hpp", "hh", "cxx", "swift", "json", "toml", "y", "l", "inc", "tbl", "cocci",
  ]

  private static func hasExtension(_ name: ArraySlice<UInt8>) -> Bool {
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex else { return false }
    return extensions.contains(String(decoding: name[(dot + 1)...], as: UTF8.self))
  }

  static func isIdentifier(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_") }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func isPath(_ byte: UInt8) -> Bool {
    isIdentifier(byte) || [UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+")].contains(byte)
  }
}
