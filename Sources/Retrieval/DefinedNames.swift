// SPDX-License-Identifier: Apache-2.0
import Glibc
import Glossary
import IndexStore

/// How much of a question the names that a file defines say.
struct DefinedNames {
  /// For each idea of the question the words that stand for it, and how much it counts; all ideas together count 1.
  private let ideas: [(words: [[UInt8]], share: Float)]

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
    ideas = zip(terms, importance).map { term, importance in
      (term.forms.filter { $0.words.count == 1 }.map { Array($0.words[0].utf8) }, importance / total)
    }
  }

  /// - Parameter path: the ideas that the file's path says.
  func said(by names: [[UInt8]], in path: TermSet = TermSet()) -> Said {
    var said = Said()
    let placed = ideas.indices.map { path.contains($0) }
    let rest = zip(ideas, placed).reduce(0) { $0 + ($1.1 ? $1.0.share : 0) }
    said.bestInPlace = rest
    var seen = [Bool](repeating: false, count: ideas.count)
    var count = 0
    for name in names {
      var (own, beside): (Float, Float) = (0, 0)
      for (place, idea) in ideas.enumerated()
      where idea.words.contains(where: { DefinedNames.says(name, $0) }) {
        own += idea.share
        if !placed[place] { beside += idea.share }
        seen[place] = true
      }
      said.best = max(said.best, own)
      said.bestInPlace = max(said.bestInPlace, rest + beside)
      if own > 0 { count += 1 }
    }
    said.all = zip(ideas, seen).reduce(0) { $0 + ($1.1 ? $1.0.share : 0) }
    said.density = names.isEmpty ? 0 : Float(count) / Float(names.count)
    return said
  }

  /// Whether a part of the name begins with a stem; one that ends in `i` stands for a word that ends in `y` as well.
  private static func says(_ name: [UInt8], _ stem: [UInt8]) -> Bool {
    guard let first = stem.first else { return false }
    var before: UInt8 = UInt8(ascii: "_")
    for (index, byte) in name.enumerated() {
      defer { before = byte }
      let isStart = !isLetter(before) || (isUpper(byte) && !isUpper(before)) || !isLetter(byte)
      guard isStart, lower(byte) == first, index + stem.count <= name.count else { continue }
      let isSame = (1..<max(1, stem.count)).allSatisfy { offset in
        let letter = lower(name[index + offset])
        return letter == stem[offset]
          || offset == stem.count - 1 && stem[offset] == UInt8(ascii: "i") && letter == UInt8(ascii: "y")
      }
      if isSame { return true }
    }
    return false
  }

  private static func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
  private static func isLetter(_ byte: UInt8) -> Bool { isUpper(byte) || (0x61...0x7A).contains(byte) }
  private static func lower(_ byte: UInt8) -> UInt8 { isUpper(byte) ? byte | 0x20 : byte }
}
