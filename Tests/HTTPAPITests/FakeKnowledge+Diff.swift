// SPDX-License-Identifier: Apache-2.0
import Glossary

@testable import KnowledgeDiff

extension FakeKnowledge {
  /// Three files and a function that moved, whatever is asked.
  static func diff(_ request: DiffRequest, from old: SnapshotInfo, to new: SnapshotInfo) -> DiffResult {
    var result = DiffResult(from: old, to: new)
    let all = [
      FileEntry(status: .added, path: TreePath(text: "fs/tree/new<1>.c")),
      FileEntry(status: .modified, path: lockPath),
      FileEntry(
        status: .renamed, path: TreePath(text: "fs/tree/tree.h"), fromPath: TreePath(text: "tree.h"), similarity: 0.75),
    ]
    for file in all { result.fileSummary.count(file.status) }
    result.fileCount = all.count
    result.files = Array(all.dropFirst(request.offset).prefix(request.limit ?? .max))
    if request.wantsPatch {
      let hunks = LineDifference(Array("a <b>\nsame\n".utf8), Array("a & b\nsame\n".utf8)).hunks()
      result.hunks = result.files.map { $0.path == lockPath ? hunks : [] }
    }
    if request.path != nil || request.question?.contains("commit") == true {
      result.commits = [CommitEntry(id: commitIDs[0], date: 0, subject: "lock: <tree> & branch")]
    }
    // As where the repository tells of commits whose history was not read.
    if request.path == "unread" { result.commits[0].isKept = false }
    result.symbolCount = 1
    if request.offset == 0 {
      result.symbols = [
        SymbolEntry(
          status: .signature, kind: .function, name: "tree_lock",
          from: SymbolPlace(path: lockPath, line: 2, signature: "void tree_lock(struct tree *)", linkage: .global),
          to: SymbolPlace(path: lockPath, line: 2, signature: "int tree_lock(struct tree *)", linkage: .exported),
          isBodyChanged: true, isSignatureChanged: true)
      ]
    }
    if request.path == "fs" {
      result.directories = [
        DirectorySummary(path: "", symbols: [.moved: 1_000, .changed: 234]), DirectorySummary(path: "fs/"),
      ]
      result.directoryChanges = [DirectoryChange(status: .removed, path: "fs/bush/", fromPath: nil, files: 2)]
      let help = String(repeating: "a tree of many words; ", count: 30)
      var option = SymbolEntry(
        status: .changed, kind: .config, name: "TREE",
        from: SymbolPlace(path: lockPath, line: 9, signature: "config TREE", linkage: nil),
        to: SymbolPlace(path: lockPath, line: 8, signature: "config TREE", linkage: nil), isBodyChanged: true,
        isSignatureChanged: false)
      option.properties = [PropertyChange(property: "help", from: help + "old.", to: help + "new.")]
      result.symbols.append(option)
    }
    result.isAboutQuestion = request.question != nil
    if result.isAboutQuestion {
      result.passages = [
        DiffPassage(
          side: .to, path: lockPath, lines: 2...6, symbol: "tree_lock", kind: .function, language: .c,
          text: "int tree_lock(struct tree *t)\n{\n}\n")
      ]
    }
    result.elapsed = .microseconds(2_500)
    return result
  }
}
