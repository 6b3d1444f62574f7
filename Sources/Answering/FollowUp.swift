// SPDX-License-Identifier: Apache-2.0
package import Glossary
package import Inference

/// What a question means after what was said before it: "who calls it?" after an answer about `vfs_read`, "and in
/// 6.1?" after any. Pure.
package struct FollowUp: Hashable, Sendable {
  /// What to search for: the question with what it speaks of put in its place.
  package private(set) var searchText: String
  /// The snapshot it asks about; nil means the one that the chat is about.
  package private(set) var snapshot: SnapshotInfo?
  /// A release that it asks about and that is not indexed.
  package private(set) var missingVersion: String?

  /// - Parameters:
  ///   - history: oldest first.
  ///   - snapshots: those of the chat's collection.
  ///   - heedsVersion: whether a release that the question names is meant, though it follows up on nothing.
  package init(
    _ question: String, after history: [ChatMessage], snapshots: [SnapshotInfo] = [], heedsVersion: Bool = false
  ) {
    searchText = question
    var standing: String?
    var lastAnswer = ""
    for message in history.suffix(40) {
      switch message.role {
      case .user: standing = FollowUp.standalone(QuestionWords(message.text), after: standing, lastAnswer)
      case .assistant: lastAnswer = message.text
      case .system, .tool: break
      }
    }
    let words = QuestionWords(question)
    let followsUp = standing != nil && words.leansOnHistory
    if followsUp { searchText = FollowUp.standalone(words, after: standing, lastAnswer) }
    guard followsUp || heedsVersion else { return }
    for version in words.versions {
      if let found = FollowUp.snapshot(version, snapshots) {
        snapshot = found
        return
      }
    }
    if followsUp, words.isOnlyVersion { missingVersion = words.versions.first }
  }

  /// The question as it would have been asked first.
  private static func standalone(_ words: QuestionWords, after previous: String?, _ answer: String) -> String {
    guard let previous, words.leansOnHistory else { return words.text }
    if words.isOnlyVersion { return previous }
    let subject = QuestionWords(previous).names.first ?? firstName(answer)
    if let subject, let resolved = words.replacingPronoun(with: subject) { return resolved }
    return "\(words.text) (\(QuestionWords(previous).isShort ? previous : String(previous.prefix(400))))"
  }

  /// The first code span of an answer that is an identifier: what the answer is about.
  private static func firstName(_ answer: String) -> String? {
    let parts = answer.prefix(4_000).split(separator: "`", omittingEmptySubsequences: false)
    return parts.enumerated().lazy.filter { !$0.offset.isMultiple(of: 2) }.compactMap { part -> String? in
      let text = part.element.hasSuffix("()") ? part.element.dropLast(2) : part.element
      guard text.utf8.count >= 3, text.utf8.allSatisfy(MentionScanner.isIdentifier) else { return nil }
      return text.first?.isNumber == true ? nil : String(text)
    }.first
  }

  /// The release itself, or the newest of its series: `6.1` is `v6.1.192`.
  private static func snapshot(_ version: String, _ snapshots: [SnapshotInfo]) -> SnapshotInfo? {
    let exact = snapshots.first { $0.revision == version || $0.revision == "v" + version }
    return exact
      ?? snapshots.filter { $0.revision.hasPrefix("v\(version).") || $0.revision.hasPrefix("\(version).") }
      .max { ($0.date, $0.indexedAt) < ($1.date, $1.indexedAt) }
  }
}

/// A question taken apart as far as a follow-up needs it.
struct QuestionWords {
  private static let longestFollowUp = 160

  let text: String
  /// Paths and identifiers that it names itself.
  let names: [String]
  /// `6.1`, `6.12.117`, without the `v`.
  let versions: [String]
  /// In lower case, versions left out.
  private let words: [String]

  init(_ text: String) {
    self.text = text
    let mentions = Grounding.mentions(in: text)
    names = mentions.filter { $0.kind == .symbol }.map(\.name) + mentions.filter { $0.kind != .symbol }.map(\.name)
    var versions: [String] = []
    var words: [String] = []
    let isSeparator: (Character) -> Bool = {
      !$0.isASCII || !($0.isLetter || $0.isNumber || $0 == "." || $0 == "_" || $0 == "-")
    }
    for token in text.split(whereSeparator: isSeparator) {
      let word = token.lowercased().trimmingSuffix { $0 == "." || $0 == "-" }
      if let version = QuestionWords.version(word) { versions.append(version) } else { words.append(word) }
    }
    self.versions = versions
    self.words = words.filter { !$0.isEmpty }
  }

  var isShort: Bool { text.utf8.count <= QuestionWords.longestFollowUp }

  /// Whether it says too little to stand by itself.
  var leansOnHistory: Bool {
    guard isShort else { return false }
    if isOnlyVersion { return true }
    guard names.isEmpty else { return false }
    if !Set(words).isDisjoint(with: QuestionWords.pronouns) { return true }
    if let first = words.first, QuestionWords.openings.contains(first) { return true }
    if QuestionWords.japaneseMarks.contains(where: { text.contains($0) }) { return true }
    return !words.isEmpty && words.count <= 4 && words.allSatisfy { QuestionWords.fillers.contains($0) }
  }

  /// "and in 6.1?", 「6.1 では?」: a release and nothing else.
  var isOnlyVersion: Bool {
    guard !versions.isEmpty, names.isEmpty, isShort else { return false }
    let rest = text.unicodeScalars.filter { $0.value > 0x7f && !QuestionWords.particles.contains($0) }
    return words.allSatisfy { QuestionWords.fillers.contains($0) } && rest.isEmpty
  }

  /// The question with a pronoun replaced by what it stands for; nil where it has none.
  func replacingPronoun(with name: String) -> String? {
    for pronoun in QuestionWords.replaceable {
      if let range = range(ofWord: pronoun) { return text.replacingCharacters(range, with: "`\(name)`") }
    }
    for pronoun in QuestionWords.japanesePronouns {
      if let range = text.firstRange(of: pronoun) { return text.replacingCharacters(range, with: "`\(name)`") }
    }
    return nil
  }

  private func range(ofWord word: String) -> Range<String.Index>? {
    var start = text.startIndex
    while let range = text[start...].firstRange(of: word)
      ?? text[start...].firstRange(of: word.prefix(1).uppercased() + word.dropFirst())
    {
      let isBegun = range.lowerBound == text.startIndex || !text[text.index(before: range.lowerBound)].isLetter
      let isEnded = range.upperBound == text.endIndex || !text[range.upperBound].isLetter
      if isBegun && isEnded { return range }
      start = range.upperBound
    }
    return nil
  }

  private static func version(_ word: String) -> String? {
    let digits = word.hasPrefix("v") ? word.dropFirst() : word[...]
    let parts = digits.split(separator: "-", maxSplits: 1)
    let numbers = (parts.first ?? "").split(separator: ".", omittingEmptySubsequences: false)
    guard (2...3).contains(numbers.count), numbers.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isNumber) }) else {
      return nil
    }
    return String(digits)
  }

  private static let replaceable = [
    "it", "them", "they", "this function", "that function", "this", "that", "these", "those",
  ]
  private static let pronouns: Set<String> = [
    "it", "its", "they", "them", "their", "this", "that", "these", "those", "there", "same", "former", "latter",
  ]
  private static let openings: Set<String> = ["and", "also", "but", "or", "then", "so", "why"]
  private static let fillers: Set<String> = [
    "and", "in", "on", "for", "with", "at", "what", "how", "about", "the", "same", "version", "release", "kernel",
    "linux", "now", "who", "where", "when", "which", "example", "examples", "more", "details", "please", "again", "it",
    "is", "was", "that", "there", "then", "of", "to",
  ]
  private static let japanesePronouns = ["その関数", "この関数", "それ", "これ", "あれ"]
  private static let japaneseMarks = [
    "それ", "その", "これ", "この", "あれ", "では?", "では？", "じゃあ", "同じ", "そこ", "なぜ", "他には", "ほかには",
  ]
  private static let particles = Set("ではのとにもはがをですかじゃあカーネル版バージョン同様何どう?？、。「」・".unicodeScalars)
}

extension String {
  fileprivate func replacingCharacters(_ range: Range<String.Index>, with text: String) -> String {
    self[..<range.lowerBound] + text + self[range.upperBound...]
  }

  fileprivate func trimmingSuffix(while passes: (Character) -> Bool) -> String {
    var text = self[...]
    while let last = text.last, passes(last) { text.removeLast() }
    return String(text)
  }
}
