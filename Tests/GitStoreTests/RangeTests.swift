// SPDX-License-Identifier: Apache-2.0
import Glossary
import TestSupport
import Testing

@testable import GitStore

@Suite("Ranges become lists of commits")
struct RangeTests {
  @Test("A..B is every first-parent commit after A, oldest first, named by its tag where it has one")
  func firstParents() throws {
    let fixture = try TestRepository()
    try fixture.commit(["f": "1"], tag: "v1")
    let second = try fixture.commit(["f": "2"])
    try fixture.commit(["side": "1"], branch: "topic", from: "refs/heads/main^0")
    try fixture.commit(["side": "2"], branch: "topic")
    let merge = try fixture.commit(
      ["side": "2"], message: "Merge topic", merge: ["refs/heads/topic^0"], annotatedTag: "v2")
    let last = try fixture.commit(["f": "3"])
    let repository = try Repository(opening: fixture.path)

    let commits = try repository.expand("v1..main")
    #expect(commits.map(\.id) == [second, merge, last])
    #expect(commits.map(\.revision) == [second.shortHex, "v2", "main"])
    #expect(try repository.expand("v1..").map(\.id) == [second, merge, last])
    #expect(try repository.expand("v2").map(\.revision) == ["v2"])
    #expect(try repository.expand("topic..main").map(\.id) == [merge, last], "as git has it: what topic does not hold")
    #expect(
      try fixture.git(["rev-list", "--first-parent", "--reverse", "topic..main"]).split(separator: "\n").map(
        String.init)
        == [merge.hex, last.hex])
    #expect(repository.notices.isEmpty)
  }

  @Test("commits whose clocks run backwards are still found in order")
  func skewedClocks() throws {
    let fixture = try TestRepository()
    var commits: [ObjectID] = []
    for (index, date) in [5000, 100, 9000, 50, 7000].enumerated() {
      commits.append(try fixture.commit(["f": "\(index)"], tag: "v\(index)", date: Int64(date)))
    }
    let repository = try Repository(opening: fixture.path)
    for start in 0..<4 {
      #expect(try repository.expand("v\(start)..v4").map(\.id) == Array(commits[(start + 1)...]))
    }
  }

  @Test("series without a common commit: the whole other series")
  func unrelated() throws {
    let fixture = try TestRepository()
    try fixture.commit(["f": "1"], branch: "6.1", tag: "v6.1.1")
    let first = try fixture.commit(["f": "2"], branch: "6.12", tag: "v6.12.1")
    let second = try fixture.commit(["f": "3"], branch: "6.12", tag: "v6.12.2")
    #expect(try Repository(opening: fixture.path).expand("v6.1.1..v6.12.2").map(\.id) == [first, second])
  }

  @Test("a range without commits, or with three dots, is explained")
  func emptyRange() throws {
    let fixture = try TestRepository()
    try fixture.commit(["f": "1"], tag: "v1")
    try fixture.commit(["f": "2"], tag: "v2")
    let repository = try Repository(opening: fixture.path)
    let turned = try #require(throws: NenrinError.self) { try repository.expand("v2..v1") }
    #expect(
      turned.description == """
        range 'v2..v1' holds no commit: v1 is part of v2's history
          Turn it round: v1..v2
        """)
    let same = try #require(throws: NenrinError.self) { try repository.expand("v2..main") }
    #expect(
      same.description == """
        range 'v2..main' holds no commit: both ends are the same commit
          Name the commit itself: main
        """)
    let dots = try #require(throws: NenrinError.self) { try repository.expand("v1...v2") }
    #expect(
      dots.description == """
        'v1...v2' has three dots: commits of either side have no order to be indexed in
          Give a range with two dots: v1..v2
        """)
    #expect(try #require(throws: NenrinError.self) { try repository.expand("v9..v1") }.code == .revisionNotFound)
  }

  @Test("a shallow clone ends a range early and says so; what lies before it is explained")
  func shallowClone() throws {
    let fixture = try TestRepository()
    for number in 1...5 { try fixture.commit(["f": "\(number)"], tag: "v\(number)") }
    let elsewhere = try fixture.commit(["g": "1"], branch: "other")
    let clone = fixture.folder + "/shallow.git"
    try fixture.git(["clone", "-q", "--bare", "--depth=2", "file://" + fixture.path, clone])
    try fixture.git(["fetch", "-q", "--depth=1", "origin", "other:other"], in: clone)
    let repository = try Repository(opening: clone)
    #expect(repository.isShallow)
    #expect(try repository.expand("\(elsewhere)..v5").map(\.revision) == ["v4", "v5"])
    let boundary = try fixture.id(of: "v4").shortHex
    #expect(
      repository.notices == [
        "range '\(elsewhere)..v5' begins at \(boundary), where this shallow clone ends; "
          + "`git -C \(clone) fetch --unshallow` brings what lies before"
      ])
    let error = try #require(throws: NenrinError.self) { try repository.resolve("v5~3") }
    #expect(
      error.description == """
        no revision 'v5~3' in \(clone): 'v5' is there, but not what '~3' asks of it
          Fetch the whole history, since this is a shallow clone: git -C \(clone) fetch --unshallow --tags
        """)
    #expect(try repository.manifest(ofTree: repository.resolve("v4").tree).count == 1)
  }
}
