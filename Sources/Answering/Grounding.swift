// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// A name in an answer's text that claims to be in the snapshot.
package struct NameMention: Hashable, Sendable {
  /// What a name claims to be.
  package enum Kind: String, Sendable {
    /// A path from the root of the tree, of a file or a directory.
    case path
    /// A file's name without its directory.
    case fileName
    /// A function, type, macro, option …
    case symbol
  }

  package var name: String
  package var kind: Kind

  package init(name: String, kind: Kind) {
    self.name = name
    self.kind = kind
  }
}

/// The names that a snapshot holds; `SnapshotView` gives them.
package protocol SnapshotNames {
  func hasFile(_ path: TreePath) -> Bool
  /// Whether any path lies below it.
  func hasDirectory(_ path: TreePath) -> Bool
  /// Whether a symbol of the name is defined.
  func hasSymbol(_ name: String) -> Bool
  /// Paths like one that is not there, the likeliest first: same file name elsewhere, near spelling.
  func nearPaths(_ path: TreePath, limit: Int) -> [TreePath]
  /// A symbol like one that is not there.
  func nearSymbol(_ name: String) -> String?
}

/// Holds an answer's names against the snapshot.
package enum Grounding {
  /// The names that a text mentions, each once, in order. Fenced code is quoted source and is left out; so are symbols
  /// that stand in `quoted`, the passages that the answer was given, and code spans that are one of `paths`, from which
  /// they were taken.
  package static func mentions(
    in text: String, quoted: [String] = [], from paths: [TreePath] = []
  ) -> [NameMention] {
    let given = QuotedWords(quoted)
    var seen: Set<NameMention> = []
    return MentionScanner(text: text, knownSpans: Set(paths.map { Array($0.text.utf8) })).mentions().filter { mention in
      guard seen.insert(mention).inserted else { return false }
      return mention.kind != .symbol || !given.contains(mention.name)
    }
  }

  /// Those of the mentions that the snapshot does not hold, each with the nearest name that it does.
  package static func unverified(_ mentions: [NameMention], in names: some SnapshotNames) -> [UnverifiedName] {
    mentions.compactMap { mention in
      let path = TreePath(text: mention.name)
      switch mention.kind {
      case .path:
        let directory = TreePath(text: mention.name.hasSuffix("/") ? String(mention.name.dropLast()) : mention.name)
        if names.hasFile(path) || names.hasDirectory(directory) { return nil }
        return UnverifiedName(name: mention.name, nearest: names.nearPaths(path, limit: 1).first?.text)
      case .fileName:
        if names.hasFile(path) { return nil }
        let near = names.nearPaths(path, limit: 8)
        if near.contains(where: { $0.name == mention.name }) { return nil }
        return UnverifiedName(name: mention.name, nearest: near.first?.text)
      case .symbol:
        if names.hasSymbol(mention.name) { return nil }
        return UnverifiedName(name: mention.name, nearest: names.nearSymbol(mention.name))
      }
    }
  }
}

/// The identifiers of the passages, for a lookup without searching their text again.
private struct QuotedWords {
  private var words: Set<String> = []

  init(_ texts: [String]) {
    for text in texts {
      var word: [UInt8] = []
      for byte in text.utf8 {
        if MentionScanner.isIdentifier(byte) {
          word.append(byte)
        } else if !word.isEmpty {
          words.insert(String(decoding: word, as: UTF8.self))
          word = []
        }
      }
      if !word.isEmpty { words.insert(String(decoding: word, as: UTF8.self)) }
    }
  }

  func contains(_ name: String) -> Bool { words.contains(name) }
}
