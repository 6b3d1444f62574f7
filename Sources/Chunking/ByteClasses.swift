// SPDX-License-Identifier: Apache-2.0

/// What a byte can be to a reader; a byte's entry in `byteClasses` is the sum of what holds of it.
enum ByteClass {
  /// A letter, a digit, `_`, or any byte above ASCII.
  static let word: UInt8 = 1
  static let digit: UInt8 = 2
  /// Space, tab, carriage return, form feed, vertical tab: all that parts words but a line end.
  static let blank: UInt8 = 4
  static let lineEnd: UInt8 = 8
  /// What a scan over a C function body stops at: `{ } " ' / #`.
  static let bodyStop: UInt8 = 16
  /// What a scan over a C initialiser or argument list stops at: the above, and `( ) [ ] , ; .`.
  static let valueStop: UInt8 = 32
}

/// One entry for each byte value.
// Unsafe only in name, because it is written once, before its first reader, and never freed.
nonisolated(unsafe) let byteClasses: UnsafePointer<UInt8> = {
  let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
  table.initialize(repeating: 0, count: 256)
  func add(_ byteClass: UInt8, _ bytes: some Sequence<UInt8>) {
    for byte in bytes { table[Int(byte)] |= byteClass }
  }
  add(ByteClass.word, 0x30...0x39)
  add(ByteClass.word, 0x41...0x5a)
  add(ByteClass.word, 0x61...0x7a)
  add(ByteClass.word, 0x80...0xff)
  add(ByteClass.word, "_".utf8)
  add(ByteClass.digit, 0x30...0x39)
  add(ByteClass.blank, [0x20, 0x09, 0x0d, 0x0c, 0x0b])
  add(ByteClass.lineEnd, [0x0a])
  add(ByteClass.bodyStop | ByteClass.valueStop, "{}\"'/#".utf8)
  add(ByteClass.valueStop, "()[],;.".utf8)
  return UnsafePointer(table)
}()

extension UInt8 {
  @inline(__always) var isWord: Bool { byteClasses[Int(self)] & ByteClass.word != 0 }
  @inline(__always) var isDigit: Bool { byteClasses[Int(self)] & ByteClass.digit != 0 }
  @inline(__always) var isBlank: Bool { byteClasses[Int(self)] & ByteClass.blank != 0 }
  @inline(__always) var isBlankOrLineEnd: Bool {
    byteClasses[Int(self)] & (ByteClass.blank | ByteClass.lineEnd) != 0
  }
  /// Whether a name can begin with it.
  @inline(__always) var isWordStart: Bool {
    byteClasses[Int(self)] & (ByteClass.word | ByteClass.digit) == ByteClass.word
  }
  @inline(__always) var isUpper: Bool { self >= 0x41 && self <= 0x5a }
  @inline(__always) var isLower: Bool { self >= 0x61 && self <= 0x7a }
}

/// ASCII by name, for readers that compare bytes.
enum Ascii {
  static let lineEnd: UInt8 = 0x0a
  static let carriageReturn: UInt8 = 0x0d
  static let tab: UInt8 = 0x09
  static let space: UInt8 = 0x20
  static let quote: UInt8 = 0x22
  static let hash: UInt8 = 0x23
  static let apostrophe: UInt8 = 0x27
  static let openParen: UInt8 = 0x28
  static let closeParen: UInt8 = 0x29
  static let star: UInt8 = 0x2a
  static let comma: UInt8 = 0x2c
  static let minus: UInt8 = 0x2d
  static let dot: UInt8 = 0x2e
  static let slash: UInt8 = 0x2f
  static let colon: UInt8 = 0x3a
  static let semicolon: UInt8 = 0x3b
  static let equals: UInt8 = 0x3d
  static let openBracket: UInt8 = 0x5b
  static let backslash: UInt8 = 0x5c
  static let closeBracket: UInt8 = 0x5d
  static let underscore: UInt8 = 0x5f
  static let openBrace: UInt8 = 0x7b
  static let closeBrace: UInt8 = 0x7d
}
