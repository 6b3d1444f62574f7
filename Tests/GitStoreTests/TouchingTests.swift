// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import TestSupport
import Testing

@Suite struct TouchingTests {
  private static func subjects(_ repository: TestRepository, _ paths: String..., limit: Int = 100) throws -> [String]? {
    let opened = try Repository(opening: repository.path)
    return try opened.commits(
      after: repository.id(of: "v1^0"), upTo: repository.id(of: "v2^0"), touching: paths.map { TreePath(text: $0) },
      limit: limit, walkLimit: 1_000
    )?.map(\.subject)
  }

  private static func history() throws -> TestRepository {
    let repository = try TestRepository()
    try repository.commit(["a/x.c": "1\n", "b.c": "1\n"], message: "before", tag: "v1")
    try repository.commit(["a/x.c": "2\n"], message: "x to two")
    try repository.commit(["b.c": "2\n"], message: "b to two")
    try repository.commit(["a/y.c": "1\n"], message: "add y")
    try repository.commit(remove: ["a/x.c"], message: "drop x", tag: "v2")
    return repository
  }

  @Test func theyAreThoseOfGitLog() throws {
    let repository = try Self.history()
    for paths in [["a/x.c"], ["a"], ["b.c"], ["b.c", "a/y.c"], ["nowhere"]] {
      let git = try repository.git(["log", "--format=%s", "v1..v2", "--"] + paths)
      let opened = try Repository(opening: repository.path)
      let found = try opened.commits(
        after: repository.id(of: "v1^0"), upTo: repository.id(of: "v2^0"), touching: paths.map { TreePath(text: $0) },
        limit: 100, walkLimit: 1_000)
      #expect(found?.map(\.subject).joined(separator: "\n") == git)
    }
  }

  @Test func aLimitKeepsTheNewest() throws {
    #expect(try Self.subjects(Self.history(), "a", limit: 1) == ["drop x"])
  }

  @Test func tooManyCommitsAreNotWalked() throws {
    let repository = try Self.history()
    let found = try Repository(opening: repository.path).commits(
      after: repository.id(of: "v1^0"), upTo: repository.id(of: "v2^0"), touching: [TreePath(text: "a")], limit: 100,
      walkLimit: 2)
    #expect(found == nil)
  }

  @Test func importedTreesTellNothing() throws {
    let repository = try TestRepository()
    try repository.commit(["a.c": "1\n"], tag: "v1")
    try repository.commit(["a.c": "2\n"], tag: "v1.5")
    try repository.commit(["a.c": "3\n"], tag: "v2")
    #expect(try Self.subjects(repository, "a.c") == nil)
  }
}
