// SPDX-License-Identifier: Apache-2.0
import Glossary

/// Assembly: the macros that begin a symbol, `.macro`, `#define`, and labels that are made global.
extension LightReader {
  /// What begins a function or a piece of code, and what begins data.
  private static let functionMacros = [
    "SYM_FUNC_START", "SYM_FUNC_START_LOCAL", "SYM_FUNC_START_NOALIGN", "SYM_FUNC_START_LOCAL_NOALIGN",
    "SYM_FUNC_START_WEAK", "SYM_FUNC_START_WEAK_NOALIGN", "SYM_FUNC_START_PI", "SYM_FUNC_START_WEAK_PI",
    "SYM_TYPED_FUNC_START", "SYM_CODE_START", "SYM_CODE_START_LOCAL", "SYM_CODE_START_NOALIGN",
    "SYM_CODE_START_LOCAL_NOALIGN", "SYM_FUNC_ALIAS", "SYM_FUNC_ALIAS_LOCAL", "SYM_FUNC_ALIAS_WEAK", "SYM_START",
    "ENTRY", "ENTRY_CFI", "WEAK", "GLOBAL", "LEAF", "NESTED", "_GLOBAL", "_GLOBAL_TOC", "_GLOBAL_KASAN",
    "_GLOBAL_TOC_KASAN", "ENTRY_NP", "EXPORT_ENTRY", "FUNC_START", "TRAMPOLINE_START", "XFUNC", "TEST_FUNC",
  ]
  private static let dataMacros = [
    "SYM_DATA_START", "SYM_DATA_START_LOCAL", "SYM_DATA", "SYM_DATA_LOCAL", "SYM_INNER_LABEL",
    "SYM_INNER_LABEL_ALIGN", "SYM_ENTRY", "OBJECT",
  ]
  private static let macros = WordTable(
    functionMacros.map { ($0, UInt8(1)) } + dataMacros.map { ($0, UInt8(2)) })

  func assemblyMarks() -> [Mark] {
    let globals = globalNames()
    var marks: [Mark] = []
    for line in 0..<source.lines.count {
      let range = source.line(line)
      guard range.count > 2 else { continue }
      if let mark = define(line, range) ?? macroDirective(line, range) ?? symbol(line, range) {
        marks.append(mark)
      } else if let mark = label(line, range, globals) {
        marks.append(mark)
      }
    }
    return marks
  }

  private func symbol(_ line: Int, _ range: Range<Int>) -> Mark? {
    guard let macro = word(range.lowerBound, range.upperBound), macro.upperBound < range.upperBound,
      source[macro.upperBound] == Ascii.openParen
    else { return nil }
    let kind = LightReader.macros[CodeHash.word(source.bytes, macro)]
    guard kind > 0, let name = word(macro.upperBound + 1, range.upperBound) else { return nil }
    var close = name.upperBound
    while close < range.upperBound, source[close] != Ascii.closeParen { close += 1 }
    let signature = macro.lowerBound..<min(close + 1, range.upperBound)
    return Mark(
      line: line, kind: kind == 1 ? .function : .label, name: name, signature: signature,
      isUnit: !source.matches("SYM_INNER", at: macro.lowerBound))
  }

  private func macroDirective(_ line: Int, _ range: Range<Int>) -> Mark? {
    let start = source.skipBlanks(range.lowerBound, range.upperBound)
    guard source.matches(".macro", at: start), start + 6 < range.upperBound, source[start + 6].isBlank,
      let name = word(start + 6, range.upperBound)
    else { return nil }
    return Mark(line: line, kind: .macro, name: name, signature: source.trimmed(start..<range.upperBound))
  }

  private func label(_ line: Int, _ range: Range<Int>, _ globals: Set<UInt64>) -> Mark? {
    guard source[range.lowerBound].isWordStart, !globals.isEmpty, let name = word(range.lowerBound, range.upperBound),
      name.upperBound < range.upperBound, source[name.upperBound] == Ascii.colon,
      globals.contains(CodeHash.word(source.bytes, name))
    else { return nil }
    return Mark(line: line, kind: .label, name: name, signature: name)
  }

  /// The names after `.globl` and `.global`.
  private func globalNames() -> Set<UInt64> {
    var names: Set<UInt64> = []
    for line in 0..<source.lines.count {
      let range = source.line(line)
      var offset = source.skipBlanks(range.lowerBound, range.upperBound)
      guard source.matches(".glob", at: offset) else { continue }
      offset += 1
      offset = source.wordEnd(offset, range.upperBound)
      while let name = word(offset, range.upperBound) {
        names.insert(CodeHash.word(source.bytes, name))
        offset = source.skipBlanks(name.upperBound, range.upperBound)
        guard offset < range.upperBound, source[offset] == Ascii.comma else { break }
        offset += 1
      }
    }
    return names
  }
}

/// Linker scripts: the preprocessor's macros; all else is windows of lines.
extension LightReader {
  func linkerScriptMarks() -> [Mark] {
    (0..<source.lines.count).compactMap { define($0, source.line($0)) }
  }
}
