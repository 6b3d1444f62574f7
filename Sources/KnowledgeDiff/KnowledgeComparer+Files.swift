// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

extension KnowledgeComparer {
  /// Files that are read to tell what sort of change they saw; where too many are listed, none is.
  private static let mostRead = 600
  private static let mostListed = 6_000
  /// Longer files are not compared line by line.
  private static let longestText = 4 << 20

  /// Says of each file what sort of change it saw, where that costs a bounded number of reads: files with a changed
  /// symbol are code. Throws `objectUnreadable`.
  func natures(of files: [FileChange], symbols: [SymbolChange]) throws -> [FileChange] {
    var (codedOld, codedNew) = (Set<Int>(), Set<Int>())
    let (olds, news) = (Set(files.compactMap(\.from)), Set(files.compactMap(\.to)))
    for symbol in symbols {
      if let old = symbol.from?.file, olds.contains(old) { codedOld.insert(old) }
      if let new = symbol.to?.file, news.contains(new) { codedNew.insert(new) }
    }
    var read = 0
    return try files.map { file in
      guard let old = file.from, let new = file.to, file.status == .modified || file.similarity ?? 1 < 1 else {
        return file
      }
      var file = file
      if pair.from.object(at: old) == pair.to.object(at: new) {
        file.nature = .mode
      } else if pair.from.skip(ofFile: old) == .binary || pair.to.skip(ofFile: new) == .binary {
        file.nature = .binary
      } else if codedOld.contains(old) || codedNew.contains(new) {
        file.nature = .code
      } else if files.count <= KnowledgeComparer.mostListed, read < KnowledgeComparer.mostRead {
        read += 1
        file.nature = CodeText.nature(
          try pair.bytes(.from, old), try pair.bytes(.to, new), pair.to.language(ofFile: new))
      }
      return file
    }
  }

  /// The hunks of a file's change; none for binary files, and for those that are too long. A file that one side alone
  /// has is one hunk. Throws `objectUnreadable`.
  package func hunks(of file: FileChange) throws -> [Hunk] {
    let old = try file.from.map { try pair.bytes(.from, $0) } ?? []
    let new = try file.to.map { try pair.bytes(.to, $0) } ?? []
    guard max(old.count, new.count) <= KnowledgeComparer.longestText, !old.prefix(8_000).contains(0),
      !new.prefix(8_000).contains(0)
    else { return [] }
    return LineDifference(old, new).hunks()
  }
}
