// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore
import Retrieval

/// What the index of one side says to a question, by itself: neither git nor the other side's answer is needed, so that
/// both are asked at once.
struct SideSearch: Sendable {
  let side: DiffSide
  let ranker: FileRanker
  let other: SnapshotView
  /// What the two do not share, as far as it is asked for.
  let changed: [FilePair]
  let scope: PathScope?
  /// What the question is about, without the words that say what became of it.
  let subject: String
  let intent: ChangeIntent
  let weights: RelevanceWeights

  struct Findings: Sendable {
    var parts: QuestionParts
    /// All chunks that say the question's words.
    var matches: WordMatches
    /// The best of those that this side alone has.
    var best: [WordMatches.ChunkScore]
    /// What each file is worth by search and by its chunks.
    var scores: [Int: Double] = [:]
  }

  private var view: SnapshotView { ranker.view }

  /// Throws `questionEmpty`, `questionTooLong`, `indexDamaged`.
  func find() throws -> Findings {
    view.prepareForQuestions()
    let parts = try ranker.parts(of: subject)
    let matches = ranker.words(parts.terms, limit: 1)
    let best = view.bestChunks(matches, limit: weights.chunkDepth) {
      view.holds(chunk: $0) && !other.holds(chunk: $0)
    }
    var findings = Findings(parts: parts, matches: matches, best: best)
    try addSearch(&findings.scores)
    addChunks(best, &findings.scores)
    return findings
  }

  /// Searches what changed; where the question says what sort of change it means, what changed so once more.
  private func addSearch(_ scores: inout [Int: Double]) throws {
    let files = changed.compactMap(file)
    try addSearch(files, &scores)
    let isAsked =
      side == .to ? !intent.isDisjoint(with: [.added, .replaced]) : !intent.isDisjoint(with: [.removed, .moved])
    guard isAsked || intent.contains(.directory) else { return }
    var own = changed.filter { side == .to ? $0.from == nil : $0.to == nil }.compactMap(file)
    if intent.contains(.directory) { own = view.inOwnDirectories(own, beside: other) }
    try addSearch(own, &scores)
  }

  private func file(_ files: FilePair) -> Int? { side == .from ? files.from : files.to }

  private func addSearch(_ wanted: [Int], _ scores: inout [Int: Double]) throws {
    var isWanted = [Bool](repeating: false, count: view.fileCount)
    for file in wanted { isWanted[file] = true }
    var request = SearchRequest(question: subject, limit: weights.fileDepth)
    request.accepts = { [isWanted] in isWanted[$0] }
    for (place, file) in try ranker.rankedFiles(request).enumerated() {
      scores[file, default: 0] += weights.search / (weights.fusionConstant + Double(place + 1))
    }
  }

  /// The chunks that only this side has; each further one of a file counts half of the one before.
  private func addChunks(_ best: [WordMatches.ChunkScore], _ scores: inout [Int: Double]) {
    var counted: [Int: Int] = [:]
    for (place, hit) in best.enumerated() {
      for file in Set(view.files(ofChunk: hit.chunk)).sorted().prefix(4) {
        if let scope, !scope.contains(side, file) { continue }
        let before = counted[file, default: 0]
        guard before < 3 else { continue }
        counted[file] = before + 1
        scores[file, default: 0] += weights.chunks / (weights.fusionConstant + Double(place + 1)) / Double(1 << before)
      }
    }
  }
}

extension SnapshotView {
  /// Those of the files that stand in a directory which another snapshot does not have.
  func inOwnDirectories(_ files: [Int], beside other: SnapshotView) -> [Int] {
    var known: [ArraySlice<UInt8>: Bool] = [:]
    return files.filter { file in
      let path = path(at: file)
      let directory = path.bytes.dropLast(path.nameBytes.count)
      if let isOwn = known[directory] { return isOwn }
      let isOwn = !directory.isEmpty && !other.hasDirectory(String(decoding: directory, as: UTF8.self))
      known[directory] = isOwn
      return isOwn
    }
  }
}
