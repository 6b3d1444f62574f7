// SPDX-License-Identifier: Apache-2.0
import Glossary

/// A place in a text where something begins that goes on to the next such place.
struct Mark {
  /// The line of it, counted from 0.
  var line: Int
  var kind: SymbolKind
  var name: Range<Int>
  /// The declaration, as the symbol index keeps it.
  var signature: Range<Int>
  /// One past its last line, where that is known.
  var endLine: Int?
  /// Whether it is a definition, and whether a unit begins with it.
  var isDefinition = true
  var isUnit = true
}

/// Languages that are read line by line. Each reader finds the marks; what follows from them is the same for all.
struct LightReader {
  let source: Source
  let language: Language

  func read() -> Findings {
    var findings = readMarks()
    findings.bindings = relations()
    return findings
  }

  private func readMarks() -> Findings {
    switch language {
    case .assembly: findings(assemblyMarks(), wholeFrom: 5)
    case .linkerScript: findings(linkerScriptMarks(), wholeFrom: 5)
    case .restructuredText: findings(restructuredTextMarks(), wholeFrom: 5)
    case .markdown: findings(markdownMarks(), wholeFrom: 5)
    case .yaml: findings(yamlMarks(), wholeFrom: 8)
    case .maintainers: findings(maintainersMarks(), wholeFrom: 2)
    case .make: findings(makeMarks(), wholeFrom: 5)
    case .perl: findings(perlMarks(), wholeFrom: 5)
    default: Findings()
    }
  }

  private func findings(_ marks: [Mark], wholeFrom: Int) -> Findings {
    var findings = Findings()
    let comments = CommentStyle(language)
    for (place, mark) in marks.enumerated() {
      let next = marks[(place + 1)...].first { $0.isUnit }?.line ?? source.lines.count
      let endLine = min(mark.endLine ?? next, source.lines.count)
      let end = source.lines.start(max(endLine, mark.line + 1))
      if mark.isUnit {
        var unit = Unit(start: comments.attachedStart(source, mark.line), end: source.trimmed(0..<end).upperBound)
        if let last = findings.units.last { unit.start = max(unit.start, min(last.end, source.lines.start(mark.line))) }
        if endLine - mark.line >= wholeFrom {
          unit.isWhole = true
          unit.kind = mark.kind
          unit.symbol = source.text(mark.name)
        }
        findings.units.append(unit)
      }
      if mark.isDefinition { findings.definitions.append(definition(mark, end, comments.hashStyle)) }
    }
    findings.definitions.sort { ($0.line, $0.signature.lowerBound) < ($1.line, $1.signature.lowerBound) }
    return findings
  }

  private func definition(_ mark: Mark, _ end: Int, _ comments: CodeHash.Comments) -> Definition {
    let body = source.trimmed(mark.signature.upperBound..<max(mark.signature.upperBound, end))
    return Definition(
      name: source.text(mark.name), kind: mark.kind, line: source.lines.line(of: mark.name.lowerBound) + 1,
      signature: mark.signature, signatureHash: CodeHash.signature(source, mark.signature, comments: comments),
      bodyHash: body.isEmpty ? 0 : CodeHash.body(source, body, comments: comments))
  }

  /// The word after blanks at `offset`; nil where there is none on the line.
  func word(_ offset: Int, _ end: Int) -> Range<Int>? {
    let start = source.skipBlanks(offset, end)
    guard start < end, source[start].isWordStart else { return nil }
    return start..<source.wordEnd(start, end)
  }

  /// `#define NAME` on the line.
  func define(_ line: Int, _ range: Range<Int>) -> Mark? {
    guard range.count > 8, source[range.lowerBound] == Ascii.hash else { return nil }
    let directive = source.skipBlanks(range.lowerBound + 1, range.upperBound)
    guard source.matches("define", at: directive), let name = word(directive + 6, range.upperBound) else { return nil }
    var endLine = line + 1
    while endLine < source.lines.count, source[source.line(endLine - 1).upperBound - 1] == Ascii.backslash,
      !source.isBlankLine(endLine)
    {
      endLine += 1
    }
    return Mark(line: line, kind: .macro, name: name, signature: name, endLine: endLine, isUnit: endLine - line >= 10)
  }
}
