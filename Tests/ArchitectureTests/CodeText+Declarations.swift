// SPDX-License-Identifier: Apache-2.0

extension CodeText {
  /// The modules that a Swift file imports, each with its 1-based line.
  func imports() -> [(module: String, line: Int)] {
    codeLines.enumerated().compactMap { index, line in
      var words = line.split(separator: " ")
      while let first = words.first, first.hasPrefix("@") || Self.accessWords.contains(String(first)) {
        words.removeFirst()
      }
      guard words.first == "import", words.count > 1 else { return nil }
      let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
      let path = kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
      return (String(path.prefix { $0 != "." }), index + 1)
    }
  }

  /// The names of the types that a Swift file declares or extends.
  func typeNames() -> [String] {
    codeLines.flatMap { line in
      let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }
      return zip(words, words.dropFirst()).compactMap { keyword, name in
        Self.typeWords.contains(String(keyword)) && name.first?.isUppercase == true ? String(name) : nil
      }
    }
  }

  /// The 1-based lines of `package` declarations that owe a reader a doc comment and have none.
  ///
  /// A stored property may speak by its name alone, and so may an initialiser, an operator, what a protocol of the
  /// standard library asks for, and a member whose whole body stands on its line.
  func undocumentedDeclarations() -> [Int] {
    codeLines.indices.filter { index in
      let line = codeLines[index].drop { $0 == " " }
      guard owesComment(String(line)) else { return false }
      var above = index - 1
      while above >= 0, lines[above].drop(while: { $0 == " " }).hasPrefix("@") { above -= 1 }
      return above < 0 || !lines[above].drop(while: { $0 == " " }).hasPrefix("///")
    }.map { $0 + 1 }
  }

  private static let accessWords: Set<String> = ["package", "internal", "private", "fileprivate", "public"]
  private static let typeWords: Set<String> = [
    "struct", "class", "enum", "actor", "protocol", "typealias", "extension",
  ]
  private static let modifiers: Set<String> = [
    "package", "final", "static", "indirect", "nonisolated", "mutating", "consuming", "borrowing", "override",
    "convenience", "required", "lazy", "isolated",
  ]
  private static let speakForThemselves: Set<String> = [
    "description", "debugDescription", "errorDescription", "hash", "encode", "next", "makeIterator",
    "makeAsyncIterator", "allCases", "rawValue", "id",
  ]

  private func owesComment(_ line: String) -> Bool {
    var words = line.split(separator: " ")
    while let first = words.first, first.hasPrefix("@") { words.removeFirst() }
    guard words.first == "package" else { return false }
    while let first = words.first, Self.modifiers.contains(String(first)) { words.removeFirst() }
    guard words.count > 1 else { return false }
    let name = String(words[1].prefix { $0.isLetter || $0.isNumber || $0 == "_" })
    switch words[0] {
    case "struct", "enum", "actor", "protocol", "class", "typealias", "subscript": return true
    case "func": return !name.isEmpty && !line.hasSuffix("}") && !Self.speakForThemselves.contains(name)
    case "var": return line.hasSuffix("{") && !Self.speakForThemselves.contains(name)
    default: return false
    }
  }
}
