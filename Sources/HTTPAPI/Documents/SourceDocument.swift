// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// Lines of one file of a snapshot, as read from the git object store.
package struct SourceExcerpt: Sendable {
  /// A definition in the file.
  package struct Symbol: Hashable, Sendable {
    package var name: String
    package var kind: SymbolKind
    /// 1-based and inclusive.
    package var lines: ClosedRange<Int>

    package init(name: String, kind: SymbolKind, lines: ClosedRange<Int>) {
      self.name = name
      self.kind = kind
      self.lines = lines
    }
  }

  package var snapshot: SnapshotInfo
  package var path: TreePath
  package var blob: ObjectID
  package var language: Language
  /// Lines of the whole file.
  package var lineCount: Int
  /// The 1-based line that `text` begins with; 1 for an empty file.
  package var firstLine: Int
  /// Whole lines; bytes that are not UTF-8 have become U+FFFD.
  package var text: String
  /// Of the lines given, in order of line.
  package var symbols: [Symbol]
  /// True where the file is binary and `text` is empty for that reason.
  package var isBinary: Bool

  package init(
    snapshot: SnapshotInfo, path: TreePath, blob: ObjectID, language: Language, lineCount: Int, firstLine: Int = 1,
    text: String, symbols: [Symbol] = [], isBinary: Bool = false
  ) {
    self.snapshot = snapshot
    self.path = path
    self.blob = blob
    self.language = language
    self.lineCount = lineCount
    self.firstLine = firstLine
    self.text = text
    self.symbols = symbols
    self.isBinary = isBinary
  }
}

/// What `nenrin show --json` prints and `GET /api/source` answers.
package struct SourceDocument: Codable, Sendable {
  /// A definition in the lines given.
  package struct Symbol: Codable, Hashable, Sendable {
    package var name: String
    package var kind: String
    package var startLine: Int
    package var endLine: Int

    private enum CodingKeys: String, CodingKey {
      case name, kind
      case startLine = "start_line"
      case endLine = "end_line"
    }
  }

  package var snapshot: SnapshotReferenceDocument
  package var path: String
  package var blob: String
  package var language: String
  /// Of the text given; `end_line` is one less than `start_line` for an empty file.
  package var startLine: Int
  package var endLine: Int
  /// Of the whole file.
  package var lines: Int
  package var binary: Bool
  package var text: String
  package var symbols: [Symbol]

  private enum CodingKeys: String, CodingKey {
    case snapshot, path, blob, language, lines, binary, text, symbols
    case startLine = "start_line"
    case endLine = "end_line"
  }

  package init(_ excerpt: SourceExcerpt) {
    snapshot = SnapshotReferenceDocument(excerpt.snapshot)
    path = excerpt.path.text
    blob = excerpt.blob.hex
    language = excerpt.language.name
    startLine = excerpt.firstLine
    endLine = excerpt.firstLine + SourceDocument.lineCount(excerpt.text) - 1
    lines = excerpt.lineCount
    binary = excerpt.isBinary
    text = excerpt.text
    symbols = excerpt.symbols.map {
      Symbol(name: $0.name, kind: $0.kind.name, startLine: $0.lines.lowerBound, endLine: $0.lines.upperBound)
    }
  }

  private static func lineCount(_ text: String) -> Int {
    let ends = text.utf8.count { $0 == UInt8(ascii: "\n") }
    return text.isEmpty || text.utf8.last == UInt8(ascii: "\n") ? ends : ends + 1
  }
}
