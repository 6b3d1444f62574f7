// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// Tells files whose own name says nothing but what was asked, in a directory that was asked for too: `locking.c` below
/// `btrfs` for a question about locking in Btrfs.
struct FileStem {
  private let asked: Set<String>
  private let paths: PathParts

  init(_ terms: [QueryTerm], _ paths: PathParts = PathParts()) {
    asked = Set(terms.flatMap { $0.forms.filter { $0.words.count == 1 }.flatMap(\.words) })
    self.paths = paths
  }

  /// Whether every word of the file's name, its extension left out, is one of the question's, and so is the directory
  /// that holds it.
  func isAsked(_ path: TreePath) -> Bool {
    let words = paths.words(ofName: path)
    guard !words.isEmpty, words.allSatisfy(asked.contains) else { return false }
    return (paths.words(ofPartsOf: path).dropLast().last ?? []).contains { asked.contains($0) && !words.contains($0) }
  }

  /// The share of the words of the file's name that the question says.
  func share(ofName path: TreePath) -> Float { paths.share(ofName: path, among: asked) }

  /// How many of the directories above the file the question speaks of.
  func directoryCount(_ path: TreePath) -> Int {
    paths.words(ofPartsOf: path).dropLast().count { $0.contains(where: asked.contains) }
  }

  /// Words of the file's name that the question does not say.
  func unasked(ofName path: TreePath) -> [String] { paths.words(ofName: path).filter { !asked.contains($0) } }
}
