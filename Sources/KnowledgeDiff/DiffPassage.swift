// SPDX-License-Identifier: Apache-2.0
package import Glossary
import IndexStore

/// Lines of one side, whole where they are not too many.
package struct DiffPassage: Hashable, Sendable {
  package var side: DiffSide
  package var path: TreePath
  /// 1-based and inclusive; exact in that side's snapshot.
  package var lines: ClosedRange<Int>
  package var symbol: String?
  package var kind: SymbolKind?
  package var language: Language
  package var text: String

  package init(
    side: DiffSide, path: TreePath, lines: ClosedRange<Int>, symbol: String?, kind: SymbolKind?, language: Language,
    text: String
  ) {
    self.side = side
    self.path = path
    self.lines = lines
    self.symbol = symbol
    self.kind = kind
    self.language = language
    self.text = text
  }
}

/// A directory that came, went or changed its name as a whole.
package struct DirectoryChange: Hashable, Sendable {
  package var status: FileStatus
  /// With a slash at its end.
  package var path: String
  package var fromPath: String?
  /// Paths below it.
  package var files: Int

  package init(status: FileStatus, path: String, fromPath: String?, files: Int) {
    self.status = status
    self.path = path
    self.fromPath = fromPath
    self.files = files
  }
}

/// Reads passages, each place once.
struct PassageReader {
  static let mostLines = 80

  private let pair: SnapshotPair
  private var seen = Set<Place>()

  private struct Place: Hashable {
    var side: DiffSide
    var file: Int
    var ordinal: Int
  }

  init(_ pair: SnapshotPair) { self.pair = pair }

  /// The chunk that holds a symbol, with those that carry it on. None where it was given before.
  mutating func passage(_ side: DiffSide, _ symbol: SymbolSide) throws -> [DiffPassage] {
    let chunks = pair.view(side).chunks(inFile: symbol.file)
    guard Int(symbol.record.ordinal) < chunks.count else { return [] }
    return try passage(side, symbol.file, chunks[Int(symbol.record.ordinal)])
  }

  mutating func passage(_ side: DiffSide, _ file: Int, _ chunk: ChunkLocation) throws -> [DiffPassage] {
    guard seen.insert(Place(side: side, file: file, ordinal: chunk.ordinal)).inserted else { return [] }
    let view = pair.view(side)
    let bytes = try pair.bytes(side, file)
    var end = chunk.bytes.upperBound
    for next in view.chunks(inFile: file).dropFirst(chunk.ordinal + 1) {
      guard next.continues else { break }
      end = next.bytes.upperBound
    }
    let range = chunk.bytes.lowerBound..<min(end, bytes.count)
    guard !range.isEmpty else { return [] }
    var lines = String(decoding: bytes[range], as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while let last = lines.last, last.allSatisfy(\.isWhitespace) { lines.removeLast() }
    guard !lines.isEmpty else { return [] }
    lines = Array(lines.prefix(PassageReader.mostLines))
    let first = chunk.lines.lowerBound
    return [
      DiffPassage(
        side: side, path: view.path(at: file), lines: first...(first + lines.count - 1), symbol: chunk.symbol,
        kind: chunk.kind, language: view.language(ofFile: file), text: lines.joined(separator: "\n") + "\n")
    ]
  }
}
