// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// The part of a tree that a subject line names before its colons: `net: phy: marvell: fix the LED of …`. Commits, reports
/// of bugs and letters begin so.
final class AskedArea {
  /// The words of each part, in their order.
  let parts: [[String]]
  private let words: Set<String>
  private let analyzer: TermAnalyzer
  private var known: [Substring: Set<String>] = [:]

  private static let longestPart = 40
  private static let mostWordsOfPart = 3

  /// - Parameter question: as it was asked; most have no such part.
  init(of question: String, _ analyzer: TermAnalyzer = TermAnalyzer()) {
    self.analyzer = analyzer
    parts = AskedArea.texts(of: question)
      .map { analyzer.terms(of: String($0)).map(\.term).filter { !$0.contains("_") } }.filter { !$0.isEmpty }
    words = Set(parts.joined())
  }

  /// What stands before colons that a space follows, as long as it is short; tags such as `[PATCH 2/3]` left out.
  private static func texts(of question: String) -> [Substring] {
    var rest = question[...].drop { $0 == " " }
    while rest.first == "[", let end = rest.firstIndex(of: "]") {
      rest = rest[rest.index(after: end)...].drop { $0 == " " }
    }
    var found: [Substring] = []
    while let colon = rest.utf8.firstIndex(of: UInt8(ascii: ":")) {
      let part = rest[..<colon]
      let after = rest[colon...].dropFirst()
      guard !part.isEmpty, part.utf8.count <= longestPart, after.first == " ",
        part.split(separator: " ").count <= mostWordsOfPart
      else { break }
      found.append(part)
      rest = after.drop { $0 == " " }
    }
    return found
  }

  /// The share of the area's words that the path says.
  func share(in path: TreePath) -> Float {
    guard !words.isEmpty else { return 0 }
    let said = path.text.split(separator: "/").reduce(into: Set<String>()) { $0.formUnion(words(of: $1)) }
    return Float(words.count { said.contains($0) }) / Float(words.count)
  }

  /// The share of the words of the file's name that the area says.
  func share(ofName path: TreePath) -> Float {
    guard !words.isEmpty else { return 0 }
    let name = self.words(of: path.name.split(separator: ".").first.map { Substring($0) } ?? "")
    return name.isEmpty ? 0 : Float(name.count { words.contains($0) }) / Float(name.count)
  }

  /// Whether the file's name says all of the area's last part, which is the narrowest.
  func isNamedByLast(_ path: TreePath) -> Bool {
    guard let last = parts.last else { return false }
    let name = words(of: path.name.split(separator: ".").first.map { Substring($0) } ?? "")
    return last.allSatisfy(name.contains)
  }

  private func words(of text: Substring) -> Set<String> {
    if let words = known[text] { return words }
    let words = Set(analyzer.terms(of: String(text)).map(\.term).filter { !$0.contains("_") })
    known[text] = words
    return words
  }
}
