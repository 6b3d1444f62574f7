// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glossary
import TestSupport
import Testing

@testable import GitStore

@Suite("A commit's objects can be kept")
struct CopyTests {
  @Test("the copy answers for the commit when the repository is gone, and a second copy adds only what is new")
  func copies() throws {
    let fixture = try TestRepository()
    let elsewhere = "1234567890123456789012345678901234567890"
    try fixture.commit([
      "a": "1", "dir/b": .executable("2"), "dir/link": .symlink(to: "b"), "sub": .submodule(elsewhere), "empty": "",
    ])
    let first = try fixture.commit(["a": "one\n"], tag: "v1")
    let second = try fixture.commit(["a": "two\n"], tag: "v2")
    let kept = fixture.folder + "/home/objects.git"
    let source = try Repository(opening: fixture.path)
    let manifest = try source.manifest(ofTree: source.resolve("v1").tree)
    try source.copyObjects(ofCommit: first, into: kept)
    let packs = { try FileManager.default.contentsOfDirectory(atPath: kept + "/objects/pack").sorted() }
    let after = try packs()
    #expect(after.filter { $0.hasSuffix(".pack") }.count == 1)
    try source.copyObjects(ofCommit: first, into: kept)
    #expect(try packs() == after, "a commit that is there is not copied again")
    try source.copyObjects(ofCommit: second, into: kept)
    #expect(try objectCount(fixture, kept) == 7 + 3, "commit, two trees, four blobs; then commit, tree, blob")
    try FileManager.default.removeItem(atPath: fixture.path)
    try FileManager.default.createDirectory(atPath: fixture.path, withIntermediateDirectories: true)

    let copy = try Repository(opening: kept)
    #expect(try copy.resolve(first.hex).id == first)
    #expect(try copy.manifest(ofTree: copy.resolve(first.hex).tree) == manifest)
    for entry in manifest where entry.kind != .submodule { _ = try copy.bytes(of: entry.object) }
    let changed = try #require(copy.manifest(ofTree: copy.resolve(second.hex).tree).first { $0.path.text == "a" })
    #expect(try copy.bytes(of: changed.object) == Array("two\n".utf8))
    #expect(try fixture.git(["fsck", "--full", "--strict"], in: kept).contains("error") == false)
  }

  @Test("a source that lacks an object leaves nothing behind that looks whole")
  func incompleteSource() throws {
    let fixture = try TestRepository()
    let commit = try fixture.commit(["a": "one\n", "b": "two\n"], tag: "v1")
    let blob = try fixture.id(of: "v1:b")
    try fixture.git(["config", "uploadpack.allowFilter", "true"])
    let partial = fixture.folder + "/partial.git"
    try fixture.git(["clone", "-q", "--bare", "--filter=blob:none", "file://" + fixture.path, partial])
    let kept = fixture.folder + "/kept.git"
    let error = try #require(throws: NenrinError.self) {
      try Repository(opening: partial).copyObjects(ofCommit: commit, into: kept)
    }
    #expect(error.code == .objectUnreadable)
    #expect(error.summary.hasSuffix("is missing in \(partial)"))
    try Repository(opening: fixture.path).copyObjects(ofCommit: commit, into: kept)
    #expect(try Repository(opening: kept).bytes(of: blob) == Array("two\n".utf8))
  }

  @Test("a home that cannot be written is explained")
  func unwritable() throws {
    let fixture = try TestRepository()
    let commit = try fixture.commit(["a": "1"])
    let file = fixture.folder + "/file"
    try Data("in the way".utf8).write(to: URL(fileURLWithPath: file))
    let error = try #require(throws: NenrinError.self) {
      try Repository(opening: fixture.path).copyObjects(ofCommit: commit, into: file + "/kept.git")
    }
    #expect(error.code == .homeNotWritable)
    #expect(error.summary == "\(file)/kept.git cannot be made or opened")
    #expect(error.remedies == ["Choose another home with --home, or make this one writable."])
  }

  private func objectCount(_ fixture: TestRepository, _ path: String) throws -> Int {
    try fixture.git(["cat-file", "--batch-all-objects", "--batch-check"], in: path).split(separator: "\n").count
  }
}
