// SPDX-License-Identifier: Apache-2.0
import Glossary
import Testing

@Suite("The field's words")
struct GlossaryTests {
  @Test("an object's name reads back, and its order is that of its digits")
  func objectID() throws {
    let text = "00112233445566778899aabbccddeeff01234567"
    let id = try #require(ObjectID(hex: text))
    #expect(id.hex == text)
    #expect(id == ObjectID(hex: text.uppercased()))
    #expect(
      id.bytes == [0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff]
        + [1, 0x23, 0x45, 0x67])
    #expect(id.bytes.withUnsafeBytes { ObjectID(bytes: $0) } == id)
    for wrong in ["", String(text.dropLast()), text + "0", "g" + text.dropFirst(), " " + text.dropFirst()] {
      #expect(ObjectID(hex: wrong) == nil)
    }
    let ordered = [
      "0000000000000000000000000000000000000001", "0000000000000000000000010000000000000000",
      "00000000000000ff000000000000000000000000", "8000000000000000000000000000000000000000",
      "ffffffffffffffffffffffffffffffffffffffff",
    ]
    #expect(ordered.shuffled().compactMap { ObjectID(hex: $0) }.sorted().map(\.hex) == ordered)
    #expect(ObjectID.zero.hex == String(repeating: "0", count: 40))
  }

  @Test(
    "a path of any bytes becomes text and comes back",
    arguments: [
      ([0x61, 0x2f, 0x62], "a/b"), ([0xe6, 0x97, 0xa5], "日"), ([0x63, 0xe9, 0x2e, 0x63], #""c\351.c""#),
      ([0x22, 0x61], #""\"a""#), ([0x61, 0x22], #"a""#), ([0xff, 0x5c, 0x22, 0x0a], #""\377\\\"\012""#), ([], ""),
    ] as [([UInt8], String)])
  func pathText(_ bytes: [UInt8], _ text: String) {
    #expect(TreePath(bytes: bytes).text == text)
    #expect(TreePath(text: text).bytes == bytes)
  }

  @Test("every single byte in a path comes back")
  func pathBytes() {
    for byte in UInt8.min...UInt8.max {
      for bytes in [[byte], [0x61, byte, 0xff], [0x22, byte, 0x22]] {
        #expect(TreePath(text: TreePath(bytes: bytes).text).bytes == bytes)
      }
    }
  }

  @Test("paths are ordered by byte, and know their last component")
  func pathOrder() {
    let ordered = ["", "a", "a-b", "a.c", "a/b", "a0", "aa", "b", "日"]
    #expect(ordered.shuffled().map { TreePath(text: $0) }.sorted().map(\.text) == ordered)
    #expect(!(TreePath(text: "a") < TreePath(text: "a")))
    #expect(TreePath(text: "fs/btrfs/locking.c").name == "locking.c")
    #expect(TreePath(text: "Makefile").name == "Makefile")
    #expect(TreePath(text: "dir/").name == "")
  }

  @Test("a snapshot's name: collection, revision, or both")
  func snapshotName() {
    #expect(SnapshotName("v6.12.117") == SnapshotName(revision: "v6.12.117"))
    #expect(SnapshotName("linux@v6.12.117") == SnapshotName(collection: "linux", revision: "v6.12.117"))
    #expect(SnapshotName("linux@") == SnapshotName(collection: "linux"))
    #expect(SnapshotName("linux@v1@x") == SnapshotName(collection: "linux", revision: "v1@x"))
    #expect(SnapshotName("@v1") == SnapshotName(revision: "@v1"))
    #expect(SnapshotName("linux@v1").description == "linux@v1")
    #expect(SnapshotName("v1").description == "v1")
  }

  @Test("an error is a line, its reason, and indented remedies")
  func errorText() {
    let error = NenrinError(
      .revisionNotFound, "no revision 'v2'", reason: "it is not there", remedies: ["Try v1.", "Fetch it."])
    #expect(error.description == "no revision 'v2': it is not there\n  Try v1.\n  Fetch it.")
    #expect(NenrinError(.diskFull, "no room").description == "no room")
    #expect(NenrinError.Code.revisionNotFound.rawValue == "revision_not_found")
  }

  @Test("what is stored keeps its number")
  func storedNumbers() {
    #expect(SkipReason.allCases.map(\.rawValue) == Array(0...8))
    #expect(SymbolKind.allCases.map(\.rawValue) == Array(0...17))
    #expect(
      SymbolKind.allCases.map(\.name).joined(separator: " ") == """
        function macro struct union enum enumerator typedef variable syscall tracepoint config label type trait impl \
        target node section
        """)
    #expect(Set(SkipReason.allCases.map(\.name)).count == SkipReason.allCases.count)
    #expect(
      [EntryKind.file, .executable, .symlink, .submodule].map { String($0.mode, radix: 8) }
        == ["100644", "100755", "120000", "160000"])
    let kinds = [EntryKind.file, .executable, .symlink, .submodule]
    #expect(kinds.map { $0.isFile } == [true, true, false, false])
  }

  @Test("near misses: a swap is one edit, and what is nearest comes first")
  func nearMisses() {
    #expect(NearMiss.distance(Array("v6.12".utf8), Array("v6.21".utf8)) == 1)
    #expect(NearMiss.distance(Array("".utf8), Array("abc".utf8)) == 3)
    #expect(NearMiss.distance(Array("kitten".utf8), Array("sitting".utf8)) == 3)
    #expect(
      NearMiss.near(["v6.12.113", "v6.12.117", "v5"], to: "v6.12.17", within: 2, limit: 5) == [
        "v6.12.117", "v6.12.113",
      ])
    #expect(NearMiss.rank(["bb", "ab", "AA"], like: "aa", limit: 2) == ["AA", "ab"])
  }
}
