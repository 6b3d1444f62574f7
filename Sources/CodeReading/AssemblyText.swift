// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// A call, a jump or an export in assembly.
package struct AssemblyUse: Sendable {
  /// What holds it, where its text tells: a macro, or a symbol that a macro makes.
  package enum Scope: Hashable, Sendable {
    /// Whatever symbol stands before its line.
    case symbol
    /// 1-based.
    case macro(name: String, line: Int)
    case made(name: String)
    case file
  }

  package var name: String
  /// `assembly` or `export`.
  package var kind: NameUseKind
  /// 1-based.
  package var line: Int
  package var lineRange: Range<Int>
  /// The mnemonic, or the macro.
  package var via: String
  package var scope: Scope
}

/// A source in the syntax of GNU as, for any machine: what its calls and jumps lead to, comments left out. Where a macro
/// of the file makes the name from its arguments, each of its invocations is such a call. It never fails.
package struct AssemblyText: Sendable {
  /// Where the code of a symbol ends, as `SYM_FUNC_END(name)` or `.size name` says.
  package struct End: Sendable {
    package var name: String
    /// 1-based.
    package var line: Int
  }

  /// In order of line. Jumps within the file to labels that are not global are none.
  package let uses: [AssemblyUse]
  package let ends: [End]

  package init(_ bytes: [UInt8]) {
    var reader = AssemblyReader(bytes)
    reader.read()
    uses = reader.found()
    ends = reader.ends
  }
}

/// Passes once over the statements, then through the macros that were invoked.
struct AssemblyReader {
  typealias Text = ArraySlice<UInt8>

  private struct Parameter {
    var name: Text
    var value: Text
  }

  private struct Macro {
    var parameters: [Parameter] = []
    var body: [Text] = []
  }

  private struct Invocation {
    var name: Text
    var arguments: Text
    var line: Int
    var lineRange: Range<Int>
    var scope: AssemblyUse.Scope
  }

  private static let deepest = 4
  private static let mostExpanded = 20_000

  private let bytes: [UInt8]
  private var uses: [AssemblyUse] = []
  private(set) var ends: [AssemblyText.End] = []
  private var macros: [Text: Macro] = [:]
  private var invocations: [Invocation] = []
  private var labels: Set<String> = []
  private var globals: Set<String> = []
  private var macro: (name: Text, line: Int)?
  private var expanded = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func read() {
    var define: (name: Text, line: Int)?
    for line in AssemblyLines(bytes) {
      var text = line.text[...]
      let goesOn = text.last == UInt8(ascii: "\\")
      if goesOn { text.removeLast() }
      if define == nil, text.first == UInt8(ascii: "#") {
        guard let (name, rest) = AssemblyReader.define(text) else { continue }
        define = (name, line.number)
        text = rest
      }
      let scope: AssemblyUse.Scope =
        (define ?? macro).map { .macro(name: String(decoding: $0.name, as: UTF8.self), line: $0.line) } ?? .symbol
      for statement in AssemblyStatement.all(in: text) { read(statement, line, scope) }
      if !goesOn { define = nil }
    }
    for invocation in invocations where macros[invocation.name] != nil {
      expand(invocation, arguments: invocation.arguments, invocation.scope, depth: 1)
    }
  }

  /// In order of line; what leads to a label of the file's own left out.
  func found() -> [AssemblyUse] {
    let local = labels.subtracting(globals)
    return uses.enumerated().filter { !local.contains($0.element.name) }
      .sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }.map(\.element)
  }

  private mutating func read(_ statement: AssemblyStatement, _ line: AssemblyLines.Line, _ scope: AssemblyUse.Scope) {
    for label in statement.labels { labels.insert(String(decoding: label, as: UTF8.self)) }
    switch statement.kind {
    case .empty: return
    case .macroBegin:
      let words = AssemblyStatement.arguments(statement.rest)
      guard let name = words.first else { return }
      macro = (name, line.number)
      macros[name] = Macro(parameters: words.dropFirst().map(AssemblyReader.parameter))
      return
    case .macroEnd:
      macro = nil
      return
    case .global:
      for name in AssemblyStatement.arguments(statement.rest) { globals.insert(String(decoding: name, as: UTF8.self)) }
      return
    default: break
    }
    if let macro { macros[macro.name]?.body.append(statement.text) }
    switch statement.kind {
    case .export(let name):
      add(name, .export, line.number, line.range, via: String(decoding: statement.word, as: UTF8.self), .file)
    case .begin(let name): globals.insert(String(decoding: name, as: UTF8.self))
    case .end(let name): end(name, line.number)
    default: read(code: statement, line, scope)
    }
  }

  private mutating func read(
    code statement: AssemblyStatement, _ line: AssemblyLines.Line, _ scope: AssemblyUse.Scope
  ) {
    let calls = statement.calls
    for call in calls where !AssemblyReader.isOpen(call.target) {
      add(call.target, .assembly, line.number, line.range, via: call.mnemonic, scope)
    }
    if calls.isEmpty, macro == nil || !AssemblyReader.isOpen(statement.rest) {
      invocations.append(
        Invocation(
          name: statement.word, arguments: statement.rest, line: line.number, lineRange: line.range, scope: scope))
    }
  }

  /// Whether a macro's arguments are still to be put in.
  private static func isOpen(_ text: Text) -> Bool { text.contains(UInt8(ascii: "\\")) }

  private mutating func end(_ name: Text, _ line: Int) {
    guard !AssemblyReader.isOpen(name) else { return }
    ends.append(AssemblyText.End(name: String(decoding: name, as: UTF8.self), line: line))
  }

  private mutating func add(
    _ name: Text, _ kind: NameUseKind, _ line: Int, _ range: Range<Int>, via: String, _ scope: AssemblyUse.Scope
  ) {
    let name = String(decoding: name, as: UTF8.self)
    uses.append(AssemblyUse(name: name, kind: kind, line: line, lineRange: range, via: via, scope: scope))
  }

  /// Adds the calls whose names come from a macro's arguments; the others were found in its body.
  private mutating func expand(_ invocation: Invocation, arguments: Text, _ scope: AssemblyUse.Scope, depth: Int) {
    guard depth <= AssemblyReader.deepest, let macro = macros[invocation.name] else { return }
    let values = AssemblyReader.values(of: macro.parameters, arguments)
    let via = String(decoding: invocation.name, as: UTF8.self)
    var scope = scope
    for line in macro.body where AssemblyReader.isOpen(line) {
      expanded += 1
      guard expanded <= AssemblyReader.mostExpanded else { return }
      for statement in AssemblyStatement.all(in: AssemblyReader.substitute(values, in: line)) {
        if case .begin(let name) = statement.kind { scope = .made(name: String(decoding: name, as: UTF8.self)) }
        let calls = statement.calls
        for call in calls where !AssemblyReader.isOpen(call.target) {
          add(call.target, .assembly, invocation.line, invocation.lineRange, via: via, scope)
        }
        guard calls.isEmpty, statement.word != invocation.name else { continue }
        var inner = invocation
        inner.name = statement.word
        expand(inner, arguments: statement.rest, scope, depth: depth + 1)
      }
    }
  }

  /// `#define NAME(x) rest`.
  private static func define(_ text: Text) -> (name: Text, rest: Text)? {
    let words = text.dropFirst().drop { $0 <= 0x20 }
    guard words.starts(with: "define".utf8) else { return nil }
    let named = words.dropFirst(6).drop { $0 <= 0x20 }
    let name = named.prefix(while: NameBytes.isPart)
    guard !name.isEmpty else { return nil }
    var rest = named.dropFirst(name.count)
    if rest.first == UInt8(ascii: "("), let close = rest.firstIndex(of: UInt8(ascii: ")")) {
      rest = rest[close...].dropFirst()
    }
    return (name, rest)
  }

  /// `name`, `name:req`, `name=value`.
  private static func parameter(_ word: Text) -> Parameter {
    let equals = word.firstIndex(of: UInt8(ascii: "="))
    return Parameter(
      name: word.prefix { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "=") },
      value: equals.map { word[$0...].dropFirst() } ?? [])
  }

  private static func values(of parameters: [Parameter], _ arguments: Text) -> [Parameter] {
    var values = parameters
    var next = 0
    for word in AssemblyStatement.arguments(arguments) {
      if let equals = word.firstIndex(of: UInt8(ascii: "=")),
        let place = values.firstIndex(where: { $0.name.elementsEqual(word[..<equals]) })
      {
        values[place].value = word[equals...].dropFirst()
      } else if next < values.count {
        values[next].value = word
        next += 1
      }
    }
    // `\label` before `\l`.
    return values.sorted { $0.name.count > $1.name.count }
  }

  private static func substitute(_ values: [Parameter], in line: Text) -> Text {
    var text: [UInt8] = []
    var rest = line
    while let backslash = rest.firstIndex(of: UInt8(ascii: "\\")) {
      text += rest[..<backslash]
      rest = rest[backslash...].dropFirst()
      if rest.starts(with: "()".utf8) {
        rest = rest.dropFirst(2)
      } else if let value = values.first(where: { !$0.name.isEmpty && rest.starts(with: $0.name) }) {
        text += value.value
        rest = rest.dropFirst(value.name.count)
      } else {
        text.append(UInt8(ascii: "\\"))
      }
    }
    return text[...] + rest
  }
}
