// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore
import TestSupport
import Testing

/// Several terms that stand for one idea are scored as one.
@Suite struct QueryTermTests {
  private static let files: [String: TestFile] = [
    "a-twice.txt": "lock lock here\n", "b-both.txt": "lock mutex here\n", "c-other.txt": "mutex alone here\n",
    "d-pair.txt": "mutual exclusion here\n", "e-half.txt": "mutual funds here\n", "f-none.txt": "nothing to see\n",
    "latch/name.txt": "empty words here\n",
  ]

  private static func view() async throws -> (view: SnapshotView, home: TestHome) {
    let repository = try TestRepository()
    try repository.commit(files, tag: "v1")
    let home = try TestHome()
    try await home.index(repository, "v1")
    return (try home.view("v1"), home)
  }

  private static func scores(_ view: SnapshotView, _ terms: [QueryTerm]) -> [String: Float] {
    let model = BM25(k1: 1.2, b: 0.5)
    let matches = view.words(terms, limit: 20, chunkModel: model, fileModel: model)
    return Dictionary(uniqueKeysWithValues: matches.files.map { (view.path(at: $0.file).text, $0.score) })
  }

  @Test func formsAddUpAsOneTerm() async throws {
    let (view, home) = try await Self.view()
    defer { _ = home }
    let found = Self.scores(view, [QueryTerm(text: "lock", forms: [.init(["lock"]), .init(["mutex"])])])
    #expect(found.keys.sorted() == ["a-twice.txt", "b-both.txt", "c-other.txt"])
    #expect(found["a-twice.txt"] == found["b-both.txt"])
    let apart = Self.scores(view, [QueryTerm(text: "lock"), QueryTerm(text: "mutex")])
    #expect(try #require(found["b-both.txt"]) < (try #require(apart["b-both.txt"])))
  }

  @Test func oneFormIsTheTermItself() async throws {
    let (view, home) = try await Self.view()
    defer { _ = home }
    #expect(
      Self.scores(view, [QueryTerm(text: "ロック", forms: [.init(["lock"])])])
        == Self.scores(view, [QueryTerm(text: "lock")]))
  }

  @Test func aDoubtfulFormCountsLess() async throws {
    let (view, home) = try await Self.view()
    defer { _ = home }
    let sure = Self.scores(view, [QueryTerm(text: "x", forms: [.init(["lock"]), .init(["mutex"])])])
    let doubtful = Self.scores(view, [QueryTerm(text: "x", forms: [.init(["lock"]), .init(["mutex"], factor: 0.25)])])
    #expect(try #require(doubtful["c-other.txt"]) < (try #require(sure["c-other.txt"])))
    // A doubtful form makes the idea less common than a sure one does.
    #expect(try #require(doubtful["a-twice.txt"]) > (try #require(sure["a-twice.txt"])))
  }

  @Test func aFormOfSeveralWordsNeedsThemAll() async throws {
    let (view, home) = try await Self.view()
    defer { _ = home }
    let analyzer = TermAnalyzer()
    let words = analyzer.terms(of: "mutual exclusion").map(\.term)
    let found = Self.scores(view, [QueryTerm(text: "排他", forms: [.init(words), .init(["lock"], factor: 0.5)])])
    #expect(found.keys.sorted() == ["a-twice.txt", "b-both.txt", "d-pair.txt"])
  }

  @Test func pathsSayIdeasToo() async throws {
    let (view, home) = try await Self.view()
    defer { _ = home }
    let idea = QueryTerm(
      text: "ロック", forms: [.init(["latch"]), .init(["both"], factor: 0.5), .init(["latch", "name"], factor: 0.25)])
    let found = view.files(withPathTerm: idea).map { "\(view.path(at: $0.file)) \($0.isInName) \($0.factor)" }
    #expect(found == ["b-both.txt true 0.5", "latch/name.txt true 1.0"])
  }

  @Test func matchesNameTheFormThatWasFound() async throws {
    let (view, home) = try await Self.view()
    defer { _ = home }
    let idea = QueryTerm(text: "ロック", forms: [.init(["lock"]), .init(["mutex"])])
    let model = BM25(k1: 1.2, b: 0.5)
    let matches = view.words([idea], limit: 20, chunkModel: model, fileModel: model)
    let file = try #require(matches.files.first { view.path(at: $0.file).text == "c-other.txt" })
    #expect(matches.terms(inChunks: view.chunkNumbers(inFile: file.file)) == ["mutex"])
  }
}
