// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glossary
import TestSupport
import Testing

@testable import GitStore

/// What a work tree holds is what `git add --all` would record; git itself is asked.
@Suite struct WorkTreeTests {
  private let project: TestCheckout

  init() throws {
    project = try TestCheckout([
      "a.c": "int a;\n", "b.c": "int b;\n", "sub/c.c": "int c;\n", "sub/deep/d.c": "int d;\n",
      "run": .executable("#!/bin/sh\n"), "link": .symlink(to: "a.c"), ".gitignore": "*.o\n/build/\n!keep.o\nout*/\n",
      "sub/.gitignore": "generated.c\n!special.o\n", "tracked.o": "as it is\n",
    ])
  }

  /// Holds what was read against git, and gives it.
  @discardableResult
  private func check(_ comment: Comment? = nil) throws -> WorkTreeState {
    let state = try project.state()
    #expect(state.entries == (try project.wouldCommit()), comment)
    for (object, bytes) in state.contents {
      #expect(bytes.withUnsafeBytes { Repository.objectID(ofBlob: $0) } == object)
    }
    return state
  }

  @Test func aFreshCheckoutIsItsCommit() throws {
    let state = try check()
    #expect(state.changedCount == 0 && state.removedCount == 0 && state.notes.isEmpty)
  }

  @Test func changesOfEveryKindAreSeen() throws {
    try project.write("a.c", "int aa;\n")
    try project.write("b.c", "int b;\n")
    try project.remove("sub/deep/d.c")
    try project.write("sub/new.c", "int n;\n")
    try project.write("sub/generated.c", "ignored\n")
    try project.write("x.o", "ignored\n")
    try project.write("keep.o", "not ignored\n")
    try project.write("sub/special.o", "not ignored\n")
    try project.write("build/y.c", "ignored\n")
    try project.write("outside/z.c", "ignored\n")
    try project.write("tracked.o", "changed\n")
    try project.link("link", to: "b.c")
    try project.link("dangling", to: "nowhere")
    try project.permissions("run", 0o644)
    try project.permissions("b.c", 0o755)
    let state = try check()
    #expect(state.removedCount == 1)
    #expect(state.changedCount == 9)
    let names = state.entries.map(\.path.text)
    #expect(names.contains("keep.o") && names.contains("sub/new.c") && !names.contains("x.o"))
    // git's own index was not touched.
    #expect(try project.git("diff", "--cached", "--name-only").isEmpty)
  }

  @Test func filesBecomeFoldersAndFoldersFiles() throws {
    try project.remove("a.c")
    try project.write("a.c/inner.c", "int i;\n")
    try project.remove("sub")
    try project.write("sub", "a file now\n")
    try check()
    try project.remove("sub")
    // A directory that became a link is gone with all it held, wherever the link leads.
    try project.write("elsewhere/c.c", "int c;\n")
    try project.link("sub", to: "elsewhere")
    let state = try check()
    #expect(!state.entries.contains { $0.path.text == "sub/c.c" })
  }

  @Test func whatIsStagedCountsAsItStandsOnTheDisk() throws {
    try project.write("a.c", "int staged;\n")
    try project.write("n.c", "int new;\n")
    try project.git("add", "a.c", "n.c")
    try check()
    try project.write("a.c", "int after;\n")
    try project.git("rm", "--cached", "-q", "b.c")
    try project.git("mv", "sub/c.c", "moved.c")
    try project.write("later.c", "int later;\n")
    try project.git("add", "--intent-to-add", "later.c")
    try check()
  }

  @Test func aChangeInTheSameInstantAndSizeIsSeen() throws {
    // Written right after git looked, with the same length: only the content tells.
    for round in 0..<20 {
      try project.write("a.c", "int \(round % 2 == 0 ? "x" : "y");\n")
      try project.git("add", "a.c")
      try project.write("a.c", "int \(round % 2 == 0 ? "p" : "q");\n")
      try check("round \(round)")
      try project.git("add", "a.c")
    }
  }

  @Test func aCopiedCheckoutIsReadAndIsTheSame() throws {
    let copy = project.folder + "/copy"
    try FileManager.default.copyItem(atPath: project.path, toPath: copy)
    let tree = try #require(try WorkTree(holding: copy))
    let state = try tree.state()
    #expect(state.entries == (try project.wouldCommit()) && state.changedCount == 0)
  }

  @Test func aMergeInTheMiddleIsTakenAsTheFilesStand() throws {
    try project.git("checkout", "-q", "-b", "other")
    try project.write("a.c", "int other;\n")
    try project.remove("b.c")
    try project.git("commit", "-qam", "other")
    try project.git("checkout", "-q", "main")
    try project.write("a.c", "int ours;\n")
    try project.write("b.c", "int changed;\n")
    try project.git("commit", "-qam", "ours")
    #expect(throws: (any Error).self) { try project.git("merge", "-q", "other") }
    let state = try check()
    let text = try #require(state.entries.first { $0.path.text == "a.c" }.flatMap { state.contents[$0.object] })
    #expect(String(decoding: text, as: UTF8.self).contains("<<<<<<< HEAD"))
    #expect(
      state.notes == [
        "in the middle of a merge: 2 paths in conflict, taken as the files stand on the disk, marks of the conflict "
          + "included"
      ])
    try project.remove("a.c")
    try check()
  }

  @Test func aLinkedWorkTreeHasItsOwnState() throws {
    let linked = project.folder + "/linked"
    try project.git("worktree", "add", "-q", "-b", "side", linked)
    try "int side;\n".write(toFile: linked + "/side.c", atomically: true, encoding: .utf8)
    try project.write("a.c", "int main;\n")
    let tree = try #require(try WorkTree(holding: linked + "/sub"))
    #expect(tree.path.hasSuffix("/linked"))
    #expect(tree.repository.gitDirectory.hasSuffix("/project/.git"))
    let names = try tree.state().entries.map(\.path.text)
    #expect(names.contains("side.c"))
    #expect(try tree.state().changedCount == 1)
    #expect(try project.state().changedCount == 1)
  }

  @Test func lineEndsAreStoredAsGitStoresThem() throws {
    try project.write(".gitattributes", "*.txt text eol=crlf\n*.c ident\n")
    try project.write("notes.txt", "one\r\ntwo\r\n")
    try project.write("version.c", "/* $Id: 0123456789012345678901234567890123456789 $ */\n")
    let state = try check()
    let notes = try #require(state.entries.first { $0.path.text == "notes.txt" })
    #expect(state.contents[notes.object] == Array("one\ntwo\n".utf8))
  }

  @Test func whatCannotBeReadIsSaid() throws {
    try project.write("huge.bin", String(repeating: "x", count: 3000))
    try project.write("a.c", String(repeating: "y", count: 3000))
    try project.git("init", "-q", "nested")
    mkfifo(project.path + "/pipe", 0o600)
    var limits = WorkTree.Limits()
    limits.fileBytes = 2000
    let state = try project.tree().state(limits)
    #expect(
      state.notes.sorted() == [
        "as git last saw it: a.c (0 MiB, more than the 0 that are read)",
        "left out: huge.bin (0 MiB, more than the 0 that are read)",
        "left out: nested/ (a repository of its own)",
      ])
    let names = state.entries.map(\.path.text)
    #expect(names.contains("a.c") && !names.contains("huge.bin") && !names.contains("pipe"))
  }

  @Test func tooMuchIsRefused() throws {
    for number in 0..<30 { try project.write("many/\(number).c", "int n\(number);\n") }
    var limits = WorkTree.Limits()
    limits.files = 20
    let error = #expect(throws: NenrinError.self) { try project.tree().state(limits) }
    #expect(error?.summary == "the work tree \(project.path) has 30 files that git does not follow")
    #expect(
      error?.remedies == [
        "Commit and `nenrin index` them, or name what is no source in a .gitignore; `git status` lists them."
      ])
  }

  @Test func aSparseCheckoutKeepsWhatIsNotOnTheDisk() throws {
    try project.git("sparse-checkout", "set", "--no-cone", "/*", "!/sub/")
    #expect(!FileManager.default.fileExists(atPath: project.path + "/sub/c.c"))
    let state = try check()
    #expect(state.entries.contains { $0.path.text == "sub/c.c" } && state.removedCount == 0)
  }

  @Test func aSubmoduleIsTheCommitThatIsCheckedOut() throws {
    let other = try TestCheckout(["inner.c": "int inner;\n"])
    try project.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", other.path, "module")
    try check()
    try project.git("commit", "-qm", "module")
    try "int more;\n".write(toFile: project.path + "/module/inner.c", atomically: true, encoding: .utf8)
    try project.repository.git(["commit", "-qam", "inside"], in: project.path + "/module")
    try check()
  }

  /// Random rules over random names, held against git itself.
  @Test(arguments: 0..<12) func ignoresWhatGitIgnores(seed: Int) throws {
    var random = Numbers(seed: UInt64(seed + 1) &* 0x9e37_79b9_7f4a_7c15)
    let project = try TestCheckout(["kept/tracked.c": "int k;\n"])
    let parts = ["a", "b", "ab", "a.o", "b.c", "lib", "*.o", "*", "a*", "**", "?", "[ab]", "[!a]b", "\\*", "a ", "*b*"]
    let folders = ["", "a/", "b/", "a/b/", "lib/", "kept/", "lib/ab/"]
    for folder in ["", "a/", "lib/", "kept/"] where folder.isEmpty || random.next(2) == 0 {
      let lines = (0..<(1 + random.next(5))).map { _ in
        let pattern = (0..<(1 + random.next(3))).map { _ in parts[random.next(parts.count)] }.joined(separator: "/")
        return (random.next(4) == 0 ? "!" : "") + (random.next(3) == 0 ? "/" : "") + pattern
          + (random.next(4) == 0 ? "/" : "")
      }
      try project.write(folder + ".gitignore", (["# comment", ""] + lines).joined(separator: "\n"))
    }
    for folder in folders {
      for name in ["a.o", "b.c", "ab.c", "x", "y.o", "*b"] { try project.write(folder + name, folder + name + "\n") }
    }
    let state = try project.state()
    let rules = try? String(contentsOfFile: project.path + "/.gitignore", encoding: .utf8)
    #expect(state.entries == (try project.wouldCommit()), "\(rules ?? "")")
  }
}

struct Numbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed | 1 }

  mutating func next(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int((state >> 11) % UInt64(bound))
  }
}

extension TestCheckout {
  func tree() throws -> WorkTree {
    guard let tree = try WorkTree(holding: path) else { throw TestFailure(description: "no work tree") }
    return tree
  }

  func state() throws -> WorkTreeState { try tree().state() }

  /// The tree that git would commit after `git add --all`, in an index of its own.
  func wouldCommit() throws -> [ManifestEntry] {
    let copy = folder + "/index-\(UUID().uuidString)"
    try FileManager.default.copyItem(atPath: path + "/.git/index", toPath: copy)
    try repository.git(["add", "--all"], environment: ["GIT_INDEX_FILE": copy])
    let tree = try repository.git(["write-tree"], environment: ["GIT_INDEX_FILE": copy])
    guard let id = ObjectID(hex: tree) else { throw TestFailure(description: "git write-tree: \(tree)") }
    return try Repository(opening: path).manifest(ofTree: id)
  }
}
