// SPDX-License-Identifier: Apache-2.0
import Glossary

/// What opens, closes and is skipped: bodies, argument lists, initialisers.
extension CScanner {
  /// Types inside types are followed so far; each is hashed with all that it holds.
  private static let deepestType = 64

  mutating func openBrace(_ offset: Int) -> Int {
    if statement.groupsStatements, statement.callName == nil, statement.typeKeyword == nil {
      dropStatement()
      frames.append(Frame(body: nil, outer: CStatement()))
      return offset + 1
    }
    if let kind = statement.typeKeyword, statement.callName == nil, !statement.hasTypeBody,
      openTypeCount < CScanner.deepestType
    {
      return typeBody(offset, kind)
    }
    if isFileScope, statement.callName != nil || statement.isGroupDeclarator { return functionBody(offset) }
    // The block of a macro without arguments, or of one that makes a member.
    let start = statement.start < 0 ? offset : statement.start
    let close = body(offset)
    dropStatement()
    if isFileScope { items.append(CItem(kind: .declaration, bytes: start..<close)) }
    return close
  }

  mutating func closeBrace(_ offset: Int) -> Int {
    if statement.start >= 0 { finishStatement(offset) }
    if let frame = frames.popLast() { closeFrame(frame, offset + 1) }
    return offset + 1
  }

  mutating func closeFrame(_ frame: Frame, _ close: Int) {
    guard let body = frame.body else {
      statement = CStatement()
      return
    }
    openTypeCount -= 1
    bodies[body].bytes = bodies[body].bytes.lowerBound..<max(close, bodies[body].bytes.lowerBound)
    statement = frame.outer
    endTypeBody(body, close, holdsType: frame.holdsType)
  }

  private mutating func typeBody(_ offset: Int, _ kind: CBody.Kind) -> Int {
    let tag = statement.tag
    let signature = statement.typeStart..<max(statement.typeStart, tag?.upperBound ?? statement.lastEnd)
    let place = bodies.count
    addBody(
      CBody(
        kind: kind, mark: skeleton.count, bytes: offset..<offset, name: tag ?? 0..<0, signature: signature,
        isStatic: false))
    skeleton.add(Ascii.openBrace, offset)
    if kind == .enumeration {
      let close = enumerators(offset)
      bodies[place].bytes = offset..<close
      endTypeBody(place, close, holdsType: false)
      return close
    }
    frames.append(Frame(body: place, outer: statement))
    openTypeCount += 1
    statement = CStatement()
    return offset + 1
  }

  private mutating func endTypeBody(_ place: Int, _ close: Int, holdsType: Bool) {
    skeleton.add(Ascii.closeBrace, close - 1)
    statement.typeKeyword = nil
    statement.hasTypeBody = true
    statement.holdsType = statement.holdsType || holdsType || !bodies[place].name.isEmpty
    statement.lastEnd = close
    statement.isAfterColon = false
  }

  private mutating func functionBody(_ offset: Int) -> Int {
    let header = statement
    let close = body(offset)
    let bytes = header.start..<close
    statement = header
    if statement.isBareCall, let name = statement.callName {
      if define(name, close, body: offset..<close) || defineByMacro(name, offset..<close) {
        dropStatement()
        items.append(CItem(kind: .function, bytes: bytes))
        return close
      }
    }
    finishFunction(offset..<close)
    items.append(CItem(kind: .function, bytes: bytes))
    return close
  }

  /// Ends the header that is being read as a function's; `body` is empty where a conditional cut it off.
  mutating func finishFunction(_ body: Range<Int>) {
    let signatureEnd = statement.isGroupDeclarator ? statement.lastEnd : statement.callArguments.upperBound
    if let name = statement.callName, !statement.isGroupDeclarator, !statement.hasTypeBody {
      // Which of the words before the name are its type, and which are macros, the grammar could only guess.
      skeleton.truncate(statement.mark)
      skeleton.add("int ", statement.start)
      skeleton.copy(source, name)
      skeleton.add("()", name.upperBound - 1)
    }
    addBody(
      CBody(
        kind: .function, mark: skeleton.count, bytes: body, name: statement.callName ?? 0..<0,
        signature: statement.start..<max(statement.start, signatureEnd), isStatic: statement.isStatic))
    skeleton.add("{}\n", max(statement.start, signatureEnd - 1))
    statements.append(
      CStatementRecord(mark: statement.mark, start: statement.start, isStatic: statement.isStatic))
    statement = CStatement()
  }

  /// `DEFINE_SOMETHING(name, …) {`: a function by its first argument, where the macro is written as one.
  private mutating func defineByMacro(_ name: Range<Int>, _ body: Range<Int>) -> Bool {
    for offset in name where source[offset].isLower { return false }
    let defined = argument(0, statement.callArguments) ?? name
    let signature = statement.start..<statement.callArguments.upperBound
    definitions.append(
      Definition(
        name: source.text(defined), kind: .function, line: source.lines.line(of: defined.lowerBound) + 1,
        signature: signature, signatureHash: CodeHash.signature(source, signature),
        bodyHash: CodeHash.body(source, body), isStatic: statement.isStatic))
    return true
  }

  /// The end of the block that opens at `open`.
  mutating func body(_ open: Int) -> Int {
    let conditions = conditions
    let definitionCount = definitions.count
    if let close = matchingBrace(open) { return close }
    // Conditionals left the braces without match. Kernel style ends a body with a brace in the first column.
    trustsFirstColumn = true
    self.conditions = conditions
    definitions.removeLast(definitions.count - definitionCount)
    return matchingBrace(open) ?? end
  }

  private mutating func matchingBrace(_ open: Int) -> Int? {
    let classes = byteClasses
    var depth = 0
    var base = conditions.count
    var offset = open
    while true {
      while offset < end, classes[Int(source[offset])] & ByteClass.bodyStop == 0 { offset += 1 }
      guard offset < end else { return nil }
      switch source[offset] {
      case Ascii.openBrace:
        depth += 1
        offset += 1
      case Ascii.closeBrace:
        depth -= 1
        offset += 1
        if depth <= 0 || (trustsFirstColumn && isFirstColumn(offset - 1)) { return offset }
      case Ascii.slash: offset = commentEnd(offset) ?? offset + 1
      case Ascii.hash:
        guard isFirstOnLine(offset) else {
          offset += 1
          continue
        }
        guard let after = nestedDirective(offset, depth: &depth, base: &base) else { return offset }
        offset = after
      default: offset = max(offset + 1, CodeHash.stringEnd(source.bytes, offset, end))
      }
    }
  }

  /// The end of the argument list, or of the brackets, that open at `open`. Of a conditional inside, the first branch
  /// counts.
  mutating func group(_ open: Int) -> Int {
    let classes = byteClasses
    let end = farthest(open, groupReach)
    var depth = 0
    var base = conditions.count
    var offset = open
    while true {
      while offset < end, classes[Int(source[offset])] & ByteClass.valueStop == 0 { offset += 1 }
      guard offset < end else {
        groupReach = 16 * 1024
        return lineEnd(open)
      }
      switch source[offset] {
      case Ascii.openParen, Ascii.openBracket: depth += 1
      case Ascii.closeParen, Ascii.closeBracket:
        depth -= 1
        if depth <= 0 { return offset + 1 }
      // A list that was never closed: what is in the first column belongs to something else.
      case Ascii.openBrace, Ascii.closeBrace: if isFirstColumn(offset) { return offset }
      case Ascii.slash:
        if let after = commentEnd(offset) {
          offset = after
          continue
        }
      case Ascii.quote, Ascii.apostrophe:
        offset = max(offset + 1, CodeHash.stringEnd(source.bytes, offset, end))
        continue
      case Ascii.hash:
        if isFirstOnLine(offset) {
          guard let after = nestedDirective(offset, depth: &depth, base: &base) else { return offset }
          offset = after
          continue
        }
      default: break
      }
      offset += 1
    }
  }

  /// The end of the value that begins at `start`: the comma, semicolon or brace after it. Collects the designated
  /// initialisers that name something.
  mutating func value(_ start: Int, bindings: Bool) -> Int {
    let classes = byteClasses
    let end = farthest(start, valueReach)
    var depth = 0
    var base = conditions.count
    var offset = start
    while true {
      while offset < end, classes[Int(source[offset])] & ByteClass.valueStop == 0 { offset += 1 }
      guard offset < end else {
        valueReach = 64 * 1024
        return unclosedValueEnd(start, end)
      }
      switch source[offset] {
      case Ascii.openParen, Ascii.openBracket, Ascii.openBrace: depth += 1
      case Ascii.closeParen, Ascii.closeBracket, Ascii.closeBrace:
        if depth == 0 { return offset }
        depth -= 1
      case Ascii.comma, Ascii.semicolon: if depth == 0 { return offset }
      case Ascii.dot:
        if bindings, depth > 0 {
          offset = binding(offset)
          continue
        }
      case Ascii.slash:
        if let after = commentEnd(offset) {
          offset = after
          continue
        }
      case Ascii.quote, Ascii.apostrophe:
        offset = max(offset + 1, CodeHash.stringEnd(source.bytes, offset, end))
        continue
      case Ascii.hash:
        if isFirstOnLine(offset) {
          guard let after = nestedDirective(offset, depth: &depth, base: &base) else { return offset }
          offset = after
          continue
        }
      default: break
      }
      offset += 1
    }
  }

  /// Where a value whose brackets don't match most likely ends: before the semicolon after a first-column brace.
  private func unclosedValueEnd(_ start: Int, _ end: Int) -> Int {
    var offset = start
    while offset < end {
      if source[offset] == Ascii.closeBrace, isFirstColumn(offset) { return offset + 1 }
      offset += 1
    }
    return lineEnd(start)
  }

  private func farthest(_ start: Int, _ reach: Int) -> Int { reach < end - start ? start + reach : end }

  private func lineEnd(_ offset: Int) -> Int { min(end, source.lines.start(source.lines.line(of: offset) + 1)) }

  func isFirstColumn(_ offset: Int) -> Bool { offset == 0 || source[offset - 1] == Ascii.lineEnd }
}
