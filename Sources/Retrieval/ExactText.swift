// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// Text that a question gives word for word, as a person pastes it: a message between quotation marks, a `compatible`
/// string, a line of a log.
struct VerbatimPhrase: Hashable {
  /// What of it must stand in the source.
  enum Kind {
    /// All of it: `brcm,bcm2711-emmc2`, `platform:gpio-keys`.
    case token
    /// Most of it: where the source has `%s`, a person has a value.
    case quoted
    /// Some words in a row.
    case logLine
  }

  var bytes: [UInt8]
  var kind: Kind

  private static let mostPhrases = 4
  private static let longest = 240

  /// Those of a question, at most four; none in most questions.
  static func phrases(in question: String) -> [VerbatimPhrase] {
    var phrases: [VerbatimPhrase] = []
    func add(_ text: some StringProtocol, _ kind: Kind) {
      let phrase = VerbatimPhrase(bytes: Array(text.utf8.prefix(longest)), kind: kind)
      if phrases.count < mostPhrases, !phrases.contains(phrase) { phrases.append(phrase) }
    }
    for text in quotations(in: question) where isTelling(text) { add(text, .quoted) }
    let isPasted = !question.contains("?") && !question.contains("？")
    for line in question.split(separator: "\n").prefix(50) {
      let bare = withoutTime(line)
      if phrases.isEmpty, isPasted, bare.contains(": "), bare.utf8.count >= 16 { add(bare, .logLine) }
      for word in line.split(whereSeparator: \.isWhitespace) {
        let token = word.trimming { !$0.isLetter && !$0.isNumber }
        if isToken(token) { add(token, .token) }
      }
    }
    return phrases
  }

  /// What stands between a pair of marks, none of it in another pair.
  private static func quotations(in text: String) -> [Substring] {
    let closing: [Character: Character] = ["\"": "\"", "`": "`", "“": "”", "「": "」", "『": "』"]
    var found: [Substring] = []
    var rest = text[...]
    while let start = rest.firstIndex(where: { closing[$0] != nil }), let mark = closing[rest[start]] {
      let inside = rest[rest.index(after: start)...]
      guard let end = inside.firstIndex(of: mark) else { break }
      found.append(inside[..<end])
      rest = inside[inside.index(after: end)...]
    }
    return found
  }

  /// Long enough to stand in few places, and no name or path, which are looked up otherwise.
  private static func isTelling(_ text: Substring) -> Bool {
    text.utf8.count >= 12 && text.contains(" ") && text.contains { $0.isLetter }
  }

  /// Two parts with letters, joined by a comma or a colon alone: no path, no address, no time of day.
  private static func isToken(_ text: Substring) -> Bool {
    guard text.utf8.count >= 6, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !text.contains("/") else {
      return false
    }
    let parts = text.split(omittingEmptySubsequences: false) { $0 == "," || $0 == ":" }
    return parts.count >= 2 && parts.allSatisfy { $0.contains { $0.isLetter } }
      && text.contains { $0.isNumber || $0 == "-" || $0 == ":" }
  }

  /// A line of the kernel's log without `[  123.456789] `.
  private static func withoutTime(_ line: Substring) -> Substring {
    guard line.first == "[", let end = line.firstIndex(of: "]"),
      line[..<end].dropFirst().allSatisfy({ $0.isNumber || $0 == "." || $0 == " " })
    else { return line }
    return line[line.index(after: end)...].drop(while: \.isWhitespace)
  }
}

extension Substring {
  fileprivate func trimming(_ isLeftOut: (Character) -> Bool) -> Substring {
    var text = drop(while: isLeftOut)
    while let last = text.last, isLeftOut(last) { text.removeLast() }
    return text
  }
}

/// A chunk that says a phrase of the question word for word.
package struct ExactMatch: Sendable {
  package var file: Int
  package var chunk: UInt32
  /// The share of the phrase that stands there, the less the more files have it.
  package var share: Double
  /// What stands there.
  package var text: String
}

/// Finds what a question gives word for word: the words' best chunks are read and compared byte by byte.
struct ExactText {
  let ranker: FileRanker
  let source: any BlobSource

  /// How many chunks are read for a phrase; a phrase that says anything is among them.
  private static let depth = 60
  /// A phrase of more files tells them less from others.
  private static let fewFiles = 6.0
  /// A device tree says that a thing is there; what it is, and what drives it, say the others.
  private static let deviceTree = 0.5
  /// The least that counts, in bytes, and of a log's line in words.
  private static let leastRun = 12
  private static let leastWords = 3

  /// Of each file the best. Throws `objectUnreadable`.
  func matches(_ question: String) throws -> [ExactMatch] {
    var best: [Int: ExactMatch] = [:]
    for phrase in VerbatimPhrase.phrases(in: question) {
      var found = try matches(phrase)
      let few = min(1, ExactText.fewFiles / Double(max(1, found.count)))
      for index in found.indices {
        let isTree = ranker.view.file(at: found[index].file).language == .devicetree
        found[index].share *= few * (phrase.kind == .token && isTree ? ExactText.deviceTree : 1)
      }
      for match in found where match.share > best[match.file]?.share ?? 0 { best[match.file] = match }
    }
    return best.values.sorted { ($1.share, $0.file) < ($0.share, $1.file) }
  }

  private func matches(_ phrase: VerbatimPhrase) throws -> [ExactMatch] {
    let terms = TermAnalyzer().terms(of: String(decoding: phrase.bytes, as: UTF8.self)).map { QueryTerm(text: $0.term) }
    var found: [Int: ExactMatch] = [:]
    var texts = BlobTexts(source: source)
    let places = ranker.words(Array(terms.prefix(32)), limit: ExactText.depth).chunks.flatMap { hit in
      ranker.view.locations(ofChunk: hit.chunk).prefix(4)
    }
    // A file's chunks one after the other, so that it is read once.
    for place in places.sorted(by: { ($0.file, $0.ordinal) < ($1.file, $1.ordinal) }) {
      let bytes = try texts.bytes(of: ranker.view.object(at: place.file))
      let run = LongestRun.of(phrase.bytes, in: bytes[place.bytes.clamped(to: 0..<bytes.count)])
      guard let share = share(of: run, phrase), share > found[place.file]?.share ?? 0 else { continue }
      found[place.file] = ExactMatch(
        file: place.file, chunk: place.number, share: share, text: String(decoding: phrase.bytes[run], as: UTF8.self))
    }
    return Array(found.values)
  }

  /// Nil where too little of it stands there.
  private func share(of run: Range<Int>, _ phrase: VerbatimPhrase) -> Double? {
    let share = Double(run.count) / Double(max(1, phrase.bytes.count))
    switch phrase.kind {
    case .token: return run.count == phrase.bytes.count ? 1 : nil
    case .quoted: return run.count >= ExactText.leastRun && share >= 0.6 ? share : nil
    case .logLine:
      let words = phrase.bytes[run].split(separator: UInt8(ascii: " ")).count
      return run.count >= ExactText.leastRun && words >= ExactText.leastWords ? min(1, Double(run.count) / 32) : nil
    }
  }
}

/// The longest run of bytes that two texts share.
enum LongestRun {
  /// As a range of `phrase`; the first of several.
  static func of(_ phrase: [UInt8], in text: ArraySlice<UInt8>) -> Range<Int> {
    // For each place of the phrase, the length of the run that ends there and at the text's last byte.
    var lengths = [UInt16](repeating: 0, count: phrase.count + 1)
    var (best, end) = (0, 0)
    for byte in text {
      var before: UInt16 = 0
      for place in phrase.indices {
        let here = lengths[place + 1]
        lengths[place + 1] = phrase[place] == byte ? before + 1 : 0
        before = here
        if Int(lengths[place + 1]) > best { (best, end) = (Int(lengths[place + 1]), place + 1) }
      }
    }
    return (end - best)..<end
  }
}
