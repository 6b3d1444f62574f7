// SPDX-License-Identifier: Apache-2.0
import Glossary
import TestSupport
import Testing

@testable import GitStore

@Suite("Revisions become commits")
struct ResolveTests {
  @Test("tags, annotated tags, branches, remotes' branches, ids, HEAD and expressions all resolve")
  func everyForm() throws {
    let fixture = try TestRepository()
    let first = try fixture.commit(["a.c": "int a;\n"], message: "first\n\nbody", tag: "v1")
    let second = try fixture.commit(["a.c": "int b;\n"], message: "second", annotatedTag: "v2")
    try fixture.git(["update-ref", "refs/remotes/origin/next", first.hex])
    let repository = try Repository(opening: fixture.path)

    #expect(try repository.resolve("v1").id == first)
    #expect(try repository.resolve("v2").id == second)
    #expect(try fixture.id(of: "v2") != second, "v2 is a tag object")
    #expect(try repository.resolve("main").id == second)
    #expect(try repository.resolve("HEAD").id == second)
    #expect(try repository.resolve("origin/next").id == first)
    #expect(try repository.resolve("v2~1").id == first)
    #expect(try repository.resolve("refs/tags/v1").id == first)
    #expect(try repository.resolve(second.hex).id == second)
    #expect(try repository.resolve(String(second.hex.prefix(7))).id == second)
    #expect(try repository.resolve(String(second.hex.uppercased().prefix(12))).id == second)

    let commit = try repository.resolve("v2")
    #expect(commit.revision == "v2")
    #expect(commit.parents == [first])
    #expect(commit.subject == "second")
    #expect(commit.date == 1_700_000_120)
    #expect(try commit.tree == fixture.id(of: "main^{tree}"))
    #expect(try repository.resolve("v1").subject == "first")
  }

  @Test("an unknown revision names its near misses")
  func nearMissesAreNamed() throws {
    let fixture = try TestRepository()
    for tag in ["v6.12.111", "v6.12.113", "v6.12.117", "v5.1"] { try fixture.commit(["f": "\(tag)"], tag: tag) }
    let repository = try Repository(opening: fixture.path)
    let error = try #require(throws: NenrinError.self) { try repository.resolve("v6.12.17") }
    #expect(
      error.description == """
        no revision 'v6.12.17' in \(repository.gitDirectory)
          Try v6.12.117, v6.12.111 or v6.12.113.
        """)
    #expect(error.code == .revisionNotFound)
    let strange = try #require(throws: NenrinError.self) { try repository.resolve("elephant") }
    #expect(
      strange.remedies == [
        "Run `git -C \(repository.gitDirectory) tag` and `git branch -a` to see the names that are there."
      ])
  }

  @Test("an expression is explained by the part that fails")
  func expressions() throws {
    let fixture = try TestRepository()
    try fixture.commit(["f": "1"], tag: "v6.12")
    let repository = try Repository(opening: fixture.path)
    let tooFar = try #require(throws: NenrinError.self) { try repository.resolve("v6.12~3") }
    #expect(
      tooFar.description == """
        no revision 'v6.12~3' in \(fixture.path): 'v6.12' is there, but not what '~3' asks of it
          Run `git -C \(fixture.path) log v6.12` to see what is.
        """)
    let misspelt = try #require(throws: NenrinError.self) { try repository.resolve("v6.21~1") }
    #expect(misspelt.remedies == ["Try v6.12."])
  }

  @Test("a branch is found by its name without the remote, as a near miss")
  func remoteBranchIsNearMiss() throws {
    let fixture = try TestRepository()
    let id = try fixture.commit(["f": "1"])
    try fixture.git(["update-ref", "refs/remotes/origin/linux-6.12.y", id.hex])
    let repository = try Repository(opening: fixture.path)
    let error = try #require(throws: NenrinError.self) { try repository.resolve("linux-6.12.y") }
    #expect(error.remedies == ["Try origin/linux-6.12.y."])
  }

  @Test("a tree or a blob is no commit")
  func treeIsNoCommit() throws {
    let fixture = try TestRepository()
    try fixture.commit(["a.c": "int a;\n"], tag: "v1")
    try fixture.git(["tag", "just-a-tree", "main^{tree}"])
    let repository = try Repository(opening: fixture.path)
    let error = try #require(throws: NenrinError.self) { try repository.resolve("just-a-tree") }
    #expect(
      error.description == """
        'just-a-tree' is a tree, and a commit is wanted here: a snapshot is a commit with its whole tree
          Name a tag, a branch, a commit or HEAD.
        """)
    #expect(error.code == .invalidArgument)
    let blob = try #require(throws: NenrinError.self) { try repository.resolve("v1:a.c") }
    #expect(blob.summary == "'v1:a.c' is a blob, and a commit is wanted here")
    #expect(try repository.tags(matching: "*") == ["v1"])
  }

  @Test("an empty repository and an unborn HEAD say so")
  func nothingCommitted() throws {
    let fixture = try TestRepository()
    let error = try #require(throws: NenrinError.self) { try Repository(opening: fixture.path).resolve("HEAD") }
    #expect(
      error.description == """
        no commit in \(fixture.path): it has no branch and no tag yet
          Commit or fetch something first.
        """)
    try fixture.commit(["a": "1"], branch: "topic", tag: "v1")
    let unborn = try #require(throws: NenrinError.self) { try Repository(opening: fixture.path).resolve("HEAD") }
    #expect(
      unborn.description == """
        no commit behind HEAD in \(fixture.path): HEAD names a branch that has no commit yet
          Name a revision: v1 or topic.
        """)
  }

  @Test(
    "an abbreviation that several commits share is explained, and one that a single commit shares with blobs is not")
  func ambiguity() throws {
    let fixture = try TestRepository()
    var commits: [ObjectID] = []
    var byPrefix: [String: [ObjectID]] = [:]
    // Some hundred commits share 4 digits sooner or later: 16^4 birthdays.
    while byPrefix.values.allSatisfy({ $0.count < 2 }) {
      let script = (commits.count..<commits.count + 200).map { index in
        "commit refs/heads/b\(index)\ncommitter T <t@example.org> \(index) +0000\ndata 1\nx\n"
      }
      try fixture.git(["fast-import", "--quiet", "--date-format=raw"], input: Array(script.joined().utf8))
      commits = try fixture.git(["for-each-ref", "--format=%(objectname)"]).split(separator: "\n").compactMap {
        ObjectID(hex: $0)
      }
      byPrefix = Dictionary(grouping: commits) { String($0.hex.prefix(4)) }
    }
    let (prefix, shared) = try #require(byPrefix.first { $0.value.count == 2 })
    let repository = try Repository(opening: fixture.path)
    let error = try #require(throws: NenrinError.self) { try repository.resolve(prefix) }
    let names = shared.sorted().map { String($0.hex.prefix(16)) }
    #expect(
      error.description == """
        '\(prefix)' is ambiguous in \(fixture.path): it begins \(names[0]) and \(names[1])
          Give more digits, or the name of a tag or branch.
        """)
    #expect(error.code == .invalidArgument)
  }

  @Test(
    "nonsense is refused with words",
    arguments: ["", "v1..v2", "a\u{0}b", "HEAD@{yesterday", "^", "~", "--upload-pack=x"])
  func nonsense(_ revision: String) throws {
    let fixture = try TestRepository()
    try fixture.commit(["a": "1"])
    let repository = try Repository(opening: fixture.path)
    let error = try #require(throws: NenrinError.self) { try repository.resolve(revision) }
    #expect(error.code == .invalidArgument || error.code == .revisionNotFound)
    #expect(!error.remedies.isEmpty)
  }

  @Test("tags come by date, then in version order; branches in version order")
  func listing() throws {
    let fixture = try TestRepository()
    try fixture.commit(["a": "1"], tag: "v6.10", date: 300)
    try fixture.commit(["a": "2"], tag: "v6.9", date: 200)
    for tag in ["v6.11", "v6.9.2", "v6.11-rc10", "v6.11-rc9", "other"] { try fixture.git(["tag", tag, "v6.10"]) }
    try fixture.git(["branch", "linux-6.9", "main"])
    try fixture.git(["branch", "linux-6.10", "main"])
    let repository = try Repository(opening: fixture.path)
    #expect(
      try repository.tags(matching: "v*") == ["v6.9", "v6.9.2", "v6.10", "v6.11-rc9", "v6.11-rc10", "v6.11"])
    #expect(try repository.tags(matching: "v6.1?") == ["v6.10", "v6.11"])
    #expect(try repository.branches(matching: "linux-*") == ["linux-6.9", "linux-6.10"])
    #expect(try repository.tags(matching: "none*").isEmpty)
  }
}
