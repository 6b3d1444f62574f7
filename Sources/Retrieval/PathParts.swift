// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// What the parts of paths say in words, as they are looked for; each part is split once for a question.
final class PathParts {
  private let analyzer = TermAnalyzer()
  private var known: [Substring: [String]] = [:]

  /// The words of a directory's name, or of any short text.
  func words(of part: Substring) -> [String] {
    if let words = known[part] { return words }
    let words = analyzer.terms(of: String(part)).map(\.term).filter { !$0.contains("_") }
    known[part] = words
    return words
  }

  /// The words of the file's own name, its extensions left out.
  func words(ofName path: TreePath) -> [String] { path.name.split(separator: ".").first.map(words(of:)) ?? [] }

  /// The words of each part of the path, of the file's own name too.
  func words(ofPartsOf path: TreePath) -> [[String]] { path.text.split(separator: "/").map(words(of:)) }

  /// For each path the question's terms that its directories and its name say.
  func terms(_ asked: [QueryTerm], saidBy paths: [TreePath]) -> [TermSet] {
    paths.map { path in
      let words = Set(words(ofPartsOf: path).joined())
      var said = TermSet()
      for (place, term) in asked.enumerated()
      where term.forms.contains(where: { $0.words.allSatisfy(words.contains) }) {
        said.insert(place)
      }
      return said
    }
  }

  /// The share of the words of the file's name that are among others.
  func share(ofName path: TreePath, among asked: Set<String>) -> Float {
    let words = words(ofName: path)
    return words.isEmpty ? 0 : Float(words.count(where: asked.contains)) / Float(words.count)
  }
}
