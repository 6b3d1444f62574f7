// SPDX-License-Identifier: Apache-2.0
import Testing

/// The form of the sources: sizes, first lines, names, and what must be explained.
@Suite struct FormTests {
  private static let swiftFiles = Checkout.files.filter(Checkout.isSwift)

  @Test func filesStayShort() throws {
    for path in Checkout.sourceFiles {
      let lines = try Checkout.text(path).split(separator: "\n", omittingEmptySubsequences: false).count - 1
      #expect(lines <= 500, "\(path) has \(lines) lines; 500 is the most: give a part of it a file of its own")
    }
  }

  @Test func functionsStayShort() throws {
    for path in Checkout.files where Checkout.isSwift(path) || Checkout.isC(path) {
      let text = try Checkout.text(path)
      let functions =
        Checkout.isSwift(path) ? CodeText(text).swiftFunctions() : CodeText(text, syntax: .c).cFunctions()
      for function in functions where function.lineCount > 60 {
        Issue.record("\(path):\(function.line): \(function.name) has \(function.lineCount) lines; 60 is the most")
      }
    }
  }

  @Test func theLicenceStandsOnTop() throws {
    for path in Checkout.sourceFiles {
      let top = try Checkout.text(path).split(separator: "\n", maxSplits: 2).prefix(2)
      #expect(
        top.contains { $0.hasSuffix("SPDX-License-Identifier: Apache-2.0") },
        "\(path): the first line (the second of a script or a manifest) is the SPDX line")
    }
  }

  @Test func escapesFromTheCheckerSayWhy() throws {
    for path in Self.swiftFiles {
      let text = CodeText(try Checkout.text(path))
      for (index, line) in text.codeLines.enumerated() {
        for escape in ["@unchecked", "nonisolated(unsafe)", "try!"] where line.contains(escape) {
          let isExplained = text.isExplained(line: index, by: "because")
          #expect(isExplained, "\(path):\(index + 1): \(escape) needs a \"because\"")
        }
      }
    }
  }

  @Test func packageDeclarationsAreDocumented() throws {
    for path in Self.swiftFiles where path.hasPrefix("Sources/") {
      for line in CodeText(try Checkout.text(path)).undocumentedDeclarations() {
        Issue.record("\(path):\(line): a package declaration needs a doc comment: what, units, errors")
      }
    }
  }

  /// Such names say where a thing was put, not what it is.
  @Test func namesSayWhatAThingIs() throws {
    let vague: Set<String> = ["Util", "Utils", "Utility", "Utilities", "Helper", "Helpers", "Common", "Manager"]
    for path in Self.swiftFiles {
      let types = CodeText(try Checkout.text(path)).typeNames().filter { $0 != "FileManager" }
      for name in types + path.split(separator: "/").map(String.init) {
        let words = name.split { !$0.isLetter }.flatMap(Self.camelWords)
        #expect(vague.isDisjoint(with: words), "\(path): \(name) says where a thing was put, not what it is")
      }
    }
  }

  @Test func camelCaseIsReadAsWords() {
    #expect(Self.camelWords("RequestHelper") == ["Request", "Helper"])
    #expect(Self.camelWords("helpersOfX") == ["Helpers", "Of", "X"])
    #expect(Self.camelWords("HTTPAPI") == ["HTTPAPI"])
  }

  /// The words of a name, each with a capital.
  private static func camelWords(_ name: Substring) -> [String] {
    var words: [String] = []
    var previous: Character?
    for character in name {
      if words.isEmpty || (character.isUppercase && previous?.isUppercase != true) {
        words.append(character.uppercased())
      } else {
        words[words.count - 1].append(character)
      }
      previous = character
    }
    return words
  }

  @Test func pathsHaveNoSpaces() {
    #expect(Checkout.files.filter { $0.contains(" ") } == [])
  }

  /// Files of other projects are fetched by the tools, never kept here; whose code this is, NOTICE and LICENSE say.
  @Test func nobodyElsesCopyrightIsHere() throws {
    for path in Checkout.sourceFiles {
      let syntax: CodeText.Syntax = Checkout.isC(path) ? .c : .swift
      let text = CodeText(try Checkout.text(path), syntax: syntax)
      for (line, code) in zip(text.lines, text.codeLines) where line != code && !code.contains("\"") {
        let words = line.lowercased().split(separator: " ")
        #expect(
          !zip(words, words.dropFirst()).contains { $0 == "copyright" && $1.hasPrefix("(c)") }, "\(path): \(line)")
      }
    }
  }

  /// A path of the machine on which something was written works nowhere else.
  @Test func noPathOfAMachineIsHere() throws {
    let homes = ["/work/", "/root/", "/home/user/", "/Users/"]
    let left = ["snapshots/quiz/", "Tests/ArchitectureTests/"]
    for path in Checkout.files where !left.contains(where: path.hasPrefix) {
      for (index, line) in try Checkout.text(path).split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      {
        for home in homes {
          guard let found = line.firstRange(of: home) else { continue }
          let before = line[..<found.lowerBound].last
          let isRelative = before.map { $0.isLetter || $0.isNumber || "._-*}".contains($0) } ?? false
          #expect(isRelative, "\(path):\(index + 1): \(home) is a place of one machine")
        }
      }
    }
  }
}
