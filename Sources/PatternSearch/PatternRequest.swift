// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// A regular expression put to one snapshot.
package struct PatternRequest: Sendable {
  /// PCRE2's syntax; it is matched within lines.
  package var pattern: String
  package var ignoresCase: Bool
  /// Keeps only paths that match.
  package var pathGlob: String?
  package var language: Language?
  package var region: CodeRegion?
  /// Whether register tables are read as well: most of the bytes of a kernel's headers, and seldom meant.
  package var includesTables: Bool
  /// How many lines at most, after `offset` that are passed over.
  package var limit: Int
  package var offset: Int
  /// When the search ends with what it has.
  package var time: Duration

  package init(
    pattern: String, ignoresCase: Bool = false, pathGlob: String? = nil, language: Language? = nil,
    region: CodeRegion? = nil, includesTables: Bool = false, limit: Int = 200, offset: Int = 0,
    time: Duration = .seconds(5)
  ) {
    self.pattern = pattern
    self.ignoresCase = ignoresCase
    self.pathGlob = pathGlob
    self.language = language
    self.region = region
    self.includesTables = includesTables
    self.limit = limit
    self.offset = offset
    self.time = time
  }
}

/// A line that an expression matches.
package struct PatternHit: Sendable {
  package var path: TreePath
  /// 1-based.
  package var line: Int
  /// Of the first match in the line, 1-based, in bytes.
  package var column: Int
  /// The function, type or macro that holds it.
  package var symbol: String?
  package var symbolKind: SymbolKind?
  /// The line without its end, cut at 500 bytes.
  package var text: String

  package init(path: TreePath, line: Int, column: Int, symbol: String?, symbolKind: SymbolKind?, text: String) {
    self.path = path
    self.line = line
    self.column = column
    self.symbol = symbol
    self.symbolKind = symbolKind
    self.text = text
  }
}

/// What an expression matches in a snapshot.
package struct PatternResult: Sendable {
  package var request: PatternRequest
  package var snapshot: SnapshotInfo
  /// By path, then line.
  package var hits: [PatternHit]
  /// The words by which files were chosen; none where the expression names none for sure.
  package var words: [String]
  /// How many files have been read of those that may match.
  package var filesRead: Int
  package var filesToRead: Int
  /// Whether the time ran out.
  package var isOutOfTime: Bool
  /// Whether the limit ended the listing: ask again with `nextOffset`.
  package var hasMore: Bool
  /// Pieces of text on which the expression took too many steps.
  package var gaveUp: Int
  package var elapsed: Duration

  package init(
    request: PatternRequest, snapshot: SnapshotInfo, hits: [PatternHit] = [], words: [String] = [], filesRead: Int = 0,
    filesToRead: Int = 0, isOutOfTime: Bool = false, hasMore: Bool = false, gaveUp: Int = 0, elapsed: Duration = .zero
  ) {
    self.request = request
    self.snapshot = snapshot
    self.hits = hits
    self.words = words
    self.filesRead = filesRead
    self.filesToRead = filesToRead
    self.isOutOfTime = isOutOfTime
    self.hasMore = hasMore
    self.gaveUp = gaveUp
    self.elapsed = elapsed
  }
}
