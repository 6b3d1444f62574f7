// SPDX-License-Identifier: Apache-2.0
import Glossary

/// The preprocessor's lines.
extension CScanner {
  private enum Directive { case open, openNever, alternative, close, define, include, other }

  /// Reads the directive at the hash at file scope or among members; gives the offset after it.
  mutating func directive(_ offset: Int) -> Int {
    if statement.isBareCall { finishBareCall(statement.lastEnd) }
    let after = directiveEnd(offset)
    let isItem = statement.start < 0 && isFileScope
    switch kind(offset) {
    case .open:
      conditions.append(Condition(insideStatement: statement.start >= 0, frameCount: frames.count))
      addItem(.conditionOpen, offset..<after, isItem)
    case .openNever: return openNever(offset, after, isItem, depth: 0)
    case .alternative:
      if let condition = conditions.last {
        if condition.insideStatement { return lastBranchEnd(after) }
        leaveBranch(condition, offset)
      }
      addItem(.conditionElse, offset..<after, isFileScope)
    case .close:
      if !conditions.isEmpty { conditions.removeLast() }
      addItem(.conditionClose, offset..<after, isItem)
    case .define:
      addMacro(offset, after)
      addItem(.define, offset..<after, isItem)
    case .include: addItem(.include, offset..<after, isItem)
    case .other: addItem(.directive, offset..<after, isItem)
    }
    return after
  }

  /// The same inside a body, a list or a value, whose brackets are `depth` deep. Nil where the text that holds it began
  /// inside a branch that ends here.
  mutating func nestedDirective(_ offset: Int, depth: inout Int, base: inout Int) -> Int? {
    let after = directiveEnd(offset)
    switch kind(offset) {
    case .open: conditions.append(Condition(frameCount: frames.count, depth: depth))
    case .openNever: return openNever(offset, after, false, depth: depth)
    case .alternative:
      guard conditions.count > base else { return conditions.isEmpty ? after : nil }
      let last = conditions.count - 1
      if conditions[last].firstBranchDepth == nil { conditions[last].firstBranchDepth = depth }
      depth = conditions[last].depth
    case .close:
      guard let condition = conditions.popLast() else { return after }
      if conditions.count >= base, let first = condition.firstBranchDepth { depth = first }
      base = min(base, conditions.count)
    case .define: addMacro(offset, after)
    case .include, .other: break
    }
    return after
  }

  /// `#if 0`: goes on at the branch that is read, or after the end.
  private mutating func openNever(_ offset: Int, _ after: Int, _ isItem: Bool, depth: Int) -> Int {
    let stop = branchEnd(after)
    guard stop < end else {
      addItem(.directive, offset..<end, isItem)
      return end
    }
    let stopEnd = directiveEnd(stop)
    if kind(stop) != .close {
      conditions.append(
        Condition(insideStatement: statement.start >= 0, frameCount: frames.count, depth: depth))
    }
    addItem(.directive, offset..<stopEnd, isItem)
    return stopEnd
  }

  /// At an `#else`: what the branch left open is ended, so that the next branch begins as this one did.
  private mutating func leaveBranch(_ condition: Condition, _ offset: Int) {
    while frames.count > condition.frameCount, let frame = frames.popLast() {
      if statement.start >= 0 { dropStatement() }
      closeFrame(frame, offset)
    }
    guard statement.start >= 0 else { return }
    let isHeader = isFileScope && statement.callName != nil && statement.wordsBeforeCall > 0 && !statement.hasValue
    if isHeader {
      items.append(CItem(kind: .declaration, bytes: statement.start..<statement.lastEnd))
      finishFunction(statement.lastEnd..<statement.lastEnd)
    } else if statement.hasTypeBody {
      finishStatement(offset)
    } else {
      dropStatement()
    }
  }

  private mutating func addItem(_ kind: CItem.Kind, _ bytes: Range<Int>, _ isItem: Bool) {
    if isItem { items.append(CItem(kind: kind, bytes: bytes)) }
  }

  private mutating func addMacro(_ offset: Int, _ after: Int) {
    var start = source.wordEnd(source.skipBlanks(offset + 1, after), after)
    start = source.skipBlanks(start, after)
    guard start < after, source[start].isWordStart else { return }
    let name = start..<source.wordEnd(start, after)
    var signature = name
    if name.upperBound < after, source[name.upperBound] == Ascii.openParen {
      var close = name.upperBound
      while close < after, source[close] != Ascii.closeParen { close += 1 }
      signature = start..<min(close + 1, after)
    }
    let value = source.trimmed(signature.upperBound..<after)
    definitions.append(
      Definition(
        name: source.text(name), kind: .macro, line: source.lines.line(of: start) + 1, signature: signature,
        signatureHash: CodeHash.signature(source, signature),
        bodyHash: value.isEmpty ? 0 : CodeHash.body(source, value)))
  }

  // MARK: Reading a line

  private func kind(_ hash: Int) -> Directive {
    let word = source.skipBlanks(hash + 1, end)
    let wordEnd = source.wordEnd(word, end)
    switch wordEnd - word {
    case 2 where source.matches("if", at: word):
      let condition = source.skipBlanks(wordEnd, end)
      let isZero =
        condition < end && source[condition] == UInt8(ascii: "0")
        && (condition + 1 >= end || source[condition + 1].isBlankOrLineEnd || source[condition + 1] == Ascii.slash)
      return isZero ? .openNever : .open
    case 5 where source.matches("ifdef", at: word), 6 where source.matches("ifndef", at: word): return .open
    case 4 where source.matches("else", at: word) || source.matches("elif", at: word): return .alternative
    case 7 where source.matches("elifdef", at: word), 8 where source.matches("elifndef", at: word):
      return .alternative
    case 5 where source.matches("endif", at: word): return .close
    case 6 where source.matches("define", at: word): return .define
    case 7 where source.matches("include", at: word): return .include
    default: return .other
    }
  }

  /// The end of the line, escaped line ends and comments that run on included; its own line end is not.
  private func directiveEnd(_ hash: Int) -> Int {
    var offset = hash
    while offset < end {
      switch source[offset] {
      case Ascii.lineEnd: return offset
      case Ascii.backslash:
        offset += 1
        if offset < end, source[offset] == Ascii.carriageReturn { offset += 1 }
        offset += 1
      case Ascii.slash: offset = commentEnd(offset) ?? offset + 1
      case Ascii.quote: offset = max(offset + 1, CodeHash.stringEnd(source.bytes, offset, end))
      default: offset += 1
      }
    }
    return end
  }

  /// The directive that ends the branch that `offset` lies in: `#else`, `#elif` or `#endif`.
  private func branchEnd(_ offset: Int) -> Int {
    let classes = byteClasses
    var nested = 0
    var offset = offset
    while true {
      while offset < end, classes[Int(source[offset])] & ByteClass.bodyStop == 0 { offset += 1 }
      guard offset < end else { return end }
      switch source[offset] {
      case Ascii.slash: offset = commentEnd(offset) ?? offset + 1
      case Ascii.quote: offset = max(offset + 1, CodeHash.stringEnd(source.bytes, offset, end))
      case Ascii.hash where isFirstOnLine(offset):
        switch kind(offset) {
        case .open, .openNever: nested += 1
        case .alternative: if nested == 0 { return offset }
        case .close:
          if nested == 0 { return offset }
          nested -= 1
        default: break
        }
        offset = directiveEnd(offset)
      default: offset += 1
      }
    }
  }

  /// The `#endif` of the conditional whose branch `offset` lies in.
  private func lastBranchEnd(_ offset: Int) -> Int {
    var stop = branchEnd(offset)
    while stop < end, kind(stop) != .close { stop = branchEnd(directiveEnd(stop)) }
    return stop
  }
}
