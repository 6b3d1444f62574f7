// SPDX-License-Identifier: Apache-2.0
import Glossary
package import PatternSearch

/// What `nenrin grep --json` prints and `POST /api/grep` answers.
package struct GrepDocument: Codable, Sendable {
  /// A line that the pattern matches.
  package struct Line: Codable, Sendable {
    package var path: String
    package var line: Int
    /// 1-based, in bytes.
    package var column: Int
    package var inSymbol: String?
    package var inKind: String?
    package var text: String

    private enum CodingKeys: String, CodingKey {
      case path, line, column, text
      case inSymbol = "in_symbol"
      case inKind = "in_kind"
    }

    init(_ hit: PatternHit) {
      path = hit.path.text
      line = hit.line
      column = hit.column
      inSymbol = hit.symbol
      inKind = hit.symbolKind?.name
      text = hit.text
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(path, forKey: .path)
      try container.encode(line, forKey: .line)
      try container.encode(column, forKey: .column)
      try container.encode(inSymbol, forKey: .inSymbol)
      try container.encode(inKind, forKey: .inKind)
      try container.encode(text, forKey: .text)
    }
  }

  package var pattern: String
  package var snapshot: SnapshotReferenceDocument
  package var elapsedMilliseconds: Double
  package var lines: [Line]
  /// The words by which files were chosen; none means that every file was to be read.
  package var words: [String]
  package var filesRead: Int
  package var filesToRead: Int
  /// False where time, the limit or the steps of a match ended it.
  package var isComplete: Bool
  /// Pieces of text on which the pattern took too many steps.
  package var gaveUp: Int
  package var offset: Int
  /// Left out where there are no more.
  package var nextOffset: Int?

  private enum CodingKeys: String, CodingKey {
    case pattern, snapshot, lines, words, offset
    case elapsedMilliseconds = "elapsed_ms"
    case filesRead = "files_read"
    case filesToRead = "files_to_read"
    case isComplete = "complete"
    case gaveUp = "gave_up"
    case nextOffset = "next_offset"
  }

  package init(_ result: PatternResult) {
    pattern = result.request.pattern
    snapshot = SnapshotReferenceDocument(result.snapshot)
    elapsedMilliseconds = DocumentFormat.milliseconds(result.elapsed)
    lines = result.hits.map(Line.init)
    words = result.words
    filesRead = result.filesRead
    filesToRead = result.filesToRead
    isComplete = !result.isOutOfTime && !result.hasMore && result.gaveUp == 0
    gaveUp = result.gaveUp
    offset = result.request.offset
    nextOffset = result.hasMore ? result.request.offset + result.hits.count : nil
  }
}
