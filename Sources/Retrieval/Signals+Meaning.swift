// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

extension Signals {
  /// Files with a chunk whose head means what the question means, by their best chunk, and files of whose card that is
  /// true; empty where the snapshot has no vectors or the question none.
  func meaning(_ question: QuestionVector?) -> (lists: [RankedList], matches: MeaningMatches?) {
    let matches = question.flatMap { view.meaning(of: $0, limit: weights.meaningDepth, accepts: accepts) }
    var best: [Int: MeaningHit] = [:]
    for hit in matches?.chunks ?? [] where hit.likeness > weights.leastLikeness {
      for file in view.files(holding: [hit.chunk]) where accepts?(file) ?? true {
        if best[file] == nil { best[file] = hit }
      }
    }
    let candidates = best.map { RankedList.Candidate(file: $0.key, score: Double($0.value.likeness), matched: "") }
    var list = RankedList("meaning", weight: weights.meaning, candidates, depth: weights.listDepth)
    for index in list.candidates.indices {
      let file = list.candidates[index].file
      guard let hit = best[file] else { continue }
      list.candidates[index].matched = words(for: hit, inFile: file)
    }
    let card = nearFiles("meaning of the card", weight: weights.cardMeaning, matches) { $0.likeness(ofCard: $1) }
    let whole = nearFiles("meaning of the file", weight: weights.fileMeaning, matches) { $0.files[$1] }
    return ([list, card, whole], matches)
  }

  /// The files that are like the question; none without matches.
  private func nearFiles(
    _ signal: String, weight: Double, _ matches: MeaningMatches?, _ likeness: (MeaningMatches, Int) -> Float
  ) -> RankedList {
    var near: [RankedList.Candidate] = []
    if let matches {
      for file in 0..<view.fileCount {
        let likeness = likeness(matches, file)
        guard likeness > weights.leastLikeness, accepts?(file) ?? true else { continue }
        near.append(.init(file: file, score: Double(likeness), matched: ""))
      }
    }
    return RankedList(signal, weight: weight, near, depth: weights.listDepth)
  }

  /// `ksm_scan_thread, cosine 0.62`.
  private func words(for hit: MeaningHit, inFile file: Int) -> String {
    let chunk = view.places(ofChunk: hit.chunk, inFile: file).first
    let place = chunk.map { $0.symbol ?? "line \($0.lines.lowerBound)" } ?? ""
    let hundredths = Int((hit.cosine * 100).rounded())
    return "\(place), cosine \(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
  }
}
