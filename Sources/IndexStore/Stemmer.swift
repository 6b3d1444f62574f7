// SPDX-License-Identifier: Apache-2.0
import CStemmer

/// Snowball's English stemmer (Porter 2) with a memory, since a source tree says the same words over and over.
final class Stemmer {
  private let stemmer: OpaquePointer
  private let words = TermTable()
  private let stems = TermTable()
  /// By number of the word in `words`: the number of its stem in `stems`.
  private var stemOfWord: [UInt32] = []
  private static let mostRemembered = 1 << 17

  init() {
    guard let stemmer = sb_stemmer_new("english", "UTF_8") else {
      preconditionFailure("libstemmer has no English stemmer")
    }
    self.stemmer = stemmer
  }

  deinit { sb_stemmer_delete(stemmer) }

  /// Calls `body` with the stem of a lower-case word; words of three letters or fewer are their own stem.
  func withStem(of word: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
    guard word.count > 3 else { return body(word) }
    if words.count >= Stemmer.mostRemembered {
      words.removeAll()
      stems.removeAll()
      stemOfWord.removeAll(keepingCapacity: true)
    }
    let hash = TermTable.hash(word)
    let (number, isNew) = words.insert(word, hash: hash)
    if isNew { stemOfWord.append(stem(word)) }
    stems.withTerm(stemOfWord[Int(number)], body)
  }

  private func stem(_ word: UnsafeRawBufferPointer) -> UInt32 {
    let symbols = word.bindMemory(to: sb_symbol.self)
    guard let result = sb_stemmer_stem(stemmer, symbols.baseAddress, Int32(symbols.count)) else {
      return stems.insert(word, hash: TermTable.hash(word)).number
    }
    let stem = UnsafeRawBufferPointer(start: result, count: Int(sb_stemmer_length(stemmer)))
    return stems.insert(stem, hash: TermTable.hash(stem)).number
  }
}
