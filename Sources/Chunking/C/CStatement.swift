// SPDX-License-Identifier: Apache-2.0
import Glossary

/// What is known of the statement that is being read.
struct CStatement {
  /// The offset of its first token; negative before it.
  var start = -1
  /// Where it begins in the skeleton.
  var mark = 0
  var isStatic = false
  var isExtern = false
  var isTypedef = false
  /// Whether its braces will only group statements: `extern "C"`, `namespace`.
  var groupsStatements = false
  /// Words of its type and declarator so far.
  var words = 0
  /// The last `struct`, `union` or `enum` that may still get a body, and the word after it.
  var typeKeyword: CBody.Kind?
  var typeStart = 0
  var tag: Range<Int>?
  var wordsAfterKeyword = 0
  /// The word before the first argument list, that list, and how many words stood before.
  var callName: Range<Int>?
  var callArguments = 0..<0
  var wordsBeforeCall = 0
  var groupDepth = 0
  /// Whether a group such as `(*name)` declares something.
  var isGroupDeclarator = false
  var isAfterArray = false
  var isAfterColon = false
  var hasValue = false
  /// Whether a type's body was part of it, and whether one with a name was.
  var hasTypeBody = false
  var holdsType = false
  /// One past its last token.
  var lastEnd = 0

  /// A macro with its arguments and nothing else: `MODULE_LICENSE("GPL")`.
  var isBareCall: Bool {
    callName != nil && wordsBeforeCall == 0 && words == 0 && groupDepth == 0 && !isGroupDeclarator && !isTypedef
  }

  /// Whether all that names something has been read: what follows a function's arguments or an array's brackets.
  var isPastDeclarator: Bool {
    groupDepth == 0 && (isAfterArray || (callName != nil && wordsBeforeCall > 0 && !hasTypeBody))
  }
}

extension CScanner {
  /// Takes the statement that is being read back out of the skeleton.
  mutating func dropStatement() {
    if statement.start >= 0 {
      skeleton.truncate(statement.mark)
      while let body = bodies.last, body.mark >= statement.mark { bodies.removeLast() }
    }
    statement = CStatement()
  }

  /// At a semicolon that ends at `after`.
  mutating func finishStatement(_ after: Int) {
    guard statement.start >= 0 else {
      statement = CStatement()
      return
    }
    guard isFileScope else { return finishMember(after) }
    if statement.isBareCall { return finishBareCall(after) }
    let bytes = statement.start..<after
    let isPrototype = statement.callName != nil && !statement.isGroupDeclarator && !statement.hasValue
    let isBareType = statement.typeKeyword != nil && statement.wordsAfterKeyword == 1 && statement.words == 2
    let defines =
      statement.isTypedef || statement.hasTypeBody
      || !(isPrototype || isBareType || statement.isExtern || statement.words < 1)
    if defines { keepStatement() } else { dropStatement() }
    let kind: CItem.Kind = statement.hasTypeBody ? .type : statement.hasValue ? .value : .declaration
    statement = CStatement()
    items.append(CItem(kind: kind, bytes: bytes))
  }

  /// Ends the statement in the skeleton and remembers where it came from.
  mutating func keepStatement() {
    skeleton.add(";", max(statement.start, statement.lastEnd - 1))
    skeleton.add(Ascii.lineEnd, max(statement.start, statement.lastEnd - 1))
    guard isFileScope else { return }
    statements.append(
      CStatementRecord(mark: statement.mark, start: statement.start, isStatic: statement.isStatic))
  }

  /// A member of a struct or union: kept only where a type with a name is defined in it.
  private mutating func finishMember(_ after: Int) {
    if let name = statement.callName, statement.wordsBeforeCall == 0 { define(name, after) }
    if statement.holdsType {
      keepStatement()
      frames[frames.count - 1].holdsType = true
      statement = CStatement()
    } else {
      dropStatement()
    }
  }

  /// Ends a macro with its arguments: a definition where the macro is known to make one.
  mutating func finishBareCall(_ after: Int) {
    guard let name = statement.callName else { return dropStatement() }
    let bytes = statement.start..<after
    define(name, after)
    let isExport = addExport(name)
    let hasValue = statement.hasValue
    dropStatement()
    guard isFileScope else { return }
    items.append(CItem(kind: isExport ? .export : hasValue ? .value : .macroCall, bytes: bytes))
  }

  /// Adds what the macro at `name` defines, if it does.
  @discardableResult
  mutating func define(_ name: Range<Int>, _ after: Int, body: Range<Int>? = nil) -> Bool {
    guard let definer = CDefiners.definer(source, name),
      let argument = argument(definer.argument, statement.callArguments)
    else { return false }
    let text = definer.prefix + source.text(argument) + definer.suffix
    let signature = statement.start..<statement.callArguments.upperBound
    let value = body ?? (definer.kind == .tracepoint ? statement.callArguments : 0..<0)
    definitions.append(
      Definition(
        name: text, kind: definer.kind, line: source.lines.line(of: argument.lowerBound) + 1, signature: signature,
        signatureHash: CodeHash.signature(source, signature),
        bodyHash: value.isEmpty ? 0 : CodeHash.body(source, value), isStatic: statement.isStatic))
    return true
  }

  private mutating func addExport(_ name: Range<Int>) -> Bool {
    let text = source.text(name)
    guard text.contains("EXPORT_"), text.contains("SYMBOL") || text.contains("EXPORT_STATIC_CALL"),
      let argument = argument(0, statement.callArguments)
    else { return false }
    exports.insert(source.text(argument))
    return true
  }

  /// The first word of the n-th argument, counted from 0; `arguments` has its parentheses.
  func argument(_ number: Int, _ arguments: Range<Int>) -> Range<Int>? {
    var number = number
    var depth = 0
    var offset = arguments.lowerBound + 1
    let end = arguments.upperBound - 1
    while offset < end {
      let byte = source[offset]
      if byte == Ascii.slash, let after = commentEnd(offset) {
        offset = after
        continue
      }
      if byte == Ascii.quote {
        offset = CodeHash.stringEnd(source.bytes, offset, end)
        continue
      }
      if number == 0, depth == 0, byte.isWord { return offset..<source.wordEnd(offset, end) }
      switch byte {
      case Ascii.openParen, Ascii.openBrace, Ascii.openBracket: depth += 1
      case Ascii.closeParen, Ascii.closeBrace, Ascii.closeBracket: depth -= 1
      case Ascii.comma where depth == 0:
        if number == 0 { return nil }
        number -= 1
      default: break
      }
      offset += 1
    }
    return nil
  }
}
