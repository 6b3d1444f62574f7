// SPDX-License-Identifier: Apache-2.0
package import Glossary
package import IndexStore

/// The commits behind a snapshot, where they were read.
package struct PastCommits: Sendable {
  let log: CommitLog
  let commits: CommitSet

  /// Nil where the log does not have the commit.
  package init?(_ log: CommitLog, behind commit: ObjectID) {
    guard let number = log.number(of: commit) else { return nil }
    self.log = log
    commits = log.history(of: [number])
  }
}

extension Signals {
  /// Files that were changed by commits whose messages say what the question says: what was done to a file before tells
  /// what it is about. Empty where no history was read. Throws `indexDamaged`.
  func history(_ past: PastCommits?) throws -> RankedList {
    var scores: [Int: Double] = [:]
    var best: [Int: ObjectID] = [:]
    if let past {
      let found = past.log.matches(query.terms, in: past.commits, limit: weights.historyDepth).best
      let top = max(Double(found.first?.score ?? 0), 1e-9)
      for match in found {
        let files = try past.log.paths(changedBy: match.number).compactMap { view.file($0)?.index }
        guard files.count <= weights.mostChangedFiles else { continue }
        let share = Double(match.score) / top
        for file in files where accepts?(file) ?? true {
          // A commit of many files says less of each.
          scores[file, default: 0] += share * share / Double(files.count).squareRoot()
          if best[file] == nil { best[file] = past.log.id(at: match.number) }
        }
      }
    }
    let candidates = scores.map { file, score in
      RankedList.Candidate(file: file, score: score, matched: best[file].map { "\($0.hex.prefix(12))" } ?? "")
    }
    return RankedList("history", weight: weights.history, candidates, depth: weights.listDepth)
  }
}
