// SPDX-License-Identifier: Apache-2.0
import Glossary

/// How a language's comments begin, for finding those that stand directly above what they speak of.
struct CommentStyle: Sendable {
  /// What a line of a comment, or of an attribute that belongs to the next line, begins with after its indentation.
  var prefixes: [StaticString]
  var hashStyle: CodeHash.Comments

  static let hash = CommentStyle(prefixes: ["#"], hashStyle: .hash)
  static let slashes = CommentStyle(prefixes: ["/*", "*", "//"], hashStyle: .slashes)
  static let none = CommentStyle(prefixes: [], hashStyle: .none)

  init(prefixes: [StaticString], hashStyle: CodeHash.Comments) {
    self.prefixes = prefixes
    self.hashStyle = hashStyle
  }

  init(_ language: Language) {
    switch language {
    case .python: self.init(prefixes: ["#", "@"], hashStyle: .hash)
    case .rust: self.init(prefixes: ["/*", "*", "//", "#["], hashStyle: .slashes)
    case .shell, .kconfig, .make, .perl: self = .hash
    case .devicetree, .assembly, .linkerScript: self = .slashes
    default: self = .none
    }
  }

  /// The first byte of the comment lines directly above a line that counts from 0; the line's own where none stand.
  func attachedStart(_ source: Source, _ line: Int) -> Int {
    var first = line
    while first > 0, isComment(source, first - 1) { first -= 1 }
    return source.lines.start(first)
  }

  private func isComment(_ source: Source, _ line: Int) -> Bool {
    let range = source.line(line)
    let start = source.skipBlanks(range.lowerBound, range.upperBound)
    guard start < range.upperBound else { return false }
    // A script's first line belongs to the file.
    if line == 0, source.matches("#!", at: start) { return false }
    return prefixes.contains { source.matches($0, at: start) }
  }
}
