// SPDX-License-Identifier: Apache-2.0

/// How much of a piece of text a stem is sure to keep, where the text may be a part of a longer word: what Porter's
/// English stemmer can take away is made of a few dozen endings (https://snowballstem.org/algorithms/english/stemmer.html).
enum StemTail {
  /// The number of first bytes of `text` (lower case) that the stem of every word that holds it holds, too.
  ///
  /// - Parameter isBound: whether the word ends where the text does.
  static func keptCount(of text: [UInt8], isBound: Bool) -> Int {
    // For each place: whether all that follows can be endings.
    var canGo = [Bool](repeating: false, count: text.count + 1)
    canGo[text.count] = true
    for place in stride(from: text.count - 1, through: 0, by: -1) {
      let rest = text[place...]
      canGo[place] = endings.contains { ending in
        if rest.starts(with: ending) { return canGo[place + ending.count] }
        return !isBound && ending.starts(with: rest)
      }
      // `running` loses one of its n's as well.
      if !canGo[place], place > 0, text[place] == text[place - 1], canGo[place + 1] { canGo[place] = true }
    }
    let kept = canGo.firstIndex(of: true) ?? text.count
    // A last y becomes i.
    return kept > 0 && text[kept - 1] == UInt8(ascii: "y") ? kept - 1 : kept
  }

  private static let endings = [
    "s", "es", "ed", "ing", "ly", "li", "e", "l", "y", "i", "al", "ally", "alli", "ational", "tional", "ation",
    "ization",
    "ator", "or", "alism", "ality", "aliti", "alize", "ful", "fully", "fulli", "fulness", "ous", "ously", "ousli",
    "ousness", "ive", "iv", "iveness", "ivity", "iviti", "bility", "biliti", "bly", "bli", "ogy", "ogi", "ency", "enci",
    "ancy", "anci", "ence", "ance", "enc", "anc", "ent", "ently", "entli", "ant", "ize", "iz", "izer", "ate", "at",
    "ative", "ativ", "icate", "icat", "icity", "iciti", "ical", "ic", "ness", "er", "able", "abl", "ably", "abli",
    "ible",
    "ibl", "ement", "ment", "ism", "ity", "iti", "ion", "ied", "ies", "edly", "eedly", "ingly",
  ].map { Array($0.utf8) }
}
