// SPDX-License-Identifier: Apache-2.0
import Glossary

/// Makefiles: variables, targets and canned recipes.
extension LightReader {
  func makeMarks() -> [Mark] {
    var marks: [Mark] = []
    var line = 0
    while line < source.lines.count {
      let first = line
      // A line that a backslash carries on is one with the next.
      while line + 1 < source.lines.count, endsWithBackslash(line) { line += 1 }
      line += 1
      let range = source.line(first)
      guard !range.isEmpty, source[range.lowerBound] != Ascii.tab, source[range.lowerBound] != Ascii.hash else {
        continue
      }
      if source.matches("define ", at: range.lowerBound) {
        guard let name = word(range.lowerBound + 7, range.upperBound) else { continue }
        while line < source.lines.count, !source.matches("endef", at: source.line(line).lowerBound) { line += 1 }
        line = min(line + 1, source.lines.count)
        marks.append(Mark(line: first, kind: .macro, name: name, signature: name, endLine: line))
      } else if let mark = variableOrRule(first, line, range) {
        marks.append(mark)
      }
    }
    return marks
  }

  private func endsWithBackslash(_ line: Int) -> Bool {
    let range = source.line(line)
    return !range.isEmpty && source[range.upperBound - 1] == Ascii.backslash
  }

  private func variableOrRule(_ first: Int, _ next: Int, _ range: Range<Int>) -> Mark? {
    let start = source.skipBlanks(range.lowerBound, range.upperBound)
    var offset = start
    var depth = 0
    while offset < range.upperBound {
      let byte = source[offset]
      switch byte {
      case Ascii.openParen, Ascii.openBrace: depth += 1
      case Ascii.closeParen, Ascii.closeBrace: depth -= 1
      case Ascii.equals where depth == 0: return variable(first, next, start..<offset)
      case Ascii.colon where depth == 0:
        let after = offset + 1 < range.upperBound ? source[offset + 1] : 0
        if after == Ascii.equals || after == Ascii.colon { return variable(first, next, start..<offset) }
        return rule(first, next, start..<offset)
      default: break
      }
      offset += 1
    }
    return nil
  }

  /// `name :=`, `name +=`, with what operators leave before the equals sign.
  private func variable(_ first: Int, _ next: Int, _ range: Range<Int>) -> Mark? {
    var name = source.trimmed(range)
    while let last = name.last, [UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "!")].contains(source[last]) {
      name = source.trimmed(name.lowerBound..<last)
    }
    for prefix in ["export ", "override "] as [StaticString] where source.matches(prefix, at: name.lowerBound) {
      name = source.trimmed(name.lowerBound + prefix.utf8CodeUnitCount..<name.upperBound)
    }
    // A name that is computed defines no one name; `obj-$(CONFIG_X)` is the build graph's matter.
    guard !name.isEmpty, !name.contains(where: { source[$0].isBlank }) else { return nil }
    let isComputed = name.contains { source[$0] == UInt8(ascii: "$") }
    return Mark(
      line: first, kind: .variable, name: name, signature: name, endLine: next, isDefinition: !isComputed)
  }

  private func rule(_ first: Int, _ next: Int, _ range: Range<Int>) -> Mark? {
    let name = source.trimmed(range)
    guard !name.isEmpty else { return nil }
    var end = next
    while end < source.lines.count {
      let line = source.line(end)
      guard !line.isEmpty, source[line.lowerBound] == Ascii.tab || endsWithBackslash(end - 1) else { break }
      end += 1
    }
    let isPlain = !name.contains { source[$0].isBlank || source[$0] == UInt8(ascii: "$") }
    return Mark(
      line: first, kind: .target, name: name, signature: name, endLine: end,
      isDefinition: isPlain && source[name.lowerBound] != Ascii.dot)
  }
}

/// Perl: `sub name`.
extension LightReader {
  func perlMarks() -> [Mark] {
    (0..<source.lines.count).compactMap { line in
      let range = source.line(line)
      let start = source.skipBlanks(range.lowerBound, range.upperBound)
      guard start - range.lowerBound < 2, source.matches("sub ", at: start),
        let name = word(start + 4, range.upperBound)
      else { return nil }
      var endLine = line + 1
      while endLine < source.lines.count, !source.matches("}", at: source.lines.start(endLine)) { endLine += 1 }
      return Mark(
        line: line, kind: .function, name: name, signature: start..<name.upperBound, endLine: endLine + 1)
    }
  }
}
