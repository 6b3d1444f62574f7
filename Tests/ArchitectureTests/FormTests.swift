// SPDX-License-Identifier: Apache-2.0
import Testing

/// The form of the sources: sizes, first lines, names, and what must be explained.
@Suite struct FormTests {
  @Test func filesStayShort() throws {
    // Nobody reads the trees of the ranking models from top to bottom: a tool writes them.
    for path in Checkout.sourceFiles where !path.contains("/RankingModel+") {
      let lines = try Checkout.text(path).split(separator: "\n", omittingEmptySubsequences: false).count - 1
      #expect(lines <= 500, "\(path) has \(lines) lines; 500 is the most: give a part of it a file of its own")
    }
  }

  @Test func functionsStayShort() {
    for (path, text) in Checkout.code {
      let functions = Checkout.isSwift(path) ? text.swiftFunctions() : text.cFunctions()
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

  @Test func escapesFromTheCheckerSayWhy() {
    for (path, text) in Checkout.swiftCode() {
      for (index, line) in text.codeLines.enumerated() {
        for escape in ["@unchecked", "nonisolated(unsafe)", "try!"] where line.contains(escape) {
          let isExplained = text.isExplained(line: index, by: "because")
          #expect(isExplained, "\(path):\(index + 1): \(escape) needs a \"because\"")
        }
      }
    }
  }

  @Test func packageDeclarationsAreDocumented() {
    for (path, text) in Checkout.swiftCode(below: "Sources/") {
      for line in text.undocumentedDeclarations() {
        Issue.record("\(path):\(line): a package declaration needs a doc comment: what, units, errors")
      }
    }
  }

  /// Such names say where a thing was put, not what it is.
  @Test func namesSayWhatAThingIs() {
    let vague: Set<String> = ["Util", "Utils", "Utility", "Utilities", "Helper", "Helpers", "Common", "Manager"]
    for (path, text) in Checkout.swiftCode() {
      let types = text.typeNames().filter { $0 != "FileManager" }
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
      for line in try Checkout.text(path).split(separator: "\n").prefix(15) {
        let words = line.lowercased().split(separator: " ")
        let isClaim = zip(words, words.dropFirst()).contains { $0 == "copyright" && $1.hasPrefix("(c)") }
        #expect(!isClaim, "\(path): \(line)")
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
