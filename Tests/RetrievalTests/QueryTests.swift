// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore
import Testing

@testable import Retrieval

@Suite struct QueryTests {
  private func query(_ text: String) -> Query { QueryAnalyzer(weights: RankingWeights()).analyze(text) }

  @Test func identifiersPathsAndFileNamesAreTold() {
    let query = query("Where does fs/btrfs call vfs_read() from read_write.c, and readPages?")
    #expect(query.identifiers == ["vfs_read", "readPages"])
    #expect(query.paths == ["fs/btrfs"])
    #expect(query.fileNames == ["read_write.c"])
  }

  @Test func sentencePunctuationIsNoPartOfAName() {
    #expect(query("It is in mm/slab.c.").paths == ["mm/slab.c"])
    #expect(query("openat2()?").identifiers == ["openat2"])
  }

  @Test func stopWordsAreLeftOut() {
    #expect(query("Which file implements the locking in Btrfs?").terms.map(\.text) == ["lock", "btrfs"])
    #expect(!query("which file is it").terms.isEmpty)
  }

  @Test func japaneseBesideNamesCountsLess() {
    let terms = query("BtrfsのＬＯＣＫ機構").terms
    #expect(terms.first { $0.text == "btrfs" }?.weight == 1)
    #expect(terms.first { $0.text == "lock" }?.weight == 1)
    #expect((terms.first { $0.text == "機構" }?.weight ?? 1) < 1)
  }

  @Test func kindsAreWanted() {
    #expect(query("Which C file?").wanted.contains(.cSource))
    #expect(query("メインのヘッダーファイル").wanted.contains(.header))
    #expect(query("CONFIG_BTRFS_FS").wanted.contains(.kconfig))
    #expect(query("locking in btrfs").wanted.isEmpty)
  }
}

@Suite struct PathGlobTests {
  @Test(arguments: [
    ("fs/btrfs", "fs/btrfs/locking.c", true), ("fs/btrfs", "fs/btrfs2/locking.c", false),
    ("fs/btrfs/", "fs/btrfs/a/b.c", true), ("fs/btrfs/locking.c", "fs/btrfs/locking.c", true),
    ("*.c", "fs/btrfs/locking.c", true), ("*.h", "fs/btrfs/locking.c", false),
    ("fs/*/locking.c", "fs/btrfs/locking.c", true), ("fs/*.c", "fs/btrfs/locking.c", false),
    ("**/*.c", "fs/btrfs/locking.c", true), ("**/*.c", "init.c", true), ("fs/**", "fs/btrfs/locking.c", true),
    ("fs/**/x/*.c", "fs/a/b/x/y.c", true), ("fs/**/x/*.c", "fs/a/b/z/y.c", false), ("??.c", "ab.c", true),
    ("fs?btrfs", "fs/btrfs", false),
  ]) func matches(pattern: String, path: String, expected: Bool) {
    #expect(PathGlob(pattern).matches(TreePath(text: path)) == expected)
  }

  @Test func manyStarsEndSoon() {
    let pattern = String(repeating: "*a", count: 40) + "b"
    #expect(!PathGlob(pattern).matches(TreePath(text: String(repeating: "a", count: 4000))))
  }
}

@Suite struct FusionTests {
  private func list(_ signal: String, _ files: [Int]) -> RankedList {
    RankedList(
      signal, weight: 1,
      files.enumerated().map { RankedList.Candidate(file: $1, score: Double(-$0), matched: signal) }, depth: 10)
  }

  @Test func agreementBeatsOneFirstPlace() {
    let fused = Fusion(weights: RankingWeights()).fuse([list("a", [1, 2]), list("b", [3, 2])]) { _ in [] }
    #expect(fused.map(\.file) == [2, 1, 3])
    #expect(fused[0].reasons.map(\.signal) == ["a", "b"])
  }

  @Test func factorsMoveAndAreSaid() {
    let fused = Fusion(weights: RankingWeights()).fuse([list("a", [1, 2])]) { $0 == 1 ? [("test", 0.5)] : [] }
    #expect(fused.map(\.file) == [2, 1])
    #expect(fused[1].reasons.last?.signal == "test")
    #expect((fused[1].reasons.last?.contribution ?? 0) < 0)
  }
}
