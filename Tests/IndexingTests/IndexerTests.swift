// SPDX-License-Identifier: Apache-2.0
import Foundation
import GitStore
import Glossary
import IndexStore
import Indexing
import TestSupport
import Testing

@Suite struct IndexerTests {
  private static let source = "int one(void)\n{\n\treturn 1;\n}\n\nint two(void)\n{\n\treturn 2;\n}\n"

  @Test func aBlobAndAChunkAreReadOnce() async throws {
    let repository = try TestRepository()
    try repository.commit(["a.c": .text(Self.source), "copy.c": .text(Self.source)], tag: "v1")
    try repository.commit([:], move: [(from: "a.c", to: "renamed.c")], tag: "v2")
    try repository.commit(["renamed.c": .text(Self.source + "\nint three(void)\n{\n\treturn 3;\n}\n")], tag: "v3")
    let home = try TestHome()
    let first = try await home.index(repository, "v1")
    #expect(first[0].blobsTotal == 1 && first[0].blobsNew == 1)
    let second = try await home.index(repository, "v2")
    #expect(second[0].blobsNew == 0 && second[0].chunksNew == 0)
    let third = try await home.index(repository, "v3")
    #expect(third[0].blobsNew == 1)
    #expect(third[0].chunksNew <= 2)
  }

  @Test func anIndexedCommitReturnsAtOnceAndARangeGivesEveryCommit() async throws {
    let repository = try TestRepository()
    for step in 0..<5 { try repository.commit(["f\(step).c": .text(Self.source)], tag: "v\(step)") }
    let home = try TestHome()
    try await home.index(repository, "v0")
    let again = try await home.index(repository, "v0")
    #expect(again[0].alreadyIndexed && again[0].files == 1)
    let range = try await home.index(repository, "v0..v4")
    #expect(range.count == 4)
    #expect(range.map(\.files) == [2, 3, 4, 5])
    #expect(try Home(reading: home.path).snapshots().count == 5)
  }

  @Test func aMovedTagIsSaid() async throws {
    let repository = try TestRepository()
    try repository.commit(["a.c": "int a;\n"], tag: "v1")
    let home = try TestHome()
    try await home.index(repository, "v1")
    try repository.commit(["a.c": "int b;\n"], tag: "v1")
    let report = try await home.index(repository, "v1")
    #expect(report[0].notices.contains { $0.hasPrefix("'v1' was commit ") })
    #expect(try home.view("v1").info.commit == repository.id(of: "v1"))
    #expect(try Home(reading: home.path).snapshots().count == 2)
  }

  @Test func aSecondWriterIsTurnedAway() async throws {
    let repository = try TestRepository()
    try repository.commit(["a.c": "int a;\n"], tag: "v1")
    let home = try TestHome()
    let writer = try HomeWriter(home: home.path)
    await #expect(throws: NenrinError.self) { try await home.index(repository, "v1") }
    withExtendedLifetime(writer) {}
  }

  @Test("a writer that is turned away closes nothing of another thread's")
  func aRefusalClosesItsOwnDescriptorAlone() async throws {
    let home = try TestHome()
    let path = home.path
    let writer = try HomeWriter(home: path)
    let lost = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<2 {
        group.addTask {
          for _ in 0..<2_000 { #expect(throws: NenrinError.self) { _ = try HomeWriter(home: path) } }
          return 0
        }
      }
      group.addTask {
        (0..<100_000).count { _ in
          let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
          return descriptor >= 0 && close(descriptor) != 0
        }
      }
      return await group.reduce(0, +)
    }
    #expect(lost == 0)
    withExtendedLifetime(writer) {}
  }

  @Test func verifyFindsFlippedBytesAndCutFiles() async throws {
    let repository = try TestRepository()
    try repository.commit(["a.c": .text(Self.source), "b.txt": "some words\n"], tag: "v1")
    let home = try TestHome()
    try await home.index(repository, "v1")
    #expect(try await home.verify().isEmpty)
    let path = home.path + "/segments/1.segment"
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    var padding = 0
    for offset in stride(from: 16, to: whole.count, by: 41) {
      var damaged = whole
      damaged[offset] ^= 0x20
      try damaged.write(to: URL(fileURLWithPath: path))
      // A byte between two sections belongs to none of them, and nothing reads it.
      let isPadding = whole[offset] == 0
      let problems = try await home.verify()
      if problems.isEmpty { padding += 1 }
      #expect(isPadding || !problems.isEmpty, "byte \(offset)")
    }
    #expect(padding < 6)
    for count in [0, 10, whole.count / 2, whole.count - 1] {
      try whole.prefix(count).write(to: URL(fileURLWithPath: path))
      #expect(!(try await home.verify().isEmpty))
    }
  }

  @Test func aPlainFolderGrowsBySnapshots() async throws {
    let home = try TestHome()
    let folder = try TestRepository.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try "話の内容\n".write(toFile: folder + "/a.txt", atomically: true, encoding: .utf8)
    let request = IndexRequest(source: folder, collection: "talks")
    let plan = try await home.indexer.plan(request)
    #expect(plan[0].blobsToRead == 1 && plan[0].chunksNew == 1)
    #expect(!FileManager.default.fileExists(atPath: home.path), "a plan writes nothing")
    let first = try await home.indexer.index(request)
    #expect(first[0].files == 1)
    #expect(try await home.indexer.index(request)[0].alreadyIndexed)
    try "もう一つ\n".write(toFile: folder + "/b.txt", atomically: true, encoding: .utf8)
    #expect(try await home.indexer.index(request)[0].files == 2)
  }
}
