// SPDX-License-Identifier: Apache-2.0
import Foundation

/// How much a word's place in a commit counts, and how its repetition and the message's length do.
package struct CommitWeights: Sendable {
  package var subject: Float = 3
  package var body: Float = 1
  package var path: Float = 0.7
  package var trailer: Float = 0.3
  package var k1: Float = 1.2
  package var b: Float = 0.4
  /// How much of a score goes to the share of the question's words that a commit holds.
  package var coverage: Float = 0.5
  /// Of a merge: what it speaks of was done by the commits that it joins.
  package var merge: Float = 0.8

  package init() {}
}

/// A commit that holds words of a question.
package struct CommitMatch: Hashable, Sendable {
  package var number: Int
  package var score: Float

  package init(number: Int, score: Float) {
    self.number = number
    self.score = score
  }
}

extension CommitLog {
  /// The commits of a set that hold words of a question, best first by BM25 over the set alone; where scores are equal,
  /// the younger first.
  package func matches(
    _ terms: [QueryTerm], in set: CommitSet, limit: Int, weights: CommitWeights = CommitWeights()
  ) -> (best: [CommitMatch], total: Int) {
    var scorer = CommitScorer(log: self, set: set, weights: weights)
    for term in terms { scorer.add(term) }
    return scorer.best(limit: limit)
  }

  /// How many commits of a set hold a term, and their share of the subjects.
  package func frequency(of term: String, in set: CommitSet) -> Int {
    segments.reduce(0) { sum, segment in
      sum + segment.postings(Array(term.utf8)).rows.count { set.contains(segment.base + Int($0)) }
    }
  }
}

/// Adds up BM25 term by term over a set of commits.
private struct CommitScorer {
  private let log: CommitLog
  private let set: CommitSet
  private let weights: CommitWeights
  private var scores: [Float]
  private var covered: [Float]
  private var importance: Float = 0
  private let meanLength: Float
  /// What a byte of counts is worth.
  private let worth: [Float]

  init(log: CommitLog, set: CommitSet, weights: CommitWeights) {
    self.log = log
    self.set = set
    self.weights = weights
    scores = Array(repeating: 0, count: log.count)
    covered = scores
    worth = (0...255).map { value in
      let counts = FieldCounts(rawValue: UInt8(value))
      return weights.subject * Float(counts[.subject]) + weights.body * Float(counts[.body])
        + weights.path * Float(counts[.path]) + weights.trailer * Float(counts[.trailer])
    }
    var sum = 0
    for segment in log.segments {
      for row in 0..<segment.count where set.contains(segment.base + row) { sum += Int(segment.lengths[row]) }
    }
    meanLength = Float(sum) / Float(max(1, set.count))
  }

  /// The forms of an idea count as one word: by the best of them in each commit.
  mutating func add(_ term: QueryTerm) {
    var frequencies: [(number: Int, frequency: Float)] = []
    var commonness: Float = 0
    for segment in log.segments {
      var best: [UInt32: (frequency: Float, factor: Float)] = [:]
      var single: (rows: [UInt32], counts: [UInt8])?
      for form in term.forms {
        let list = postings(form, in: segment)
        if term.forms.count == 1 {
          single = list
        } else {
          for (row, counts) in zip(list.rows, list.counts) {
            let (frequency, known) = (worth[Int(counts)] * form.factor, best[row])
            best[row] = (max(known?.frequency ?? 0, frequency), max(known?.factor ?? 0, form.factor))
          }
        }
      }
      if let single {
        for (row, counts) in zip(single.rows, single.counts) where set.contains(segment.base + Int(row)) {
          frequencies.append((segment.base + Int(row), worth[Int(counts)] * term.forms[0].factor))
          commonness += term.forms[0].factor
        }
      } else {
        for (row, value) in best.sorted(by: { $0.key < $1.key }) where set.contains(segment.base + Int(row)) {
          frequencies.append((segment.base + Int(row), value.frequency))
          commonness += value.factor
        }
      }
    }
    score(frequencies, commonness, term.weight)
  }

  private mutating func score(
    _ frequencies: [(number: Int, frequency: Float)], _ commonness: Float, _ termWeight: Float
  ) {
    let total = Float(set.count)
    let inverse = log1p((total - commonness + 0.5) / (commonness + 0.5))
    let weight = termWeight * max(0, inverse)
    importance += weight
    let segments = log.segments
    var segmentIndex = 0
    for (number, frequency) in frequencies {
      while segments[segmentIndex].range.upperBound <= number { segmentIndex += 1 }
      let segment = segments[segmentIndex]
      let length = Float(segment.lengths[number - segment.base])
      let norm = weights.k1 * (1 - weights.b + weights.b * length / max(1, meanLength))
      scores[number] += weight * frequency * (weights.k1 + 1) / (frequency + norm)
      covered[number] += weight
    }
  }

  /// Of several words, the commits that hold all, each with the counts of the word that stands there least.
  private func postings(_ form: QueryTerm.Form, in segment: CommitSegment) -> (rows: [UInt32], counts: [UInt8]) {
    var list = segment.postings(Array(form.words[0].utf8))
    for word in form.words.dropFirst() {
      let other = segment.postings(Array(word.utf8))
      let theirs = Dictionary(uniqueKeysWithValues: zip(other.rows, other.counts))
      var kept: (rows: [UInt32], counts: [UInt8]) = ([], [])
      for (row, counts) in zip(list.rows, list.counts) {
        guard let there = theirs[row] else { continue }
        kept.rows.append(row)
        kept.counts.append(worth[Int(there)] < worth[Int(counts)] ? there : counts)
      }
      list = kept
    }
    return list
  }

  func best(limit: Int) -> (best: [CommitMatch], total: Int) {
    var found: [CommitMatch] = []
    for number in scores.indices where scores[number] > 0 {
      let share = importance > 0 ? covered[number] / importance : 1
      let part = log.isMerge(number) ? weights.merge : 1
      found.append(
        CommitMatch(number: number, score: part * scores[number] * (1 - weights.coverage + weights.coverage * share)))
    }
    func isBefore(_ left: CommitMatch, _ right: CommitMatch) -> Bool {
      if left.score != right.score { return left.score > right.score }
      let (leftDate, rightDate) = (log.date(at: left.number), log.date(at: right.number))
      return leftDate != rightDate ? leftDate > rightDate : log.id(at: left.number) < log.id(at: right.number)
    }
    let total = found.count
    // Only those near the top are worth sorting.
    if found.count > 4 * limit + 64 {
      let sorted = found.map(\.score).sorted(by: >)
      let least = sorted[limit]
      found.removeAll { $0.score < least }
    }
    return (Array(found.sorted(by: isBefore).prefix(limit)), total)
  }
}
