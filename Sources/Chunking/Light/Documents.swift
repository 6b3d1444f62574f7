// SPDX-License-Identifier: Apache-2.0
import Glossary

/// Documents: sections by their titles.
extension LightReader {
  /// A title is a line with an underline of one repeated mark that is at least as long; the line above may repeat it.
  func restructuredTextMarks() -> [Mark] {
    var marks: [Mark] = []
    var line = 1
    while line < source.lines.count {
      defer { line += 1 }
      guard let mark = adornment(line) else { continue }
      let title = source.trimmed(source.line(line - 1))
      guard !title.isEmpty, adornment(line - 1) == nil, source.line(line).count + 1 >= title.count else { continue }
      let isOverlined = line >= 2 && adornment(line - 2) == mark
      guard
        isOverlined || line == 1 || source.isBlankLine(line - 2) || !source[source.line(line - 1).lowerBound].isBlank
      else { continue }
      marks.append(section(isOverlined ? line - 2 : line - 1, title))
    }
    return marks
  }

  /// The byte that the line repeats, at least three times, and nothing else; nil for any other line.
  private func adornment(_ line: Int) -> UInt8? {
    let range = source.line(line)
    guard range.count >= 3, !source[range.lowerBound].isWord, !source[range.lowerBound].isBlank else { return nil }
    let mark = source[range.lowerBound]
    var end = range.upperBound
    while end > range.lowerBound, source[end - 1].isBlank { end -= 1 }
    for offset in range.lowerBound..<end where source[offset] != mark { return nil }
    // What has a meaning of its own in a row.
    return mark == Ascii.colon || mark == Ascii.dot && range.count == 3 ? nil : mark
  }

  private func section(_ line: Int, _ title: Range<Int>) -> Mark {
    Mark(line: line, kind: .section, name: title, signature: title)
  }

  /// `# Title`, and titles that `===` or `---` underline; not inside fences.
  func markdownMarks() -> [Mark] {
    var marks: [Mark] = []
    var isFenced = false
    for line in 0..<source.lines.count {
      let range = source.line(line)
      if source.matches("```", at: range.lowerBound) || source.matches("~~~", at: range.lowerBound) {
        isFenced.toggle()
        continue
      }
      guard !isFenced, range.count >= 3 else { continue }
      var offset = range.lowerBound
      while offset < range.upperBound, source[offset] == Ascii.hash { offset += 1 }
      let depth = offset - range.lowerBound
      if (1...6).contains(depth), offset < range.upperBound, source[offset].isBlank {
        let title = source.trimmed(offset..<range.upperBound)
        if !title.isEmpty { marks.append(section(line, title)) }
      } else if line > 0, let mark = adornment(line), mark == Ascii.equals || mark == Ascii.minus,
        !source.isBlankLine(line - 1), marks.last?.line != line - 1
      {
        marks.append(section(line - 1, source.trimmed(source.line(line - 1))))
      }
    }
    return marks
  }

  /// Keys in the first column; the title of a binding is its name.
  func yamlMarks() -> [Mark] {
    var marks: [Mark] = []
    for line in 0..<source.lines.count {
      let range = source.line(line)
      guard range.count > 1, source[range.lowerBound].isWordStart || source[range.lowerBound] == UInt8(ascii: "$")
      else {
        continue
      }
      var keyEnd = range.lowerBound
      while keyEnd < range.upperBound, source[keyEnd] != Ascii.colon, !source[keyEnd].isBlank { keyEnd += 1 }
      guard keyEnd < range.upperBound, source[keyEnd] == Ascii.colon else { continue }
      let isTitle = source.matches("title:", at: range.lowerBound)
      let title = source.trimmed(keyEnd + 1..<range.upperBound)
      let name = isTitle && !title.isEmpty ? title : range.lowerBound..<keyEnd
      marks.append(
        Mark(line: line, kind: .section, name: name, signature: name, isDefinition: isTitle && !title.isEmpty))
    }
    return marks
  }

  /// A title is a line in the first column, after a blank line, and before a line such as `M:	name`.
  func maintainersMarks() -> [Mark] {
    var marks: [Mark] = []
    for line in 0..<max(0, source.lines.count - 1) {
      let range = source.line(line)
      guard !range.isEmpty, !source[range.lowerBound].isBlankOrLineEnd, !isField(range), isField(source.line(line + 1)),
        line == 0 || source.isBlankLine(line - 1) || !isField(source.line(line - 1))
      else { continue }
      marks.append(section(line, source.trimmed(range)))
    }
    return marks
  }

  private func isField(_ range: Range<Int>) -> Bool {
    range.count > 2 && source[range.lowerBound].isUpper && source[range.lowerBound + 1] == Ascii.colon
      && source[range.lowerBound + 2].isBlank
  }
}
