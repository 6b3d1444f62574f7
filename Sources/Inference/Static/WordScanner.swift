// SPDX-License-Identifier: Apache-2.0

/// Finds the words of source text and prose: identifiers are taken apart at `_` and where the case changes, digits stay
/// with the letters before them (`ipv6`, `tg3`), numbers are passed over, words come in lower case. Text in scripts
/// without spaces comes in runs, to be cut into pieces. Not Sendable: it reuses its buffer.
final class WordScanner {
  enum Kind { case word, run }

  /// A run or a word is cut at this many bytes.
  private static let longest = 255
  private var word: [UInt8] = []
  private var letters = 0
  private var kind = Kind.word

  /// Calls `body` with each word and run, and with how many of a word's bytes come before its digits.
  func scan(_ text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>, Kind, _ letters: Int) -> Void) {
    var index = 0
    var wasLower = false
    word.removeAll(keepingCapacity: true)
    func flush() {
      if !word.isEmpty { word.withUnsafeBufferPointer { body($0, kind, letters) } }
      word.removeAll(keepingCapacity: true)
      letters = 0
      wasLower = false
    }
    while index < text.count {
      let byte = text[index]
      if byte >= 0x80 {
        let (scalar, length) = WordScanner.decode(text, index)
        let found = WordScanner.kind(of: scalar)
        if found != kind || word.count > WordScanner.longest { flush() }
        if let found {
          kind = found
          append(scalar)
          wasLower = Unicode.Scalar(scalar)?.properties.isUppercase != true
        }
        index += length
        continue
      }
      let isUpper = byte &- 0x41 < 26
      if isUpper || byte &- 0x61 < 26 {
        let startsWord = isUpper && (wasLower || (!word.isEmpty && isLower(text, index + 1)))
        if kind == .run || startsWord || letters < word.count || word.count > WordScanner.longest { flush() }
        kind = .word
        word.append(byte | 0x20)
        letters = word.count
        wasLower = !isUpper
      } else if byte &- 0x30 < 10, kind == .word, !word.isEmpty {
        word.append(byte)
        wasLower = true
      } else {
        flush()
      }
      index += 1
    }
    flush()
  }

  private func isLower(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
    index < text.count && text[index] &- 0x61 < 26
  }

  private func append(_ scalar: UInt32) {
    // Full-width letters and digits are written as their ASCII kin, as the pieces were (NFKC).
    let plain = (0xff01...0xff5e).contains(scalar) ? scalar - 0xfee0 : scalar
    guard let value = Unicode.Scalar(plain) else { return }
    if kind == .word {
      word.append(contentsOf: value.properties.lowercaseMapping.utf8)
      letters = word.count
    } else {
      word.append(contentsOf: String(Character(value)).utf8)
    }
  }

  /// Nil where the character is neither a letter nor part of a run.
  private static func kind(of scalar: UInt32) -> Kind? {
    switch scalar {
    case 0xff10...0xff19, 0xff21...0xff3a, 0xff41...0xff5a: .word
    case 0x3040...0x30ff, 0x31f0...0x31ff, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xac00...0xd7af, 0xf900...0xfaff,
      0x3005, 0x0e00...0x0eff, 0x20000...0x3ffff:
      .run
    case 0xaa, 0xb5, 0xba, 0xc0...0xd6, 0xd8...0xf6, 0xf8...0x1fff: .word
    default: nil
    }
  }

  private static func decode(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> (UInt32, Int) {
    let byte = text[index]
    let length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    guard length > 1, index + length <= text.count else { return (0, 1) }
    var scalar = UInt32(byte) & (0xff >> UInt32(length + 1))
    for offset in 1..<length {
      guard text[index + offset] & 0xc0 == 0x80 else { return (0, offset) }
      scalar = scalar << 6 | UInt32(text[index + offset] & 0x3f)
    }
    return (scalar, length)
  }
}
