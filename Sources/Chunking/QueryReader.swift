// SPDX-License-Identifier: Apache-2.0
import CTreeSitter
import Glossary

/// Reads any language that has a grammar and a query.
struct QueryReader {
  /// From so many lines on, what is defined is a chunk of its own; with its comment, from `documentedLineCount` on.
  static let wholeLineCount = 5
  static let documentedLineCount = 8
  /// Device trees are lists of small nodes.
  static let wholeNodeLineCount = 12
  /// From so many tokens on, a text is cut where it can be.
  static let pieceTokenCount = 16_000

  let language: OpaquePointer
  let query: DefinitionQuery
  let comments: CommentStyle

  /// A node that the query captured.
  private struct Found {
    var node: Range<Int>
    var name: Range<Int>
    var body: Range<Int>?
    var kind: SymbolKind
    var isDefinition: Bool
  }

  /// Nil where the text can't be parsed safely, or the parser gave up.
  func read(_ source: Source, _ parser: SyntaxParser) -> Findings? {
    guard let pieces = pieces(source) else { return nil }
    var found: [Found] = []
    for piece in pieces {
      let captured = parser.parse(source.bytes + piece.lowerBound, piece.count, language: language) {
        matches(ts_tree_root_node($0), from: piece.lowerBound)
      }
      guard let captured else { return nil }
      found += captured
    }
    var findings = Findings()
    findings.units = units(source, found)
    findings.definitions = found.filter(\.isDefinition).map { definition(source, $0) }
    findings.definitions.sort { ($0.line, $0.signature.lowerBound) < ($1.line, $1.signature.lowerBound) }
    return findings
  }

  /// The text in pieces that the parser takes; nil where there is no place to cut it.
  private func pieces(_ source: Source) -> [Range<Int>]? {
    var pieces: [Range<Int>] = []
    var start = 0
    var tokenCount = 0
    for line in 0..<source.lines.count {
      let range = source.line(line)
      if isCut(source, line, range, tokenCount) {
        pieces.append(start..<range.lowerBound)
        start = range.lowerBound
        tokenCount = 0
      }
      tokenCount += mostTokens(source, range)
      if tokenCount > SyntaxParser.tokenLimit { return nil }
    }
    pieces.append(start..<source.count)
    return pieces
  }

  /// Whether a piece that has `tokenCount` tokens ends before the line: where something begins in the first column
  /// after a blank line, and before it is too late after any blank line.
  private func isCut(_ source: Source, _ line: Int, _ range: Range<Int>, _ tokenCount: Int) -> Bool {
    guard tokenCount > QueryReader.pieceTokenCount, !range.isEmpty, source.isBlankLine(line - 1) else { return false }
    let first = source[range.lowerBound]
    return first.isWordStart || first == UInt8(ascii: "&") || tokenCount > SyntaxParser.tokenLimit * 3 / 4
  }

  /// More tokens than any grammar makes of the line: words, marks, and what stands for a line's end and its indentation.
  private func mostTokens(_ source: Source, _ line: Range<Int>) -> Int {
    var count = 3
    var isWord = false
    for offset in line {
      let byte = source[offset]
      if byte.isWord {
        if !isWord { count += 1 }
        isWord = true
      } else {
        if !byte.isBlank { count += 1 }
        isWord = false
      }
    }
    return count
  }

  /// In order of place, outer before inner, each node once.
  private func matches(_ root: TSNode, from base: Int) -> [Found] {
    guard let cursor = ts_query_cursor_new() else { return [] }
    defer { ts_query_cursor_delete(cursor) }
    ts_query_cursor_exec(cursor, query.pointer, root)
    var found: [(pattern: UInt16, value: Found)] = []
    var match = TSQueryMatch()
    while ts_query_cursor_next_match(cursor, &match) {
      var node: Range<Int>?
      var name: Range<Int>?
      var body: Range<Int>?
      var kind = SymbolKind.function
      var isDefinition = true
      for place in 0..<Int(match.capture_count) {
        let capture = match.captures[place]
        let range = base + capture.node.start..<base + max(capture.node.start, capture.node.end)
        switch query.roles[Int(capture.index)] {
        case .definition(let captured): (node, kind) = (range, captured)
        case .unit(let captured): (node, kind, isDefinition) = (range, captured, false)
        case .name: name = range
        case .body: body = range
        case .ignored: break
        }
      }
      guard let node, let name, !name.isEmpty else { continue }
      found.append(
        (match.pattern_index, Found(node: node, name: name, body: body, kind: kind, isDefinition: isDefinition)))
    }
    found.sort {
      ($0.value.node.lowerBound, $1.value.node.upperBound, $0.pattern)
        < ($1.value.node.lowerBound, $0.value.node.upperBound, $1.pattern)
    }
    var unique: [Found] = []
    for (_, value) in found where unique.last?.node != value.node || unique.last?.name != value.name {
      if let last = unique.last, last.node == value.node { continue }
      unique.append(value)
    }
    return unique
  }

  private func definition(_ source: Source, _ found: Found) -> Definition {
    let line = source.lines.line(of: found.name.lowerBound)
    let signatureEnd = found.body?.lowerBound ?? max(found.name.upperBound, source.line(line).upperBound)
    let start = min(found.node.lowerBound, found.name.lowerBound)
    let signature = source.trimmed(start..<max(start, signatureEnd))
    let body = found.body ?? signature.upperBound..<max(signature.upperBound, found.node.upperBound)
    let style = comments.hashStyle
    return Definition(
      name: source.text(found.name), kind: found.kind, line: line + 1, signature: signature,
      signatureHash: CodeHash.signature(source, signature, comments: style),
      bodyHash: body.isEmpty ? 0 : CodeHash.body(source, body, comments: style))
  }

  // MARK: Units

  /// A section, and anything that is too long for one chunk, is taken apart into what it holds.
  private func units(_ source: Source, _ found: [Found]) -> [Unit] {
    var units: [Unit] = []
    var passed = 0
    for (place, item) in found.enumerated() where item.node.lowerBound >= passed {
      let isSplit =
        place + 1 < found.count && found[place + 1].node.lowerBound < item.node.upperBound
        && (item.kind == .section || isLong(source, item.node))
      let line = source.lines.line(of: item.node.lowerBound)
      var unit = Unit(start: comments.attachedStart(source, line), end: item.node.upperBound)
      if let last = units.last, unit.start < last.end { unit.start = max(last.end, source.lines.start(line)) }
      unit.headStart = unit.start
      if isSplit {
        unit.end = min(unit.end, found[place + 1].node.lowerBound)
      } else {
        passed = item.node.upperBound
      }
      if isWhole(source, item, unit, line) {
        unit.isWhole = true
        unit.kind = item.kind
        unit.symbol = source.text(item.name)
      }
      units.append(unit)
    }
    return units
  }

  private func isWhole(_ source: Source, _ item: Found, _ unit: Unit, _ line: Int) -> Bool {
    let last = source.lines.line(of: max(unit.start, unit.end - 1))
    if item.kind == .node { return last - line + 1 >= QueryReader.wholeNodeLineCount }
    return last - line + 1 >= QueryReader.wholeLineCount
      || last - source.lines.line(of: unit.start) + 1 >= QueryReader.documentedLineCount
  }

  private func isLong(_ source: Source, _ node: Range<Int>) -> Bool {
    node.count > ChunkLayout.longestByteCount
      || source.lines.line(of: node.upperBound - 1) - source.lines.line(of: node.lowerBound)
        > ChunkLayout.longestLineCount
  }
}
