// SPDX-License-Identifier: Apache-2.0
import Answering
import Glossary
import Inference
import Testing

@testable import HTTPAPI

/// The tools as a chat model calls them: whatever it writes is answered in words.
@Suite struct ChatToolTests {
  private func tools() async throws -> ChatTools {
    let knowledge = FakeKnowledge()
    return ChatTools(
      knowledge: knowledge, snapshot: try await knowledge.resolve(SnapshotName(revision: "v1.0")),
      link: { path, lines in "http://x/\(path)#\(lines.lowerBound)" })
  }

  @Test func theSnapshotIsNotTheModelsToChoose() async throws {
    let tools = try await tools()
    #expect(tools.tools.map(\.name) == ["search", "symbol", "callers", "callees", "callchain", "grep", "show"])
    #expect(tools.tools.allSatisfy { tool in !tool.parameters.contains { $0.name == "at" } })
    let other = try await tools.run("show", arguments: #"{"path":"fs/tree/lock.c","at":"tree@v2.0"}"#)
    #expect(other.isError && other.text.hasPrefix("there is no argument 'at'"))
  }

  @Test func whatIsReadCanBeCited() async throws {
    let found = try await tools().run("show", arguments: #"{"path":"fs/tree/lock.c","lines":"2-3"}"#)
    #expect(!found.isError && found.text.hasPrefix("tree@v1.0:fs/tree/lock.c, lines 2-3 of 6\n2\t"))
    let passage = try #require(found.passages.first)
    #expect(passage.citation.lines == 2...3 && passage.citation.symbol == "tree_lock")
    #expect(passage.citation.url == "http://x/fs/tree/lock.c#2" && passage.snapshot == "tree@v1.0")
    let searched = try await tools().run("search", arguments: #"{"query":"locks"}"#)
    #expect(!searched.isError && !searched.passages.isEmpty && searched.text.hasPrefix("Files:\n"))
    let callers = try await tools().run("callers", arguments: #"{"name":"spin"}"#)
    #expect(!callers.isError && callers.text.contains("tree_lock") && callers.passages.isEmpty)
  }

  @Test(arguments: [
    ("show", "", "path is missing. The arguments are: path (required), lines."),
    ("show", "{", "the arguments are not JSON: "), ("show", "[1]", "the arguments are not an object"),
    ("show", #"{"path":7}"#, "path is not a string"), ("show", #"{"path":"no.c"}"#, "no path 'no.c' in tree@v1.0"),
    ("callers", #"{"name":"spin","limit":9999}"#, "limit is 9999: 1 to 500"),
    ("diff", #"{"from":"a","to":"b"}"#, "there is no tool 'diff': there are search, symbol"),
    ("rm -rf", "{}", "there is no tool 'rm -rf'"),
  ]) func whatIsWrongIsSaid(name: String, arguments: String, words: String) async throws {
    let found = try await tools().run(name, arguments: arguments)
    #expect(found.isError && found.text.hasPrefix(words), "\(found.text)")
  }

  @Test func nestingBeyondReasonIsRefused() async throws {
    let deep = String(repeating: "[", count: 100_000)
    let found = try await tools().run("show", arguments: deep)
    #expect(found.isError && found.text.hasPrefix("the arguments are not JSON"))
  }
}
