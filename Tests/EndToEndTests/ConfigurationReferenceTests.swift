// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// docs/CONFIGURATION.md is made from the comments in Configuration.swift, and holds the keys that the program knows.
struct ConfigurationReferenceTests {
  private struct Key: Equatable {
    var section: String
    var name: String
    var value: String
    var text: String
  }

  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// The variables of the nested structs, with the doc comments above them.
  private static func sections(_ source: String) -> [(name: String, text: String, keys: [Key])] {
    var sections: [(name: String, text: String, keys: [Key])] = []
    var comment: [Substring] = []
    for line in source.split(separator: "\n") {
      let code = line.drop { $0 == " " }
      if code.hasPrefix("/// ") {
        comment.append(code.dropFirst(4))
        continue
      }
      let text = comment.joined(separator: " ")
      comment = []
      let words = code.split(separator: " ", maxSplits: 2)
      if line.hasPrefix("  struct "), words.count > 1 {
        sections.append((snakeCase(words[1].prefix { $0 != ":" }), text, []))
      } else if line.hasPrefix("    var "), let match = code.firstMatch(of: /var (\w+)(?:: [^=]+)? = (.+)/) {
        let section = sections[sections.count - 1].name
        sections[sections.count - 1].keys.append(
          Key(section: section, name: snakeCase(match.1), value: String(match.2), text: text))
      }
    }
    return sections
  }

  private static func snakeCase(_ name: Substring) -> String {
    var snake = ""
    var wasLower = false
    for character in name {
      if character.isUppercase && wasLower { snake += "_" }
      wasLower = character.isLowercase
      snake += character.lowercased()
    }
    return snake
  }

  private static func reference() throws -> String {
    var lines = [
      "# Configuration", "",
      "Made from the comments in Sources/nenrin/Configuration/Configuration.swift; change it there.", "",
      "The file is `nenrin.toml` in the home, or what `--config` names. Every key can also be set by an environment",
      "variable, which goes first: `NENRIN_SECTION_KEY`, lists separated by commas. A key that is not here is an error.",
    ]
    for section in sections(try text("Sources/nenrin/Configuration/Configuration.swift")) {
      lines += ["", "## `[\(section.name)]`", "", section.text]
      for key in section.keys {
        let variable = "NENRIN_\(key.section)_\(key.name)".uppercased()
        lines += ["", "### `\(key.name) = \(key.value)`", "", key.text, "", "Environment: `\(variable)`."]
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  @Test func theReferenceIsCurrent() throws {
    let reference = try Self.reference()
    let file = Self.root.appendingPathComponent("docs/CONFIGURATION.md")
    let current = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    // Recording fails the test once, so that nothing is taken without a look at it.
    if reference != current, ProcessInfo.processInfo.environment["NENRIN_RECORD"] != nil {
      try Data(reference.utf8).write(to: file)
    }
    #expect(
      reference == current,
      "docs/CONFIGURATION.md is not what Configuration.swift says: run NENRIN_RECORD=1 tools/test --filter theReference"
    )
  }

  @Test func theProgramKnowsTheKeysOfTheReference() throws {
    let sections = Self.sections(try Self.text("Sources/nenrin/Configuration/Configuration.swift"))
    #expect(sections.map(\.name) == ["server", "index", "chat", "rerank", "embedding"])
    let program = try Program()
    var lines: [String] = []
    for section in sections {
      lines.append("[\(section.name)]")
      lines += section.keys.map { "\($0.name) = \($0.value)" }
      // An unknown key makes the program say which ones there are.
      let file = try program.write("[\(section.name)]\nxyzzy = 1\n", to: "unknown.toml")
      let known = section.keys.map(\.name).joined(separator: ", ")
      #expect(
        try program.run("snapshots", "--config", file).error.hasPrefix(
          "nenrin: \(file):2: no key 'xyzzy' in [\(section.name)]: there are \(known)\n"))
    }
    let all = try program.write(lines.joined(separator: "\n"), to: "all.toml")
    let outcome = try program.run("doctor", "--config", all, "--json")
    let check = outcome.json["checks"].list.first { $0["name"].text == "configuration" }
    #expect(check?["state"].text == "ok")
  }
}
