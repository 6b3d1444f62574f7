// SPDX-License-Identifier: Apache-2.0
import Answering
import Glossary
import Inference
import Testing

private func snapshot(_ revision: String, date: Int64) -> SnapshotInfo {
  SnapshotInfo(
    id: date, collection: "linux", revision: revision, commit: .zero, date: date, indexedAt: date, files: 1, bytes: 1,
    chunks: 1, ownBytes: 1)
}

private let snapshots = [
  snapshot("v6.12.117", date: 5), snapshot("v6.1.192", date: 4), snapshot("v6.1.190", date: 3),
  snapshot("next", date: 2),
]

private func chat(_ turns: String...) -> [ChatMessage] {
  turns.enumerated().map { ChatMessage($0.offset.isMultiple(of: 2) ? .user : .assistant, $0.element) }
}

@Suite struct FollowUpTests {
  @Test(arguments: [
    ("who calls it?", "who calls `vfs_read`?"), ("Is this exported?", "Is `vfs_read` exported?"),
    ("それはどこから呼ばれますか?", "`vfs_read`はどこから呼ばれますか?"), ("その関数の引数は?", "`vfs_read`の引数は?"),
    ("why?", "why? (what does `vfs_read` do)"), ("and on error", "and on error (what does `vfs_read` do)"),
    // These stand by themselves.
    ("what does `vfs_write` do", "what does `vfs_write` do"), ("is it like vfs_write?", "is it like vfs_write?"),
    ("which file implements the btrfs extent tree locking", "which file implements the btrfs extent tree locking"),
    ("メモリが足りないときにどのプロセスが終了されるかを決める関数は?", "メモリが足りないときにどのプロセスが終了されるかを決める関数は?"),
  ]) func aFollowUpIsPutInFull(question: String, text: String) {
    let history = chat("what does `vfs_read` do", "It reads a file [1].")
    #expect(FollowUp(question, after: history).searchText == text)
    #expect(FollowUp(question, after: []).searchText == question)
  }

  @Test func whatAnAnswerNamedIsWhatItMeans() {
    let history = chat("which function frees a dentry?", "In `fs/dcache.c` [1] it is `dput()` [2].")
    #expect(FollowUp("who calls it?", after: history).searchText == "who calls `dput`?")
  }

  @Test func turnsBuildOnEachOther() {
    let history = chat(
      "what does `vfs_read` do", "It reads.", "who calls it?", "`ksys_read` does.", "and in 6.1?", "The same.")
    #expect(FollowUp("and in 6.1.190?", after: history).searchText == "who calls `vfs_read`?")
    #expect(FollowUp("where is it exported?", after: history).searchText == "where is `vfs_read` exported?")
  }

  @Test(
    arguments: [
      ("and in 6.1?", "v6.1.192", nil), ("and in v6.1.190?", "v6.1.190", nil), ("6.12 では?", "v6.12.117", nil),
      ("What about Linux 6.1", "v6.1.192", nil), ("and in 5.10?", nil, "5.10"),
      ("is it the same in 6.1?", "v6.1.192", nil),
      ("6.1.190 ではどうですか?", "v6.1.190", nil), ("v6.12.117?", "v6.12.117", nil),
    ] as [(String, String?, String?)]) func aReleaseIsASnapshot(question: String, revision: String?, missing: String?)
  {
    let followUp = FollowUp(question, after: chat("who frees it", "x"), snapshots: snapshots)
    #expect(followUp.snapshot?.revision == revision)
    #expect(followUp.missingVersion == missing)
  }

  @Test func aReleaseInAFirstQuestionCountsWhereTheModelNamesNone() {
    let question = "which file locks extents in 6.1, as of USB 3.1?"
    #expect(FollowUp(question, after: [], snapshots: snapshots, heedsVersion: true).snapshot?.revision == "v6.1.192")
    #expect(FollowUp(question, after: [], snapshots: snapshots).snapshot == nil)
    #expect(
      FollowUp("what is USB 3.1?", after: [], snapshots: snapshots, heedsVersion: true)
        == FollowUp("what is USB 3.1?", after: []))
  }
}
