// SPDX-License-Identifier: Apache-2.0
import Foundation
import GitStore
import Glossary
import IndexStore
import Indexing
import Inference
import Synchronization
import TestSupport
import Testing

/// Each word is one of 64 directions; counts the passages. One that leans gives all texts much in common, as e5 does.
final class CountingEmbedder: Embedder {
  let identity: EmbedderIdentity
  /// Every passage that was embedded.
  let asked = Mutex<[String]>([])
  /// More than 0 where it stands for servers, to which nothing is sent twice.
  let requestsAtOnce: Int
  /// How many texts it embeds before it fails.
  private let limit: Int
  /// Texts with this word are refused.
  private let refusedWord: String
  private let leans: Bool

  init(
    _ name: String = "counting", limit: Int = .max, requestsAtOnce: Int = 0, refusing refusedWord: String = "\u{0}",
    leans: Bool = false
  ) {
    self.leans = leans
    identity = EmbedderIdentity(name: name, dimensions: 64, fingerprint: "1")
    self.limit = limit
    self.requestsAtOnce = requestsAtOnce
    self.refusedWord = refusedWord
  }

  func embedKeeping(_ texts: [String], as role: EmbeddingRole) async throws -> PartialEmbedding {
    let refused = texts.indices.filter { texts[$0].contains(refusedWord) }
    var vectors = try await embed(texts, as: role).map(Optional.some)
    for index in refused { vectors[index] = nil }
    return PartialEmbedding(
      vectors: vectors, refused: Dictionary(uniqueKeysWithValues: refused.map { ($0, "HTTP 400: odd") }))
  }

  func embed(_ texts: [String], as role: EmbeddingRole) async throws -> [[Float]] {
    let isOver = asked.withLock { asked in
      if role == .query { return false }
      if asked.count + texts.count > limit { return true }
      asked += texts
      return false
    }
    if isOver { throw NenrinError(.timedOut, "the embedder is gone") }
    return texts.map { text in
      var vector = [Float](repeating: 0, count: 64)
      for word in text.lowercased().split(whereSeparator: { !$0.isLetter }) {
        vector[Int(word.utf8.reduce(5381) { ($0 &* 33 &+ UInt32($1)) & 0xffff } % 64)] += 1
      }
      let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > 0 else { return vector }
      // A quarter in every of 64 directions is a vector of length 2; what comes out has the length √5 or a little more.
      let leaning = vector.map { $0 / length + (leans ? 0.25 : 0) }
      let whole = leaning.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return leaning.map { $0 / whole }
    }
  }

  var count: Int { asked.withLock(\.count) }

  func question(_ text: String) async throws -> QuestionVector {
    QuestionVector(
      space: VectorSpace(name: identity.name, dimensions: 64, fingerprint: "1"),
      numbers: try await embed([text], as: .query)[0], hasOwnScale: leans)
  }
}

/// Answers one text of the first call, then is gone.
private struct FailingEmbedder: Embedder {
  let counting = CountingEmbedder()
  var identity: EmbedderIdentity { counting.identity }

  func embed(_ texts: [String], as role: EmbeddingRole) async throws -> [[Float]] {
    try await counting.embed(texts, as: role)
  }

  func embedKeeping(_ texts: [String], as role: EmbeddingRole) async throws -> PartialEmbedding {
    let first = try await counting.embed(Array(texts.prefix(1)), as: role).map(Optional.some)
    return PartialEmbedding(
      vectors: first + texts.dropFirst().map { _ in nil }, failure: NenrinError(.timedOut, "the embedder is gone"))
  }
}

/// A chunk is embedded once, whoever holds it, and what is found does not depend on what else was indexed.
@Suite struct VectorTests {
  private let repository: TestRepository
  private let home: TestHome

  init() throws {
    (repository, home) = (try TestRepository(), try TestHome())
    try repository.commit(
      [
        "docs/lock.txt": "Spinning locks keep others out while a counter changes.\n",
        "docs/page.txt": "Pages of memory are given back when nobody needs them.\n",
        "docs/clock.txt": "The clock ticks a thousand times each second.\n",
      ], tag: "v1")
    try repository.commit(
      [
        "docs/clock.txt": "The clock ticks some hundred times each second.\n"
      ], move: [("docs/page.txt", "moved/pages.txt")], tag: "v2")
  }

  private func index(_ embedder: (any Embedder)?, _ tags: String..., in home: TestHome? = nil) async throws
    -> [SnapshotReport]
  {
    let base = (home ?? self.home).indexer
    let indexer = Indexer(
      home: base.home, grammars: base.grammars, queries: base.queries, workers: 2, embedder: embedder)
    return try await indexer.index(
      IndexRequest(source: repository.path, revisions: tags, collection: "project"))
  }

  /// Paths and cosines of what is nearest.
  private func nearest(
    _ question: String, _ embedder: CountingEmbedder, at tag: String, in home: TestHome? = nil
  ) async throws -> [String]? {
    let view = try (home ?? self.home).view(tag)
    return view.meaning(of: try await embedder.question(question), limit: 10)?.chunks.map { hit in
      let paths = view.locations(ofChunk: hit.chunk).map { view.path(at: $0.file).text }
      return "\(paths.joined(separator: " ")) \(hit.cosine)"
    }
  }

  @Test func aChunkIsEmbeddedOnceAndARenameCostsNothing() async throws {
    let embedder = CountingEmbedder()
    let first = try await index(embedder, "v1")
    #expect(first.map(\.embeddingsNew) == [3] && first.map(\.embeddingsReused) == [0])
    let second = try await index(embedder, "v2")
    #expect(second.map(\.embeddingsNew) == [1] && second.map(\.embeddingsReused) == [2])
    #expect(embedder.count == 4)
    #expect(embedder.asked.withLock { Set($0).count } == 4)
    _ = try await index(embedder, "v1", "v2")
    #expect(embedder.count == 4)
    let found = try await nearest("pages of memory", embedder, at: "v2")
    #expect(found?.first?.hasPrefix("moved/pages.txt ") == true)
  }

  @Test func whatWasAnsweredBeforeAFailureIsKept() async throws {
    let reports = try await index(FailingEmbedder(), "v1")
    #expect(reports.map(\.embeddingFailure) == [NenrinError(.timedOut, "the embedder is gone")])
    #expect(reports.map(\.embeddingsNew) == [1] && reports.map(\.embeddingsMissing) == [2])
    #expect(reports.map(\.embeddingsReused) == [0])
    let embedder = CountingEmbedder()
    #expect(try await index(embedder, "v1").map(\.embeddingsNew) == [2])
    #expect(embedder.count == 2)
  }

  @Test func aSnapshotIsPublishedWithoutVectorsWhereTheEmbedderFails() async throws {
    let failing = CountingEmbedder(limit: 0)
    let reports = try await index(failing, "v1", "v2")
    #expect(reports.map(\.embeddingsMissing) == [3, 3])
    #expect(reports.compactMap(\.embeddingFailure).count == 1)
    #expect(try home.view("v1").fileCount == 3 && home.view("v2").fileCount == 3)
    let working = CountingEmbedder()
    #expect(try await nearest("pages of memory", working, at: "v2") == nil)
    // What is asked for next has all its vectors, and nothing else was made.
    #expect(try await index(working, "v2").map(\.embeddingsNew) == [3])
    #expect(try await nearest("pages of memory", working, at: "v2")?.count == 3)
    #expect(try await nearest("pages of memory", working, at: "v1") == nil)
    #expect(try await index(working, "v1", "v2").map(\.embeddingsNew).reduce(0, +) == 1)
    #expect(working.count == 4)
  }

  @Test func aRefusedTextIsCountedAndNotSentAgain() async throws {
    let embedder = CountingEmbedder(requestsAtOnce: 2, refusing: "clock")
    let reports = try await index(embedder, "v1")
    #expect(reports.compactMap(\.embeddingFailure).isEmpty && reports.map(\.embeddingsNew) == [2])
    #expect(
      reports.flatMap(\.notices) == [
        "the embedder refused 1 of 3 texts, which stay without a vector; the first: HTTP 400: odd"
      ])
    #expect(try await nearest("memory", embedder, at: "v1")?.count == 2)
    _ = try await index(embedder, "v1")
    #expect(embedder.count == 3)
  }

  @Test func aTextGoesToAServerOnceWhateverFollowsIt() async throws {
    let long = String(repeating: "\tcount = count + 1;\n", count: 200)
    func source(_ name: String, _ end: String) -> TestFile {
      .text("/* Counts what passes. */\nint \(name)(int count)\n{\n\(long)\treturn \(end);\n}\n")
    }
    try repository.commit(["a.c": source("count", "1"), "b.c": source("count", "2")], tag: "w1")
    try repository.commit(["a.c": source("count", "3")], tag: "w2")
    try repository.commit(["a.c": source("tally", "3")], tag: "w3")
    let embedder = CountingEmbedder(requestsAtOnce: 2)
    let first = try await index(embedder, "w1")
    // Two functions begin with the same words; their vectors are two, and one text was sent.
    #expect(first.map(\.embeddingsNew) == [5] && embedder.count == 4)
    #expect(try await index(embedder, "w2").map(\.embeddingsNew) == [1] && embedder.count == 4)
    #expect(try await index(embedder, "w3").map(\.embeddingsNew) == [1] && embedder.count == 5)
    let fresh = try TestHome()
    _ = try await index(CountingEmbedder(), "w2", in: fresh)
    #expect(try await nearest("counts", embedder, at: "w2") == nearest("counts", embedder, at: "w2", in: fresh))
    // Freed and written anew, the texts are known still.
    do {
      let writer = try HomeWriter(home: home.path)
      try writer.forget([writer.resolve(SnapshotName(revision: "w1"))])
      _ = try writer.collect()
    }
    #expect(try await home.verify() == [])
    try repository.commit(["a.c": source("count", "4")], tag: "w4")
    #expect(try await index(embedder, "w4").map(\.embeddingsNew) == [1] && embedder.count == 5)
  }

  /// So that exact vectors can be made again of what the index says.
  @Test func theHeadOfAChunkIsTheTextThatWasEmbedded() async throws {
    let source = "int before;\n\n/* Counts what passes. */\nint count(int number)\n{\n\treturn number + 1;\n}\n"
    try repository.commit(["a.c": .text(source)], tag: "heads")
    let embedder = CountingEmbedder()
    _ = try await index(embedder, "heads")
    let view = try home.view("heads")
    let blobs = try Repository(opening: repository.path)
    let hits = try #require(view.meaning(of: try await embedder.question("count"), limit: 100)).chunks
    let heads = try hits.map { hit in
      let head = try #require(view.head(ofChunk: hit.chunk))
      return String(decoding: try blobs.bytes(of: head.blob)[head.bytes], as: UTF8.self)
    }
    #expect(heads.sorted() == embedder.asked.withLock { $0.sorted() } && heads.count > 3)
    #expect(view.head(ofChunk: 1 << 30) == nil)
  }

  @Test func whatElseIsIndexedDoesNotShow() async throws {
    let embedder = CountingEmbedder()
    _ = try await index(embedder, "v1")
    _ = try await index(embedder, "v2")
    let fresh = try TestHome()
    _ = try await index(embedder, "v2", in: fresh)
    for question in ["pages of memory", "the clock ticks", "times"] {
      let expected = try await nearest(question, embedder, at: "v2", in: fresh)
      #expect(expected?.isEmpty == false)
      #expect(try await nearest(question, embedder, at: "v2") == expected)
    }
  }

  @Test func vectorsComeLaterAndSideBySide() async throws {
    let (one, other) = (CountingEmbedder("one"), CountingEmbedder("other"))
    _ = try await index(nil, "v1")
    #expect(try await nearest("locks", one, at: "v1") == nil)
    let filled = try await index(one, "v1")
    #expect(filled.map(\.embeddingsNew) == [3] && filled.map(\.alreadyIndexed) == [true])
    #expect(try await nearest("locks", one, at: "v1")?.count == 3)
    #expect(try await nearest("locks", other, at: "v1") == nil)
    _ = try await index(other, "v2")
    #expect(other.count == 3)
    // v1 has a chunk that v2 lacks: half a set of vectors is none.
    #expect(try await nearest("locks", other, at: "v1") == nil)
    #expect(try await nearest("locks", other, at: "v2")?.count == 3)
    #expect(try await nearest("locks", one, at: "v2") == nil)
  }

  @Test func whatIsFinishedIsKeptWhereTheEmbedderFails() async throws {
    try repository.commit(
      Dictionary(
        uniqueKeysWithValues: (0..<200).map { ("many/\($0).txt", TestFile.text("Number \($0) of many files.\n")) }),
      tag: "many")
    let failing = CountingEmbedder(limit: 100)
    #expect(try await index(failing, "many").map(\.embeddingsMissing) == [203 - failing.count])
    let working = CountingEmbedder()
    let reports = try await index(working, "many")
    #expect(failing.count > 0 && working.count + failing.count == 203)
    #expect(reports.map(\.embeddingsNew) == [working.count])
    #expect(try await nearest("number", working, at: "many")?.count == 10)
  }

  @Test func freeingKeepsTheVectorsOfWhatStays() async throws {
    let embedder = CountingEmbedder()
    _ = try await index(embedder, "v1")
    _ = try await index(embedder, "v2")
    let expected = try await nearest("pages of memory", embedder, at: "v2")
    do {
      let writer = try HomeWriter(home: home.path)
      try writer.forget([writer.resolve(SnapshotName(revision: "v1"))])
      #expect(try writer.collect().chunks.freed == 1)
    }
    #expect(try await nearest("pages of memory", embedder, at: "v2") == expected)
    #expect(try await home.verify() == [])
    _ = try await index(embedder, "v2")
    #expect(embedder.count == 4)
  }

  @Test func verifyNamesADamagedFile() async throws {
    _ = try await index(CountingEmbedder(), "v1")
    let folder = home.path + "/vectors/counting-64-1"
    let name = try #require(FileManager.default.contentsOfDirectory(atPath: folder).first)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
    bytes[bytes.count - 9] ^= 1
    try bytes.write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    let problems = try await home.verify()
    #expect(problems.map(\.what) == ["it is not what was written: its checksum differs"])
    #expect(problems.map(\.remedy) == ["Remove it, then run `nenrin index` again: it makes its vectors anew."])
    try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    #expect(try await index(CountingEmbedder(), "v1").map(\.embeddingsNew) == [3])
    #expect(try await home.verify() == [])
  }

  @Test func pathFiltersNarrowTheSearch() async throws {
    let embedder = CountingEmbedder()
    _ = try await index(embedder, "v2")
    let view = try home.view("v2")
    let moved = try #require(view.file(TreePath(text: "moved/pages.txt")))
    let question = try await embedder.question("clock")
    let matches = view.meaning(of: question, limit: 5) { $0 == moved.index }
    #expect(matches?.chunks.count == 1)
  }
}
