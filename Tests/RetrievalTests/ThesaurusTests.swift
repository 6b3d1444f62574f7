// SPDX-License-Identifier: Apache-2.0
import Foundation
import GitStore
import Glossary
import IndexStore
import TestSupport
import Testing

@testable import Retrieval

/// A thesaurus of a few phrases, in a file as it comes with the program.
private final class SmallThesaurus {
  let folder: String
  let thesaurus: Thesaurus

  init(_ lines: String) throws {
    folder = try TestRepository.temporaryFolder()
    try Data(lines.utf8).write(to: URL(fileURLWithPath: folder + "/english.tsv"))
    thesaurus = Thesaurus(path: folder + "/english.tsv")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func phrases(_ question: String) -> [String] {
    entries(question).map(\.phrase)
  }

  func entries(_ question: String) -> [Thesaurus.Entry] {
    let analyzer = TermAnalyzer()
    let stems = EnglishWord.stems(of: question, analyzer)
    return thesaurus.entries(saidBy: stems, analyzer)
  }
}

@Suite struct ThesaurusTests {
  private static let lines = """
    # what people say
    run out of memory | memory shortage\toom; oom_kill
    memory\tpage
    due time\tdeadline
    first user process\tinit
    line without a tab
    nothing\t
    """

  @Test(arguments: [
    ("what happens when memory runs out", ["run out of memory"]),
    ("a shortage of memory", ["memory shortage"]),
    // A longer phrase has its words to itself.
    ("memory", ["memory"]),
    // Words that are far apart do not make a phrase.
    ("the due date of a patch that was sent in at some other time", []),
    ("tasks with a due time and little memory", ["due time", "memory"]),
    // A phrase of which one telling word is left is said by nobody.
    ("which process is that", []), ("the first process of a user", []),
    ("nothing", []), ("", []),
  ]) func phrasesAreFoundInQuestions(question: String, phrases: [String]) throws {
    #expect(try SmallThesaurus(Self.lines).phrases(question) == phrases)
  }

  @Test func withoutAFileNothingIsKnown() {
    #expect(Thesaurus(path: "/nowhere/english.tsv").entries(saidBy: ["memory"], TermAnalyzer()).isEmpty)
  }

  @Test func phrasesOfTheSameWordsAreOne() throws {
    let small = try SmallThesaurus("free pages\tbuddy\npage freeing\tpcp; buddy\n")
    #expect(try #require(small.entries("who frees a page").first).terms == [["buddi"], ["pcp"]])
    #expect(small.phrases("who frees a page").count == 1)
  }
}

@Suite struct ThesaurusQuestionTests {
  private static let files: [String: TestFile] = [
    "mm/oom_kill.c": "/* Picks a victim. */\nint oom_badness(struct task *t)\n{\n\treturn t->points;\n}\n",
    "mm/map.c": "/* Maps pages. */\nint map_pages(void)\n{\n\treturn 0;\n}\n",
    "kernel/edf.c": "/* Earliest deadline first. */\nint pick_deadline(void)\n{\n\treturn 0;\n}\n",
    "kernel/fair.c": "/* Fair shares. */\nint pick_fair(void)\n{\n\treturn share;\n}\n",
  ]

  @Test(arguments: [
    ("there is a shortage of memory", "mm/oom_kill.c"), ("due time", "kernel/edf.c"),
  ])
  func aQuestionInOtherWordsFindsTheFile(question: String, path: String) async throws {
    let repository = try TestRepository()
    try repository.commit(Self.files, tag: "v1")
    let home = try TestHome()
    try await home.index(repository, "v1")
    let small = try SmallThesaurus("memory shortage\toom; absent\ndue time\tdeadline\n")
    func found(_ lexicons: Lexicons) throws -> SearchResult {
      try Retriever(view: try home.view("v1"), source: try Repository(opening: repository.path), lexicons: lexicons)
        .search(SearchRequest(question: question))
    }
    let told = try found(Lexicons(thesaurus: small.thesaurus))
    #expect(told.files.first?.path.text == path)
    #expect(try !found(.empty).files.contains { $0.path.text == path })
    // What the snapshot does not hold is not looked for.
    #expect(!told.ideas.contains { $0.contains("absent") })
  }
}
