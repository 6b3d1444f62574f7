// SPDX-License-Identifier: Apache-2.0
import Glossary

/// Tells what use of a name a place in a source is.
enum UseJudgement {
  /// Whether the name follows a type: `int name`, `char *name`.
  static func isDeclared(_ use: NameUse, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    switch use.before {
    case .word(let word, let isSameLine):
      isSameLine && !isOne(of: statements, text, word) && !isOne(of: tags, text, word)
    case .mark(UInt8(ascii: "*")):
      // `*name` after a type begins a line or an argument; in an expression it is a product or what a pointer points to.
      ",);=[".utf8.contains(CodeCursor.byte(after: use.range.upperBound, in: text)) && use.place != .macroBody
        && isAfterWord(use.range.lowerBound, in: text)
    default: false
    }
  }

  /// Whether a name stands before the stars that lead to an offset.
  private static func isAfterWord(_ offset: Int, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    var at = offset - 1
    while at >= 0, text[at] == UInt8(ascii: "*") || text[at] == 0x20 || text[at] == 0x09 { at -= 1 }
    return at >= 0 && NameBytes.isPart(text[at])
  }

  /// nil where it is no use: a member of that name, a declaration, a definition.
  static func kind(of use: NameUse, in text: UnsafeBufferPointer<UInt8>) -> NameUseKind? {
    switch use.before {
    case .arrow, .mark(UInt8(ascii: ".")), .mark(UInt8(ascii: "#")): return nil
    case .word(let word, let isSameLine):
      if isOne(of: tags, text, word) { return nil }
      let isDeclared = isSameLine && !isOne(of: statements, text, word)
      if isDeclared, use.place != .macroBody { return nil }
    default: break
    }
    switch use.place {
    case .macroBody: return use.isCalled ? .call : .address
    case .function, .initialiser:
      if use.isCalled { return .call }
      return use.field != nil && use.argumentOf == nil ? .table : isValue(use, in: text) ? .address : nil
    case .typeBody: return use.isCalled ? .call : nil
    case .fileLevel: return kindAtFileLevel(use, in: text)
    }
  }

  /// Between parentheses of a macro it is an argument; before one, the macro itself.
  private static func kindAtFileLevel(_ use: NameUse, in text: UnsafeBufferPointer<UInt8>) -> NameUseKind? {
    if let outer = use.argumentOf {
      guard !use.isCalled else { return .call }
      let next = CodeCursor.byte(after: use.range.upperBound, in: text)
      guard next == UInt8(ascii: ")") || next == UInt8(ascii: ",") else { return nil }
      return text[outer].starts(with: "EXPORT_".utf8) ? .export : .registration
    }
    switch use.before {
    case .mark(UInt8(ascii: "=")): return use.isCalled ? .call : .address
    case .mark(UInt8(ascii: "*")): return nil
    case .nothing, .mark(UInt8(ascii: ";")), .mark(UInt8(ascii: "}")), .mark(UInt8(ascii: ")")):
      return use.isCalled ? .call : nil
    default: return nil
    }
  }

  /// Whether what follows lets the name be a function's address, which nothing is assigned to or taken from.
  private static func isValue(_ use: NameUse, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    let next = CodeCursor.byte(after: use.range.upperBound, in: text)
    guard ",);}:?&|=!".utf8.contains(next) else { return false }
    switch use.before {
    case .mark(let mark): return "(,=&?:{!|".utf8.contains(mark)
    case .word: return true
    default: return false
    }
  }

  static func via(_ use: NameUse, _ kind: NameUseKind) -> Range<Int>? {
    switch kind {
    case .table: use.field
    case .address, .export, .registration: use.argumentOf
    default: nil
    }
  }

  private static let tags = ["struct", "union", "enum", "goto", "class"].map { Array($0.utf8) }
  /// Words that a call may follow.
  private static let statements = [
    "return", "else", "do", "case", "sizeof", "typeof", "__typeof__", "defined", "in", "throw", "co_await", "unsafe",
  ].map { Array($0.utf8) }

  private static func isOne(of words: [[UInt8]], _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    words.contains { CodeText.isEqual(text, range, $0) }
  }
}
