// SPDX-License-Identifier: Apache-2.0

/// Verbs and adjectives as they stand in a sentence, taken back to the form that a dictionary has.
enum Inflection {
  /// The kana of each godan row in the order a, i, u, e, o, with the row's letter.
  private static let rows: [(letter: Character, kana: [Unicode.Scalar])] = [
    ("k", Array("かきくけこ".unicodeScalars)), ("g", Array("がぎぐげご".unicodeScalars)),
    ("s", Array("さしすせそ".unicodeScalars)), ("t", Array("たちつてと".unicodeScalars)),
    ("n", Array("なにぬねの".unicodeScalars)), ("b", Array("ばびぶべぼ".unicodeScalars)),
    ("m", Array("まみむめも".unicodeScalars)), ("r", Array("らりるれろ".unicodeScalars)),
    ("u", Array("わいうえお".unicodeScalars)),
  ]

  struct Candidate {
    /// The dictionary form.
    var word: [Unicode.Scalar]
    /// The class that its entry must have.
    var neededClass: Character
  }

  /// What `text[start..<end]` may be a stem of, given the character that follows; without the dictionary form itself.
  static func candidates(_ text: [Unicode.Scalar], _ start: Int, _ end: Int) -> [Candidate] {
    let stem = text[start..<end]
    let next = end < text.count ? text[end] : nil
    guard let last = stem.last, let next, JapaneseText.script(next) == .hiragana else { return [] }
    var found: [Candidate] = []
    func add(_ root: ArraySlice<Unicode.Scalar>, _ ending: Unicode.Scalar, _ letter: Character) {
      if !root.isEmpty { found.append(Candidate(word: Array(root) + [ending], neededClass: letter)) }
    }
    add(stem, "る", "1")
    if "くかけさそ".unicodeScalars.contains(next) { add(stem, "い", "i") }
    guard JapaneseText.script(last) == .hiragana else { return found }
    let root = stem.dropLast()
    for row in rows {
      if let place = row.kana.firstIndex(of: last), place != 2 { add(root, row.kana[2], row.letter) }
    }
    if last == "っ", "てたと".unicodeScalars.contains(next) {
      for (ending, letter) in [("う", "u"), ("つ", "t"), ("る", "r"), ("く", "k")] as [(Unicode.Scalar, Character)] {
        add(root, ending, letter)
      }
    }
    if last == "ん", "でだ".unicodeScalars.contains(next) {
      for (ending, letter) in [("む", "m"), ("ぶ", "b"), ("ぬ", "n")] as [(Unicode.Scalar, Character)] {
        add(root, ending, letter)
      }
    }
    if last == "い", "てた".unicodeScalars.contains(next) { add(root, "く", "k") }
    if last == "い", "でだ".unicodeScalars.contains(next) { add(root, "ぐ", "g") }
    return found
  }

  /// The class of a word that only its spelling tells of: verbs end in the u-row, ichidan ones in いる or える.
  static func likelyClass(of word: [Unicode.Scalar]) -> String {
    guard word.count >= 2, let last = word.last, JapaneseText.script(last) == .hiragana,
      JapaneseText.script(word[0]) != .hiragana
    else { return "" }
    if last == "い" { return "i" }
    guard let row = rows.first(where: { $0.kana[2] == last }) else { return "" }
    guard last == "る" else { return String(row.letter) }
    let before = word[word.count - 2]
    let isIchidan = rows.contains { $0.kana[1] == before || $0.kana[3] == before }
    return isIchidan ? "1" : "r"
  }
}
