// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore
import Retrieval
import TestSupport
import Testing

@Suite struct RetrieverTests {
  private static let files: [String: TestFile] = [
    "fs/tree/locking.c":
      "/* Locks for the nodes of the tree. */\n#include \"tree.h\"\n\nint tree_lock(struct node *n)\n{\n\tmutex_lock(&n->m);\n\treturn 0;\n}\n",
    "fs/tree/tree.h": "struct node {\n\tint m;\n};\n\nint tree_lock(struct node *n);\n#define NODE_LIMIT 64\n",
    "fs/tree/reader.c":
      "#include \"tree.h\"\n\nint read_nodes(struct node *n)\n{\n\tif (tree_lock(n))\n\t\treturn NODE_LIMIT;\n\treturn 1;\n}\n",
    "tools/testing/locking_test.c": "int test_locking(void)\n{\n\treturn tree_lock(0);\n}\n",
    "open.c": "SYSCALL_DEFINE2(openit, int, a, int, b)\n{\n\treturn a + b;\n}\n",
    "Documentation/tree.txt": "How the locks of the tree work.\n\nEach node has a lock.\n",
  ]

  /// An index of the files, and the repository it was made from; both go with the object.
  private final class Fixture {
    let repository: TestRepository
    let home: TestHome
    let retriever: Retriever

    init() async throws {
      repository = try TestRepository()
      try repository.commit(RetrieverTests.files, tag: "v1")
      home = try TestHome()
      try await home.index(repository, "v1")
      retriever = Retriever(view: try home.view("v1"), source: try Repository(opening: repository.path))
    }
  }

  @Test func theFileThatImplementsItComesFirst() async throws {
    let fixture = try await Fixture()
    let result = try fixture.retriever.search(SearchRequest(question: "Which C file implements locking in the tree?"))
    #expect(result.files.first?.path.text == "fs/tree/locking.c")
    #expect(result.files.map(\.rank) == Array(1...result.files.count))
    let passage = try #require(result.passages.first)
    #expect(passage.path.text == "fs/tree/locking.c" && passage.text.contains("mutex_lock"))
  }

  @Test func passagesStandOnTheLinesTheySay() async throws {
    let fixture = try await Fixture()
    let result = try fixture.retriever.search(SearchRequest(question: "read nodes with tree_lock", limit: 20))
    #expect(!result.passages.isEmpty)
    for passage in result.passages {
      let text = try fixture.repository.git(["show", "v1:\(passage.path.text)"]) + "\n"
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines[(passage.lines.lowerBound - 1)..<passage.lines.upperBound].joined(separator: "\n") == passage.text)
    }
  }

  @Test func filtersKeepOthersOut() async throws {
    let fixture = try await Fixture()
    let below = try fixture.retriever.search(SearchRequest(question: "locking", pathGlob: "tools"))
    #expect(below.files.map(\.path.text) == ["tools/testing/locking_test.c"])
    let text = try fixture.retriever.search(SearchRequest(question: "locks of the tree", language: .text))
    #expect(text.files.map(\.path.text) == ["Documentation/tree.txt"])
  }

  @Test func symbolsAreFoundUnderAllTheirNames() async throws {
    let fixture = try await Fixture()
    for name in ["openit", "sys_openit", "__x64_sys_openit", "openit()"] {
      #expect(try fixture.retriever.symbol(name).definitions.map(\.path.text) == ["open.c"], "\(name)")
    }
    let lock = try fixture.retriever.symbol("tree_lock", referenceLimit: 10)
    #expect(lock.definitions.map { "\($0.path):\($0.definition.line)-\($0.endLine)" } == ["fs/tree/locking.c:4-8"])
    #expect(lock.definitions.first?.signature == "int tree_lock(struct node *n)")
    #expect(
      lock.references.map { "\($0.path):\($0.line) \($0.inSymbol ?? "-")" } == [
        "fs/tree/reader.c:5 read_nodes", "fs/tree/tree.h:5 -", "tools/testing/locking_test.c:3 test_locking",
      ])
    #expect(try fixture.retriever.symbol("tree_lokc").nearMisses == ["tree_lock"])
  }

  @Test func emptyAndEndlessQuestionsAreRefused() async throws {
    let fixture = try await Fixture()
    #expect(throws: NenrinError.self) { try fixture.retriever.search(SearchRequest(question: "  \n")) }
    let long = String(repeating: "lock ", count: 30_000)
    #expect(throws: NenrinError.self) { try fixture.retriever.search(SearchRequest(question: long)) }
  }

  @Test func aMemberKnowsItsOwnerHoweverSmallTheStruct() async throws {
    let repository = try TestRepository()
    let text = """
      struct pair {
      \tint left; /* { */
      \tunion { int inner_right; char byte; } right;
      };
      #define PICK(p) ((p)->left)
      static inline int left_of(struct pair *p) { return p->left; }
      enum side { SIDE_LEFT };
      struct table { int (*left_hook)(struct pair *p); };

      """
    try repository.commit(["pair.h": .init(stringLiteral: text)], tag: "v1")
    let home = try TestHome()
    try await home.index(repository, "v1")
    let retriever = Retriever(view: try home.view("v1"), source: try Repository(opening: repository.path))
    let references = try retriever.symbol("left", referenceLimit: 10).references
    #expect(references.map(\.inSymbol) == ["pair", "PICK", "left_of"])
    let members = try retriever.symbol("inner_right").members
    #expect(members.map(\.owner) == ["struct pair"] && members.map(\.line) == [3])
    #expect(try retriever.symbol("left_hook").members.map(\.owner) == ["struct table"])
    #expect(try retriever.symbol("left").members.map(\.line) == [2])
    #expect(try retriever.symbol("SIDE_LEFT").members.isEmpty)
  }
}
