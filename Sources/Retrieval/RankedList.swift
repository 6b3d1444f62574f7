// SPDX-License-Identifier: Apache-2.0
import Glossary

/// One signal's opinion: files of the snapshot, best first.
struct RankedList {
  struct Candidate {
    var file: Int
    var score: Double
    /// For a person: what matched.
    var matched: String
  }

  var signal: String
  var weight: Double
  var candidates: [Candidate]

  /// Candidates in order of score, ties by path; cut at `depth`.
  init(_ signal: String, weight: Double, _ candidates: [Candidate], depth: Int) {
    self.signal = signal
    self.weight = weight
    self.candidates = Array(
      candidates.sorted { $0.score != $1.score ? $0.score > $1.score : $0.file < $1.file }.prefix(depth))
  }
}
