// SPDX-License-Identifier: Apache-2.0
import Foundation
import GitStore
import Glossary
import IndexStore
import TestSupport
import Testing

@testable import Indexing

@Suite struct HistoryTests {
  private static func log(_ home: TestHome) throws -> CommitLog? {
    try CommitLog(HomeLayout(root: home.path), collection: "project")
  }

  private static func index(
    _ home: TestHome, _ path: String, _ revision: String, _ history: HistoryReading = .automatic
  ) async throws -> HistoryReport? {
    let request = IndexRequest(source: path, revisions: [revision], collection: "project", history: history)
    return try await home.indexer.index(request)[0].history
  }

  @Test func aCommitIsReadOnceHoweverManySnapshotsComeFromIt() async throws {
    let repository = try TestRepository()
    for number in 1...4 { try repository.commit(["a": "\(number)\n"], message: "c\(number)", tag: "v\(number)") }
    try repository.commit(["b": "1\n"], branch: "side", from: "v2", tag: "s1")
    let home = try TestHome()
    #expect(try await Self.index(home, repository.path, "v2").map { [$0.new, $0.commits] } == [2, 2])
    #expect(try await Self.index(home, repository.path, "v4").map { [$0.new, $0.commits] } == [2, 4])
    #expect(try await Self.index(home, repository.path, "v1").map { [$0.new, $0.commits] } == [0, 4])
    #expect(try await Self.index(home, repository.path, "v1", .whole).map { [$0.new, $0.commits] } == [1, 5])
    #expect(try await home.verify().isEmpty)
  }

  @Test func noneIsReadWhereNoneIsWantedOrThere() async throws {
    let repository = try TestRepository()
    try repository.commit(["a": "1\n"], tag: "v1")
    let home = try TestHome()
    #expect(try await Self.index(home, repository.path, "v1", .none) == nil)
    #expect(try Self.log(home) == nil)
    let folder = repository.folder + "/plain"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try "x\n".write(toFile: folder + "/a", atomically: true, encoding: .utf8)
    let request = IndexRequest(source: folder, collection: "plain")
    #expect(try await home.indexer.index(request)[0].history == nil)
  }

  @Test func aShallowCloneIsSaidAndFilledLater() async throws {
    let repository = try TestRepository()
    for number in 1...5 { try repository.commit(["a": "\(number)\n"], message: "c\(number)") }
    let clone = repository.folder + "/clone.git"
    try repository.git(
      ["clone", "-q", "--bare", "--depth=2", "file://" + repository.path, clone], in: repository.folder)
    let home = try TestHome()
    let first = try #require(try await Self.index(home, clone, "main"))
    #expect(first.new == 2 && first.notices.first?.hasPrefix("history ends early: this is a shallow clone") == true)
    try repository.git(["fetch", "-q", "--unshallow"], in: clone)
    let second = try #require(try await Self.index(home, clone, "main"))
    #expect(second.new == 3 && second.commits == 5 && second.notices.isEmpty)
    let log = try #require(try Self.log(home))
    let head = try #require(log.number(of: repository.id(of: "main")))
    #expect(log.history(of: [head]).count == 5)
  }

  @Test func aMissingParentLeavesAGapThatIsSaid() async throws {
    let repository = try TestRepository()
    let lost = try repository.commit(["a": "1\n"])
    try repository.commit(["a": "2\n"], tag: "v2")
    let pack = repository.path + "/objects/pack"
    for name in try FileManager.default.contentsOfDirectory(atPath: pack) where name.hasSuffix(".pack") {
      let moved = repository.folder + "/" + name
      try FileManager.default.moveItem(atPath: pack + "/" + name, toPath: moved)
      try FileManager.default.removeItem(atPath: pack + "/" + name.replacing(".pack", with: ".idx"))
      try repository.git(["unpack-objects", "-q"], input: Array(Data(contentsOf: URL(fileURLWithPath: moved))))
    }
    let file = repository.path + "/objects/\(lost.hex.prefix(2))/\(lost.hex.dropFirst(2))"
    try FileManager.default.removeItem(atPath: file)
    let report = try #require(try await Self.index(try TestHome(), repository.path, "v2"))
    #expect(report.new == 1 && report.notices.contains { $0.hasPrefix("history has gaps: 1 of its commits") })
  }

  @Test func whatWasSealedBeforeAKillIsNotReadAgain() async throws {
    let repository = try TestRepository()
    for number in 1...20 { try repository.commit(["a": "\(number)\n"], message: "c\(number)") }
    let home = try TestHome()
    // A run that died after two segments: nothing of what it held in memory is there.
    let reader = CommitReader(try Repository(opening: repository.path))
    let plan = try reader.plan(from: [repository.id(of: "main")]) { _ in false }
    do {
      let writer = try CommitWriter(HomeWriter(home: home.path), collection: "project", sealed: 6)
      for id in plan.commits.prefix(16) { try writer.add(reader.record(id)) }
    }
    #expect(try Self.log(home)?.count == 12)
    #expect(try await Self.index(home, repository.path, "main").map { [$0.new, $0.commits] } == [8, 20])
  }

  @Test func aLongHistoryIsOnlyReadWhenItIsAskedFor() async throws {
    let repository = try TestRepository()
    for number in 1...9 { try repository.commit(["a": "\(number)\n"], message: "c\(number)") }
    let home = try TestHome()
    #expect(try await Self.index(home, repository.path, "main", .none) == nil)
    func run(_ mode: HistoryReading) throws -> HistoryReport? {
      let writer = try HomeWriter(home: home.path)
      let request = IndexRequest(source: repository.path, revisions: ["main"], collection: "project")
      let source = try CommitSource(request, home: writer.layout)
      return try HistoryRun(source: source, writer: writer, mode: mode, limit: 8).run()
    }
    let first = try #require(try run(.automatic))
    #expect(
      first.commits == 0 && first.notices[0].hasPrefix("history not read: more than 8 commits of it are new here"))
    // Not counted again, nor said again.
    #expect(try run(.automatic) == nil)
    #expect(try run(.whole)?.new == 9)
    #expect(try run(.automatic).map { [$0.new, $0.commits] } == [0, 9])
  }

  @Test func historyGoesWithItsCollection() async throws {
    let repository = try TestRepository()
    try repository.commit(["a": "1\n"], tag: "v1")
    let home = try TestHome()
    _ = try await Self.index(home, repository.path, "v1")
    let writer = try HomeWriter(home: home.path)
    try writer.forget(writer.snapshots())
    _ = try writer.collect()
    #expect(try Self.log(home) == nil)
  }
}
