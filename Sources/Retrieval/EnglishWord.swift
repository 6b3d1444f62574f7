// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// A word of a question as it is said, before anything of it is left out.
struct EnglishWord {
  /// A run of ASCII letters and digits, in lower case.
  var text: String
  /// Whether only a space or a hyphen stands between it and the word before.
  var follows: Bool

  /// The words of a text in the order in which they are said.
  static func all(of text: String) -> [EnglishWord] {
    var words: [EnglishWord] = []
    var current: [UInt8] = []
    var gap = 2
    for byte in Array(text.lowercased().utf8) + [UInt8(ascii: ".")] {
      if (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) {
        current.append(byte)
        continue
      }
      if !current.isEmpty {
        words.append(EnglishWord(text: String(decoding: current, as: UTF8.self), follows: gap == 1))
        current = []
        gap = 0
      }
      gap += byte == UInt8(ascii: " ") || byte == UInt8(ascii: "-") ? 1 : 2
    }
    return words
  }

  /// What the words of a text are looked for as, in their order; words that are not indexed are left out.
  static func stems(of text: String, _ analyzer: TermAnalyzer) -> [String] {
    all(of: text).compactMap { analyzer.stem(of: $0.text) }
  }
}

extension TermAnalyzer {
  /// What a word is looked for as; nil for one that is not indexed.
  func stem(of word: String) -> String? { terms(of: word).first?.term }
}
