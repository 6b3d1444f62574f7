// SPDX-License-Identifier: Apache-2.0

/// A source file with comments and the contents of strings blanked, so that a plain search over it sees code alone.
/// Lines and columns stay where they are.
struct CodeText {
  enum Syntax { case swift, c }

  /// The file's lines as written.
  let lines: [String]
  /// The same lines, blanked.
  let codeLines: [String]
  /// The blanked text as one.
  let code: [UInt8]

  init(_ text: String, syntax: Syntax = .swift) {
    var mask = CodeMask(bytes: Array(text.utf8), syntax: syntax)
    code = mask.run()
    lines = Self.lines(of: Array(text.utf8))
    codeLines = Self.lines(of: code)
  }

  /// Whether a comment on the line, right above it or right below it, holds `word`.
  func isExplained(line: Int, by word: String) -> Bool {
    let isComment = { (index: Int) in lines[index].drop { $0 == " " }.hasPrefix("//") }
    let above = lines.indices[..<line].reversed().prefix(while: isComment)
    let below = lines.indices[line...].dropFirst().prefix(while: isComment)
    return (Array(above) + [line] + Array(below)).contains { index in
      lines[index].contains(word) && !codeLines[index].contains(word)
    }
  }

  private static func lines(of bytes: [UInt8]) -> [String] {
    bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
  }
}

/// Walks a file once, blanking what is not code. Interpolations inside strings are code again.
private struct CodeMask {
  private enum Scope {
    /// Code, with the number of parentheses open since the scope began.
    case code(parentheses: Int)
    case string(hashes: Int, isMultiline: Bool)
  }

  private let bytes: [UInt8]
  private let syntax: CodeText.Syntax
  private var output: [UInt8]
  private var position = 0
  private var scopes = [Scope.code(parentheses: 0)]

  init(bytes: [UInt8], syntax: CodeText.Syntax) {
    self.bytes = bytes
    self.syntax = syntax
    output = bytes
  }

  mutating func run() -> [UInt8] {
    while position < bytes.count {
      switch scopes[scopes.count - 1] {
      case .code(let parentheses): stepInCode(parentheses: parentheses)
      case .string(let hashes, let isMultiline): stepInString(hashes: hashes, isMultiline: isMultiline)
      }
    }
    return output
  }

  private mutating func stepInCode(parentheses: Int) {
    if starts("//") { return blankLine() }
    if starts("/*") { return blankBlock() }
    if syntax == .c, bytes[position] == UInt8(ascii: "'") { return blankCharacter() }
    if opensString() { return }
    switch bytes[position] {
    case UInt8(ascii: "("): scopes[scopes.count - 1] = .code(parentheses: parentheses + 1)
    case UInt8(ascii: ")") where parentheses == 0 && scopes.count > 1: scopes.removeLast()
    case UInt8(ascii: ")"): scopes[scopes.count - 1] = .code(parentheses: parentheses - 1)
    default: break
    }
    position += 1
  }

  private mutating func stepInString(hashes: Int, isMultiline: Bool) {
    let pounds = String(repeating: "#", count: hashes)
    if starts((isMultiline ? "\"\"\"" : "\"") + pounds) {
      position += (isMultiline ? 3 : 1) + hashes
      scopes.removeLast()
    } else if syntax == .swift, starts("\\\(pounds)(") {
      blank(hashes + 1)
      position += 1
      scopes.append(.code(parentheses: 0))
    } else if starts("\\\(pounds)") {
      blank(hashes + 2)
    } else if bytes[position] == UInt8(ascii: "\n"), !isMultiline {
      scopes.removeLast()
    } else {
      blank(1)
    }
  }

  private mutating func opensString() -> Bool {
    var hashes = 0
    while position + hashes < bytes.count, bytes[position + hashes] == UInt8(ascii: "#") { hashes += 1 }
    guard position + hashes < bytes.count, bytes[position + hashes] == UInt8(ascii: "\"") else { return false }
    position += hashes
    let isMultiline = syntax == .swift && starts("\"\"\"")
    position += isMultiline ? 3 : 1
    scopes.append(.string(hashes: hashes, isMultiline: isMultiline))
    return true
  }

  private mutating func blankLine() {
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { blank(1) }
  }

  private mutating func blankBlock() {
    var depth = 0
    repeat {
      if starts("/*"), syntax == .swift || depth == 0 {
        depth += 1
        blank(2)
      } else if starts("*/") {
        depth -= 1
        blank(2)
      } else {
        blank(1)
      }
    } while depth > 0 && position < bytes.count
  }

  private mutating func blankCharacter() {
    position += 1
    while position < bytes.count, bytes[position] != UInt8(ascii: "'"), bytes[position] != UInt8(ascii: "\n") {
      blank(bytes[position] == UInt8(ascii: "\\") ? 2 : 1)
    }
    position += 1
  }

  /// Blanks the next `count` bytes; line ends stay.
  private mutating func blank(_ count: Int) {
    for _ in 0..<count where position < bytes.count {
      if bytes[position] != UInt8(ascii: "\n") { output[position] = UInt8(ascii: " ") }
      position += 1
    }
  }

  private func starts(_ text: String) -> Bool { bytes[position...].starts(with: text.utf8) }
}
