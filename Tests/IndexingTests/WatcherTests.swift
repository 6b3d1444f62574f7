// SPDX-License-Identifier: Apache-2.0
import Foundation
import GitStore
import Glossary
import IndexStore
import Indexing
import Synchronization
import TestSupport
import Testing

@Suite struct WatcherTests {
  /// What a look says, one line for each event.
  private final class Events: Sendable {
    private let lines = Mutex<[String]>([])

    func take(_ event: WatchEvent) {
      let line =
        switch event {
        case .indexed(let report): "indexed \(report.revision)"
        case .indexedBefore(let report): "before \(report.revision)"
        case .failed(let error): "failed \(error.code.rawValue)"
        }
      lines.withLock { $0.append(line) }
    }

    func drain() -> [String] {
      lines.withLock { lines in
        defer { lines = [] }
        return lines
      }
    }
  }

  @Test func aBranchThatMovesIsIndexed() async throws {
    let repository = try TestRepository()
    try repository.commit(["a.c": "int a;\n"])
    let home = try TestHome()
    let events = Events()
    var watcher = try Watcher(home.indexer, WatchRequest(source: repository.path, collection: "project"))
    #expect(try await watcher.look(events.take) == 0)
    #expect(events.drain() == ["indexed main"])
    #expect(try await watcher.look(events.take) == 0)
    #expect(events.drain() == [])
    let commit = try repository.commit(["a.c": "int b;\n"])
    #expect(try await watcher.look(events.take) == 0)
    #expect(events.drain() == ["indexed main"])
    #expect(try home.view("main").info.commit == commit)
    // Another watcher finds it there.
    var second = try Watcher(home.indexer, WatchRequest(source: repository.path, collection: "project"))
    #expect(try await second.look(events.take) == 0)
    #expect(events.drain() == ["before main"])
  }

  @Test func globsOfBranchesAndTagsAreWatched() async throws {
    let repository = try TestRepository()
    try repository.commit(["a.c": "int a;\n"], tag: "v1")
    try repository.commit(["a.c": "int b;\n"], branch: "next", from: "main")
    let home = try TestHome()
    let events = Events()
    var watcher = try Watcher(
      home.indexer,
      WatchRequest(source: repository.path, branchGlobs: ["ne*"], tagGlobs: ["v*"], collection: "project"))
    #expect(try await watcher.look(events.take) == 0)
    #expect(events.drain() == ["indexed v1", "indexed next"])
    try repository.commit(["a.c": "int c;\n"], tag: "v2")
    try repository.commit(["a.c": "int d;\n"], branch: "other", from: "main")
    #expect(try await watcher.look(events.take) == 0)
    #expect(events.drain() == ["indexed v2"])
  }

  @Test func whatFailsIsSaidOnceAndTriedAgain() async throws {
    let repository = try TestRepository()
    try repository.commit(["a.c": "int a;\n"])
    let home = try TestHome()
    let events = Events()
    var watcher = try Watcher(home.indexer, WatchRequest(source: repository.path, collection: "project"))
    var writer: HomeWriter? = try HomeWriter(home: home.path)
    #expect(try await watcher.look(events.take) == 1)
    #expect(try await watcher.look(events.take) == 1)
    #expect(events.drain() == ["failed index_busy"])
    withExtendedLifetime(writer) {}
    writer = nil
    #expect(try await watcher.look(events.take) == 0)
    #expect(events.drain() == ["indexed main"])
    try FileManager.default.moveItem(atPath: repository.path, toPath: repository.path + ".away")
    #expect(try await watcher.look(events.take) == 1)
    #expect(events.drain() == ["failed not_a_repository"])
    try FileManager.default.moveItem(atPath: repository.path + ".away", toPath: repository.path)
    #expect(try await watcher.look(events.take) == 0)
    #expect(events.drain() == [])
  }

  @Test func aGlobWithoutAMatchAndAFolderAreErrors() async throws {
    let repository = try TestRepository()
    try repository.commit(["a.c": "int a;\n"])
    let home = try TestHome()
    let events = Events()
    var watcher = try Watcher(home.indexer, WatchRequest(source: repository.path, tagGlobs: ["v*"]))
    #expect(try await watcher.look(events.take) == 1)
    #expect(events.drain() == ["failed revision_not_found"])
    #expect(throws: NenrinError.self) { try Watcher(home.indexer, WatchRequest(source: repository.folder)) }
  }
}
