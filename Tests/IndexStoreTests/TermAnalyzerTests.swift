// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import IndexStore

@Suite struct TermAnalyzerTests {
  private func terms(_ text: String) -> [String] { TermAnalyzer().terms(of: text).map(\.term) }

  @Test func identifiersGiveTheirPartsAndThemselves() {
    #expect(terms("btrfs_lock_extent") == ["btrfs", "lock", "extent", "btrfs_lock_extent"])
    #expect(terms("readPageList") == ["read", "page", "list", "readpagelist"])
    #expect(terms("HTTPServer") == ["http", "server", "httpserver"])
    #expect(terms("__init") == ["init"])
  }

  @Test func wordsAreStemmed() {
    #expect(terms("locking locks locked") == ["lock"])
    #expect(terms("The Schedulers") == ["the", "schedul"])
  }

  @Test func lettersBesideDigitsStandAlone() {
    #expect(terms("tg3") == ["tg3"])
    #expect(terms("nfs4proc") == ["nfs4proc", "nfs", "proc"])
  }

  @Test func numbersAreTermsWhereTheyAreShort() {
    #expect(terms("3270 0x1f 7 1234567 10UL 802") == ["3270", "10", "802"])
    #expect(terms("3c59x") == ["3c59x"])
  }

  @Test func japaneseGivesPairs() {
    #expect(terms("ロック機構") == ["ロッ", "ック", "ク機", "機構"])
    #expect(terms("Btrfsの錠") == ["btrfs", "の錠"])
    #expect(terms("錠") == ["錠"])
  }

  @Test func fullWidthFormsAreRead() {
    #expect(terms("Ｂｔｒｆｓ　ｌｏｃｋ") == ["btrf", "lock"] || terms("Ｂｔｒｆｓ　ｌｏｃｋ") == terms("Btrfs lock"))
    #expect(terms("ＮＦＳ４") == terms("NFS4"))
  }

  @Test func frequenciesAreCounted() {
    let counted = TermAnalyzer().terms(of: "lock unlock lock")
    #expect(counted.map(\.term) == ["lock", "unlock"])
    #expect(counted.map(\.frequency) == [2, 1])
  }

  @Test func brokenTextDoesNoHarm() {
    var batch = TermBatch()
    let bytes: [UInt8] = [0xE3, 0x81, 0x61, 0x62, 0xFF, 0xC3, 0x28, 0xF0, 0x9F]
    let count = bytes.withUnsafeBytes { TermAnalyzer().analyze($0, into: &batch) }
    #expect(count == 1)
    #expect(TermAnalyzer().terms(of: String(repeating: "x", count: 5000)).first?.term.utf8.count == 64)
  }
}
