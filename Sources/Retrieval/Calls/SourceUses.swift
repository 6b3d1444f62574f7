// SPDX-License-Identifier: Apache-2.0
import CodeReading
import Glossary
import IndexStore

/// What holds a use of a name.
struct UseOwner: Hashable {
  var name: String
  var kind: SymbolKind
  /// 1-based; 0 where the index does not know the definition.
  var line: Int
}

/// A use of a name in a file, as calls see it.
struct FoundUse {
  var kind: NameUseKind
  /// 1-based.
  var line: Int
  var lineRange: Range<Int>
  var owner: UseOwner?
  var via: String?
}

/// The uses of names in one C file, and what holds them.
struct SourceUses {
  let text: CodeText
  /// The file's definitions, in order of offset.
  private let definitions: [Definition]

  init(_ bytes: [UInt8], definitions: [SymbolLocation]) {
    text = CodeText(bytes)
    self.definitions = definitions.map(\.definition).sorted { $0.signature.lowerBound < $1.signature.lowerBound }
  }

  /// How the file uses any of these names as a function or macro, in order.
  func uses(of names: [String]) -> [FoundUse] {
    var lines = LineCounter()
    return text.uses(of: names).map { use in
      found(use.name, use.kind, via: use.via, line: lines.line(of: use.name.range.lowerBound, in: text.bytes))
    }
  }

  /// Calls through a field of the file, with the name that each leads from as `via`.
  func possible(_ calls: [NameUse]) -> [FoundUse] {
    var lines = LineCounter()
    return calls.map { use in
      found(use, .possible, via: use.receiver, line: lines.line(of: use.range.lowerBound, in: text.bytes))
    }
  }

  private func found(_ use: NameUse, _ kind: NameUseKind, via: Range<Int>?, line: Int) -> FoundUse {
    FoundUse(
      kind: kind, line: line, lineRange: LineCounter.line(around: use.range.lowerBound, in: text.bytes),
      owner: owner(of: use), via: via.map(text.string))
  }

  /// The definition whose item of the file holds the use; where the index knows none, the name that its text tells.
  private func owner(of use: NameUse) -> UseOwner? {
    if use.place == .macroBody {
      let known = definitions.first { $0.kind == .macro && use.item.overlaps($0.signature) }
      return UseOwner(name: text.string(use.item), kind: .macro, line: known?.line ?? 0)
    }
    guard use.place != .fileLevel else { return nil }
    if let known = definition(in: use.item) { return UseOwner(name: known.name, kind: known.kind, line: known.line) }
    guard let name = text.nameOfItem(use.item) else { return nil }
    let kind: SymbolKind =
      switch use.place {
      case .function: .function
      case .initialiser: .variable
      default: .struct
      }
    return UseOwner(name: name, kind: kind, line: 0)
  }

  /// The last definition that begins in the item before its brace.
  func definition(in item: Range<Int>) -> Definition? {
    var (low, high) = (0, definitions.count)
    while low < high {
      let middle = (low + high) / 2
      if definitions[middle].signature.lowerBound < item.upperBound { low = middle + 1 } else { high = middle }
    }
    var index = low - 1
    while index >= 0, definitions[index].signature.lowerBound >= item.lowerBound {
      if definitions[index].kind != .macro { return definitions[index] }
      index -= 1
    }
    return nil
  }
}

/// Counts lines up to offsets that only grow.
struct LineCounter {
  private var line = 1
  private var counted = 0

  /// The 1-based line of an offset.
  mutating func line(of offset: Int, in bytes: [UInt8]) -> Int {
    bytes.withUnsafeBufferPointer { text in
      while counted < offset {
        if text[counted] == UInt8(ascii: "\n") { line += 1 }
        counted += 1
      }
    }
    return line
  }

  /// The bytes of the line that holds an offset, without its end.
  static func line(around offset: Int, in bytes: [UInt8]) -> Range<Int> {
    bytes.withUnsafeBufferPointer { text in
      var (start, end) = (offset, offset)
      while start > 0, text[start - 1] != UInt8(ascii: "\n") { start -= 1 }
      while end < text.count, text[end] != UInt8(ascii: "\n") { end += 1 }
      return start..<end
    }
  }
}
