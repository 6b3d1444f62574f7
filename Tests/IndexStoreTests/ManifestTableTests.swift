// SPDX-License-Identifier: Apache-2.0
import Glossary
import Testing

@testable import IndexStore

@Suite struct ManifestTableTests {
  private static func entry(_ path: String, _ number: UInt64, _ kind: EntryKind = .file) -> ManifestEntry {
    ManifestEntry(path: TreePath(text: path), kind: kind, object: ObjectID(high: number, middle: 7, low: 9))
  }

  private static func table(_ paths: [(String, UInt64)]) -> ManifestTable {
    ManifestTable(paths.sorted { TreePath(text: $0.0) < TreePath(text: $1.0) }.map { entry($0.0, $0.1) })
  }

  @Test func aKeyframeComesBackWhole() {
    var entries = [Self.entry("a/b.c", 1), Self.entry("a/b.h", 2, .executable), Self.entry("a/link", 3, .symlink)]
    entries.append(ManifestEntry(path: TreePath(bytes: [0x61, 0xFF]), kind: .file, object: .zero))
    entries.sort { $0.path < $1.path }
    let table = ManifestTable(entries)
    #expect(ManifestTable(decoding: table.encoded()) == table)
    #expect((0..<table.count).map { table[$0] } == entries)
    #expect(table.index(of: TreePath(text: "a/b.h")) == 1)
    #expect(table.index(of: TreePath(text: "a/b")) == nil)
  }

  /// Every pair of small manifests over four paths: the delta from one to the other, applied, gives the other.
  @Test func aDeltaGivesTheOther() throws {
    let names = ["a", "a/x", "b", "z"]
    func table(_ code: Int) -> ManifestTable {
      Self.table(
        names.enumerated().compactMap { index, name in
          let value = code / [1, 3, 9, 27][index] % 3
          return value == 0 ? nil : (name, UInt64(value))
        })
    }
    for first in 0..<81 {
      for second in 0..<81 {
        let (from, to) = (table(first), table(second))
        let delta = to.delta(from: from)
        #expect(from.applying(delta: delta.bytes) == to)
        let third = table((first * 31 + second) % 81)
        let combined = try #require(ManifestTable.combined([delta.bytes, third.delta(from: to).bytes]))
        #expect(from.applying(delta: combined) == third)
      }
    }
  }

  @Test func cutBytesAreRefused() {
    let bytes = Self.table([("a/b", 1), ("a/c", 2)]).encoded()
    for count in 1..<bytes.count where count != 27 {
      let table = ManifestTable(decoding: Array(bytes[..<count]))
      #expect(table == nil || table?.count == 1)
    }
  }
}
