// SPDX-License-Identifier: Apache-2.0

/// The lines of an assembly source with comments as blanks.
struct AssemblyLines: Sequence, IteratorProtocol {
  struct Line {
    /// 1-based.
    var number: Int
    /// Of the line in the source, without its end.
    var range: Range<Int>
    /// Without comments, and without blanks at either end.
    var text: [UInt8]
  }

  private let bytes: [UInt8]
  private var offset = 0
  private var number = 0
  private var isInComment = false

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() -> Line? {
    guard offset < bytes.count else { return nil }
    let start = offset
    let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    offset = end + 1
    number += 1
    return Line(number: number, range: start..<end, text: text(of: start..<end))
  }

  private mutating func text(of range: Range<Int>) -> [UInt8] {
    var text: [UInt8] = []
    var at = range.lowerBound
    var quote: UInt8 = 0
    while at < range.upperBound {
      let byte = bytes[at]
      let next = at + 1 < range.upperBound ? bytes[at + 1] : 0
      if isInComment {
        if byte == UInt8(ascii: "*"), next == UInt8(ascii: "/") {
          isInComment = false
          at += 1
          text.append(0x20)
        }
      } else if quote == 0, byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
        isInComment = true
        at += 1
      } else if quote == 0, endsCode(at, range.upperBound, after: text.last) {
        break
      } else {
        if byte == UInt8(ascii: "\"") { quote = quote == 0 ? byte : 0 }
        if !text.isEmpty || byte > 0x20 { text.append(byte) }
      }
      at += 1
    }
    while let last = text.last, last <= 0x20 { text.removeLast() }
    return text
  }

  /// Whether a comment to the end of the line begins: the marks of all machines, those that are operators, too, only
  /// between blanks.
  private func endsCode(_ at: Int, _ end: Int, after last: UInt8?) -> Bool {
    let (byte, next) = (bytes[at], at + 1 < end ? bytes[at + 1] : 0x20)
    switch byte {
    case UInt8(ascii: "/"): return next == byte
    case UInt8(ascii: "#"), UInt8(ascii: "@"), UInt8(ascii: "!"), UInt8(ascii: "|"):
      guard let last else {
        let word = bytes[(at + 1)..<end].drop { $0 <= 0x20 }
        return byte != UInt8(ascii: "#") || !AssemblyLines.directives.contains { word.starts(with: $0) }
      }
      return last <= 0x20 && (next <= 0x20 || next == byte)
    default: return false
    }
  }

  private static let directives = [
    "define", "undef", "include", "if", "el", "endif", "error", "warning", "pragma", "line",
  ].map { Array($0.utf8) }
}

/// One statement, labels taken off.
struct AssemblyStatement {
  typealias Text = ArraySlice<UInt8>

  enum Kind {
    case empty
    case macroBegin
    case macroEnd
    case global
    /// Of a symbol.
    case begin(Text)
    case end(Text)
    case export(Text)
    case code
  }

  var text: Text
  var labels: [Text] = []
  /// The mnemonic, directive or macro, and what follows it.
  var word: Text
  var rest: Text

  /// The statements of a line.
  static func all(in line: Text) -> [AssemblyStatement] {
    var statements: [AssemblyStatement] = []
    var (start, isQuoted) = (line.startIndex, false)
    for index in line.indices {
      if line[index] == UInt8(ascii: "\"") { isQuoted.toggle() }
      guard line[index] == UInt8(ascii: ";"), !isQuoted else { continue }
      statements.append(AssemblyStatement(line[start..<index]))
      start = index + 1
    }
    statements.append(AssemblyStatement(line[start...]))
    return statements
  }

  init(_ statement: Text) {
    var text = statement.drop { $0 <= 0x20 }
    while true {
      let label = text.prefix { NameBytes.isPart($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "$") }
      let after = text.dropFirst(label.count)
      guard !label.isEmpty, after.first == UInt8(ascii: ":") else { break }
      labels.append(label)
      text = after.dropFirst().drop { $0 <= 0x20 }
    }
    self.text = text
    word = text.prefix { $0 > 0x20 && $0 != UInt8(ascii: "(") }
    rest = text.dropFirst(word.count).drop { $0 <= 0x20 }
  }

  var kind: Kind {
    guard let first = word.first else { return .empty }
    if first == UInt8(ascii: ".") {
      if word.elementsEqual(".macro".utf8) { return .macroBegin }
      if word.elementsEqual(".endm".utf8) || word.elementsEqual(".endmacro".utf8) { return .macroEnd }
      if word.elementsEqual(".globl".utf8) || word.elementsEqual(".global".utf8) { return .global }
      if word.elementsEqual(".size".utf8) { return AssemblyStatement.arguments(rest).first.map(Kind.end) ?? .code }
      return .code
    }
    guard rest.first == UInt8(ascii: "("), let name = AssemblyStatement.arguments(rest.dropFirst()).first else {
      return .code
    }
    if word.starts(with: "EXPORT_SYMBOL".utf8) { return .export(name) }
    let isSymbol = word.starts(with: "SYM_".utf8)
    if isSymbol && AssemblyStatement.ends(word, "_END") || AssemblyStatement.isOne(of: AssemblyStatement.enders, word) {
      return .end(name)
    }
    if isSymbol, word.starts(with: "SYM_INNER".utf8) { return .code }
    let isBegin = isSymbol || AssemblyStatement.isOne(of: AssemblyStatement.beginners, word)
    return isBegin ? .begin(name) : .code
  }

  /// What it calls or jumps to by name; of alternatives that are patched in, all.
  var calls: [(target: Text, mnemonic: String)] {
    guard word.starts(with: "ALTERNATIVE".utf8) else { return call.map { [$0] } ?? [] }
    let pieces = rest.split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
    return pieces.indices.filter { $0 % 2 == 1 }.flatMap { place in
      AssemblyStatement.all(in: pieces[place]).compactMap(\.call)
    }
  }

  private var call: (target: Text, mnemonic: String)? {
    guard word.count <= 24, !word.isEmpty, word.first != UInt8(ascii: "."), !rest.isEmpty else { return nil }
    let mnemonic = String(decoding: word, as: UTF8.self).lowercased()
    guard AssemblyMnemonics.leads(mnemonic) else { return nil }
    var operands = rest.split(separator: UInt8(ascii: ","))
    while operands.count > 1, AssemblyStatement.isNoSymbol(operands[operands.count - 1]) { operands.removeLast() }
    guard let last = operands.last, let name = AssemblyStatement.name(in: last) else { return nil }
    return (name, String(decoding: word, as: UTF8.self))
  }

  /// Whether an operand is a register or a number, behind which no name is looked for.
  private static func isNoSymbol(_ operand: Text) -> Bool {
    let text = operand.drop { $0 <= 0x20 }
    return text.first == UInt8(ascii: "%") || text.first == UInt8(ascii: "$")
      || text.allSatisfy { $0 <= 0x20 || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// `x16`, `r3`, `lr`: they look like names.
  private static func isRegister(_ name: Text) -> Bool {
    if name.count <= 3, let first = name.first, "xwrats".utf8.contains(first), name.count > 1 {
      return name.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        || registers.contains { name.elementsEqual($0) }
    }
    return registers.contains { name.elementsEqual($0) }
  }

  private static let registers = ["lr", "ra", "sp", "fp", "ip", "pc", "rp", "at", "gp"].map { Array($0.utf8) }

  /// The symbol that an operand is: `foo`, `foo@PLT`, `.foo` of PowerPC, `CFUNC(foo)`, `@foo`, `rp=foo`. Nil for
  /// registers, numbers, addresses in memory, local labels, and where more follows than one word.
  private static func name(in operand: Text) -> Text? {
    var text = operand.drop { $0 <= 0x20 }
    if let equals = text.firstIndex(of: UInt8(ascii: "=")) { text = text[equals...].dropFirst() }
    if text.first == UInt8(ascii: "@") { text = text.dropFirst() }
    while true {
      if text.first == UInt8(ascii: "."), text.dropFirst().first != UInt8(ascii: "L") { text = text.dropFirst() }
      let whole = isOpen(text) ? open(text) : text.prefix(while: NameBytes.isPart)
      guard let first = whole.first, NameBytes.isStart(first) || first == UInt8(ascii: "\\") else { return nil }
      let after = text.dropFirst(whole.count)
      if after.first == UInt8(ascii: "("), !isOpen(text) {
        // `CFUNC(foo)`, but not `foo(%rip)`.
        guard whole.allSatisfy({ $0 < UInt8(ascii: "a") }) || whole.elementsEqual("__pa".utf8) else { return nil }
        text = after.dropFirst().drop { $0 <= 0x20 }
        continue
      }
      let tail = after.drop { $0 <= 0x20 || $0 == UInt8(ascii: ")") }
      let isLast = tail.first.map { "@!\\".utf8.contains($0) } ?? true
      return isLast && !isRegister(whole) ? whole : nil
    }
  }

  private static func isOpen(_ text: Text) -> Bool { text.contains(UInt8(ascii: "\\")) }

  /// A name into which arguments are still to be put: `el\el\ht\()_\label\()_handler`.
  private static func open(_ text: Text) -> Text {
    text.prefix {
      NameBytes.isPart($0) || $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "(") || $0 == UInt8(ascii: ")")
    }
  }

  /// What commas or blanks part, up to a parenthesis that was not opened.
  static func arguments(_ text: Text) -> [Text] {
    var arguments: [Text] = []
    var (start, depth, isQuoted) = (text.startIndex, 0, false)
    var index = text.startIndex
    while index < text.endIndex {
      let byte = text[index]
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if byte == UInt8(ascii: "(") { depth += 1 }
      if byte == UInt8(ascii: ")") {
        depth -= 1
        if depth < 0 { break }
      }
      if !isQuoted, depth == 0, byte <= 0x20 || byte == UInt8(ascii: ",") {
        if start < index { arguments.append(text[start..<index]) }
        start = index + 1
      }
      index += 1
    }
    if start < index { arguments.append(text[start..<index]) }
    return arguments
  }

  private static let beginners = [
    "ENTRY", "ENTRY_CFI", "WEAK", "GLOBAL", "LEAF", "NESTED", "_GLOBAL", "_GLOBAL_TOC", "ENTRY_NP", "EXPORT_ENTRY",
    "FUNC_START",
  ].map { Array($0.utf8) }
  private static let enders = ["END", "ENDPROC", "END_CFI", "ENDPROC_CFI", "FUNC_END"].map { Array($0.utf8) }

  private static func isOne(of words: [[UInt8]], _ word: Text) -> Bool { words.contains { word.elementsEqual($0) } }

  private static func ends(_ word: Text, _ end: String) -> Bool { word.suffix(end.utf8.count).elementsEqual(end.utf8) }
}

/// The instructions of all machines that lead elsewhere by name.
enum AssemblyMnemonics {
  /// - Parameter mnemonic: in small letters; what comes behind a dot, a comma or a sign only says how.
  static func leads(_ mnemonic: String) -> Bool {
    if all.contains(mnemonic) { return true }
    let name = mnemonic.hasPrefix("l.") ? mnemonic.dropFirst(2) : mnemonic[...]
    return all.contains(String(name.prefix { $0 != "." && $0 != "," && $0 != "+" && $0 != "-" }))
  }

  private static let all: Set<String> = {
    var all: Set<String> = [
      "call", "callq", "calll", "call0", "call4", "call8", "call12", "bl", "blx", "bal", "balc", "jal", "brasl",
      "bras", "bsr", "bsrl", "jbsr", "jsr", "tail", "rcall", "pcall", "brlid", "brald",
      "jmp", "jmpq", "b", "j", "br", "bra", "jra", "jbra", "jump", "brcl", "brc", "brid", "bri", "ba", "bc", "bcl",
      "cbz", "cbnz", "tbz", "tbnz", "beqz", "bnez", "blez", "bgez", "bltz", "bgtz", "bgezal", "bltzal", "bdnz", "bdz",
      "bez", "bhz", "bt", "bf", "bbsi", "bbci",
    ]
    let conditions = [
      "a", "ae", "b", "be", "c", "cc", "cs", "e", "eq", "g", "ge", "geu", "gt", "gtu", "h", "he", "hi", "hs", "l", "le",
      "leu", "lo", "ls", "lt", "ltu", "m", "mi", "nb", "ne", "ng", "nl", "nm", "nc", "nh", "no", "np", "ns", "nz", "nu",
      "o", "p", "pl", "pos", "neg", "s", "u", "vc", "vs", "z", "gu", "lu",
    ]
    for condition in conditions {
      all.formUnion(["b" + condition, "j" + condition, "bl" + condition, "jb" + condition])
    }
    for condition in conditions { all.formUnion(["b" + condition + "s", "b" + condition + "l"]) }
    return all
  }()
}
