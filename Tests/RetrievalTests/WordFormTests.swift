// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore
import TestSupport
import Testing

@testable import Retrieval

/// A question's words are looked for as the tree at hand writes them.
@Suite struct WordFormTests {
  private static func filler(_ word: String, _ count: Int) -> [String: TestFile] {
    Dictionary(
      uniqueKeysWithValues: (0..<count).map {
        ("other/\(word)\($0).txt", .init(stringLiteral: "Of \(word) no. \($0).\n"))
      })
  }

  private static let files: [String: TestFile] = [
    "mount/filesystem.txt": "A filesystem is mounted here.\n",
    "colors.txt": "The color of each line, by normalization of shades.\n",
    "oom/killer.txt": "Out of memory: oom ends somebody. When memory is out, oom.\n",
    "oom/notes.txt": "oom, that is out of memory.\n",
    "oom/more.txt": "Memory: oom.\n",
    "teapot/lid_clamp.txt": "Holds the lid of a teapot.\n",
    "kettle/lid_clamp.txt": "Holds the lid of a kettle.\n",
    "urn/spring_clamp.txt": "Nothing that was asked.\n",
  ].merging(filler("filesystem", 6)) { $1 }.merging(filler("scheduler", 21)) { $1 }

  private final class Fixture {
    let repository: TestRepository
    let home: TestHome
    let view: SnapshotView

    init() async throws {
      repository = try TestRepository()
      try repository.commit(WordFormTests.files, tag: "v1")
      home = try TestHome()
      try await home.index(repository, "v1")
      view = try home.view("v1")
    }

    func terms(_ question: String) -> [QueryTerm] {
      var analyzer = QueryAnalyzer(weights: RankingWeights())
      analyzer.forms = WordForms(view: view, weights: RankingWeights())
      return analyzer.analyze(question).terms
    }

    func words(_ question: String) -> Set<String> { Set(terms(question).flatMap { $0.forms.flatMap(\.words) }) }
  }

  @Test func twoWordsAreOneWhereTheTreeWritesThemSo() async throws {
    let fixture = try await Fixture()
    #expect(fixture.words("file system mounts").contains("filesystem"))
    #expect(fixture.words("file-system mounts").contains("filesystem"))
    #expect(!fixture.words("file. System mounts").contains("filesystem"))
    #expect(!fixture.words("tea spoon").contains("teaspoon"))
  }

  @Test func bothSidesOfTheAtlanticAreUnderstood() async throws {
    let fixture = try await Fixture()
    #expect(fixture.words("the colour of lines").isSuperset(of: ["colour", "color"]))
    #expect(fixture.terms("the colour of lines").count == 2)
    #expect(!fixture.words("the flavour of lines").contains("flavor"))
  }

  @Test func aSlipIsMendedOnlyWhereTheWordIsUnknown() async throws {
    let fixture = try await Fixture()
    #expect(fixture.words("which schedluer runs").contains { $0.hasPrefix("schedul") && $0 != "schedluer" })
    // Too few chunks hold what would be near.
    #expect(!fixture.words("a kettel boils").contains("kettl"))
  }

  @Test func initialsCountWhereTheyStandBesideTheirWords() async throws {
    let fixture = try await Fixture()
    #expect(fixture.words("the machine runs out of memory").contains("oom"))
    #expect(!fixture.words("others of marble").contains("oom"))
  }

  @Test func whatTheFirstFilesAreCalledIsAskedToo() async throws {
    let fixture = try await Fixture()
    let retriever = Retriever(view: fixture.view, source: try Repository(opening: fixture.repository.path))
    let files = try retriever.search(SearchRequest(question: "what holds the lid", limit: 20)).files
    let hit = try #require(files.first { $0.path.text == "urn/spring_clamp.txt" })
    #expect(hit.reasons.contains { $0.signal == "feedback" && $0.matched == "clamp" })
  }

  @Test func namesSayWhatAFileDoes() {
    let names = DefinedNames([QueryTerm(text: "memori"), QueryTerm(text: "lock")], counts: [9, 9], of: 90)
    func said(_ all: String...) -> DefinedNames.Said { names.said { say in for name in all { say(Array(name.utf8)) } } }
    #expect(said("out_of_memory").all == 0.5)
    #expect(said("memoryLock", "other").best == 1 && said("memoryLock", "other").density == 0.5)
    #expect(said("memory_map", "LOCKED").all == 1 && said("memory_map", "LOCKED").best == 0.5)
    #expect(said("clock", "blocking").all == 0 && said().density == 0)
  }
}
