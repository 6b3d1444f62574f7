// SPDX-License-Identifier: Apache-2.0
import CodeReading
import Glossary
import IndexStore

/// The calls and jumps of an assembly file, and which symbols hold them.
struct AssemblyCalls {
  private struct Extent {
    var definition: Definition
    /// 1-based lines.
    var lines: ClosedRange<Int>
    /// Whether its end is written down, so that labels within it are parts of it.
    var isClosed: Bool
  }

  private let bytes: [UInt8]
  private let text: AssemblyText
  private let macros: [Definition]
  /// In order of line.
  private let extents: [Extent]

  init(_ bytes: [UInt8], definitions: [SymbolLocation]) {
    self.bytes = bytes
    text = AssemblyText(bytes)
    let all = definitions.map(\.definition)
    macros = all.filter { $0.kind == .macro }
    let symbols = all.filter { $0.kind != .macro }
    let ends = text.ends
    extents = symbols.enumerated().map { index, symbol in
      if let end = ends.first(where: { $0.name == symbol.name && $0.line >= symbol.line }) {
        return Extent(definition: symbol, lines: symbol.line...end.line, isClosed: true)
      }
      let next = index + 1 < symbols.count ? symbols[index + 1].line - 1 : Int.max
      let end = ends.first { $0.line >= symbol.line }?.line ?? Int.max
      return Extent(definition: symbol, lines: symbol.line...max(symbol.line, min(next, end)), isClosed: false)
    }
  }

  /// How the file uses any of these names, in order.
  func uses(of names: [String]) -> [FoundUse] {
    text.uses.filter { names.contains($0.name) }.map { use in
      FoundUse(kind: use.kind, line: use.line, lineRange: use.lineRange, owner: owner(of: use), via: use.via)
    }
  }

  /// What a definition of the file calls or jumps to, in order; to labels of its own left out.
  func calls(inside definition: Definition) -> [FoundCall] {
    var found: [FoundCall] = []
    var places: [String: Int] = [:]
    let lines = extents.first { $0.definition == definition }?.lines
    for use in text.uses where use.kind == .assembly && holds(definition, use) {
      let target = extents.first { $0.definition.name == use.name }
      if let target, let lines, lines.contains(target.lines.lowerBound) { continue }
      if let place = places[use.name] {
        if found[place].lines.last != use.line { found[place].lines.append(use.line) }
        continue
      }
      places[use.name] = found.count
      found.append(
        FoundCall(
          name: use.name, lines: [use.line], lineRange: use.lineRange, isThroughField: false, receiver: nil,
          end: use.lineRange.upperBound))
    }
    return found
  }

  private func holds(_ definition: Definition, _ use: AssemblyUse) -> Bool {
    switch use.scope {
    case .macro(let name, let line): definition.kind == .macro && definition.name == name && definition.line == line
    case .symbol:
      definition.kind != .macro
        && extents.contains { $0.definition == definition && $0.lines.contains(use.line) }
    case .made(let name): definition.name == name
    case .file: false
    }
  }

  private func owner(of use: AssemblyUse) -> UseOwner? {
    switch use.scope {
    case .file: return nil
    case .made(let name): return UseOwner(name: name, kind: .function, line: 0)
    case .macro(let name, let line):
      let known = macros.contains { $0.name == name && $0.line == line }
      return UseOwner(name: name, kind: .macro, line: known ? line : 0)
    case .symbol:
      let around = extents.filter { $0.lines.contains(use.line) }
      let owner = (around.last { $0.isClosed } ?? around.last)?.definition
      return owner.map { UseOwner(name: $0.name, kind: $0.kind, line: $0.line) }
    }
  }
}
