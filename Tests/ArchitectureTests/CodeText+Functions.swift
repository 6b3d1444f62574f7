// SPDX-License-Identifier: Apache-2.0

/// A function, initialiser, subscript or computed property, and how long it is.
struct FunctionSpan: Equatable {
  var name: String
  /// 1-based line of its first word.
  var line: Int
  /// From its first word to its closing brace.
  var lineCount: Int
}

extension CodeText {
  /// The bodies of a Swift file in the order in which they begin; requirements of protocols have none.
  func swiftFunctions() -> [FunctionSpan] {
    var spans: [FunctionSpan] = []
    var position = 0
    while position < code.count {
      let word = word(at: position)
      if let brace = bodyOpening(of: word, at: position) {
        spans.append(span(named: name(after: word, at: position), from: position, brace: brace))
      }
      position += max(word.utf8.count, 1)
    }
    return spans
  }

  /// The functions of a C file: braces at the outermost level that follow a closing parenthesis.
  func cFunctions() -> [FunctionSpan] {
    var spans: [FunctionSpan] = []
    var depth = 0
    var previous: UInt8 = 0
    for (position, byte) in code.enumerated() where !Self.isSpace(byte) {
      if byte == UInt8(ascii: "{") {
        if depth == 0, previous == UInt8(ascii: ")") {
          spans.append(span(named: "", from: position, brace: position))
        }
        depth += 1
      } else if byte == UInt8(ascii: "}") {
        depth -= 1
      }
      previous = byte
    }
    return spans
  }

  /// Words that begin another declaration: before a brace, they mean that the one at hand has no body.
  private static let declarationWords: Set<String> = [
    "func", "var", "let", "init", "deinit", "subscript", "struct", "enum", "protocol", "extension", "actor", "case",
    "associatedtype", "typealias", "static", "mutating", "package", "private", "import",
  ]

  private func bodyOpening(of word: String, at position: Int) -> Int? {
    let end = position + word.utf8.count
    switch word {
    case "func", "subscript", "deinit": return brace(from: end, withinLine: false)
    case "var": return brace(from: end, withinLine: true)
    case "init":
      let before = code[..<position].last { !Self.isSpace($0) }
      let after = code[end...].first { !Self.isSpace($0) && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "!") }
      let opens = after == UInt8(ascii: "(") || after == UInt8(ascii: "<")
      return before != UInt8(ascii: ".") && opens ? brace(from: end, withinLine: false) : nil
    default: return nil
    }
  }

  /// The first brace outside parentheses, unless another declaration, or the end of the type, comes first.
  private func brace(from start: Int, withinLine: Bool) -> Int? {
    var depth = 0
    var position = start
    while position < code.count {
      switch code[position] {
      case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: "{") where depth == 0: return position
      case UInt8(ascii: "}") where depth == 0: return nil
      case UInt8(ascii: "\n") where withinLine && depth == 0: return nil
      default:
        let word = word(at: position)
        if depth == 0, Self.declarationWords.contains(word) { return nil }
        position += max(word.utf8.count - 1, 0)
      }
      position += 1
    }
    return nil
  }

  private func span(named name: String, from start: Int, brace: Int) -> FunctionSpan {
    var depth = 0
    var end = brace
    while end < code.count {
      if code[end] == UInt8(ascii: "{") { depth += 1 }
      if code[end] == UInt8(ascii: "}") { depth -= 1 }
      if depth == 0 { break }
      end += 1
    }
    let newline = UInt8(ascii: "\n")
    let line = code[..<start].count { $0 == newline } + 1
    return FunctionSpan(name: name, line: line, lineCount: code[start..<end].count { $0 == newline } + 1)
  }

  private func name(after keyword: String, at position: Int) -> String {
    guard keyword == "func" || keyword == "var" else { return keyword }
    let rest = code[(position + keyword.utf8.count)...].drop(while: Self.isSpace)
    return String(decoding: rest.prefix { !Self.isSpace($0) && !"(<:".utf8.contains($0) }, as: UTF8.self)
  }

  /// The word that begins at a position; empty where none begins there.
  private func word(at position: Int) -> String {
    guard Self.isWord(code[position]), position == 0 || !Self.isWord(code[position - 1]) else { return "" }
    return String(decoding: code[position...].prefix(while: Self.isWord), as: UTF8.self)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), 0x80...: true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: false
    }
  }
}
