// SPDX-License-Identifier: Apache-2.0
import Glossary
import TestSupport
import Testing

@testable import GitStore

@Suite("Trees become manifests, and two manifests become changes")
struct ManifestTests {
  @Test("every kind of entry is recorded, in byte order of the path")
  func kindsAndOrder() throws {
    let fixture = try TestRepository()
    let elsewhere = "1234567890123456789012345678901234567890"
    try fixture.commit([
      "lib/z.c": "z", "lib.c": "dot before slash", "lib-x/y": "dash before dot", "lib0": "digit after slash",
      "run": .executable("#!/bin/sh\n"), "link": .symlink(to: "lib/z.c"), "sub": .submodule(elsewhere),
      "\"caf\\351.c\"": "not UTF-8", "日本.txt": "UTF-8",
    ])
    let repository = try Repository(opening: fixture.path)
    let manifest = try repository.manifest(ofTree: repository.resolve("main").tree)
    #expect(
      manifest.map { "\($0.kind) \($0.path)" } == [
        "file \"caf\\351.c\"", "file lib-x/y", "file lib.c", "file lib/z.c", "file lib0", "symlink link",
        "executable run", "submodule sub", "file 日本.txt",
      ])
    #expect(manifest.map(\.path) == manifest.map(\.path).sorted())
    let entry = { (path: String) in manifest.first { $0.path == TreePath(text: path) } }
    #expect(entry("sub")?.object.hex == elsewhere)
    #expect(try repository.bytes(of: #require(entry("link")?.object)) == Array("lib/z.c".utf8))
    #expect(try repository.bytes(of: #require(entry("\"caf\\351.c\"")?.object)) == Array("not UTF-8".utf8))
  }

  @Test("an empty tree is an empty manifest")
  func emptyTree() throws {
    let fixture = try TestRepository()
    try fixture.commit()
    let repository = try Repository(opening: fixture.path)
    #expect(try repository.manifest(ofTree: repository.resolve("main").tree).isEmpty)
  }

  @Test("blobs: bytes, lengths and names, the empty one too")
  func blobs() throws {
    let fixture = try TestRepository()
    let large = [UInt8](repeating: 7, count: 3_000_000)
    try fixture.commit(["empty": "", "large": .bytes(large), "text": "hello\n"], tag: "v1")
    let repository = try Repository(opening: fixture.path)
    for (path, bytes) in [("empty", []), ("large", large), ("text", Array("hello\n".utf8))] {
      let id = try fixture.id(of: "v1:\(path)")
      #expect(try repository.bytes(of: id) == bytes)
      #expect(try repository.byteCount(of: id) == bytes.count)
      #expect(try repository.withBytes(of: id) { $0.count } == bytes.count)
      #expect(bytes.withUnsafeBytes { Repository.objectID(ofBlob: $0) } == id)
      let (high, low) = bytes.withUnsafeBytes { Repository.hash16($0) }
      #expect(high == id.high && low == id.middle)
    }
    let tree = try repository.resolve("v1").tree
    let error = try #require(throws: NenrinError.self) { try repository.bytes(of: tree) }
    #expect(error.summary == "object \(tree) in \(fixture.path) cannot be read")
    #expect(error.reason == "it is a tree, not a blob")
    #expect(throws: NenrinError.self) { try repository.byteCount(of: tree) }
  }

  @Test("several readers at once, each with a handle of its own, read the same bytes")
  func readersInParallel() async throws {
    let fixture = try TestRepository()
    for round in 0..<5 {
      var files: [String: TestFile] = [:]
      for index in 0..<40 {
        files["d\(index % 3)/f\(index)"] = "\(round) \(String(repeating: "\(index) ", count: 500))"
      }
      try fixture.commit(files, tag: "v\(round)")
    }
    let path = fixture.path
    let lengths = try await withThrowingTaskGroup(of: [Int].self) { group in
      for _ in 0..<8 {
        group.addTask {
          let repository = try Repository(opening: path)
          return try (0..<5).flatMap { round in
            try repository.manifest(ofTree: repository.resolve("v\(round)").tree).map { entry in
              let bytes = try repository.bytes(of: entry.object)
              #expect(bytes.withUnsafeBytes { Repository.objectID(ofBlob: $0) } == entry.object)
              return bytes.count
            }
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(lengths.count == 8)
    #expect(Set(lengths).count == 1)
    #expect(lengths.first?.count == 200)
  }

  @Test("changes: added, removed, modified, mode, type, and a file that becomes a folder")
  func changes() throws {
    let fixture = try TestRepository()
    try fixture.commit(
      [
        "a/same.c": "same", "a/deep/er/x": "1", "b": "file", "gone/1": "1", "gone/2": "2", "mode": "m", "type": "t",
        "z": "z",
      ], tag: "v1")
    try fixture.commit(
      [
        "a/deep/er/x": "2", "b/now/a/folder": "f", "b.c": "new", "mode": .executable("m"), "type": .symlink(to: "z"),
        "zz": "new",
      ], remove: ["gone", "b"], tag: "v2")
    let repository = try Repository(opening: fixture.path)
    let from = try repository.resolve("v1").tree
    let to = try repository.resolve("v2").tree
    let changes = try repository.changes(fromTree: from, toTree: to)
    #expect(
      changes.map(summary) == [
        "M a/deep/er/x", "D b", "A b.c", "A b/now/a/folder", "D gone/1", "D gone/2", "M mode file>executable",
        "M type file>symlink", "A zz",
      ])
    #expect(
      try repository.changes(fromTree: to, toTree: from).map(summary) == [
        "M a/deep/er/x", "A b", "D b.c", "D b/now/a/folder", "A gone/1", "A gone/2", "M mode executable>file",
        "M type symlink>file", "D zz",
      ])
    #expect(try repository.changes(fromTree: from, toTree: from).isEmpty)
  }

  @Test("changes are what comparing the two manifests gives, for random histories", arguments: 0..<12)
  func changesAgreeWithManifests(_ seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let fixture = try TestRepository()
    for step in 0..<4 {
      var files: [String: TestFile] = [:]
      var removed: [String] = []
      for _ in 0..<12 {
        let path = (0...Int.random(in: 0...3, using: &random))
          .map { _ in ["a", "a.b", "a-b", "ab", "b"].randomElement(using: &random) ?? "a" }
          .joined(separator: "/")
        // A path that runs through a file would make a commit that git has no form for.
        if files.keys.contains(where: { $0.hasPrefix(path + "/") || path.hasPrefix($0 + "/") || $0 == path }) {
          continue
        }
        files[path] = Bool.random(using: &random) ? "\(random.next())" : .executable("same")
        removed.append(path)
        removed += path.indices.filter { path[$0] == "/" }.map { String(path[..<$0]) }.filter { _ in step % 2 == 1 }
      }
      try fixture.commit(files, remove: step % 2 == 1 ? Array(Set(removed)).sorted() : [], tag: "v\(step)")
    }
    let repository = try Repository(opening: fixture.path)
    let trees = try (0..<4).map { try repository.resolve("v\($0)").tree }
    for from in trees {
      for to in trees {
        let expected = ManifestChange.between(
          try repository.manifest(ofTree: from), try repository.manifest(ofTree: to))
        #expect(try repository.changes(fromTree: from, toTree: to) == expected)
      }
    }
  }

  @Test("a tree that is out of order, as old tools wrote them, still gives an ordered manifest and true changes")
  func unorderedTree() throws {
    let fixture = try TestRepository()
    try fixture.commit(["a": "1", "b": "2", "c": "3"], tag: "v1")
    let record = { (name: String) in
      Array("100644 \(name)\0".utf8) + (try fixture.id(of: "v1:\(name)")).bytes
    }
    let bytes = try record("c") + record("a")
    let text = try fixture.git(["hash-object", "-t", "tree", "--literally", "-w", "--stdin"], input: bytes)
    let tree = try #require(ObjectID(hex: text))
    let repository = try Repository(opening: fixture.path)
    #expect(try repository.manifest(ofTree: tree).map(\.path.text) == ["a", "c"])
    let whole = try repository.resolve("v1").tree
    #expect(try repository.changes(fromTree: whole, toTree: tree).map(summary) == ["D b"])
  }

  @Test(
    "a malformed tree is damage, not a crash", arguments: ["", "1006", "100644 a", "100644 a\0short", "99 a\0", "7 \0"])
  func malformedTree(_ content: String) throws {
    let fixture = try TestRepository()
    try fixture.commit(["a": "1"])
    let bytes = Array(content.utf8) + (content.hasSuffix("\0") ? [UInt8](repeating: 1, count: 20) : [])
    let text = try fixture.git(["hash-object", "-t", "tree", "--literally", "-w", "--stdin"], input: bytes)
    let tree = try #require(ObjectID(hex: text))
    let repository = try Repository(opening: fixture.path)
    if content.isEmpty {
      #expect(try repository.manifest(ofTree: tree).isEmpty)
      return
    }
    let error = try #require(throws: NenrinError.self) { try repository.manifest(ofTree: tree) }
    #expect(error.summary == "object \(tree) in \(fixture.path) cannot be read")
    #expect(error.reason == "it is not a well-formed tree")
  }

  private func summary(_ change: ManifestChange) -> String {
    switch change {
    case .added(let entry): "A \(entry.path)"
    case .removed(let entry): "D \(entry.path)"
    case .modified(let from, let to): "M \(to.path)" + (from.kind == to.kind ? "" : " \(from.kind)>\(to.kind)")
    }
  }
}

/// A random generator that gives the same numbers for the same seed.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
