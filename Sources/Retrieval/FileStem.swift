// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// Tells files whose own name says nothing but what was asked, in a directory that was asked for too: `locking.c` below
/// `btrfs` for a question about locking in Btrfs.
final class FileStem {
  private let asked: Set<String>
  private let analyzer = TermAnalyzer()
  private var known: [String: [String]] = [:]

  init(_ terms: [QueryTerm]) { asked = Set(terms.flatMap { $0.forms.filter { $0.words.count == 1 }.flatMap(\.words) }) }

  /// Whether every word of the file's name, its extension left out, is one of the question's, and so is the directory
  /// that holds it.
  func isAsked(_ path: TreePath) -> Bool {
    let words = words(ofName: path)
    guard !words.isEmpty, words.allSatisfy(asked.contains) else { return false }
    let folder = path.text.split(separator: "/").dropLast().last.map(String.init) ?? ""
    return self.words(of: folder).contains { asked.contains($0) && !words.contains($0) }
  }

  /// The share of the words of the file's name that the question says.
  func share(ofName path: TreePath) -> Float { share(words(ofName: path)) }

  /// How many of the directories above the file the question speaks of.
  func directoryCount(_ path: TreePath) -> Int {
    path.text.split(separator: "/").dropLast().count { words(of: String($0)).contains(where: asked.contains) }
  }

  /// Words of the file's name that the question does not say.
  func unasked(ofName path: TreePath) -> [String] { words(ofName: path).filter { !asked.contains($0) } }

  private func share(_ words: [String]) -> Float {
    words.isEmpty ? 0 : Float(words.count { asked.contains($0) }) / Float(words.count)
  }

  private func words(ofName path: TreePath) -> [String] {
    words(of: path.name.split(separator: ".").first.map(String.init) ?? "")
  }

  private func words(of text: String) -> [String] {
    if let words = known[text] { return words }
    let words = analyzer.terms(of: text).map(\.term).filter { !$0.contains("_") }
    known[text] = words
    return words
  }
}
