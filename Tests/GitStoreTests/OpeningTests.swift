// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glossary
import TestSupport
import Testing

@testable import GitStore

@Suite("Repositories open, or say why not")
struct OpeningTests {
  @Test("bare, normal, by its .git, through a symlink and by a relative path")
  func everyShape() throws {
    for bare in [true, false] {
      let fixture = try TestRepository(bare: bare)
      let id = try fixture.commit(["a": "1"])
      let repository = try Repository(opening: fixture.path)
      #expect(try repository.resolve("HEAD").id == id)
      #expect(repository.gitDirectory == fixture.path + (bare ? "" : "/.git"))
      #expect(try Repository(opening: repository.gitDirectory).resolve("HEAD").id == id)
      #expect(try Repository(opening: fixture.path + "/").gitDirectory == repository.gitDirectory)
      try FileManager.default.createSymbolicLink(
        atPath: fixture.folder + "/link", withDestinationPath: fixture.path)
      #expect(try Repository(opening: fixture.folder + "/link").resolve("HEAD").id == id)
      #expect(Repository.kind(of: fixture.path) == .repository)
    }
  }

  @Test("a linked work tree has its own HEAD and its repository's objects")
  func linkedWorkTree() throws {
    let fixture = try TestRepository(bare: false)
    let first = try fixture.commit(["a": "1"], tag: "v1")
    try fixture.commit(["a": "2"])
    let linked = fixture.folder + "/linked"
    try fixture.git(["worktree", "add", "--detach", linked, "v1"])
    let repository = try Repository(opening: linked)
    #expect(try repository.resolve("HEAD").id == first)
    #expect(repository.gitDirectory == fixture.path + "/.git")

    try FileManager.default.removeItem(atPath: fixture.path)
    let error = try #require(throws: NenrinError.self) { try Repository(opening: linked) }
    #expect(
      error.description == """
        no repository behind '\(linked)/.git': the git directory that it points to is gone
          Run `git worktree repair` in the main repository, or give the main repository itself.
        """)
    #expect(error.code == .notARepository)
  }

  @Test("a folder inside a work tree is not taken for the whole")
  func insideWorkTree() throws {
    let fixture = try TestRepository(bare: false)
    let inside = fixture.path + "/fs/btrfs"
    try FileManager.default.createDirectory(atPath: inside, withIntermediateDirectories: true)
    let error = try #require(throws: NenrinError.self) { try Repository(opening: inside) }
    #expect(
      error.description == """
        not a repository itself: '\(inside)' lies inside \(fixture.path): \
        a snapshot is a whole commit, never a part of one
          Give the repository instead: \(fixture.path)
        """)
    #expect(error.code == .notARepository)
    #expect(Repository.kind(of: inside) == .insideWorkTree(of: fixture.path))
  }

  @Test("what is not a repository, and what is not there")
  func notARepository() throws {
    let folder = try TestRepository.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let error = try #require(throws: NenrinError.self) { try Repository(opening: folder) }
    #expect(
      error.description == """
        not a git repository: '\(folder)': it has no objects and references, nor has a .git in it
          Give a bare repository, or a folder in which `git log` works.
        """)
    #expect(error.code == .notARepository)
    #expect(Repository.kind(of: folder) == .folder)

    let missing = try #require(throws: NenrinError.self) { try Repository(opening: folder + "/none") }
    #expect(
      missing.description == """
        nothing at '\(folder)/none': neither a repository nor a folder is there
          Check the path; `~` is only understood by the shell.
        """)
    #expect(Repository.kind(of: folder + "/none") == .missing)

    try Data().write(to: URL(fileURLWithPath: folder + "/file"))
    #expect(Repository.kind(of: folder + "/file") == .file)
    #expect(throws: NenrinError.self) { try Repository(opening: folder + "/file") }
  }

  @Test(
    "extensions that change nothing for a reader are accepted",
    arguments: [
      ("worktreeConfig", "true"), ("partialClone", "origin"), ("preciousObjects", "true"), ("objectFormat", "sha1"),
      ("relativeWorktrees", "true"), ("noop", "true"), ("refStorage", "files"),
    ])
  func harmlessExtension(_ name: String, _ value: String) throws {
    let fixture = try TestRepository()
    let id = try fixture.commit(["a": "1"])
    try setFormat(of: fixture, version: 1, name: name, value: value)
    #expect(try Repository(opening: fixture.path).resolve("HEAD").id == id)
  }

  @Test("extensions that libgit2 cannot read are refused with a way out")
  func refusedExtensions() throws {
    let fixture = try TestRepository()
    try fixture.commit(["a": "1"])
    try setFormat(of: fixture, version: 1, name: "somethingNew", value: "true")
    let unknown = try #require(throws: NenrinError.self) { try Repository(opening: fixture.path) }
    #expect(
      unknown.description == """
        extension 'somethingnew' of '\(fixture.path)' is not known to libgit2 \(Repository.libraryVersion): \
        the repository asks every reader that does not know it to keep away
          Make a plain copy and give that: git clone --bare \(fixture.path) COPY.git
        """)
    #expect(unknown.code == .repositoryRefused)
    #expect(Repository.kind(of: fixture.path) == .repository)

    let tables = try TestRepository()
    try setFormat(of: tables, version: 1, name: "refStorage", value: "reftable")
    let reftable = try #require(throws: NenrinError.self) { try Repository(opening: tables.path) }
    #expect(reftable.summary == "reference storage 'reftable' of '\(tables.path)' is not supported")
    #expect(reftable.remedies.first == "Change it: git -C \(tables.path) refs migrate --ref-format=files")

    let future = try TestRepository()
    try future.git(["config", "core.repositoryFormatVersion", "2"])
    let version = try #require(throws: NenrinError.self) { try Repository(opening: future.path) }
    #expect(
      version.summary == "repository format of '\(future.path)' is too new for libgit2 \(Repository.libraryVersion)")
  }

  @Test("a SHA-256 repository is refused with a way out")
  func sha256() throws {
    let fixture = try TestRepository()
    let path = fixture.folder + "/sha256.git"
    try fixture.git(["init", "-q", "--bare", "--object-format=sha256", path])
    let error = try #require(throws: NenrinError.self) { try Repository(opening: path) }
    #expect(
      error.description == """
        object format 'sha256' of '\(path)' is not supported: \
        libgit2 \(Repository.libraryVersion) reads SHA-1 repositories only
          Make a SHA-1 copy and give that: git init --bare COPY.git && git -C \(path) fast-export --all \
        --signed-tags=strip | git -C COPY.git fast-import
        """)
    #expect(error.code == .repositoryRefused)
  }

  @Test("a configuration that cannot be parsed is explained")
  func damagedConfiguration() throws {
    let fixture = try TestRepository()
    try Data("[core\nbare = what\n".utf8).write(to: URL(fileURLWithPath: fixture.path + "/config"))
    let error = try #require(throws: NenrinError.self) { try Repository(opening: fixture.path) }
    #expect(error.code == .repositoryRefused)
    #expect(error.summary == "repository '\(fixture.path)' cannot be opened")
    #expect(error.reason.contains("config"))
  }

  @Test("a repository of another owner opens, since nothing in it is run")
  func foreignOwner() throws {
    let fixture = try TestRepository()
    let id = try fixture.commit(["a": "1"])
    // Only root can give a folder away; for others git's own check is what this would test, and it is off either way.
    if getuid() == 0 {
      try FileManager.default.setAttributes([.ownerAccountID: 12345], ofItemAtPath: fixture.path)
    }
    #expect(try Repository(opening: fixture.path).resolve("HEAD").id == id)
  }

  @Test("objects borrowed through alternates are found, and their loss is explained")
  func alternates() throws {
    let fixture = try TestRepository()
    try fixture.commit(["a": "borrowed\n"], tag: "v1")
    let borrower = fixture.folder + "/borrower.git"
    try fixture.git(["clone", "-q", "--bare", "--shared", fixture.path, borrower])
    let blob = try fixture.id(of: "v1:a")
    #expect(try Repository(opening: borrower).bytes(of: blob) == Array("borrowed\n".utf8))

    try FileManager.default.removeItem(atPath: fixture.path + "/objects")
    let error = try #require(throws: NenrinError.self) { try Repository(opening: borrower).bytes(of: blob) }
    #expect(error.summary == "object \(blob) is missing in \(borrower)")
    #expect(
      error.remedies == [
        "Run `git -C \(borrower) fsck` to see what else is missing, then fetch or clone again.",
        "Check that the repository it borrows objects from is still there, where objects/info/alternates names one.",
      ])
  }

  @Test("a blob that a partial clone left with its server is explained")
  func partialClone() throws {
    let fixture = try TestRepository()
    try fixture.commit(["a": "far away\n"], tag: "v1")
    try fixture.git(["config", "uploadpack.allowFilter", "true"])
    let clone = fixture.folder + "/partial.git"
    try fixture.git(["clone", "-q", "--bare", "--filter=blob:none", "file://" + fixture.path, clone])
    let repository = try Repository(opening: clone)
    let entry = try #require(try repository.manifest(ofTree: repository.resolve("v1").tree).first)
    let error = try #require(throws: NenrinError.self) { try repository.bytes(of: entry.object) }
    #expect(
      error.description == """
        object \(entry.object) is missing in \(clone): this is a partial clone, which leaves objects with its server \
        until git asks for them
          Fetch them all: git -C \(clone) fetch --refetch --no-filter
        """)
    #expect(error.code == .objectUnreadable)
    #expect(try #require(throws: NenrinError.self) { try repository.byteCount(of: entry.object) } == error)

    try fixture.git(["fetch", "-q", "--refetch", "--no-filter"], in: clone)
    #expect(try Repository(opening: clone).bytes(of: entry.object) == Array("far away\n".utf8))
  }

  private func setFormat(of fixture: TestRepository, version: Int, name: String, value: String) throws {
    try fixture.git(["config", "core.repositoryFormatVersion", "\(version)"])
    let path = fixture.path + "/config"
    let text = try String(contentsOfFile: path, encoding: .utf8) + "[extensions]\n\t\(name) = \(value)\n"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }
}
