// SPDX-License-Identifier: Apache-2.0

/// Japanese text as it is compared: one width, one way to write a sound.
enum JapaneseText {
  enum Script { case kanji, hiragana, katakana, other }

  static func script(_ scalar: Unicode.Scalar) -> Script {
    switch scalar.value {
    case 0x3041...0x3096, 0x309D, 0x309E: .hiragana
    case 0x30A1...0x30FA, 0x30FC...0x30FE: .katakana
    case 0x3005...0x3007, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF: .kanji
    default: .other
    }
  }

  /// Whether any character is kana or kanji.
  static func isPresent(in text: String) -> Bool { text.unicodeScalars.contains { script($0) != .other || isHalf($0) } }

  private static func isHalf(_ scalar: Unicode.Scalar) -> Bool { (0xFF66...0xFF9D).contains(scalar.value) }

  /// Full-width letters, digits and punctuation as their ASCII kin, the ideographic space as a space, half-width
  /// katakana with their marks as full-width ones, dashes between katakana as the long vowel that they stand for.
  static func folding(_ text: String) -> String {
    var folded = String.UnicodeScalarView()
    var last: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      let next = foldedScalar(scalar, after: last)
      if next.replacesLast { folded.removeLast() }
      folded.append(next.scalar)
      last = next.scalar
    }
    return String(folded)
  }

  private static func foldedScalar(
    _ scalar: Unicode.Scalar, after last: Unicode.Scalar?
  ) -> (scalar: Unicode.Scalar, replacesLast: Bool) {
    switch scalar.value {
    case 0xFF01...0xFF5E: return (Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar, false)
    case 0x3000: return (" ", false)
    case 0xFF66...0xFF9D: return (halfWidth[Int(scalar.value - 0xFF66)], false)
    case 0xFF9E, 0x3099:  // the voicing mark
      if let last, let voiced = voiced(last) { return (voiced, true) }
      return (scalar, false)
    case 0xFF9F, 0x309A:  // the half-voicing mark
      if let last, "ハヒフヘホはひふへほ".unicodeScalars.contains(last) {
        return (Unicode.Scalar(last.value + 2) ?? last, true)
      }
      return (scalar, false)
    case 0xFF70, 0x2010...0x2015, 0x2212, 0x301C, 0xFF0D:
      if let last, script(last) == .katakana { return ("ー", false) }
      return ("-", false)
    default: return (scalar, false)
    }
  }

  private static func voiced(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
    if scalar == "ウ" { return "ヴ" }
    guard "カキクケコサシスセソタチツテトハヒフヘホかきくけこさしすせそたちつてとはひふへほ".unicodeScalars.contains(scalar) else { return nil }
    return Unicode.Scalar(scalar.value + 1)
  }

  private static let halfWidth = Array(
    "ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン".unicodeScalars)

  /// A word as the tables have it: without middle dots, and without the long vowel that ends it in one house's style and
  /// not in another's (サーバー, サーバ).
  static func key(_ word: some Sequence<Unicode.Scalar>) -> [UInt8] {
    var scalars = word.filter { $0 != "・" }
    if scalars.count >= 4, scalars.last == "ー" { scalars.removeLast() }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return Array(String(view).utf8)
  }
}
