// SPDX-License-Identifier: Apache-2.0

/// What a byte is to the analyzer.
enum ByteClass: UInt8 {
  case other, lower, upper, digit, underscore

  /// By byte value. Bytes from 0x80 on are decided by their character, so they are `other` here.
  static let of: [ByteClass] = (0...255).map { byte in
    switch UInt8(byte) {
    case UInt8(ascii: "a")...UInt8(ascii: "z"): .lower
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): .upper
    case UInt8(ascii: "0")...UInt8(ascii: "9"): .digit
    case UInt8(ascii: "_"): .underscore
    default: .other
    }
  }
}

/// One identifier or word while it is collected and split. Longer ones are cut at 64 bytes.
struct TokenBuffer {
  private var bytes: [UInt8] = Array(repeating: 0, count: TermAnalyzer.longestTerm)
  private(set) var count = 0
  private var parts: [Range<Int>] = []

  subscript(index: Int) -> UInt8 { bytes[index] }

  mutating func append(_ byte: UInt8) {
    guard count < bytes.count else { return }
    bytes[count] = byte
    count += 1
  }

  mutating func removeAll() { count = 0 }

  func withBytes<R>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  /// Whether it reads as a C number: `42`, `42UL`, `0x1f`, `1e9` count, `3c59x` and `802_11` do not.
  var isNumber: Bool {
    if count > 1, bytes[0] == UInt8(ascii: "0"), bytes[1] | 0x20 == UInt8(ascii: "x") { return true }
    var index = decimalDigitCount
    while index < count {
      let letter = bytes[index] | 0x20
      guard letter == UInt8(ascii: "u") || letter == UInt8(ascii: "l") else { return false }
      index += 1
    }
    return true
  }

  /// The number of digits that it begins with.
  var decimalDigitCount: Int {
    var index = 0
    while index < count, ByteClass.of[Int(bytes[index])] == .digit { index += 1 }
    return index
  }

  func hasDigit(_ range: Range<Int>) -> Bool {
    for index in range where ByteClass.of[Int(bytes[index])] == .digit { return true }
    return false
  }

  /// Without the underscores at both ends.
  var wholeRange: Range<Int> {
    var start = 0
    var end = count
    while start < end, bytes[start] == UInt8(ascii: "_") { start += 1 }
    while end > start, bytes[end - 1] == UInt8(ascii: "_") { end -= 1 }
    return start..<end
  }

  /// Splits at underscores and where the case changes (`camelCase`, `HTTPServer`), and turns all to lower case.
  mutating func lowercasedParts() -> [Range<Int>] {
    parts.removeAll(keepingCapacity: true)
    var start = 0
    for index in 0..<count {
      let kind = ByteClass.of[Int(bytes[index])]
      if kind == .underscore {
        if index > start { parts.append(start..<index) }
        start = index + 1
      } else if kind == .upper, index > start {
        let before = ByteClass.of[Int(bytes[index - 1])]
        let next = index + 1 < count ? ByteClass.of[Int(bytes[index + 1])] : .other
        if before == .lower || (before == .upper && next == .lower) {
          parts.append(start..<index)
          start = index
        }
      }
    }
    if count > start { parts.append(start..<count) }
    for index in 0..<count where ByteClass.of[Int(bytes[index])] == .upper { bytes[index] |= 0x20 }
    return parts
  }
}

/// UTF-8 by hand, on bytes.
enum UTF8Scalar {
  /// The character at `index` and its length; U+FFFD and 1 where the bytes are not UTF-8.
  static func decode(_ text: UnsafeRawBufferPointer, at index: Int) -> (UInt32, Int) {
    let first = text[index]
    let length: Int
    var scalar: UInt32
    switch first {
    case 0xC2...0xDF: (length, scalar) = (2, UInt32(first & 0x1F))
    case 0xE0...0xEF: (length, scalar) = (3, UInt32(first & 0x0F))
    case 0xF0...0xF4: (length, scalar) = (4, UInt32(first & 0x07))
    default: return (0xFFFD, 1)
    }
    guard index + length <= text.count else { return (0xFFFD, 1) }
    for offset in 1..<length {
      let byte = text[index + offset]
      guard byte & 0xC0 == 0x80 else { return (0xFFFD, 1) }
      scalar = scalar << 6 | UInt32(byte & 0x3F)
    }
    return (scalar, length)
  }

  /// Writes the character's bytes at `offset`; returns how many. Only for characters beyond ASCII.
  static func encode(_ scalar: UInt32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
    if scalar < 0x800 {
      buffer[offset] = UInt8(0xC0 | scalar >> 6)
      buffer[offset + 1] = UInt8(0x80 | scalar & 0x3F)
      return 2
    }
    if scalar < 0x10000 {
      buffer[offset] = UInt8(0xE0 | scalar >> 12)
      buffer[offset + 1] = UInt8(0x80 | scalar >> 6 & 0x3F)
      buffer[offset + 2] = UInt8(0x80 | scalar & 0x3F)
      return 3
    }
    buffer[offset] = UInt8(0xF0 | scalar >> 18)
    buffer[offset + 1] = UInt8(0x80 | scalar >> 12 & 0x3F)
    buffer[offset + 2] = UInt8(0x80 | scalar >> 6 & 0x3F)
    buffer[offset + 3] = UInt8(0x80 | scalar & 0x3F)
    return 4
  }

  /// Han, kana and hangul: scripts written without spaces (or read best in pairs).
  static func isCJK(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x3005...0x3007, 0x3041...0x3096, 0x30A1...0x30FA, 0x30FC...0x30FE, 0x3400...0x4DBF, 0x4E00...0x9FFF,
      0xAC00...0xD7A3, 0xF900...0xFAFF, 0x20000...0x3FFFF:
      true
    default: false
    }
  }

  /// Letters of other scripts, roughly: what is not punctuation, a symbol or a space.
  static func isLetter(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0xAA, 0xB5, 0xBA, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x2AF, 0x370...0x1FFF, 0xFF66...0xFF9F: true
    default: false
    }
  }
}
