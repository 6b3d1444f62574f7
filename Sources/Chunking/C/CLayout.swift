// SPDX-License-Identifier: Apache-2.0
import Glossary

/// Makes units of the items of a C source.
struct CLayout {
  /// From so many lines on, a function, a type or table, a macro is a chunk of its own.
  static let functionLineCount = 3
  static let typeLineCount = 8
  /// The same with the comment above counted in.
  static let documentedLineCount = 8
  static let macroLineCount = 10

  let source: Source
  let definitions: [Definition]
  private var units: [Unit] = []
  private var nextDefinition = 0
  /// Comments and opening conditionals that may belong to what follows.
  private var pending: Range<Int>?

  /// `definitions` must be in order of line.
  init(_ source: Source, _ definitions: [Definition]) {
    self.source = source
    self.definitions = definitions
  }

  mutating func units(_ items: [CItem]) -> [Unit] {
    var place = head(items)
    while place < items.count {
      add(items[place])
      place += 1
    }
    flushPending()
    return units
  }

  /// The file's head: license, head comment, includes, and what stands between them. Gives the first item after it.
  private mutating func head(_ items: [CItem]) -> Int {
    var next = 0
    var place = 0
    while place < items.count {
      switch items[place].kind {
      case .include: next = place + 1
      case .comment:
        if next == 0, place == 0, !isAttached(items, place) { next = 1 }
      case .conditionOpen, .conditionElse, .conditionClose, .directive: break
      case .define: if lineCount(items[place].bytes) > 3 { place = items.count }
      default: place = items.count
      }
      place += 1
    }
    guard next > 0 else { return 0 }
    var unit = Unit(start: 0, end: items[next - 1].bytes.upperBound)
    unit.isWhole = lineCount(unit.start..<unit.end) >= CLayout.typeLineCount
    unit.headStart = headStart(items[..<next])
    units.append(unit)
    return next
  }

  /// The first comment of the head that isn't only the license's tag.
  private func headStart(_ items: ArraySlice<CItem>) -> Int? {
    for item in items where item.kind == .comment {
      let start = source.skipSpace(min(item.bytes.lowerBound + 2, item.bytes.upperBound), item.bytes.upperBound)
      if !source.matches("SPDX-License-Identifier", at: start) { return item.bytes.lowerBound }
    }
    return nil
  }

  private func isAttached(_ items: [CItem], _ place: Int) -> Bool {
    guard place + 1 < items.count else { return false }
    switch items[place + 1].kind {
    case .function, .type, .value, .declaration, .macroCall:
      return !isParted(items[place].bytes.upperBound, items[place + 1].bytes.lowerBound)
    default: return false
    }
  }

  private mutating func add(_ item: CItem) {
    switch item.kind {
    case .comment, .docSection, .conditionOpen, .conditionElse: addPending(item)
    case .conditionClose, .export:
      flushPending()
      units.append(Unit(start: item.bytes.lowerBound, end: item.bytes.upperBound, joinsPrevious: !units.isEmpty))
    case .include, .directive: addUnit(item, wholeFrom: Int.max)
    case .define: addUnit(item, wholeFrom: CLayout.macroLineCount)
    case .function: addUnit(item, wholeFrom: CLayout.functionLineCount)
    case .type, .value, .declaration, .macroCall: addUnit(item, wholeFrom: CLayout.typeLineCount)
    }
  }

  private mutating func addPending(_ item: CItem) {
    if let previous = units.last, pending == nil, item.kind == .comment,
      source.lines.line(of: previous.end - 1) == source.lines.line(of: item.bytes.lowerBound)
    {
      // A remark at the end of a line belongs to the line.
      units[units.count - 1].end = item.bytes.upperBound
      return
    }
    if let pending, isParted(pending.upperBound, item.bytes.lowerBound) { flushPending() }
    pending = (pending?.lowerBound ?? item.bytes.lowerBound)..<item.bytes.upperBound
    if item.kind == .docSection { flushPending(isDocSection: true) }
  }

  private mutating func flushPending(isDocSection: Bool = false) {
    guard let pending else { return }
    self.pending = nil
    var unit = Unit(start: pending.lowerBound, end: pending.upperBound)
    if isDocSection || lineCount(pending) >= CLayout.typeLineCount {
      unit.isWhole = true
      name(&unit, isDocSection ? [.section] : [])
    }
    units.append(unit)
  }

  private mutating func addUnit(_ item: CItem, wholeFrom: Int) {
    var start = item.bytes.lowerBound
    if let pending {
      let gap = blankLineCount(pending.upperBound, start)
      // A block of comment speaks of the function after it even across one blank line.
      if gap == 0 || (gap == 1 && item.kind == .function && lineCount(pending) >= 3) {
        start = pending.lowerBound
      } else {
        flushPending()
      }
      self.pending = nil
    }
    var unit = Unit(start: start, end: item.bytes.upperBound)
    if lineCount(item.bytes) >= wholeFrom
      || (start < item.bytes.lowerBound
        && lineCount(unit.start..<unit.end) >= max(wholeFrom, CLayout.documentedLineCount))
    {
      unit.isWhole = true
      name(&unit, [.function, .syscall, .tracepoint, .struct, .union, .enum, .typedef, .variable, .macro])
    }
    units.append(unit)
  }

  /// Gives the unit the kind and name of the weightiest definition in it: of one rank, the first.
  private mutating func name(_ unit: inout Unit, _ kinds: [SymbolKind]) {
    let first = source.lines.line(of: unit.start) + 1
    let last = source.lines.line(of: max(unit.start, unit.end - 1)) + 1
    while nextDefinition < definitions.count, definitions[nextDefinition].line < first { nextDefinition += 1 }
    var best = Int.max
    var place = nextDefinition
    while place < definitions.count, definitions[place].line <= last {
      let definition = definitions[place]
      if let rank = kinds.firstIndex(of: definition.kind), CLayout.rank(rank, definition.kind) < best {
        best = CLayout.rank(rank, definition.kind)
        unit.kind = definition.kind
        unit.symbol = definition.name
      }
      place += 1
    }
  }

  /// Structs, unions and enums weigh the same: the outer one stands first.
  private static func rank(_ place: Int, _ kind: SymbolKind) -> Int {
    switch kind {
    case .union, .enum: 3
    default: place
    }
  }

  private func lineCount(_ bytes: Range<Int>) -> Int {
    source.lines.line(of: max(bytes.lowerBound, bytes.upperBound - 1)) - source.lines.line(of: bytes.lowerBound) + 1
  }

  /// Whether a blank line lies between two offsets.
  private func isParted(_ end: Int, _ start: Int) -> Bool { blankLineCount(end, start) > 0 }

  private func blankLineCount(_ end: Int, _ start: Int) -> Int {
    source.lines.line(of: start) - source.lines.line(of: max(0, end - 1)) - 1
  }
}
