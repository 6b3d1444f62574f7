// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore
import Indexing
import Retrieval
import TestSupport
import Testing

/// What is said of a file elsewhere counts by its meaning, too, with servers as without: a card needs no vector of its
/// own, because what it joins has one.
@Suite struct CardMeaningTests {
  /// Entries long enough to be chunks of their own.
  private static func kconfig(teapot help: String) -> TestFile {
    let rest = (1...8).map { "\t  It is said \($0) times.\n" }.joined()
    return .text(
      "config TEAPOT\n\ttristate \"Pot with a spout\"\n\thelp\n\t  \(help)\n\(rest)\n"
        + "config KETTLE\n\tbool \"Boils\"\n\thelp\n\t  Makes vapour out of water.\n\(rest)")
  }

  private static let files: [String: TestFile] = [
    "drivers/Makefile": "obj-$(CONFIG_TEAPOT) += teapot.o\nobj-$(CONFIG_KETTLE) += kettle.o\n",
    "drivers/Kconfig": kconfig(teapot: "Pours infusions over porcelain."),
    "drivers/teapot.c": "/* Holds and tilts. */\nint pot_probe(void)\n{\n\treturn 0;\n}\n",
    "drivers/kettle.c": "/* Heats. */\nint kettle_probe(void)\n{\n\treturn 1;\n}\n",
    "Documentation/brew.rst": "Steeping\n========\n\nLeaves rest in drivers/teapot.c for minutes.\n",
    "MAINTAINERS": "List of maintainers\n\nCERAMICS\nM:\tA. Potter\nF:\tdrivers/teapot.c\n",
  ]

  private let repository: TestRepository
  private let home: TestHome
  /// Stands for servers: nothing is sent to it twice.
  private let embedder = CountingEmbedder(requestsAtOnce: 2)

  init() throws {
    (repository, home) = (try TestRepository(), try TestHome())
    try repository.commit(Self.files, tag: "v1")
  }

  private func index(_ tags: String..., with embedder: CountingEmbedder? = nil, in home: TestHome? = nil) async throws {
    let base = (home ?? self.home).indexer
    let indexer = Indexer(
      home: base.home, grammars: base.grammars, queries: base.queries, workers: 2, embedder: embedder ?? self.embedder)
    let request = IndexRequest(source: repository.path, revisions: tags, collection: "project")
    #expect(try await indexer.index(request).compactMap(\.embeddingFailure).isEmpty)
  }

  /// The paths of which other files say what the question says, with how near that is, nearest first.
  private func cards(_ question: String, at tag: String, in home: TestHome? = nil) async throws -> [String] {
    let view = try (home ?? self.home).view(tag)
    let matches = try #require(view.meaning(of: try await embedder.question(question), limit: 10))
    return (0..<view.fileCount).map { (view.path(at: $0).text, matches.likeness(ofCard: $0)) }.filter { $0.1 > 0 }
      .sorted { ($1.1, $0.0) < ($0.1, $1.0) }.map { "\($0.0) \($0.1)" }
  }

  private func nearest(_ question: String, at tag: String) async throws -> String? {
    try await cards(question, at: tag).first?.split(separator: " ").first.map(String.init)
  }

  @Test func helpMaintainersAndDocumentsSpeakOfTheirFiles() async throws {
    try await index("v1")
    #expect(try await nearest("infusions over porcelain", at: "v1") == "drivers/teapot.c")
    #expect(try await nearest("vapour out of water", at: "v1") == "drivers/kettle.c")
    #expect(try await nearest("leaves rest", at: "v1") == "drivers/teapot.c")
    #expect(try await nearest("ceramics", at: "v1") == "drivers/teapot.c")
  }

  @Test func theSearchHearsIt() async throws {
    try await index("v1")
    let retriever = Retriever(view: try home.view("v1"), source: try Repository(opening: repository.path))
    var request = SearchRequest(question: "vapour out of water")
    request.meaning = try await embedder.question(request.question)
    let hit = try retriever.search(request).files.first { $0.path.text == "drivers/kettle.c" }
    #expect(hit?.reasons.contains { $0.signal == "meaning of the card" } == true)
  }

  @Test func aRenameSendsNothingAndTheCardsFollow() async throws {
    try await index("v1")
    let sent = embedder.count
    try repository.commit(
      move: [
        ("Documentation/brew.rst", "Documentation/tea/steep.rst"), ("drivers/Kconfig", "drivers/Kconfig.kitchen"),
        ("drivers/kettle.c", "kitchen/kettle.c"),
      ], tag: "v2")
    try await index("v2")
    #expect(embedder.count == sent)
    for question in ["infusions over porcelain", "leaves rest", "ceramics"] {
      #expect(try await cards(question, at: "v2").first == cards(question, at: "v1").first)
    }
    // No rule builds it any more, so no option speaks of it.
    #expect(try await !cards("vapour out of water", at: "v2").contains { $0.contains("kettle.c") })
  }

  @Test func aCommitThatOnlyMovesWhatIsSaidMovesItToTheOtherCard() async throws {
    try await index("v1")
    let sent = embedder.count
    try repository.commit(
      ["drivers/Makefile": "obj-$(CONFIG_TEAPOT) += kettle.o\nobj-$(CONFIG_KETTLE) += teapot.o\n"], tag: "v2")
    try await index("v2")
    #expect(try await nearest("vapour out of water", at: "v2") == "drivers/teapot.c")
    #expect(try await nearest("vapour out of water", at: "v1") == "drivers/kettle.c")
    // The Makefile itself at most.
    #expect(embedder.count - sent <= 1)
  }

  @Test func whatElseIsIndexedDoesNotShow() async throws {
    try repository.commit(
      ["drivers/Kconfig": Self.kconfig(teapot: "Serves samovars.")],
      move: [("Documentation/brew.rst", "Documentation/steep.rst")], tag: "v2")
    try await index("v1")
    try await index("v2")
    let fresh = try TestHome()
    try await index("v2", with: CountingEmbedder(requestsAtOnce: 2), in: fresh)
    for question in ["infusions over porcelain", "serves samovars", "leaves rest", "ceramics", "pot"] {
      #expect(try await cards(question, at: "v2") == cards(question, at: "v2", in: fresh))
    }
    #expect(try await cards("serves samovars", at: "v2").first?.hasPrefix("drivers/teapot.c ") == true)
  }

  @Test func cosinesThatAreAllHighFindTheSameFiles() async throws {
    let leaning = CountingEmbedder(requestsAtOnce: 2, leans: true)
    try repository.commit(["drivers/shelf.c": Self.manyFunctions], tag: "v2")
    try await index("v2", with: leaning)
    let view = try home.view("v2")
    let (shelf, kettle) = try (index(of: "drivers/shelf.c", in: view), index(of: "drivers/kettle.c", in: view))
    let question = try await leaning.question("vapour out of water")
    let matches = try #require(view.meaning(of: question, limit: 10))
    #expect(matches.chunks.allSatisfy { $0.cosine > 0.6 } && matches.chunks.count == 10)
    #expect(matches.likeness(ofCard: kettle) > 0.2)
    #expect(matches.likeness(ofCard: shelf) < 0.2 && matches.files[shelf] < 0.2)
    // As they come they would put the file of the most functions above all that say what is asked.
    let asTheyCome = QuestionVector(space: question.space, numbers: question.numbers)
    let plain = try #require(view.meaning(of: asTheyCome, limit: 10))
    #expect(plain.files.max() == plain.files[shelf])
    #expect(plain.chunks.map(\.chunk) == matches.chunks.map(\.chunk))
    #expect(zip(plain.chunks, matches.chunks).allSatisfy { abs($0.cosine - $1.cosine) < 1e-5 })
    let retriever = Retriever(view: view, source: try Repository(opening: repository.path))
    var request = SearchRequest(question: "vapour out of water")
    request.meaning = question
    let files = try retriever.search(request).files
    let reasons = files.first { $0.path.text == "drivers/shelf.c" }?.reasons.map(\.signal) ?? []
    #expect(!reasons.contains { $0.hasPrefix("meaning") })
    #expect(
      files.first { $0.path.text == "drivers/kettle.c" }?.reasons.contains { $0.signal == "meaning of the card" }
        == true)
  }

  /// Long enough to be chunks of their own.
  private static let manyFunctions = TestFile.text(
    (1...40).map { number in
      let lines = (1...12).map { "\tplank[\($0)] = nail[\($0)] + \(number);\n" }.joined()
      return "/* Puts board \(number) up. */\nint board_\(number)(void)\n{\n\(lines)\treturn \(number);\n}\n"
    }.joined(separator: "\n"))

  private func index(of path: String, in view: SnapshotView) throws -> Int {
    try #require(view.file(TreePath(text: path))).index
  }

  @Test func whatElseIsIndexedDoesNotShowInTheScaleEither() async throws {
    try repository.commit(["drivers/shelf.c": Self.manyFunctions], tag: "other")
    try repository.commit(
      ["drivers/Kconfig": Self.kconfig(teapot: "Serves samovars.")], move: [("drivers/shelf.c", "drivers/board.c")],
      tag: "v2")
    let (one, other) = (
      CountingEmbedder(requestsAtOnce: 2, leans: true), CountingEmbedder(requestsAtOnce: 2, leans: true)
    )
    try await index("v1", with: one)
    try await index("other", with: one)
    try await index("v2", with: one)
    let fresh = try TestHome()
    try await index("v2", with: other, in: fresh)
    for text in ["infusions over porcelain", "serves samovars", "board"] {
      let question = try await one.question(text)
      let likenesses = try [home, fresh].map { home in
        let view = try home.view("v2")
        let matches = try #require(view.meaning(of: question, limit: 100))
        return matches.chunks.map(\.likeness) + matches.files + (0..<view.fileCount).map(matches.likeness(ofCard:))
      }
      #expect(likenesses[0] == likenesses[1] && likenesses[0].count > 20)
    }
  }

  /// An embedder that finds nothing in a question, because it is of stop words alone, gives it a vector of zeros.
  @Test(arguments: [64, 3]) func aQuestionWithoutAVectorIsAnsweredByItsWords(dimensions: Int) async throws {
    try await index("v1")
    let retriever = Retriever(view: try home.view("v1"), source: try Repository(opening: repository.path))
    var request = SearchRequest(question: "porcelain")
    let plain = try retriever.search(request).files.map(\.path)
    let space = try await embedder.question("").space
    request.meaning = QuestionVector(space: space, numbers: Array(repeating: 0, count: dimensions))
    #expect(try retriever.search(request).files.map(\.path) == plain && !plain.isEmpty)
    #expect(try home.view("v1").meaning(of: try #require(request.meaning), limit: 5)?.chunks.isEmpty == true)
  }
}
