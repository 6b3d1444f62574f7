// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// What is known of Japanese words: the glossary that comes with the program, and the dictionary that
/// `tools/dictionary` compiles. Loaded when first asked; without either, names are still read by their sound.
package final class JapaneseLexicon: Sendable {
  /// What a word may mean.
  struct Entry: Sendable {
    struct Gloss: Hashable, Sendable {
      var text: String
      /// How surely it is meant, above 0 and at most 1.
      var factor: Float
    }
    /// The surest first.
    var glosses: [Gloss]
    /// How it is said, in kana; the word itself where that is not known.
    var reading: String
    /// How it is inflected: `1` ichidan, `i` adjective, `+` with する, else the letter of its godan row.
    var classes: String
    /// From the glossary, whose words are about computers.
    var isTechnical: Bool
  }

  fileprivate struct Loaded: Sendable {
    var glossary: [String: Entry] = [:]
    /// Every beginning of a glossary word.
    var beginnings: Set<String> = []
    /// English to Japanese, from the glossary.
    var backwards: [String: [Entry.Gloss]] = [:]
    var japanese: WordTable?
    var english: WordTable?
  }

  private let glossaryPath: String?
  private let tables: String?
  private let loaded = Mutex<Loaded?>(nil)

  /// - Parameters:
  ///   - glossary: a file of lines `日本語 variant<tab>english; more english`; `#` begins a comment.
  ///   - tables: the folder that `tools/dictionary` writes to.
  ///
  /// Neither need exist.
  package init(glossary: String?, tables: String?) {
    glossaryPath = glossary
    self.tables = tables
  }

  /// Knows no word.
  package static let empty = JapaneseLexicon(glossary: nil, tables: nil)

  private func current() -> Loaded {
    loaded.withLock { kept in
      if let kept { return kept }
      var made = Loaded()
      if let glossaryPath { made.read(glossary: glossaryPath) }
      made.japanese = tables.flatMap { WordTable(path: $0 + "/japanese.tsv") }
      made.english = tables.flatMap { WordTable(path: $0 + "/english.tsv") }
      kept = made
      return made
    }
  }

  /// The lexicon as one reads it for one question.
  func reader() -> Reader { Reader(loaded: current()) }

  /// Looks words up, and remembers what it found.
  final class Reader {
    private let loaded: Loaded
    private var known: [[UInt8]: (entry: Entry?, isPrefix: Bool)] = [:]

    fileprivate init(loaded: Loaded) { self.loaded = loaded }

    /// What a word means, and whether longer words begin with it.
    func find(_ word: ArraySlice<Unicode.Scalar>) -> (entry: Entry?, isPrefix: Bool) {
      let key = JapaneseText.key(word)
      if let found = known[key] { return found }
      let text = String(decoding: key, as: UTF8.self)
      let row = loaded.japanese?.find(key)
      var entry = row?.columns.flatMap(Entry.init(columns:))
      if let technical = loaded.glossary[text] {
        entry = Entry(
          glosses: technical.glosses, reading: entry?.reading ?? text, classes: entry?.classes ?? technical.classes,
          isTechnical: true)
      }
      // A long vowel at the end is left out of the key, so the next character may carry the word on.
      let isPrefix = row?.isPrefix ?? false || loaded.beginnings.contains(text) || word.last == "ー"
      known[key] = (entry, isPrefix)
      return (entry, isPrefix)
    }

    /// Japanese words for an English one or two, in lower case.
    func japanese(for english: String) -> [Entry.Gloss] {
      let technical = loaded.backwards[english] ?? []
      let general = loaded.english?.find(Array(english.utf8)).columns?.first.map(Entry.glosses) ?? []
      return technical + general.filter { gloss in !technical.contains { $0.text == gloss.text } }
    }
  }
}

extension JapaneseLexicon.Entry {
  /// The columns of a line of `japanese.tsv` after its key.
  fileprivate init?(columns: [String]) {
    guard columns.count == 3 else { return nil }
    self.init(
      glosses: Self.glosses(columns[2]), reading: columns[1], classes: columns[0] == "-" ? "" : columns[0],
      isTechnical: false)
  }

  /// `90 interrupt|54 interruption`.
  fileprivate static func glosses(_ text: String) -> [Gloss] {
    text.split(separator: "|").compactMap { part in
      let pair = part.split(separator: " ", maxSplits: 1)
      guard pair.count == 2, let factor = Float(pair[0]) else { return nil }
      return Gloss(text: String(pair[1]), factor: min(1, max(0.01, factor / 100)))
    }
  }
}

extension JapaneseLexicon.Loaded {
  /// How surely the first, second, third … English word of a glossary line is meant.
  private static let factors: [Float] = [1, 0.85, 0.75, 0.65, 0.55]

  mutating func read(glossary path: String) {
    guard let text = TextFile.text(of: path) else { return }
    for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
      let columns = line.split(separator: "\t")
      guard columns.count == 2 else { continue }
      let english = columns[1].split(separator: ";").map { $0.trimmingSpaces().lowercased() }
      let glosses = english.enumerated().map { place, text in
        JapaneseLexicon.Entry.Gloss(text: text, factor: Self.factors[min(place, Self.factors.count - 1)])
      }
      for word in columns[0].split(separator: " ") { add(String(word), glosses) }
    }
  }

  private mutating func add(_ word: String, _ glosses: [JapaneseLexicon.Entry.Gloss]) {
    let scalars = Array(JapaneseText.folding(word).lowercased().unicodeScalars)
    let key = String(decoding: JapaneseText.key(scalars), as: UTF8.self)
    glossary[key] = JapaneseLexicon.Entry(
      glosses: glosses, reading: key, classes: Inflection.likelyClass(of: scalars), isTechnical: true)
    var beginning = ""
    for scalar in scalars {
      beginning.unicodeScalars.append(scalar)
      beginnings.insert(beginning)
    }
    for gloss in glosses {
      backwards[gloss.text, default: []].append(JapaneseLexicon.Entry.Gloss(text: key, factor: gloss.factor))
    }
  }
}

extension Substring {
  fileprivate func trimmingSpaces() -> Substring {
    let start = drop { $0 == " " }
    var end = start
    while end.last == " " { end.removeLast() }
    return end
  }
}
