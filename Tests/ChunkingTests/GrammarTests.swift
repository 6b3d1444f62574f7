// SPDX-License-Identifier: Apache-2.0
import Chunking
import Foundation
import Glossary
import Testing

/// Grammars that are there, that aren't, and that cannot be used.
struct GrammarTests {
  private let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "grammars-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder + "/queries/python", withIntermediateDirectories: true)
  }

  @Test func everyPinnedGrammarLoads() {
    #expect(Analysis.grammars.missing.isEmpty)
    #expect(Analysis.grammars.loaded.keys.sorted() == ["bash", "c", "devicetree", "kconfig", "python", "rust"])
    #expect(Analysis.grammars.loaded.values.allSatisfy { (13...14).contains($0.abi) })
  }

  @Test func missingOnesAreWindows() throws {
    let none = try GrammarLibrary.load(folder, queries: folder)
    #expect(none.loaded.isEmpty)
    #expect(none.missing.sorted() == ["bash", "c", "devicetree", "kconfig", "python", "rust"])
    let chunker = Chunker(grammars: none)
    let analysis = Array("int f(void)\n{\n}\n".utf8).withUnsafeBytes { chunker.analyze($0, language: .c) }
    #expect(analysis.chunks.count == 1 && analysis.chunks[0].definitions.isEmpty)
  }

  @Test func aFileThatIsNoGrammar() throws {
    try Data("not a library".utf8).write(to: URL(fileURLWithPath: folder + "/c.so"))
    let error = try #require(throws: NenrinError.self) { try GrammarLibrary.load(folder, queries: folder) }
    #expect(error.code == .grammarUnusable)
    #expect(error.summary == "c grammar cannot be loaded from '\(folder)/c.so'")
    #expect(error.remedies == ["Run tools/grammars to build the grammars anew."])
  }

  @Test func aQueryThatDoesNotFit() throws {
    try FileManager.default.copyItem(
      atPath: Analysis.root + "/.cache/grammars/python.so", toPath: folder + "/python.so")
    let query = folder + "/queries/python/definitions.scm"
    try Data("(module) @section\n(no_such_node) @function\n".utf8).write(to: URL(fileURLWithPath: query))
    let error = try #require(throws: NenrinError.self) {
      try GrammarLibrary.load(folder, queries: folder + "/queries")
    }
    #expect(error.code == .grammarUnusable)
    #expect(error.summary == "query '\(query)' does not fit its grammar")
    #expect(error.reason == "line 2 is the first at fault")
  }
}
