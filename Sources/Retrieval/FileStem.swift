// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// Tells files whose own name says nothing but what was asked, in a directory that was asked for too: `locking.c` below
/// `btrfs` for a question about locking in Btrfs.
final class FileStem {
  private let asked: Set<String>
  private let analyzer = TermAnalyzer()

  init(_ terms: [QueryTerm]) { asked = Set(terms.flatMap { $0.forms.filter { $0.words.count == 1 }.flatMap(\.words) }) }

  /// Whether every word of the file's name, its extension left out, is one of the question's, and so is the directory
  /// that holds it.
  func isAsked(_ path: TreePath) -> Bool {
    let stem = path.name.split(separator: ".").first.map(String.init) ?? ""
    let words = analyzer.terms(of: stem).map(\.term).filter { !$0.contains("_") }
    guard !words.isEmpty, words.allSatisfy(asked.contains) else { return false }
    let folder = path.text.split(separator: "/").dropLast().last.map(String.init) ?? ""
    return analyzer.terms(of: folder).contains { asked.contains($0.term) && !words.contains($0.term) }
  }
}
