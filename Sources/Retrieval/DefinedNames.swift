// SPDX-License-Identifier: Apache-2.0
import Glibc
import Glossary
import IndexStore

/// How much of a question the names that a file defines say.
struct DefinedNames {
  /// How much each idea of the question counts; all together count 1.
  private let shares: [Float]
  /// By first letter, the words that stand for ideas.
  private var words: [[(letters: [UInt8], idea: Int)]]

  struct Said {
    /// The share of the question that all names together say, and that the best of them says alone.
    var all: Float = 0
    var best: Float = 0
    /// The share of the names that say anything of it.
    var density: Float = 0
    /// The share that the path and one of them say together.
    var bestInPlace: Float = 0
  }

  /// - Parameters:
  ///   - terms: the question's ideas.
  ///   - counts: for each, how many of the snapshot's chunks hold it.
  init(_ terms: [QueryTerm], counts: [Int], of chunkCount: Int) {
    let importance = zip(terms, counts).map { $0.weight * Float(log(1 + Double(chunkCount) / Double($1 + 1))) }
    let total = max(importance.reduce(0, +), 1e-6)
    shares = importance.map { $0 / total }
    words = Array(repeating: [], count: 256)
    for (idea, term) in terms.prefix(counts.count).enumerated() {
      for form in term.forms where form.words.count == 1 {
        let letters = Array(form.words[0].utf8)
        if let first = letters.first { words[Int(first)].append((letters, idea)) }
      }
    }
  }

  /// - Parameters:
  ///   - path: the ideas that the file's path says.
  ///   - names: calls what it is given with each name.
  func said(in path: TermSet = TermSet(), by names: ((_ name: [UInt8]) -> Void) -> Void) -> Said {
    var said = Said()
    let placed = shares.indices.map { path.contains($0) }
    let rest = zip(shares, placed).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
    said.bestInPlace = rest
    var seen = [Bool](repeating: false, count: shares.count)
    var held = seen
    var (count, speaking) = (0, 0)
    names { name in
      count += 1
      guard find(in: name, &held) else { return }
      var (own, beside): (Float, Float) = (0, 0)
      for place in shares.indices where held[place] {
        own += shares[place]
        if !placed[place] { beside += shares[place] }
        seen[place] = true
        held[place] = false
      }
      said.best = max(said.best, own)
      said.bestInPlace = max(said.bestInPlace, rest + beside)
      if own > 0 { speaking += 1 }
    }
    said.all = zip(shares, seen).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
    said.density = count == 0 ? 0 : Float(speaking) / Float(count)
    return said
  }

  /// Marks the ideas with a word that a part of the name begins with; says whether there is any. A word that ends in `i`
  /// stands for one that ends in `y` as well.
  private func find(in name: [UInt8], _ held: inout [Bool]) -> Bool {
    var isAny = false
    var before: UInt8 = UInt8(ascii: "_")
    for (index, byte) in name.enumerated() {
      defer { before = byte }
      let isStart =
        !DefinedNames.isLetter(before) || !DefinedNames.isLetter(byte)
        || (DefinedNames.isUpper(byte) && !DefinedNames.isUpper(before))
      guard isStart else { continue }
      for word in words[Int(DefinedNames.lower(byte))]
      where !held[word.idea] && DefinedNames.has(name, word.letters, at: index) {
        held[word.idea] = true
        isAny = true
      }
    }
    return isAny
  }

  /// Whether the stem stands there, of which the first letter is known to.
  private static func has(_ name: [UInt8], _ stem: [UInt8], at index: Int) -> Bool {
    guard index + stem.count <= name.count else { return false }
    for offset in 1..<max(1, stem.count) {
      let letter = lower(name[index + offset])
      let isSame =
        letter == stem[offset]
        || offset == stem.count - 1 && stem[offset] == UInt8(ascii: "i") && letter == UInt8(ascii: "y")
      if !isSame { return false }
    }
    return true
  }

  private static func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
  private static func isLetter(_ byte: UInt8) -> Bool { isUpper(byte) || (0x61...0x7A).contains(byte) }
  private static func lower(_ byte: UInt8) -> UInt8 { isUpper(byte) ? byte | 0x20 : byte }
}
