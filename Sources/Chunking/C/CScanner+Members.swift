// SPDX-License-Identifier: Apache-2.0
import Glossary

/// Enumerators and designated initialisers, which the scanner reads by itself.
extension CScanner {
  /// A comment at file scope; one that begins with `DOC: title` is a section of documentation.
  mutating func addComment(_ bytes: Range<Int>) {
    var offset = bytes.lowerBound + 2
    while offset < bytes.upperBound, source[offset].isBlankOrLineEnd || source[offset] == Ascii.star { offset += 1 }
    guard source.matches("/**", at: bytes.lowerBound), source.matches("DOC:", at: offset) else {
      items.append(CItem(kind: .comment, bytes: bytes))
      return
    }
    items.append(CItem(kind: .docSection, bytes: bytes))
    let line = source.lines.line(of: offset)
    let title = source.trimmed(offset + 4..<max(offset + 4, min(source.line(line).upperBound, bytes.upperBound - 2)))
    guard !title.isEmpty else { return }
    definitions.append(
      Definition(
        name: source.text(title), kind: .section, line: line + 1, signature: title,
        signatureHash: CodeHash.signature(source, title, comments: .none),
        bodyHash: CodeHash.body(source, bytes, comments: .none)))
  }

  /// Defines the enumerators between the braces that open at `open`; gives the end of the closing brace.
  mutating func enumerators(_ open: Int) -> Int {
    var offset = open + 1
    var expectsName = true
    var depth = 0
    var base = conditions.count
    while offset < end {
      let byte = source[offset]
      if byte.isBlankOrLineEnd {
        offset += 1
        continue
      }
      switch byte {
      case Ascii.slash: offset = commentEnd(offset) ?? offset + 1
      case Ascii.hash where isFirstOnLine(offset):
        guard let after = nestedDirective(offset, depth: &depth, base: &base) else { return offset }
        offset = after
        // A branch may end without a comma.
        expectsName = true
      case Ascii.closeBrace: return offset + 1
      case Ascii.comma:
        expectsName = true
        offset += 1
      case _ where byte.isWordStart && expectsName:
        offset = enumerator(offset)
        expectsName = false
      case Ascii.openParen, Ascii.openBracket: offset = group(offset)
      case Ascii.openBrace: offset = body(offset)
      case Ascii.semicolon where isFirstColumn(offset): return offset
      default: offset += 1
      }
    }
    return end
  }

  private mutating func enumerator(_ start: Int) -> Int {
    let name = start..<source.wordEnd(start, end)
    var next = spaceEnd(name.upperBound)
    if source[next] == Ascii.openParen {
      // A macro that makes enumerators, or an annotation.
      return group(next)
    }
    if source[next].isWordStart { next = name.upperBound }
    var bodyHash: UInt64 = 0
    var after = name.upperBound
    if source[next] == Ascii.equals {
      let value = spaceEnd(next + 1)
      after = self.value(value, bindings: false)
      bodyHash = after > value ? CodeHash.body(source, value..<after) : 0
    }
    definitions.append(
      Definition(
        name: source.text(name), kind: .enumerator, line: source.lines.line(of: start) + 1, signature: name,
        signatureHash: CodeHash.signature(source, name), bodyHash: bodyHash))
    return max(after, name.upperBound)
  }

  /// Reads `.field = target` at the dot; gives the offset to read on from.
  mutating func binding(_ dot: Int) -> Int {
    guard dot > 0, !source[dot - 1].isWord, source[dot - 1] != Ascii.closeParen, dot + 1 < end,
      source[dot + 1].isWordStart
    else { return dot + 1 }
    let field = (dot + 1)..<source.wordEnd(dot + 1, end)
    var offset = source.skipBlanks(field.upperBound, end)
    guard offset + 1 < end, source[offset] == Ascii.equals, source[offset + 1] != Ascii.equals else {
      return field.upperBound
    }
    offset = source.skipSpace(offset + 1, end)
    if offset < end, source[offset] == UInt8(ascii: "&") { offset = source.skipBlanks(offset + 1, end) }
    guard offset < end, source[offset].isWordStart else { return offset }
    let target = offset..<source.wordEnd(offset, end)
    let next = spaceEnd(target.upperBound)
    guard source[next] == Ascii.comma || source[next] == Ascii.closeBrace || source[next] == Ascii.hash,
      isName(target)
    else { return target.upperBound }
    bindings.append(
      Binding(
        field: source.text(field), target: source.text(target), line: source.lines.line(of: field.lowerBound) + 1))
    return target.upperBound
  }

  /// Whether a value names a function or an object: a word in lower case that isn't a constant of the language.
  private func isName(_ word: Range<Int>) -> Bool {
    guard word.contains(where: { source[$0].isLower }) else { return false }
    return !(source.matches("true", at: word.lowerBound) && word.count == 4)
      && !(source.matches("false", at: word.lowerBound) && word.count == 5)
  }
}
