// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glossary
import TestSupport
import Testing

@testable import GitStore

@Suite("A plain folder becomes a commit")
struct FolderImportTests {
  @Test("every file with its mode, symlinks as they are, .git left out, what cannot be read listed")
  func content() throws {
    let place = try Place()
    try place.write("a.c", "int a;\n")
    try place.write("sub/deep/b", "b")
    try place.write("run", "#!/bin/sh\n")
    try place.write(".git/config", "not this")
    try place.write("nested/.GIT/objects/x", "nor this")
    try place.write("nested/.gitignore", "this")
    try place.write("empty", "")
    try FileManager.default.createDirectory(atPath: place.folder + "/hollow/inner", withIntermediateDirectories: true)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place.folder + "/run")
    try FileManager.default.createSymbolicLink(atPath: place.folder + "/loop", withDestinationPath: "..")
    try FileManager.default.createSymbolicLink(atPath: place.folder + "/broken", withDestinationPath: "/nowhere/at/all")
    #expect(mkfifo(place.folder + "/pipe", 0o600) == 0)

    let outcome = try FolderImport.run(folder: place.folder, into: place.kept)
    #expect(outcome.isNew)
    #expect(outcome.omissions == [FolderImport.Omission(path: TreePath(text: "pipe"), reason: "fifo")])
    let repository = try Repository(opening: place.kept)
    let manifest = try repository.manifest(ofTree: outcome.commit.tree)
    #expect(
      manifest.map { "\($0.kind) \($0.path)" } == [
        "file a.c", "symlink broken", "file empty", "symlink loop", "file nested/.gitignore", "executable run",
        "file sub/deep/b",
      ])
    let link = try #require(manifest.first { $0.path.text == "broken" })
    #expect(try repository.bytes(of: link.object) == Array("/nowhere/at/all".utf8))
    #expect(outcome.commit.subject == "Files of \(place.folder) at \(outcome.commit.revision)")
  }

  @Test("a name that is not UTF-8 is kept, byte for byte")
  func nameBytes() throws {
    let place = try Place()
    let name = Array((place.folder + "/caf").utf8) + [0xe9] + Array(".c\0".utf8)
    let descriptor = open(name.map { CChar(bitPattern: $0) }, O_WRONLY | O_CREAT, 0o644)
    #expect(descriptor >= 0)
    close(descriptor)
    let commit = try FolderImport.commit(folder: place.folder, into: place.kept)
    let manifest = try Repository(opening: place.kept).manifest(ofTree: commit.tree)
    #expect(manifest.map(\.path.text) == [#""caf\351.c""#])
  }

  @Test("the same content is the same commit again; other content is a new one, after it")
  func again() throws {
    let place = try Place()
    try place.write("a", "1")
    let first = try FolderImport.run(folder: place.folder, into: place.kept)
    let same = try FolderImport.run(folder: place.folder, into: place.kept)
    #expect(same.commit == first.commit)
    #expect(!same.isNew)
    try place.write("a", "2")
    let second = try FolderImport.run(folder: place.folder, into: place.kept)
    #expect(second.commit.parents == [first.commit.id])
    #expect(second.commit.date > first.commit.date)
    #expect(second.commit.revision != first.commit.revision)
    let shape = /\d{8}T\d{6}Z/
    #expect(first.commit.revision.wholeMatch(of: shape) != nil)

    let repository = try Repository(opening: place.kept)
    #expect(try repository.tags(matching: "*") == [first.commit.revision, second.commit.revision])
    #expect(try repository.resolve(first.commit.revision).id == first.commit.id)
    #expect(try repository.expand("\(first.commit.revision)..HEAD").map(\.id) == [second.commit.id])

    try place.write("a", "1")
    let third = try FolderImport.run(folder: place.folder, into: place.kept)
    #expect(third.commit.tree == first.commit.tree, "back to the old content is a later snapshot of it")
    #expect(third.commit.parents == [second.commit.id])
    #expect(try packCount(place) <= 3)
    #expect(try looseCount(place) == 0)
  }

  @Test("an empty folder, a missing one and one without anything readable are explained")
  func nothingThere() throws {
    let place = try Place()
    let empty = try #require(throws: NenrinError.self) {
      try FolderImport.commit(folder: place.folder, into: place.kept)
    }
    #expect(
      empty.description == """
        no file in folder '\(place.folder)'
          Give a folder with files that can be read.
        """)
    #expect(empty.code == .emptyTree)
    #expect(mkfifo(place.folder + "/pipe", 0o600) == 0)
    let pipe = try #require(throws: NenrinError.self) {
      try FolderImport.commit(folder: place.folder, into: place.kept)
    }
    #expect(pipe.reason == "1 were left out, the first pipe")
    let missing = try #require(throws: NenrinError.self) {
      try FolderImport.commit(folder: place.folder + "/none", into: place.kept)
    }
    #expect(missing.code == .fileUnreadable)
    #expect(missing.summary == "folder '\(place.folder)/none' cannot be read")
    #expect(missing.reason == "No such file or directory")
  }

  @Test("many small files go into one pack")
  func manyFiles() throws {
    let place = try Place()
    for index in 0..<500 { try place.write("d\(index % 7)/f\(index)", "file \(index)\n") }
    let commit = try FolderImport.commit(folder: place.folder, into: place.kept)
    #expect(try Repository(opening: place.kept).manifest(ofTree: commit.tree).count == 500)
    #expect(try packCount(place) == 1)
    #expect(try looseCount(place) == 0)
  }

  private func packCount(_ place: Place) throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: place.kept + "/objects/pack").count { $0.hasSuffix(".pack") }
  }

  private func looseCount(_ place: Place) throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: place.kept + "/objects").count { $0.count == 2 }
  }

  /// A folder to import and a place for the repository, both gone with the object.
  private final class Place {
    let root: String
    var folder: String { root + "/folder" }
    var kept: String { root + "/kept.git" }

    init() throws {
      root = try TestRepository.temporaryFolder()
      try FileManager.default.createDirectory(atPath: root + "/folder", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func write(_ path: String, _ text: String) throws {
      let url = URL(fileURLWithPath: folder + "/" + path)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
  }
}
