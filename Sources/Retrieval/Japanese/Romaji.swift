// SPDX-License-Identifier: Apache-2.0

/// Kana in Latin letters, as Hepburn wrote them.
enum Romaji {
  private static let kana: [Unicode.Scalar: String] = {
    let rows: [(String, [String])] = [
      ("あいうえお", ["a", "i", "u", "e", "o"]), ("かきくけこ", ["ka", "ki", "ku", "ke", "ko"]),
      ("がぎぐげご", ["ga", "gi", "gu", "ge", "go"]), ("さしすせそ", ["sa", "shi", "su", "se", "so"]),
      ("ざじずぜぞ", ["za", "ji", "zu", "ze", "zo"]), ("たちつてと", ["ta", "chi", "tsu", "te", "to"]),
      ("だぢづでど", ["da", "ji", "zu", "de", "do"]), ("なにぬねの", ["na", "ni", "nu", "ne", "no"]),
      ("はひふへほ", ["ha", "hi", "fu", "he", "ho"]), ("ばびぶべぼ", ["ba", "bi", "bu", "be", "bo"]),
      ("ぱぴぷぺぽ", ["pa", "pi", "pu", "pe", "po"]), ("まみむめも", ["ma", "mi", "mu", "me", "mo"]),
      ("やゆよ", ["ya", "yu", "yo"]), ("らりるれろ", ["ra", "ri", "ru", "re", "ro"]), ("わをんゔ", ["wa", "o", "n", "vu"]),
      ("ぁぃぅぇぉ", ["a", "i", "u", "e", "o"]), ("ゃゅょ", ["ya", "yu", "yo"]),
    ]
    var table: [Unicode.Scalar: String] = [:]
    for (letters, sounds) in rows {
      for (scalar, sound) in zip(letters.unicodeScalars, sounds) { table[scalar] = sound }
    }
    return table
  }()

  /// A word of kana in Latin letters without marks for long vowels; nil where anything else stands in it.
  static func text(_ word: String) -> String? {
    var text = ""
    var doubles = false
    for scalar in word.unicodeScalars {
      let isKatakana = (0x30A1...0x30F6).contains(scalar.value)
      let plain = isKatakana ? Unicode.Scalar(scalar.value - 0x60) ?? scalar : scalar
      switch plain {
      case "ー": continue
      case "っ": doubles = true
      case "ゃ", "ゅ", "ょ", "ぁ", "ぃ", "ぅ", "ぇ", "ぉ": text = joined(text, kana[plain] ?? "")
      default:
        guard let sound = kana[plain] else { return nil }
        if doubles, let first = sound.first { text.append(first == "c" ? "t" : first) }
        doubles = false
        text += sound
      }
    }
    return text
  }

  /// A small kana gives its vowel to the sound before it: ki + ya is kya, shi + ya is sha, fu + a is fa.
  private static func joined(_ text: String, _ small: String) -> String {
    guard let last = text.last, "iueo".contains(last) else { return text + small }
    let head = String(text.dropLast())
    if small.count == 1 {
      let isVowelAlone = head.last.map { !$0.isLetter || "aiueo".contains($0) } ?? true
      return isVowelAlone ? head + (last == "u" ? "w" : "y") + small : head + small
    }
    let vowel = String(small.dropFirst())
    let isPalatal = head.hasSuffix("sh") || head.hasSuffix("ch") || head.hasSuffix("j")
    return isPalatal ? head + vowel : head + "y" + vowel
  }

  /// The same with long vowels as most people write them in names of files: ou and uu as one letter.
  static func short(_ romaji: String) -> String {
    var text = ""
    for letter in romaji {
      if let last = text.last, letter == last && "auo".contains(letter) || letter == "u" && last == "o" { continue }
      text.append(letter)
    }
    return text
  }
}
