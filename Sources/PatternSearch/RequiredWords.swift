// SPDX-License-Identifier: Apache-2.0

/// Literal text that every match of an expression holds, and what is known of its borders.
struct RequiredText: Hashable {
  /// ASCII letters, digits and underscores.
  var text: String
  /// Whether no letter, digit or underscore can stand directly before it, or behind it.
  var isBoundBefore: Bool
  var isBoundAfter: Bool
}

/// Reads an expression for the words without which it cannot match. It understands less than the engine does: what it is
/// not sure of gives no words, and so a slower search, never a wrong one.
struct RequiredWords {
  private var rest: ArraySlice<UInt8>
  private var run: [UInt8] = []
  private var isBound = false
  private var found: [RequiredText] = []

  /// Nothing where alternatives, or options inside the expression, leave open what must be there.
  static func words(of expression: String) -> [RequiredText] {
    var reader = RequiredWords(rest: Array(expression.utf8)[...])
    return reader.read() ? reader.found : []
  }

  private init(rest: ArraySlice<UInt8>) { self.rest = rest }

  private mutating func read() -> Bool {
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "|"): return false
      case UInt8(ascii: "("):
        // What a group holds may be optional, repeated or negated: it is passed over.
        end(isBoundAfter: false)
        guard !rest.starts(with: "?".utf8) || isPlainGroup, skipGroup() else { return false }
        skipRepeat()
      case UInt8(ascii: "["):
        end(isBoundAfter: false)
        guard skipClass() else { return false }
        skipRepeat()
      case UInt8(ascii: "\\"): guard readEscape() else { return false }
      case UInt8(ascii: "."):
        end(isBoundAfter: false)
        skipRepeat()
      case UInt8(ascii: "^"), UInt8(ascii: "$"):
        end(isBoundAfter: true)
        isBound = true
      default: literal(byte)
      }
    }
    end(isBoundAfter: false)
    return true
  }

  private var isPlainGroup: Bool {
    rest.starts(with: "?:".utf8) || rest.starts(with: "?=".utf8)
      || rest.starts(with: "?!".utf8) || rest.starts(with: "?<=".utf8) || rest.starts(with: "?<!".utf8)
      || rest.starts(with: "?>".utf8)
  }

  /// A byte that stands for itself, unless what follows makes it optional.
  private mutating func literal(_ byte: UInt8) {
    guard RequiredWords.isWord(byte) else {
      let isOptional = next.map { "?*{".utf8.contains($0) } ?? false
      end(isBoundAfter: !isOptional)
      isBound = !isOptional
      skipRepeat()
      return
    }
    switch next {
    case UInt8(ascii: "?"), UInt8(ascii: "*"), UInt8(ascii: "{"):
      end(isBoundAfter: false)
      skipRepeat()
    case UInt8(ascii: "+"):
      run.append(byte)
      end(isBoundAfter: false)
      skipRepeat()
    default: run.append(byte)
    }
  }

  private mutating func readEscape() -> Bool {
    guard let byte = rest.popFirst() else { return false }
    switch byte {
    case UInt8(ascii: "b"):
      end(isBoundAfter: true)
      isBound = true
    case UInt8(ascii: "s"), UInt8(ascii: "W"), UInt8(ascii: "n"), UInt8(ascii: "t"):
      let isOptional = next.map { "?*{".utf8.contains($0) } ?? false
      end(isBoundAfter: !isOptional)
      skipRepeat()
      isBound = !isOptional
    case UInt8(ascii: "w"), UInt8(ascii: "d"), UInt8(ascii: "S"), UInt8(ascii: "D"), UInt8(ascii: "h"),
      UInt8(ascii: "B"):
      end(isBoundAfter: false)
      skipRepeat()
    default:
      // A letter or digit of another meaning is not guessed at.
      guard !RequiredWords.isWord(byte) else { return false }
      literal(byte)
    }
    return true
  }

  private var next: UInt8? { rest.first }

  private mutating func skipRepeat() {
    guard let byte = next, "?*+{".utf8.contains(byte) else { return }
    if byte == UInt8(ascii: "{") {
      while let inner = rest.popFirst(), inner != UInt8(ascii: "}") {}
    } else {
      rest = rest.dropFirst()
    }
    if let lazy = next, lazy == UInt8(ascii: "?") || lazy == UInt8(ascii: "+") { rest = rest.dropFirst() }
    isBound = false
  }

  /// Passes over the rest of a group whose parenthesis was read.
  private mutating func skipGroup() -> Bool {
    var depth = 1
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\\"): rest = rest.dropFirst()
      case UInt8(ascii: "["): guard skipClass() else { return false }
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"):
        depth -= 1
        if depth == 0 { return true }
      default: break
      }
    }
    return false
  }

  private mutating func skipClass() -> Bool {
    if next == UInt8(ascii: "^") { rest = rest.dropFirst() }
    if next == UInt8(ascii: "]") { rest = rest.dropFirst() }
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "]") { return true }
      if byte == UInt8(ascii: "\\") { rest = rest.dropFirst() }
      // `[:alpha:]` and its kin.
      if byte == UInt8(ascii: "["), next == UInt8(ascii: ":") {
        while let inner = rest.popFirst(), inner != UInt8(ascii: "]") {}
      }
    }
    return false
  }

  private mutating func end(isBoundAfter: Bool) {
    if !run.isEmpty {
      found.append(
        RequiredText(
          text: String(decoding: run, as: UTF8.self), isBoundBefore: isBound, isBoundAfter: isBoundAfter))
      run = []
    }
    isBound = false
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    let letter = byte | 0x20
    return letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z") || byte == UInt8(ascii: "_")
      || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }
}
