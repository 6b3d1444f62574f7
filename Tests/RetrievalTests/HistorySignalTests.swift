// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore
import TestSupport
import Testing

@testable import Retrieval

@Suite struct HistorySignalTests {
  /// Two files that do not say what was done to them.
  private static func asked(_ question: String, at tag: String, remembering: Bool = true) async throws -> SearchResult {
    let repository = try TestRepository()
    let lid = "int lid(void)\n{\n\treturn 0;\n}\n"
    try repository.commit(
      ["a/pot.c": "int pot(void)\n{\n\treturn 0;\n}\n", "a/lid.c": .text(lid)], tag: "v1")
    try repository.commit(
      ["a/pot.c": "int pot(void)\n{\n\treturn 1;\n}\n"], message: "raise the whistle's pitch", tag: "v2")
    try repository.commit(
      ["a/lid.c": "int lid(void)\n{\n\treturn 1;\n}\n"], message: "whistle: a lower pitch", tag: "v3")
    let home = try TestHome()
    try await home.index(repository, "v3", tag)
    let view = try home.view(tag)
    var request = SearchRequest(question: question)
    let log = try #require(try CommitLog(HomeLayout(root: home.path), collection: view.info.collection))
    if remembering { request.past = PastCommits(log, behind: view.info.commit) }
    return try Retriever(view: view, source: try Repository(opening: repository.path)).search(request)
  }

  @Test func aFileIsFoundByWhatWasDoneToIt() async throws {
    let found = try await Self.asked("who makes the pitch of the whistle", at: "v2")
    #expect(found.files.map(\.path.text) == ["a/pot.c"])
    #expect(found.files.first?.reasons.contains { $0.signal == "history" && $0.matched.count == 12 } == true)
    #expect(try await Self.asked("who makes the pitch of the whistle", at: "v2", remembering: false).files.isEmpty)
  }

  @Test func onlyCommitsBehindTheSnapshotCount() async throws {
    #expect(try await Self.asked("the pitch of the whistle", at: "v1").files.isEmpty)
    #expect(
      try await Set(Self.asked("the pitch of the whistle", at: "v3").files.map(\.path.text)) == ["a/pot.c", "a/lid.c"])
  }
}
