// SPDX-License-Identifier: Apache-2.0
import Glossary

/// One pass over a C source: finds macros, enumerators, macro-made definitions and designated initialisers itself, and
/// leaves the declarations in a skeleton for the grammar. Sees both branches of a conditional, as the two sides of one
/// program, wherever a branch is whole statements; else the first branch.
struct CScanner {
  let source: Source
  let end: Int
  var skeleton = CSkeleton()
  var items: [CItem] = []
  var bodies: [CBody] = []
  var statements: [CStatementRecord] = []
  var definitions: [Definition] = []
  var bindings: [Binding] = []
  var exports: Set<String> = []

  var statement = CStatement()
  var frames: [Frame] = []
  var conditions: [Condition] = []
  /// How many of the frames are bodies of types.
  var openTypeCount = 0
  /// How far an argument list and a value are followed. Once one was never closed, only as far as a person's is long.
  var groupReach = Int.max
  var valueReach = Int.max
  /// Set once a body was found whose braces don't match: from then on `}` in the first column ends one.
  var trustsFirstColumn = false

  /// A brace that is open at the place that is read.
  struct Frame {
    /// Nil where the braces only group statements (`extern "C" {`).
    var body: Int?
    var outer: CStatement
    /// Whether a type with a name is defined inside.
    var holdsType = false
  }

  /// An `#if` that is open.
  struct Condition {
    /// Whether it stands inside a statement, of which then only the first branch is read.
    var insideStatement = false
    var frameCount = 0
    /// Inside a body: the depth of braces at the `#if`, and at the end of its first branch.
    var depth = 0
    var firstBranchDepth: Int?
  }

  init(_ source: Source) {
    self.source = source
    end = source.count
    skeleton = CSkeleton()
  }

  mutating func scan() {
    var offset = source.matches("\u{FEFF}", at: 0) ? 3 : 0
    while offset < end { offset = step(offset) }
    if statement.isBareCall { finishBareCall(end) } else { dropStatement() }
    while let frame = frames.popLast() { closeFrame(frame, end) }
  }

  /// Reads one token at file scope or among members; gives the offset after it, always greater.
  private mutating func step(_ offset: Int) -> Int {
    let byte = source[offset]
    if byte.isBlankOrLineEnd { return offset + 1 }
    if byte.isWordStart { return word(offset) }
    switch byte {
    case Ascii.slash:
      if let after = commentEnd(offset) {
        if statement.start < 0, isFileScope { addComment(offset..<after) }
        return after
      }
      return offset + 1
    case Ascii.hash: return isFirstOnLine(offset) ? directive(offset) : offset + 1
    case Ascii.quote, Ascii.apostrophe: return string(offset)
    case Ascii.openParen: return openParen(offset)
    case Ascii.closeParen: return closeParen(offset)
    case Ascii.openBracket: return bracket(offset)
    case Ascii.openBrace: return openBrace(offset)
    case Ascii.closeBrace: return closeBrace(offset)
    case Ascii.semicolon:
      finishStatement(offset + 1)
      return offset + 1
    case Ascii.equals: return assignment(offset)
    default: return other(offset)
    }
  }

  // MARK: Words

  private mutating func word(_ start: Int) -> Int {
    var after = start
    var hash = CodeHash.offsetBasis
    while after < end, source[after].isWord {
      hash = (hash ^ UInt64(source[after])) &* CodeHash.prime
      after += 1
    }
    if statement.isBareCall, hasLineEnd(statement.lastEnd..<start) { finishBareCall(statement.lastEnd) }
    let range = start..<after
    switch CWord(rawValue: CWords.table[hash]) ?? .plain {
    case .plain: return plainWord(range)
    case .annotation: return after
    case .annotationCall: return source[spaceEnd(after)] == Ascii.openParen ? group(spaceEnd(after)) : after
    case .static:
      begin(start)
      statement.isStatic = true
    case .extern:
      begin(start)
      statement.isExtern = true
    case .typedef:
      begin(start)
      statement.isTypedef = true
      emit(range)
    case .structure: typeKeyword(range, .type)
    case .union: typeKeyword(range, .union)
    case .enumeration: typeKeyword(range, .enumeration)
    case .builtinType:
      begin(start)
      if !statement.isPastDeclarator { emitWord(range) }
    case .typeOf:
      begin(start)
      skeleton.add("int ", start)
      statement.words += 1
      let open = spaceEnd(after)
      return open < end && source[open] == Ascii.openParen ? group(open) : after
    case .namespace:
      begin(start)
      statement.groupsStatements = true
    }
    statement.lastEnd = after
    return after
  }

  private mutating func typeKeyword(_ range: Range<Int>, _ kind: CBody.Kind) {
    begin(range.lowerBound)
    guard !statement.isPastDeclarator else { return }
    emit(range)
    statement.words += 1
    statement.typeKeyword = kind
    statement.tag = nil
    statement.wordsAfterKeyword = 0
    statement.typeStart = range.lowerBound
  }

  private mutating func plainWord(_ range: Range<Int>) -> Int {
    begin(range.lowerBound)
    let next = spaceEnd(range.upperBound)
    let isCall = next < end && source[next] == Ascii.openParen && !isGroup(next)
    defer { if !isCall { statement.lastEnd = range.upperBound } }
    if isCall { return call(range, next) }
    if statement.isPastDeclarator || statement.isAfterColon { return range.upperBound }
    if statement.typeKeyword != nil {
      statement.wordsAfterKeyword += 1
      statement.tag = range
    }
    emitWord(range)
    return range.upperBound
  }

  /// A word with an argument list: a function's name, or a macro.
  private mutating func call(_ name: Range<Int>, _ open: Int) -> Int {
    let close = group(open)
    defer { statement.lastEnd = close }
    // What follows a function's own argument list says something of it: `__releases_lock(x)`.
    if statement.isPastDeclarator { return close }
    if statement.callName != nil, statement.groupDepth == 0 {
      // The first one made the type.
      skeleton.truncate(statement.mark)
      skeleton.add("int ", statement.start)
      statement.words += 1
    }
    if statement.groupDepth == 0 || statement.callName == nil {
      statement.callName = name
      statement.callArguments = open..<close
      statement.wordsBeforeCall = statement.words
    }
    emit(name)
    skeleton.add("(", open)
    skeleton.add(")", close - 1)
    return close
  }

  // MARK: Punctuation

  private mutating func string(_ offset: Int) -> Int {
    let after = CodeHash.stringEnd(source.bytes, offset, end)
    begin(offset)
    if statement.isExtern { statement.groupsStatements = true }
    statement.lastEnd = after
    return max(after, offset + 1)
  }

  private mutating func openParen(_ offset: Int) -> Int {
    begin(offset)
    // An argument list of what a closed group declares (`(*name)(…)`), or more arguments of a macro.
    if statement.lastEnd > 0, source[statement.lastEnd - 1] == Ascii.closeParen {
      let close = group(offset)
      if statement.isGroupDeclarator {
        skeleton.add("(", offset)
        skeleton.add(")", close - 1)
      }
      statement.lastEnd = close
      return close
    }
    statement.groupDepth += 1
    statement.isGroupDeclarator = true
    skeleton.add("(", offset)
    statement.lastEnd = offset + 1
    return offset + 1
  }

  private mutating func closeParen(_ offset: Int) -> Int {
    guard statement.groupDepth > 0 else { return offset + 1 }
    statement.groupDepth -= 1
    skeleton.add(")", offset)
    statement.lastEnd = offset + 1
    return offset + 1
  }

  private mutating func bracket(_ offset: Int) -> Int {
    let close = group(offset)
    guard statement.start >= 0 else { return close }
    skeleton.add("[", offset)
    skeleton.add("]", max(offset, close - 1))
    statement.isAfterArray = true
    statement.lastEnd = close
    return close
  }

  private mutating func assignment(_ offset: Int) -> Int {
    begin(offset)
    let isFileScope = isFileScope
    let value = spaceEnd(offset + 1)
    let close = self.value(value, bindings: isFileScope)
    skeleton.add("=", offset)
    let bytes = value..<max(value, close)
    if !statement.isTypedef {
      addBody(
        CBody(
          kind: .value, mark: skeleton.count, bytes: bytes, name: 0..<0, signature: 0..<0, isStatic: statement.isStatic)
      )
    }
    skeleton.add("0", value)
    statement.hasValue = true
    statement.lastEnd = close
    return max(close, offset + 1)
  }

  private mutating func other(_ offset: Int) -> Int {
    let byte = source[offset]
    guard statement.start >= 0 else { return offset + 1 }
    switch byte {
    case Ascii.colon:
      // A bit field's width, or the type under an enumeration.
      statement.isAfterColon = true
    case Ascii.comma:
      statement.isAfterArray = false
      if !statement.isPastDeclarator { skeleton.add(byte, offset) }
    case Ascii.star:
      if !statement.isPastDeclarator { skeleton.add(byte, offset) }
    default:
      if byte.isDigit {
        let after = source.wordEnd(offset, end)
        skeleton.add("0", offset)
        statement.lastEnd = after
        return after
      }
    }
    statement.lastEnd = offset + 1
    return offset + 1
  }

  // MARK: What the steps share

  var isFileScope: Bool { openTypeCount == 0 }

  mutating func begin(_ offset: Int) {
    guard statement.start < 0 else { return }
    statement.start = offset
    statement.mark = skeleton.count
  }

  mutating func emit(_ range: Range<Int>) {
    skeleton.copy(source, range)
    skeleton.add(Ascii.space, range.upperBound - 1)
  }

  private mutating func emitWord(_ range: Range<Int>) {
    emit(range)
    statement.words += 1
  }

  mutating func addBody(_ body: CBody) { bodies.append(body) }

  /// The first offset from `offset` on that is neither white space nor comment; never past the last byte.
  func spaceEnd(_ offset: Int) -> Int {
    var offset = offset
    while offset < end {
      let byte = source[offset]
      if byte.isBlankOrLineEnd {
        offset += 1
      } else if byte == Ascii.backslash, offset + 1 < end, source[offset + 1] == Ascii.lineEnd {
        offset += 2
      } else if byte == Ascii.slash, let after = commentEnd(offset) {
        offset = after
      } else {
        return offset
      }
    }
    return max(0, end - 1)
  }

  /// The end of the comment that begins at the slash; nil where none does.
  func commentEnd(_ offset: Int) -> Int? {
    guard offset + 1 < end else { return nil }
    if source[offset + 1] == Ascii.star {
      var inner = offset + 3
      while inner < end, !(source[inner] == Ascii.slash && source[inner - 1] == Ascii.star) { inner += 1 }
      return min(inner + 1, end)
    }
    guard source[offset + 1] == Ascii.slash else { return nil }
    var inner = offset + 2
    while inner < end, source[inner] != Ascii.lineEnd { inner += 1 }
    return inner
  }

  func isFirstOnLine(_ offset: Int) -> Bool {
    var offset = offset - 1
    while offset >= 0, source[offset].isBlank { offset -= 1 }
    return offset < 0 || source[offset] == Ascii.lineEnd
  }

  func hasLineEnd(_ range: Range<Int>) -> Bool {
    for offset in range where source[offset] == Ascii.lineEnd { return true }
    return false
  }

  /// Whether the parenthesis after a word opens a group around a declarator (`int (*name)(void)`), not an argument
  /// list.
  private func isGroup(_ open: Int) -> Bool {
    guard statement.callName == nil else { return false }
    let inner = spaceEnd(open + 1)
    if source[inner] == Ascii.star { return true }
    // `typedef type (name)(arguments);`
    guard statement.isTypedef, statement.words == 0, source[inner].isWordStart else { return false }
    let close = spaceEnd(source.wordEnd(inner, end))
    return source[close] == Ascii.closeParen && source[spaceEnd(close + 1)] == Ascii.openParen
  }
}
