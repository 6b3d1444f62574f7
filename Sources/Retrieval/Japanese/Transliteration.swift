// SPDX-License-Identifier: Apache-2.0
import IndexStore

/// Names that are written in katakana by their sound, matched with the words of a snapshot's paths.
struct Transliteration {
  let view: SnapshotView

  /// A term of the snapshot that sounds like the name, and how surely.
  struct Name: Hashable {
    var term: String
    var factor: Float
  }

  /// From which likeness on a word is taken for the name.
  private static let leastLikeness = 0.7
  private static let most = 3

  /// The words that sound most like the name, best first; ties in order of spelling.
  func names(for katakana: String) -> [Name] {
    guard let romaji = Romaji.text(katakana), romaji.utf8.count >= 3 else { return [] }
    let heard = Sounds(romaji: romaji)
    guard heard.consonantCount > 0 else { return [] }
    var found: [(likeness: Double, term: String)] = []
    let longest = 2 * romaji.utf8.count + 2
    view.forEachPathTerm { term in
      // Most words begin otherwise, which their first letters tell.
      guard term.count >= 3, term.count <= longest, heard.mayBegin(likeSpelling: term) else { return }
      let sounds = Sounds(spelling: term)
      guard abs(sounds.consonantCount - heard.consonantCount) <= 2 else { return }
      let likeness = heard.likeness(to: sounds)
      if likeness >= Self.leastLikeness { found.append((likeness, String(decoding: term, as: UTF8.self))) }
    }
    found.sort { $0.likeness != $1.likeness ? $0.likeness > $1.likeness : $0.term < $1.term }
    guard let best = found.first?.likeness else { return [] }
    return found.filter { $0.likeness > best - 0.08 }.prefix(Self.most)
      .map { Name(term: $0.term, factor: Float($0.likeness)) }
  }
}

/// A word as a Japanese ear has it: l is r, v is b, th is s, and vowels are vague.
struct Sounds {
  private(set) var phones: [UInt8] = []
  private(set) var consonantCount = 0

  init(romaji: String) { self.init(spelling: Array(romaji.utf8)) }

  /// ASCII letters in lower case; other bytes are passed over.
  init(spelling: [UInt8]) {
    phones.reserveCapacity(spelling.count)
    var index = 0
    while index < spelling.count {
      let (first, second, length) = Sounds.phone(spelling, index)
      if first != Sounds.silence, phones.last != first { phones.append(first) }
      if second != Sounds.silence { phones.append(second) }
      index += length
    }
    consonantCount = phones.count { !Sounds.isVowel($0) }
  }

  private static let silence: UInt8 = 0

  /// The sounds that the letters from `index` on make, none, one or two different ones, and how many letters they take.
  private static func phone(_ spelling: [UInt8], _ index: Int) -> (UInt8, UInt8, Int) {
    let second = index + 1 < spelling.count ? spelling[index + 1] : 0
    let third = index + 2 < spelling.count ? spelling[index + 2] : 0
    let isThirdH = third == UInt8(ascii: "h")
    func one(_ sound: Unicode.Scalar, _ length: Int = 1) -> (UInt8, UInt8, Int) {
      (UInt8(ascii: sound), silence, length)
    }
    switch (spelling[index], second) {
    case (UInt8(ascii: "s"), UInt8(ascii: "c")) where isThirdH: return (UInt8(ascii: "s"), UInt8(ascii: "k"), 3)
    case (UInt8(ascii: "t"), UInt8(ascii: "s")), (UInt8(ascii: "c"), UInt8(ascii: "h")): return one("t", 2)
    case (UInt8(ascii: "t"), UInt8(ascii: "c")) where isThirdH: return one("t", 3)
    case (UInt8(ascii: "c"), UInt8(ascii: "k")): return one("k", 2)
    case (UInt8(ascii: "p"), UInt8(ascii: "h")): return one("f", 2)
    case (UInt8(ascii: "s"), UInt8(ascii: "h")), (UInt8(ascii: "t"), UInt8(ascii: "h")): return one("s", 2)
    case (UInt8(ascii: "n"), UInt8(ascii: "g")) where !isVowel(third): return one("n", 2)
    case (UInt8(ascii: "g"), UInt8(ascii: "h")): return (silence, silence, 2)
    case (UInt8(ascii: "c"), UInt8(ascii: "e")), (UInt8(ascii: "c"), UInt8(ascii: "i")),
      (UInt8(ascii: "c"), UInt8(ascii: "y")):
      return one("s")
    case (UInt8(ascii: "c"), _), (UInt8(ascii: "q"), _): return one("k")
    case (UInt8(ascii: "x"), _): return (UInt8(ascii: "k"), UInt8(ascii: "s"), 1)
    case (UInt8(ascii: "l"), _): return one("r")
    case (UInt8(ascii: "v"), _): return one("b")
    case (UInt8(ascii: "z"), _), (UInt8(ascii: "g"), UInt8(ascii: "e")): return one("j")
    case (UInt8(ascii: "y"), _): return one("i")
    case (UInt8(ascii: "h"), _): return (isVowel(second) ? UInt8(ascii: "h") : silence, silence, 1)
    case (UInt8(ascii: "a")...UInt8(ascii: "z"), _): return (spelling[index], silence, 1)
    default: return (silence, silence, 1)
    }
  }

  private static func isVowel(_ sound: UInt8) -> Bool {
    switch sound {
    case UInt8(ascii: "a"), UInt8(ascii: "i"), UInt8(ascii: "u"), UInt8(ascii: "e"), UInt8(ascii: "o"),
      UInt8(ascii: "w"):
      true
    default: false
    }
  }

  /// Whether the first consonants are the same or near each other, and both or neither begin with a vowel.
  func mayBegin(likeSpelling spelling: [UInt8]) -> Bool {
    guard let second = phones.first else { return false }
    var index = 0
    while index < spelling.count {
      let (first, _, length) = Sounds.phone(spelling, index)
      index += length
      guard first != Sounds.silence else { continue }
      if Sounds.isVowel(first) || Sounds.isVowel(second) { return Sounds.isVowel(first) && Sounds.isVowel(second) }
      return Sounds.difference(first, second) < 0.6
    }
    return false
  }

  /// 1 for the same sounds, down to 0: an edit distance in which vowels cost little, over the number of consonants.
  func likeness(to other: Sounds) -> Double {
    var row = [0.0]
    row.reserveCapacity(other.phones.count + 1)
    for sound in other.phones { row.append(row[row.count - 1] + Sounds.absence(sound)) }
    var next = row
    for sound in phones {
      next[0] = row[0] + Sounds.absence(sound)
      for (place, theirs) in other.phones.enumerated() {
        next[place + 1] = min(
          row[place] + Sounds.difference(sound, theirs), row[place + 1] + Sounds.absence(sound),
          next[place] + Sounds.absence(theirs))
      }
      swap(&row, &next)
    }
    let distance = row[row.count - 1]
    return 1 - distance / (Double(max(consonantCount, other.consonantCount)) + 0.5)
  }

  private static func absence(_ sound: UInt8) -> Double {
    switch sound {
    case UInt8(ascii: "u"): 0.1
    case UInt8(ascii: "o"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "a"), UInt8(ascii: "w"): 0.2
    case UInt8(ascii: "r"), UInt8(ascii: "h"), UInt8(ascii: "g"): 0.7
    default: 1
    }
  }

  private static func difference(_ one: UInt8, _ other: UInt8) -> Double {
    if one == other { return 0 }
    if isVowel(one), isVowel(other) { return 0.2 }
    if isVowel(one) != isVowel(other) { return 1.2 }
    let pair = (min(one, other), max(one, other))
    switch pair {
    case (UInt8(ascii: "j"), UInt8(ascii: "s")), (UInt8(ascii: "d"), UInt8(ascii: "j")),
      (UInt8(ascii: "f"), UInt8(ascii: "h")), (UInt8(ascii: "m"), UInt8(ascii: "n")),
      (UInt8(ascii: "s"), UInt8(ascii: "t")), (UInt8(ascii: "d"), UInt8(ascii: "t")):
      return 0.5
    default: return 1
    }
  }
}
