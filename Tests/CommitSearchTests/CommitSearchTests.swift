// SPDX-License-Identifier: Apache-2.0
import CommitSearch
import Foundation
import GitStore
import Glossary
import IndexStore
import Indexing
import TestSupport
import Testing

/// The repository of a test, whose definitions are C functions that begin at a line's start and end at `}`.
private final class TestHistory: HistorySource {
  private let repository: Repository

  init(_ path: String) throws { repository = try Repository(opening: path) }

  func bytes(of blob: ObjectID) throws -> [UInt8] { try repository.bytes(of: blob) }

  func blob(at path: TreePath, in commit: ObjectID) throws -> ObjectID? {
    try repository.blob(at: path, inCommit: commit)
  }

  func extents(of name: String, in bytes: [UInt8], path: TreePath) -> [Range<Int>] {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let start = text.range(of: "int \(name)(")?.lowerBound, let end = text[start...].firstIndex(of: "}") else {
      return []
    }
    return [text.utf8.distance(from: text.startIndex, to: start)..<text.utf8.distance(from: text.startIndex, to: end)]
  }
}

@Suite struct CommitSearchTests {
  private let repository: TestRepository
  private let home: TestHome

  private static func source(_ lock: Int, _ unlock: Int, head: String = "") -> TestFile {
    .text("\(head)int lock(void)\n{\n\treturn \(lock);\n}\n\nint unlock(void)\n{\n\treturn \(unlock);\n}\n")
  }

  init() async throws {
    repository = try TestRepository()
    home = try TestHome()
    try repository.commit(["README": "a tree\n"], message: "Start with nothing", tag: "v0")
    try repository.commit(
      ["fs/lock.c": Self.source(1, 1)],
      message: "fs: add locking\n\nReaders no longer starve.\n\nSigned-off-by: A <a@b>")
    try repository.commit(
      ["net/tcp.c": "int send(void)\n{\n\treturn 0;\n}\n"], message: "net: send segments", tag: "v1")
    try repository.commit(["fs/lock.c": Self.source(1, 2)], message: "fs: unlock wakes waiters")
    try repository.commit(
      ["fs/lock.c": Self.source(1, 2, head: "#include \"x.h\"\n")], message: "fs: include what is used")
    try repository.commit(
      ["fs/lock.c": Self.source(3, 2, head: "#include \"x.h\"\n")], message: "fs: lock fairly", tag: "v2")
    try repository.commit(
      ["net/udp.c": "int datagram;\n"], remove: ["README"], message: "net: datagrams", branch: "side", from: "v1")
    try await home.index(repository, "v2")
  }

  private func search(_ request: CommitRequest, after: String? = nil, upTo: String? = nil) throws -> CommitResult {
    let log = try #require(try CommitLog(HomeLayout(root: home.path), collection: "project"))
    var request = request
    request.after = try after.map(repository.id)
    request.upTo = try upTo.map(repository.id)
    return try CommitSearch(log: log, view: home.view("v2"), source: TestHistory(repository.path)).search(request)
  }

  private func subjects(_ result: CommitResult) -> [String] { result.hits.map(\.commit.subject) }

  @Test func wordsFindCommitsAndSayWhy() throws {
    let result = try search(CommitRequest(question: "do readers starve while locking?"))
    let hit = try #require(result.hits.first)
    #expect(hit.commit.subject == "fs: add locking" && hit.score > 0)
    #expect(hit.subjectWords == ["locking"] && hit.messageWords == ["Readers", "starve"])
    #expect(result.considered == 6)
  }

  @Test func pathsAreWordsToo() throws {
    let hit = try #require(try search(CommitRequest(question: "tcp")).hits.first)
    #expect(hit.commit.subject == "net: send segments" && hit.pathWords == ["tcp"])
    #expect(hit.paths == [PathChange(.added, TreePath(text: "net/tcp.c"))])
  }

  @Test func withoutAQuestionTheNewestStandFirst() throws {
    let result = try search(CommitRequest(pathGlob: "fs", limit: 2))
    #expect(subjects(result) == ["fs: lock fairly", "fs: include what is used"] && result.total == 4)
    var next = CommitRequest(pathGlob: "fs", limit: 2)
    next.offset = 2
    #expect(try subjects(search(next)) == ["fs: unlock wakes waiters", "fs: add locking"])
  }

  @Test func aRangeIsWhatOneSideHasAlone() throws {
    let result = try search(CommitRequest(), after: "v1", upTo: "v2")
    #expect(subjects(result) == ["fs: lock fairly", "fs: include what is used", "fs: unlock wakes waiters"])
    #expect(
      try search(CommitRequest(), after: "v2", upTo: "v1").notices.first?.hasSuffix("turn the range round") == true)
    let error = #expect(throws: NenrinError.self) { try search(CommitRequest(), upTo: "side") }
    #expect(error?.code == .revisionNotFound)
  }

  @Test func aSymbolIsTouchedWhereItsOwnLinesAre() throws {
    #expect(try subjects(search(CommitRequest(symbol: "lock"))) == ["fs: lock fairly", "fs: add locking"])
    #expect(try subjects(search(CommitRequest(symbol: "unlock"))) == ["fs: unlock wakes waiters", "fs: add locking"])
    let error = #expect(throws: NenrinError.self) { try search(CommitRequest(symbol: "nothing_so")) }
    #expect(error?.code == .symbolNotFound)
  }

  @Test func theCommitThatBroughtAName() throws {
    let symbol = try #require(try search(CommitRequest(introduced: "unlock")).introduction)
    #expect(symbol.commit.subject == "fs: add locking" && symbol.certainty == .certain)
    let path = try #require(try search(CommitRequest(introduced: "net/tcp.c")).introduction)
    #expect(path.commit.subject == "net: send segments" && path.certainty == .certain)
    #expect(try search(CommitRequest(introduced: "no_such")).introduction == nil)
    let asked = try search(CommitRequest(question: "which commit introduced net/tcp.c?"))
    #expect(asked.introduction?.commit.subject == "net: send segments")
  }

  @Test func aNameOfSeveralWordsIsFoundWhole() async throws {
    try repository.commit(["doc.txt": "set lock.fair to true\n"], message: "document it", tag: "v3")
    try repository.commit(["doc.txt": "set lock.fair to true, or not\n"], message: "say more", tag: "v4")
    try await home.index(repository, "v4")
    let log = try #require(try CommitLog(HomeLayout(root: home.path), collection: "project"))
    let found = try CommitSearch(log: log, view: home.view("v4"), source: TestHistory(repository.path)).search(
      CommitRequest(introduced: "lock.fair")
    ).introduction
    #expect(found?.commit.subject == "document it" && found?.path.text == "doc.txt")
  }

  @Test func aNameThatMovedCameWhereItStoodFirst() async throws {
    try repository.commit([:], move: [(from: "fs/lock.c", to: "lib/lock.c")], message: "move locking")
    try repository.commit(["lib/more.c": "int more(void)\n{\n\treturn lock();\n}\n"], message: "use it", tag: "v3")
    try await home.index(repository, "v3")
    let log = try #require(try CommitLog(HomeLayout(root: home.path), collection: "project"))
    let found = try CommitSearch(log: log, view: home.view("v3"), source: TestHistory(repository.path)).search(
      CommitRequest(introduced: "unlock")
    ).introduction
    #expect(found?.commit.subject == "fs: add locking" && found?.path.text == "fs/lock.c")
  }

  @Test func meaningOrdersTheBestOnceMore() throws {
    let log = try #require(try CommitLog(HomeLayout(root: home.path), collection: "project"))
    let search = CommitSearch(log: log, view: try home.view("v2"), source: try TestHistory(repository.path)) {
      _, texts in
      texts.map { $0.hasPrefix("fs: unlock") ? 1 : -1 }
    }
    #expect(try search.search(CommitRequest(question: "fs")).hits.first?.commit.subject == "fs: unlock wakes waiters")
  }
}
