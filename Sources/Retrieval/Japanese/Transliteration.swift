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
    for term in view.pathTerms where term.count >= 3 && term.count <= 2 * romaji.utf8.count + 2 {
      let sounds = Sounds(spelling: term)
      guard abs(sounds.consonantCount - heard.consonantCount) <= 2, sounds.mayBegin(like: heard) else { continue }
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
    var index = 0
    func at(_ place: Int) -> UInt8 { place < spelling.count ? spelling[place] : 0 }
    while index < spelling.count {
      let (phone, length) = Sounds.phone(at(index), at(index + 1), at(index + 2))
      for sound in phone where phones.last != sound { phones.append(sound) }
      index += length
    }
    consonantCount = phones.count { !Sounds.isVowel($0) }
  }

  /// The sounds that a spelling begins with, and how many letters they take.
  private static func phone(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> ([UInt8], Int) {
    let isSoft = "eiy".utf8.contains(second)
    switch (first, second) {
    case (UInt8(ascii: "s"), UInt8(ascii: "c")) where third == UInt8(ascii: "h"): return (sounds("sk"), 3)
    case (UInt8(ascii: "t"), UInt8(ascii: "s")): return (sounds("t"), 2)
    case (UInt8(ascii: "c"), UInt8(ascii: "h")): return (sounds("t"), 2)
    case (UInt8(ascii: "t"), UInt8(ascii: "c")) where third == UInt8(ascii: "h"): return (sounds("t"), 3)
    case (UInt8(ascii: "c"), UInt8(ascii: "k")): return (sounds("k"), 2)
    case (UInt8(ascii: "p"), UInt8(ascii: "h")): return (sounds("f"), 2)
    case (UInt8(ascii: "s"), UInt8(ascii: "h")), (UInt8(ascii: "t"), UInt8(ascii: "h")): return (sounds("s"), 2)
    case (UInt8(ascii: "n"), UInt8(ascii: "g")) where !isVowel(third): return (sounds("n"), 2)
    case (UInt8(ascii: "g"), UInt8(ascii: "h")): return (sounds(""), 2)
    case (UInt8(ascii: "c"), _): return (sounds(isSoft ? "s" : "k"), 1)
    case (UInt8(ascii: "q"), _): return (sounds("k"), 1)
    case (UInt8(ascii: "x"), _): return (sounds("ks"), 1)
    case (UInt8(ascii: "l"), _): return (sounds("r"), 1)
    case (UInt8(ascii: "v"), _): return (sounds("b"), 1)
    case (UInt8(ascii: "z"), _): return (sounds("j"), 1)
    case (UInt8(ascii: "g"), _): return (sounds(second == UInt8(ascii: "e") ? "j" : "g"), 1)
    case (UInt8(ascii: "y"), _): return (sounds("i"), 1)
    case (UInt8(ascii: "h"), _): return (sounds(isVowel(second) ? "h" : ""), 1)
    default: return (single(first), 1)
    }
  }

  private static func sounds(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static func single(_ letter: UInt8) -> [UInt8] {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter) ? [letter] : []
  }

  private static func isVowel(_ sound: UInt8) -> Bool { "aiueow".utf8.contains(sound) }

  /// Whether the first consonants are the same or near each other, and both or neither begin with a vowel.
  func mayBegin(like other: Sounds) -> Bool {
    guard let first = phones.first, let second = other.phones.first else { return false }
    if Sounds.isVowel(first) || Sounds.isVowel(second) { return Sounds.isVowel(first) && Sounds.isVowel(second) }
    return Sounds.difference(first, second) < 0.6
  }

  /// 1 for the same sounds, down to 0: an edit distance in which vowels cost little, over the number of consonants.
  func likeness(to other: Sounds) -> Double {
    var row = [0.0]
    for sound in other.phones { row.append(row[row.count - 1] + Sounds.absence(sound)) }
    for sound in phones {
      var next = [row[0] + Sounds.absence(sound)]
      for (place, theirs) in other.phones.enumerated() {
        next.append(
          min(
            row[place] + Sounds.difference(sound, theirs), row[place + 1] + Sounds.absence(sound),
            next[place] + Sounds.absence(theirs)))
      }
      row = next
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
