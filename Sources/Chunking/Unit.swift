// SPDX-License-Identifier: Apache-2.0
import Glossary

/// What a reader makes of a piece of a blob, before chunks are laid out: the same for every language.
struct Unit {
  /// Where it begins and ends; doc comment included, blank lines after it not.
  var start: Int
  var end: Int
  var kind: SymbolKind?
  var symbol: String?
  /// Whether it is a chunk of its own, not one of a group.
  var isWhole = false
  /// Whether it belongs to the unit before it: `EXPORT_SYMBOL(name);`, `#endif`.
  var joinsPrevious = false
  /// Whether it carries on the unit before it, of which something was cut out as a unit of its own.
  var continues = false
  /// Where what is worth embedding begins; nil where that is the unit's start.
  var headStart: Int?
}

/// All that a reader finds in a blob.
struct Findings {
  var units: [Unit] = []
  var definitions: [Definition] = []
  var bindings: [Binding] = []
}

/// Lays a blob's units end to end as chunks: gathers small ones, cuts long ones.
struct ChunkLayout {
  /// A unit that is longer is cut, at the line with the least indentation.
  static let longestByteCount = 6 * 1024
  static let longestLineCount = 150
  /// A group of small units, and a window of lines, ends before it is larger.
  static let groupByteCount = 3 * 1024
  static let groupLineCount = 60
  /// A group that is not larger is no chunk: it goes with the whole unit after it, or at the blob's end before it.
  static let strayLineCount = 4
  static let strayByteCount = 240
  /// What is worth embedding of a chunk, at most.
  static let headByteCount = 768

  let source: Source
  private var chunks: [Chunk] = []

  init(_ source: Source) {
    self.source = source
  }

  /// The blob's chunks. Units must be in order; where there is none, the blob is laid out as windows of lines.
  mutating func chunks(_ findings: Findings) -> [Chunk] {
    chunks = []
    layOut(filled(findings.units))
    assign(findings)
    return chunks
  }

  // MARK: Units to chunks

  /// The units, with small ones put where text lies between two that belongs to neither.
  private func filled(_ units: [Unit]) -> [Unit] {
    guard !units.isEmpty else { return units }
    var all: [Unit] = []
    all.reserveCapacity(units.count + 8)
    var line = 0
    for unit in units {
      let first = source.lines.line(of: unit.start)
      if let gap = firstText(line, first) { all.append(Unit(start: source.lines.start(gap), end: unit.start)) }
      all.append(unit)
      line = max(line, source.lines.line(of: max(unit.start, unit.end - 1)) + 1)
    }
    if let gap = firstText(line, source.lines.count) {
      all.append(Unit(start: source.lines.start(gap), end: source.count))
    }
    return all
  }

  /// The first line from `line` on, before `end`, that says something: not blank, not only a closing bracket.
  private func firstText(_ line: Int, _ end: Int) -> Int? {
    var line = line
    while line < end {
      let text = source.trimmed(source.line(line))
      if text.count > 2
        || !text.allSatisfy({ [Ascii.closeBrace, Ascii.closeParen, Ascii.semicolon].contains(source[$0]) })
      {
        return line
      }
      line += 1
    }
    return nil
  }

  private mutating func layOut(_ units: [Unit]) {
    let lines = source.lines
    var group = 0
    var place = 0
    while place < units.count {
      let unit = units[place]
      let first = place == 0 ? 0 : max(group, lines.line(of: unit.start))
      let next = nextStart(units, &place)
      guard next > first else { continue }
      if unit.isWhole {
        var start = first
        if isStray(group, first) {
          start = group
        } else {
          addWindows(group, first)
        }
        addUnit(unit, start, next)
        group = next
      } else if first > group, isOverGroupSize(group, next) {
        addWindows(group, first)
        group = first
      }
    }
    if group < lines.count, isStray(group, lines.count), !chunks.isEmpty {
      // What ends a file, such as the `#endif` of a header.
      let last = chunks.count - 1
      chunks[last].bytes = chunks[last].bytes.lowerBound..<source.count
      chunks[last].lineCount += lines.count - group
    } else {
      addWindows(group, lines.count)
    }
  }

  private func isStray(_ first: Int, _ next: Int) -> Bool {
    next - first <= ChunkLayout.strayLineCount && byteCount(first, next) <= ChunkLayout.strayByteCount
  }

  /// The line at which the unit after `place` begins, units that join it passed over; moves `place` there.
  private func nextStart(_ units: [Unit], _ place: inout Int) -> Int {
    place += 1
    while place < units.count, units[place].joinsPrevious { place += 1 }
    return place < units.count ? source.lines.line(of: units[place].start) : source.lines.count
  }

  private func isOverGroupSize(_ first: Int, _ next: Int) -> Bool {
    next - first > ChunkLayout.groupLineCount || byteCount(first, next) > ChunkLayout.groupByteCount
  }

  private func byteCount(_ first: Int, _ next: Int) -> Int { source.lines.start(next) - source.lines.start(first) }

  /// One chunk, or several where it is too long. Lines count from 0; `next` is not part of it.
  private mutating func addUnit(_ unit: Unit, _ first: Int, _ next: Int) {
    var first = first
    var continues = unit.continues
    while first < next {
      let stop = cut(first, next, ChunkLayout.longestLineCount, ChunkLayout.longestByteCount)
      var chunk = chunk(first, stop, headStart: continues ? nil : unit.headStart ?? unit.start)
      chunk.kind = unit.kind
      chunk.symbol = unit.symbol
      chunk.continues = continues
      chunks.append(chunk)
      continues = true
      first = stop
    }
  }

  /// Chunks that are nothing in particular.
  private mutating func addWindows(_ first: Int, _ next: Int) {
    var first = first
    while first < next {
      let stop = cut(first, next, ChunkLayout.groupLineCount, ChunkLayout.groupByteCount)
      chunks.append(chunk(first, stop, headStart: nil))
      first = stop
    }
  }

  private func chunk(_ first: Int, _ next: Int, headStart: Int?) -> Chunk {
    let bytes = source.lines.start(first)..<source.lines.start(next)
    return Chunk(bytes: bytes, lineCount: next - first, head: head(bytes, first, next, headStart))
  }

  private func head(_ bytes: Range<Int>, _ first: Int, _ next: Int, _ headStart: Int?) -> Range<Int> {
    var start = headStart ?? bytes.lowerBound
    if !bytes.contains(start) { start = bytes.lowerBound }
    guard bytes.upperBound - start > ChunkLayout.headByteCount else { return start..<bytes.upperBound }
    let limit = start + ChunkLayout.headByteCount
    let line = source.lines.line(of: limit)
    if source.lines.start(line) > start { return start..<source.lines.start(line) }
    var end = limit
    // Not inside a UTF-8 sequence.
    while end > start, source[end] & 0xc0 == 0x80 { end -= 1 }
    return start..<(end > start ? end : limit)
  }

  /// Where a run of lines that is too long is best cut: in its second half, before the line with the least
  /// indentation, rather after a blank line, never before a closing bracket. A rest of a quarter is not cut off.
  private func cut(_ first: Int, _ next: Int, _ lineLimit: Int, _ byteLimit: Int) -> Int {
    if next - first <= lineLimit + lineLimit / 4, byteCount(first, next) <= byteLimit + byteLimit / 4 { return next }
    var best = first + 1
    var bestScore = Int.max
    var line = first + 1
    while line < next, line - first <= lineLimit, byteCount(first, line) <= byteLimit {
      if line - first >= lineLimit / 2 || byteCount(first, line) >= byteLimit / 2 {
        let score = cutScore(line)
        if score <= bestScore {
          best = line
          bestScore = score
        }
      } else {
        best = line
      }
      line += 1
    }
    return best
  }

  private func cutScore(_ line: Int) -> Int {
    let range = source.line(line)
    var indentation = 0
    var offset = range.lowerBound
    while offset < range.upperBound, source[offset].isBlank {
      indentation += source[offset] == Ascii.tab ? 8 : 1
      offset += 1
    }
    guard offset < range.upperBound else { return 1000 }
    switch source[offset] {
    case Ascii.closeBrace, Ascii.closeParen, Ascii.closeBracket, Ascii.openBrace: return 500 + indentation
    default: return indentation * 2 - (source.isBlankLine(line - 1) ? 9 : 0)
    }
  }

  // MARK: Definitions and bindings

  private mutating func assign(_ findings: Findings) {
    var nextDefinition = 0
    var nextBinding = 0
    var line = 0
    for place in chunks.indices {
      line += chunks[place].lineCount
      let isLast = place == chunks.count - 1
      let firstDefinition = nextDefinition
      while nextDefinition < findings.definitions.count, isLast || findings.definitions[nextDefinition].line <= line {
        nextDefinition += 1
      }
      if nextDefinition > firstDefinition {
        chunks[place].definitions = Array(findings.definitions[firstDefinition..<nextDefinition])
      }
      let firstBinding = nextBinding
      while nextBinding < findings.bindings.count, isLast || findings.bindings[nextBinding].line <= line {
        nextBinding += 1
      }
      if nextBinding > firstBinding {
        chunks[place].bindings = Array(findings.bindings[firstBinding..<nextBinding])
      }
    }
  }
}
