// SPDX-License-Identifier: Apache-2.0
import Foundation
import GitStore
import Glossary
import TestSupport
import Testing

@Suite struct CommitReaderTests {
  private static func reader(_ path: String) throws -> CommitReader { CommitReader(try Repository(opening: path)) }

  private static func changes(_ record: CommitRecord) -> [String] {
    record.changes.map { "\($0.status.name) \($0.path.text)" }
  }

  @Test func aCommitSaysWhatItTouchedAgainstItsFirstParent() throws {
    let repository = try TestRepository()
    let root = try repository.commit(["a.c": "a\n", "d/b.c": "b\n", "d/e/c.c": "c\n"], message: "begin\n\nbody\n")
    let next = try repository.commit(["d/e/c.c": "cc\n", "new/x": "x\n"], remove: ["a.c"])
    let reader = try Self.reader(repository.path)
    let first = try reader.record(root)
    #expect(Self.changes(first) == ["added a.c", "added d/b.c", "added d/e/c.c"])
    #expect(first.message == "begin\n\nbody" && first.author == "A Tester <tester@example.org>")
    #expect(first.parents.isEmpty && first.date == 1_700_000_060)
    #expect(Self.changes(try reader.record(next)) == ["removed a.c", "modified d/e/c.c", "added new/x"])
  }

  @Test func aFileThatBecomesAFolderGoesAndItsFilesCome() throws {
    let repository = try TestRepository()
    try repository.commit(["a": "x\n", "a.b": "y\n"])
    let next = try repository.commit(["a/x": "x\n"], remove: ["a"])
    let changes = Self.changes(try Self.reader(repository.path).record(next))
    #expect(changes.sorted() == ["added a/x", "removed a"])
  }

  @Test func aMergeTouchesWhatDiffersFromEveryParent() throws {
    let repository = try TestRepository()
    try repository.commit(["a": "1\n", "b": "1\n", "both": "1\n"])
    let side = try repository.commit(["b": "2\n", "both": "2\n"], branch: "side", from: "main")
    try repository.commit(["a": "2\n", "both": "3\n"])
    let merge = try repository.commit(["b": "2\n", "both": "4\n"], message: "Merge side", merge: [side.hex])
    let record = try Self.reader(repository.path).record(merge)
    #expect(record.isMerge && Self.changes(record) == ["modified both"])
  }

  @Test func parentsComeBeforeTheirChildrenAndNothingTwice() throws {
    let repository = try TestRepository()
    let root = try repository.commit(["a": "1\n"])
    let side = try repository.commit(["b": "1\n"], branch: "side", from: "main")
    let main = try repository.commit(["a": "2\n"])
    let merge = try repository.commit([:], merge: [side.hex])
    let reader = try Self.reader(repository.path)
    let plan = try reader.plan(from: [merge, side, main]) { _ in false }
    #expect(plan.commits.first == root && plan.commits.last == merge && Set(plan.commits).count == 4)
    #expect(try reader.plan(from: [merge]) { $0 == main || $0 == side }.commits == [merge])
    #expect(try reader.plan(from: [merge], limit: 2) { _ in false }.isOverLimit)
  }

  @Test func textThatIsNotUTF8IsReadByItsEncoding() throws {
    let repository = try TestRepository()
    let tree = try repository.git(["hash-object", "-t", "tree", "-w", "/dev/null"])
    func make(_ author: [UInt8], _ header: String, _ message: [UInt8]) throws -> ObjectID {
      let bytes =
        Array("tree \(tree)\nauthor ".utf8) + author + Array(" <a@example.org> 5 +0900\n".utf8)
        + Array("committer C <c@example.org> 7 +0000\n\(header)\n".utf8) + message
      let text = try repository.git(["hash-object", "-t", "commit", "-w", "--literally", "--stdin"], input: bytes)
      return try #require(ObjectID(hex: text))
    }
    let latin = try make([0x4a, 0xf6, 0x72, 0x67], "", [0x66, 0xfc, 0x72, 0x0a])
    let japanese = try make(
      Array("T".utf8), "encoding EUC-JP\n", [0xc6, 0xfc, 0xcb, 0xdc, 0x0a])
    let empty = try make([], "", [])
    let reader = try Self.reader(repository.path)
    let first = try reader.record(latin)
    #expect(first.author == "Jörg <a@example.org>" && first.message == "für" && first.notes == .transcoded)
    #expect(first.authorDate == 5 && first.date == 7)
    #expect(try reader.record(japanese).message == "日本")
    let none = try reader.record(empty)
    #expect(none.message.isEmpty && none.subject.isEmpty && none.notes.isEmpty)
  }

  @Test func aLongMessageIsCutBetweenCharacters() throws {
    let repository = try TestRepository()
    let id = try repository.commit(["a": "1\n"], message: "x" + String(repeating: "é", count: 40_000))
    let record = try Self.reader(repository.path).record(id)
    #expect(record.message.utf8.count == CommitRecord.mostMessageBytes - 1 && record.notes == .messageCut)
    #expect(record.message.last == "é")
  }

  @Test func aHugeCommitIsCountedBeyondWhatIsKept() throws {
    let repository = try TestRepository()
    var files: [String: TestFile] = [:]
    for number in 0..<(CommitRecord.mostChanges + 5) { files["d\(number % 50)/f\(number)"] = "x\n" }
    let record = try Self.reader(repository.path).record(try repository.commit(files))
    #expect(record.changes.count == CommitRecord.mostChanges && record.changeCount == CommitRecord.mostChanges + 5)
  }

  @Test func missingTreesLeaveThePathsUnknown() throws {
    let repository = try TestRepository()
    try repository.commit(["d/a": "1\n"])
    let next = try repository.commit(["d/a": "2\n"], message: "still told")
    let tree = try repository.git(["rev-parse", "main:d"])
    let pack = repository.path + "/objects/pack"
    // One object of many can only be removed where each is a file of its own.
    for name in try FileManager.default.contentsOfDirectory(atPath: pack) where name.hasSuffix(".pack") {
      let moved = repository.folder + "/" + name
      try FileManager.default.moveItem(atPath: pack + "/" + name, toPath: moved)
      try FileManager.default.removeItem(atPath: pack + "/" + name.replacing(".pack", with: ".idx"))
      try repository.git(["unpack-objects", "-q"], input: Array(Data(contentsOf: URL(fileURLWithPath: moved))))
    }
    try FileManager.default.removeItem(atPath: repository.path + "/objects/\(tree.prefix(2))/\(tree.dropFirst(2))")
    let record = try Self.reader(repository.path).record(next)
    #expect(record.message == "still told" && record.changes.isEmpty && record.notes == .pathsUnknown)
  }

  @Test func aShallowCloneEndsWhereItSays() throws {
    let repository = try TestRepository()
    let first = try repository.commit(["a": "1\n"])
    let second = try repository.commit(["a": "2\n"])
    let third = try repository.commit(["a": "3\n"])
    let clone = repository.folder + "/shallow.git"
    try repository.git(
      ["clone", "-q", "--bare", "--depth=2", "file://" + repository.path, clone], in: repository.folder)
    let reader = try Self.reader(clone)
    #expect(try reader.plan(from: [third]) { _ in false }.commits == [second, third])
    let record = try reader.record(second)
    #expect(record.parents == [first] && record.changes.isEmpty && record.notes == [.parentMissing, .pathsUnknown])
    #expect(!reader.canGoOn(from: second, to: first))
    try repository.git(["fetch", "-q", "--unshallow"], in: clone)
    #expect(try Self.reader(clone).canGoOn(from: second, to: first))
  }
}
