// SPDX-License-Identifier: Apache-2.0
import Glossary

/// Several signals' lists as one: weighted reciprocal rank fusion, then factors for what the file is. Pure.
struct Fusion {
  let weights: RankingWeights

  struct Fused {
    var file: Int
    var score: Double
    /// What its sort alone makes of the score.
    var factor = 1.0
    var reasons: [HitReason]
  }

  /// All files that any list holds, best first; ties go to the path that comes first.
  func fuse(
    _ lists: [RankedList], factors: (Int) -> [(name: String, factor: Double)]
  ) -> [Fused] {
    // Every entry is changed where it stands: taken out and put back, its reasons would be copied each time.
    var fused: [Fused] = []
    var places: [Int: Int] = [:]
    for list in lists {
      for (place, candidate) in list.candidates.enumerated() {
        let part = list.weight / (weights.fusionConstant + Double(place + 1))
        let at = places[candidate.file] ?? fused.count
        if at == fused.count {
          places[candidate.file] = at
          fused.append(Fused(file: candidate.file, score: 0, reasons: []))
        }
        fused[at].score += part
        fused[at].reasons.append(
          HitReason(signal: list.signal, rank: place + 1, matched: candidate.matched, contribution: part))
      }
    }
    for at in fused.indices {
      for (name, factor) in factors(fused[at].file) {
        fused[at].reasons.append(
          HitReason(signal: name, matched: "factor \(factor)", contribution: fused[at].score * (factor - 1)))
        fused[at].score *= factor
        fused[at].factor *= factor
      }
    }
    return fused.sorted { $0.score != $1.score ? $0.score > $1.score : $0.file < $1.file }
  }
}
