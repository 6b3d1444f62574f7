// SPDX-License-Identifier: Apache-2.0
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

/// The uses of names in one C file.
struct SourceUses {
  let bytes: [UInt8]
  /// The file's definitions, in order of offset.
  private let definitions: [Definition]

  init(_ bytes: [UInt8], definitions: [SymbolLocation]) {
    self.bytes = bytes
    self.definitions = definitions.map(\.definition).sorted { $0.signature.lowerBound < $1.signature.lowerBound }
  }

  /// How a file uses any of these names as a function or macro, in order.
  func uses(of names: [String]) -> [FoundUse] {
    let wanted = names.map { Array($0.utf8) }
    // Functions with a parameter or variable of that name: there it is no function's address.
    var shadowing: Set<Int> = []
    return collect(wanted) { text, use in
      if !use.isCalled, SourceUses.isDeclared(use, in: text) { shadowing.insert(use.item.lowerBound) }
      guard let kind = kind(of: use, in: text) else { return nil }
      if kind == .address, use.place == .function, shadowing.contains(use.item.lowerBound) { return nil }
      return (kind, via(use, kind, in: text))
    }
  }

  /// Whether the name follows a type: `int name`, `char *name`.
  private static func isDeclared(_ use: NameUse, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    switch use.before {
    case .word(let word, let isSameLine):
      isSameLine && !isOne(of: statements, text, word) && !isOne(of: tags, text, word)
    case .mark(UInt8(ascii: "*")):
      // `*name` after a type begins a line or an argument; in an expression it is a product or what a pointer points to.
      ",);=[".utf8.contains(CodeCursor.byte(after: use.range.upperBound, in: text)) && use.place != .macroBody
        && isAfterWord(use.range.lowerBound, in: text)
    default: false
    }
  }

  /// Whether a name stands before the stars that lead to an offset.
  private static func isAfterWord(_ offset: Int, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    var at = offset - 1
    while at >= 0, text[at] == UInt8(ascii: "*") || text[at] == 0x20 || text[at] == 0x09 { at -= 1 }
    return at >= 0 && NameBytes.isPart(text[at])
  }

  /// The calls through a field in a file, `->field(…)`, with the name that each leads from as `via`.
  func calls(throughField field: String) -> [FoundUse] {
    let wanted = Array(field.utf8)
    return collect([wanted]) { text, use in
      guard use.isCalled, use.before == .arrow || use.before == .mark(UInt8(ascii: ".")) else { return nil }
      return (.possible, use.receiver.map { SourceUses.string(text, $0) })
    }
  }

  private func collect(
    _ names: [[UInt8]],
    _ judge: (UnsafeBufferPointer<UInt8>, NameUse) -> (NameUseKind, String?)?
  ) -> [FoundUse] {
    bytes.withUnsafeBufferPointer { text in
      var found: [FoundUse] = []
      var (line, counted) = (1, 0)
      var walk = CodeWalk(text, in: 0..<text.count)
      walk.forEach(where: { text, range in names.contains { SourceUses.isEqual(text, range, $0) } }) { use in
        guard let (kind, via) = judge(text, use) else { return }
        while counted < use.range.lowerBound {
          if text[counted] == UInt8(ascii: "\n") { line += 1 }
          counted += 1
        }
        found.append(
          FoundUse(
            kind: kind, line: line, lineRange: SourceUses.line(around: use.range.lowerBound, in: text),
            owner: owner(of: use, in: text), via: via))
      }
      return found
    }
  }

  /// nil where it is no use: a member of that name, a declaration, a definition.
  private func kind(of use: NameUse, in text: UnsafeBufferPointer<UInt8>) -> NameUseKind? {
    switch use.before {
    case .arrow, .mark(UInt8(ascii: ".")), .mark(UInt8(ascii: "#")): return nil
    case .word(let word, let isSameLine):
      if SourceUses.isOne(of: SourceUses.tags, text, word) { return nil }
      let isDeclared = isSameLine && !SourceUses.isOne(of: SourceUses.statements, text, word)
      if isDeclared, use.place != .macroBody { return nil }
    default: break
    }
    switch use.place {
    case .macroBody: return use.isCalled ? .call : .address
    case .function, .initialiser:
      if use.isCalled { return .call }
      return use.field != nil && use.argumentOf == nil ? .table : isValue(use, in: text) ? .address : nil
    case .typeBody: return use.isCalled ? .call : nil
    case .fileLevel: return kindAtFileLevel(use, in: text)
    }
  }

  /// Between parentheses of a macro it is an argument; before one, the macro itself.
  private func kindAtFileLevel(_ use: NameUse, in text: UnsafeBufferPointer<UInt8>) -> NameUseKind? {
    if let outer = use.argumentOf {
      guard !use.isCalled else { return .call }
      let next = CodeCursor.byte(after: use.range.upperBound, in: text)
      guard next == UInt8(ascii: ")") || next == UInt8(ascii: ",") else { return nil }
      return SourceUses.string(text, outer).hasPrefix("EXPORT_") ? .export : .registration
    }
    switch use.before {
    case .mark(UInt8(ascii: "=")): return use.isCalled ? .call : .address
    case .mark(UInt8(ascii: "*")): return nil
    case .nothing, .mark(UInt8(ascii: ";")), .mark(UInt8(ascii: "}")), .mark(UInt8(ascii: ")")):
      return use.isCalled ? .call : nil
    default: return nil
    }
  }

  /// Whether what follows lets the name be a function's address, which nothing is assigned to or taken from.
  private func isValue(_ use: NameUse, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    let next = CodeCursor.byte(after: use.range.upperBound, in: text)
    guard ",);}:?&|=!".utf8.contains(next) else { return false }
    switch use.before {
    case .mark(let mark): return "(,=&?:{!|".utf8.contains(mark)
    case .word: return true
    default: return false
    }
  }

  private func via(_ use: NameUse, _ kind: NameUseKind, in text: UnsafeBufferPointer<UInt8>) -> String? {
    switch kind {
    case .table: use.field.map { SourceUses.string(text, $0) }
    case .address, .export, .registration: use.argumentOf.map { SourceUses.string(text, $0) }
    default: nil
    }
  }

  /// The definition whose item of the file holds the use; where the index knows none, the name that its text tells.
  private func owner(of use: NameUse, in text: UnsafeBufferPointer<UInt8>) -> UseOwner? {
    if use.place == .macroBody {
      let known = definitions.first { $0.kind == .macro && use.item.overlaps($0.signature) }
      return UseOwner(name: SourceUses.string(text, use.item), kind: .macro, line: known?.line ?? 0)
    }
    guard use.place != .fileLevel else { return nil }
    if let known = definition(in: use.item) { return UseOwner(name: known.name, kind: known.kind, line: known.line) }
    guard let name = SourceUses.nameOfItem(use.item, in: text) else { return nil }
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

  /// What an item calls itself: the name before its first parenthesis, its first argument where that is a macro's in
  /// capitals; else its last name.
  private static func nameOfItem(_ item: Range<Int>, in text: UnsafeBufferPointer<UInt8>) -> String? {
    var cursor = CodeCursor(text, in: item)
    var last: Range<Int>?
    var inMacro = false
    while true {
      let token = cursor.next()
      if token.kind == .end { break }
      if token.kind == .identifier {
        last = token.range
        if inMacro { break }
      } else if token.kind == .mark, token.mark == UInt8(ascii: "("), let name = last {
        guard text[name].allSatisfy({ $0 < UInt8(ascii: "a") }) else { break }
        inMacro = true
      } else if token.kind == .mark, token.mark == UInt8(ascii: "=") {
        break
      }
    }
    return last.map { string(text, $0) }
  }

  private static let tags = ["struct", "union", "enum", "goto", "class"].map { Array($0.utf8) }
  /// Words that a call may follow.
  private static let statements = [
    "return", "else", "do", "case", "sizeof", "typeof", "__typeof__", "defined", "in", "throw", "co_await", "unsafe",
  ].map { Array($0.utf8) }

  private static func isOne(of words: [[UInt8]], _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    words.contains { isEqual(text, range, $0) }
  }

  static func isEqual(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ name: [UInt8]) -> Bool {
    guard range.count == name.count, text[range.lowerBound] == name[0] else { return false }
    for offset in 1..<max(1, name.count) where text[range.lowerBound + offset] != name[offset] { return false }
    return true
  }

  static func string(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> String {
    String(decoding: text[range], as: UTF8.self)
  }

  static func line(around offset: Int, in text: UnsafeBufferPointer<UInt8>) -> Range<Int> {
    var (start, end) = (offset, offset)
    while start > 0, text[start - 1] != UInt8(ascii: "\n") { start -= 1 }
    while end < text.count, text[end] != UInt8(ascii: "\n") { end += 1 }
    return start..<end
  }
}
