// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import GitStore
import Glossary
import IndexStore
import Indexing
import TestSupport
import Testing

/// Each planted damage is found and comes with its remedy.
@Suite struct VerifierTests {
  private static let source = "int one(void)\n{\n\treturn 1;\n}\n\nint two(void)\n{\n\treturn 2;\n}\n"

  /// Two snapshots in two segments, of which the second refers to chunks of the first.
  private struct Planted {
    let repository: TestRepository
    let home: TestHome

    init() async throws {
      repository = try TestRepository()
      home = try TestHome()
      try repository.commit(["a.c": .text(source), "b.txt": "some words\nand more\n"], tag: "v1")
      try await home.index(repository, "v1")
      try repository.commit(["a.c": .text(source + "\nint three(void)\n{\n\treturn 3;\n}\n")], tag: "v2")
      try await home.index(repository, "v2")
      #expect(try await home.verify() == [])
    }

    var published: String {
      get throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: home.path + "/generations")
        let newest = names.compactMap { Int($0.dropLast(".sqlite".count)) }.max() ?? 0
        return home.path + "/generations/\(newest).sqlite"
      }
    }

    /// Changes the writer's catalog and what readers open of it, as if both had been written so.
    func change(_ sql: String) throws {
      try change(published, sql)
      try change(home.path + "/catalog.sqlite", sql)
    }

    func change(_ path: String, _ sql: String) throws {
      var configuration = Configuration()
      configuration.foreignKeysEnabled = false
      try DatabaseQueue(path: path, configuration: configuration).write { try $0.execute(sql: sql) }
    }

    func flip(_ path: String, at offset: Int) throws {
      var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      bytes[offset] ^= 0x11
      try bytes.write(to: URL(fileURLWithPath: path))
    }

    /// The one problem that speaks of `words`.
    func problem(_ words: String) async throws -> VerifyProblem? {
      let problems = try await home.verify()
      #expect(problems.contains { $0.what.contains(words) }, "\(problems.map(\.what))")
      return problems.first { $0.what.contains(words) }
    }
  }

  @Test func aFlippedByteOfASegment() async throws {
    let planted = try await Planted()
    try planted.flip(planted.home.path + "/segments/1.segment", at: 40)
    let problem = try await planted.problem("its checksum differs")
    #expect(problem?.where.hasSuffix("/segments/1.segment") == true)
    #expect(
      problem?.remedy == "Index again into a fresh home (--home DIR), then remove \(planted.home.path).")
  }

  @Test func aSegmentThatWasCutShort() async throws {
    let planted = try await Planted()
    let path = planted.home.path + "/segments/2.segment"
    try Data(contentsOf: URL(fileURLWithPath: path)).prefix(300).write(to: URL(fileURLWithPath: path))
    #expect(try await planted.problem("cut short")?.where == path)
  }

  @Test func aSegmentFileThatIsGone() async throws {
    let planted = try await Planted()
    let path = planted.home.path + "/segments/1.segment"
    try FileManager.default.removeItem(atPath: path)
    #expect(try await planted.problem("No such file")?.where == path)
    #expect(try await planted.problem("which is in no whole segment")?.where == "project@v1")
  }

  /// Another home's segment: whole in itself, but not what these snapshots were made of.
  @Test func aSegmentOfAnotherHome() async throws {
    let (planted, other) = (try await Planted(), try TestHome())
    let repository = try TestRepository()
    try repository.commit(["x.txt": "entirely\ndifferent\n"], tag: "v1")
    try await other.index(repository, "v1")
    let path = planted.home.path + "/segments/1.segment"
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.copyItem(atPath: other.path + "/segments/1.segment", toPath: path)
    #expect(try await planted.problem("the catalog says")?.where == path)
  }

  @Test func aSegmentsRowThatIsGone() async throws {
    let planted = try await Planted()
    try planted.change("DELETE FROM segment WHERE number = 1")
    _ = try await planted.problem("the catalog says that its chunks begin at")
    #expect(try await planted.problem("which is in no whole segment")?.where == "project@v1")
  }

  @Test func aManifestsRowThatIsGone() async throws {
    let planted = try await Planted()
    try planted.change("DELETE FROM manifest WHERE id = 1")
    #expect(try await planted.problem("a row of 'snapshot' names a row of 'manifest' that is missing") != nil)
    let problem = try await planted.problem("manifest 1 is missing")
    #expect(problem?.remedy == "Run `nenrin forget project@v1`, then index it again.")
  }

  @Test func aManifestOfAnotherCommit() async throws {
    let planted = try await Planted()
    try planted.change("UPDATE snapshot SET manifest_id = 1")
    let problem = try await planted.problem("its manifest differs from the tree of commit")
    #expect(problem?.where == "project@v2")
    #expect(problem?.what.hasSuffix(" in 1 path") == true)
  }

  @Test func aManifestWithAFlippedByte() async throws {
    let planted = try await Planted()
    try planted.change("UPDATE manifest SET payload = CAST(x'41' || substr(payload, 2) AS BLOB) WHERE id = 1")
    #expect(try await planted.problem("manifest 1 is not what was written")?.where == "project@v1")
  }

  @Test(arguments: ["files", "bytes", "chunks"]) func aWrongCount(column: String) async throws {
    let planted = try await Planted()
    try planted.change("UPDATE snapshot SET \(column) = \(column) + 1 WHERE revision = 'v2'")
    let noun = column == "files" ? "paths" : column
    #expect(try await planted.problem("\(noun), the catalog says")?.where == "project@v2")
  }

  @Test func aPublishedCopyThatLostARow() async throws {
    let planted = try await Planted()
    try planted.change(planted.published, "DELETE FROM revision WHERE name = 'v1'")
    let problem = try await planted.problem("it does not hold what the writer's catalog holds")
    let published = try planted.published
    #expect(problem?.where == published)
    // The next writer publishes again.
    _ = try HomeWriter(home: planted.home.path)
    #expect(try await planted.home.verify() == [])
  }

  @Test func aCatalogWithFlippedBytes() async throws {
    let planted = try await Planted()
    let path = planted.home.path + "/catalog.sqlite"
    for offset in stride(from: 4_096, to: 12_000, by: 50) { try planted.flip(path, at: offset) }
    let problems = try await planted.home.verify()
    #expect(!problems.isEmpty && problems.allSatisfy { $0.where == path }, "\(problems)")
    #expect(problems.first?.remedy.hasPrefix("Copy the newest file of \(planted.home.path)/generations over ") == true)
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.copyItem(atPath: planted.published, toPath: path)
    #expect(try await planted.home.verify() == [])
  }

  @Test func aPointerToNothing() async throws {
    let planted = try await Planted()
    let (pointer, generations) = (planted.home.path + "/CURRENT", planted.home.path + "/generations")
    let whole = try String(contentsOfFile: pointer, encoding: .utf8)
    let format = whole.split(separator: " ")[0]
    try "\(format) 999\n".write(toFile: pointer, atomically: true, encoding: .utf8)
    let problem = try await planted.problem("generations/999.sqlite cannot be opened: No such file")
    #expect(problem?.remedy.hasPrefix("Remove \(generations), then run `nenrin index`") == true)
    // The remedy works.
    try FileManager.default.removeItem(atPath: generations)
    try await planted.home.index(planted.repository, "v2")
    #expect(try await planted.home.verify() == [])
    try "not a number\n".write(toFile: pointer, atomically: true, encoding: .utf8)
    let unreadable = try await planted.problem("it should hold the format and the number")
    #expect(unreadable?.remedy == problem?.remedy)
  }

  @Test func aCommitThatIsGone() async throws {
    let planted = try await Planted()
    try FileManager.default.removeItem(atPath: planted.repository.path)
    let problem = try await planted.problem("its repository cannot be opened")
    #expect(problem?.where == "collection project")
    #expect(problem?.remedy.hasPrefix("Bring the repository back") == true)
  }

  /// Checksums say that nothing was changed after it was written; only reading again says that it was written right.
  @Test func aBlobThatWasReadOtherwise() async throws {
    let (repository, home) = (try TestRepository(), try TestHome())
    try repository.commit(["b.txt": "some words\nand more\n", "c.txt": "right\n"], tag: "v1")
    let source = try Repository(opening: repository.path)
    let commit = try source.resolve("v1")
    let manifest = ManifestTable(try source.manifest(ofTree: commit.tree))
    let writer = try HomeWriter(home: home.path)
    let preparer = BlobPreparer(
      isKnown: { _ in false }, chunkerVersion: 1, hash: { ChunkKey(high: UInt64($0.count), low: 1) })
    let bytes = Array("some other\nand more\n".utf8)
    for index in 0..<manifest.count {
      let key = manifest.blobKey(at: index)
      let analysis = BlobAnalysis(
        language: key.language, byteCount: bytes.count, lineCount: 2,
        chunks: [Chunk(bytes: 0..<bytes.count, lineCount: 2)])
      _ = try writer.add(bytes.withUnsafeBytes { preparer.prepare(key, bytes: $0, analysis: analysis) })
    }
    let collection = CollectionInfo(name: "project", gitDirectory: repository.path, source: repository.path)
    _ = try writer.publish([
      NewSnapshot(
        collection: collection, revision: "v1", commit: commit.id, date: commit.date, manifest: .whole(manifest))
    ])
    #expect(try await home.verify(quick: true) == [])
    let problems = try await home.verify()
    let blobs = try ["b.txt", "c.txt"].map { try repository.git(["rev-parse", "v1:\($0)"]) }
    #expect(
      Set(problems.map(\.what)) == [
        "blob \(blobs[0]) read again gives another text or other definitions in chunk 1",
        "blob \(blobs[1]) read again gives another length",
      ])
    #expect(problems.first?.remedy.hasPrefix("Look whether `nenrin doctor` misses a grammar") == true)
  }

  @Test func readingAgainCountsEverything() async throws {
    let planted = try await Planted()
    let report = try await Verifier(planted.home.indexer).run()
    #expect(report.checked["blobs read again"] == 3)
    #expect(report.checked["chunks compared"] == report.checked["chunks"])
    #expect(try await Verifier(planted.home.indexer).run(quick: true).checked["blobs read again"] == nil)
  }
}
