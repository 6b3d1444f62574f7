// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// What the documents say exists.
@Suite struct DocumentTests {
  /// Every word of the manifest, the sources, the tests and the tools, and every path and its parts.
  private static let knownWords: Set<String> = {
    var words: Set<String> = []
    for path in Checkout.files where !path.hasSuffix(".md") && !path.hasPrefix("snapshots/quiz/") {
      words.formUnion(identifiers(in: path))
      words.formUnion(identifiers(in: (try? Checkout.text(path)) ?? ""))
    }
    return words
  }()

  @Test func architectureFitsOnAFewPages() throws {
    let lines = try Checkout.text("ARCHITECTURE.md").split(separator: "\n", omittingEmptySubsequences: false).count - 1
    #expect(lines <= 200, "ARCHITECTURE.md has \(lines) lines; 200 is the most")
  }

  @Test(arguments: ["ARCHITECTURE.md", "CONTRIBUTING.md"])
  func namesInBackticksExist(document: String) throws {
    for span in Self.codeSpans(in: try Checkout.text(document)) {
      // A plain Boolean: an expectation over the set would print all of it.
      for word in Self.identifiers(in: span) where !Self.knownWords.contains(word) {
        Issue.record("\(document): `\(span)`: nothing here is called \(word)")
      }
    }
  }

  /// A path in backticks names a file or a folder of the checkout.
  @Test(arguments: ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "tools/README.md"])
  func pathsInBackticksExist(document: String) throws {
    let folders = ["Sources/", "Tests/", "tools/", "docs/", "grammars/", "snapshots/", ".ci/"]
    for span in Self.codeSpans(in: try Checkout.text(document)) {
      let path = String(span.prefix { $0 != " " && $0 != "<" && $0 != "*" })
      guard folders.contains(where: path.hasPrefix) else { continue }
      #expect(Checkout.exists(path), "\(document): there is no \(path)")
    }
  }

  @Test(arguments: ["README.md", "CONTRIBUTING.md"])
  func commandsExist(document: String) throws {
    let program = try Checkout.files.filter { $0.hasPrefix("Sources/nenrin/") && Checkout.isSwift($0) }
      .map(Checkout.text).joined(separator: "\n")
    let text = try Checkout.text(document)
    for line in Self.commandLines(in: text) + Self.codeSpans(in: text).filter({ $0.hasPrefix("nenrin ") }) {
      let words = line.split(separator: " ").map(String.init)
      if words[0].hasPrefix("tools/") {
        #expect(Checkout.isExecutable(words[0]), "\(document): \(words[0]) cannot be run")
      } else if words[0].hasSuffix("nenrin"), words.count > 1, words[1].first?.isLetter == true {
        #expect(
          program.contains("commandName: \"\(words[1])\"") || program.contains("struct \(words[1].capitalized): "),
          "\(document): there is no command nenrin \(words[1])")
      }
    }
  }

  @Test func everyToolHasItsLine() throws {
    let readme = try Checkout.text("tools/README.md")
    for path in Checkout.files where path.hasPrefix("tools/") && Checkout.isExecutable(path) {
      #expect(readme.contains("| `\(path)` |"), "tools/README.md has no line for \(path)")
    }
  }

  @Test func linksLeadSomewhere() throws {
    for document in Checkout.files where document.hasSuffix(".md") {
      for target in Self.linkTargets(in: try Checkout.text(document)) where !target.contains("://") {
        let folder = (document as NSString).deletingLastPathComponent
        let path = (folder as NSString).appendingPathComponent(String(target.prefix { $0 != "#" }))
        #expect(Checkout.exists(path), "\(document): no \(target)")
      }
    }
  }

  @Test func theScannersSeeSpansCommandsAndLinks() {
    let text = """
      Use `a.b` and [this](docs/X.md#part).
      ```
      $ nenrin search word | head
      tools/test
      ```
      """
    #expect(Self.codeSpans(in: text) == ["a.b"])
    #expect(Self.commandLines(in: text) == ["nenrin search word | head", "tools/test"])
    #expect(Self.linkTargets(in: text) == ["docs/X.md#part"])
    #expect(Self.identifiers(in: "fs/a_b.swift 12 Ring(9)") == ["fs", "a_b", "swift", "Ring"])
  }

  /// The spans between single backticks, fenced blocks left out.
  private static func codeSpans(in text: String) -> [String] {
    var isFenced = false
    return text.split(separator: "\n").flatMap { line -> [String] in
      if line.hasPrefix("```") { isFenced.toggle() }
      guard !isFenced, !line.hasPrefix("```") else { return [] }
      let parts = line.split(separator: "`", omittingEmptySubsequences: false)
      return parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) }
    }
  }

  /// The lines of fenced blocks that run a tool or the program, without the prompt.
  private static func commandLines(in text: String) -> [String] {
    var isFenced = false
    return text.split(separator: "\n").compactMap { line in
      if line.hasPrefix("```") { isFenced.toggle() }
      let command = line.hasPrefix("$ ") ? line.dropFirst(2) : line
      let isCommand = ["tools/", "nenrin ", ".build/release/nenrin "].contains(where: command.hasPrefix)
      return isFenced && isCommand ? String(command) : nil
    }
  }

  private static func linkTargets(in text: String) -> [String] {
    text.split(separator: "](").dropFirst().compactMap { rest in
      rest.firstIndex(of: ")").map { String(rest[..<$0]) }
    }
  }

  private static func identifiers(in text: String) -> [String] {
    text.utf8.split { byte in
      !(byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte))
    }.compactMap { word in
      word.first.map { $0 > UInt8(ascii: "9") } == true ? String(Substring(word)) : nil
    }
  }
}
