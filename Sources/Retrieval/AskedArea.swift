// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// The part of a tree that a subject line names before its colons: `net: phy: marvell: fix the LED of …`. Commits, reports
/// of bugs and letters begin so.
struct AskedArea {
  /// The words of each part, in their order.
  let parts: [[String]]
  private let words: Set<String>
  private let paths: PathParts

  private static let longestPart = 40
  private static let mostWordsOfPart = 3

  /// - Parameter question: as it was asked; most have no such part.
  init(of question: String, _ paths: PathParts = PathParts()) {
    self.paths = paths
    parts = AskedArea.texts(of: question).map(paths.words(of:)).filter { !$0.isEmpty }
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
    let said = Set(paths.words(ofPartsOf: path).joined())
    return Float(words.count(where: said.contains)) / Float(words.count)
  }

  /// The share of the words of the file's name that the area says.
  func share(ofName path: TreePath) -> Float { paths.share(ofName: path, among: words) }

  /// Whether the file's name says all of the area's last part, which is the narrowest.
  func isNamedByLast(_ path: TreePath) -> Bool {
    guard let last = parts.last else { return false }
    return last.allSatisfy(paths.words(ofName: path).contains)
  }
}
