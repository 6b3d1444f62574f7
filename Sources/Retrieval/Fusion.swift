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
    var fused: [Int: Fused] = [:]
    for list in lists {
      for (place, candidate) in list.candidates.enumerated() {
        let part = list.weight / (weights.fusionConstant + Double(place + 1))
        var entry = fused[candidate.file] ?? Fused(file: candidate.file, score: 0, reasons: [])
        entry.score += part
        entry.reasons.append(
          HitReason(signal: list.signal, rank: place + 1, matched: candidate.matched, contribution: part))
        fused[candidate.file] = entry
      }
    }
    let scored = fused.values.map { entry in
      var entry = entry
      for (name, factor) in factors(entry.file) {
        entry.reasons.append(
          HitReason(signal: name, matched: "factor \(factor)", contribution: entry.score * (factor - 1)))
        entry.score *= factor
        entry.factor *= factor
      }
      return entry
    }
    return scored.sorted { $0.score != $1.score ? $0.score > $1.score : $0.file < $1.file }
  }
}
