// SPDX-License-Identifier: Apache-2.0
import Glibc
import Glossary

/// What a model thinks of a result, joined with what the index thinks. Pure: nobody is asked here.
extension SearchResult {
  /// Orders the first files anew by a model's scores, one for each from the first on, joined with their own. Both are
  /// taken as distances from their mean, because each has a scale of its own; scores between 0 and 1 as log odds.
  ///
  /// - Parameter weight: of the model's scores, from 0 to 1.
  package mutating func rerank(by scores: [Double], of model: String, weight: Double) {
    let count = min(scores.count, files.count)
    guard count > 1 else { return }
    let areShares = scores.allSatisfy { (0...1).contains($0) }
    let odds = scores.prefix(count).map { score -> Double in
      guard areShares else { return score }
      let share = min(max(score, 1e-6), 1 - 1e-6)
      return log(share / (1 - share))
    }
    let theirs = SearchResult.standardized(odds)
    let ours = SearchResult.standardized(files.prefix(count).map(\.score))
    let order = theirs.indices.sorted { theirs[$0] != theirs[$1] ? theirs[$0] > theirs[$1] : $0 < $1 }
    for (rank, index) in order.enumerated() {
      files[index].score = (1 - weight) * ours[index] + weight * theirs[index]
      let shown = (scores[index] * 1_000).rounded() / 1_000
      files[index].reasons.append(
        HitReason(
          signal: "reranker", rank: rank + 1, matched: "\(model): \(shown)", contribution: weight * theirs[index]))
    }
    let lowest = files.prefix(count).map(\.score).min() ?? 0
    // Those that the model did not see stay behind, in their order.
    for index in count..<files.count { files[index].score = lowest - Double(index - count + 1) / 1_000 }
    arrange()
  }

  /// Takes in what was found for other wordings of the question, by reciprocal rank: `weight` is that of another wording
  /// where the question itself has 1.
  package mutating func join(_ others: [SearchResult], weight: Double) {
    guard !others.isEmpty else { return }
    let constant = 10.0
    var places: [[UInt8]: Int] = [:]
    for index in files.indices {
      places[files[index].path.bytes] = index
      files[index].score = 1 / (constant + Double(files[index].rank))
    }
    for other in others {
      plan.append(other.question)
      for file in other.files {
        let part = weight / (constant + Double(file.rank))
        let reason = HitReason(signal: "planned", rank: file.rank, matched: other.question, contribution: part)
        if let index = places[file.path.bytes] {
          files[index].score += part
          files[index].reasons.append(reason)
        } else {
          places[file.path.bytes] = files.count
          files.append(FileHit(rank: files.count + 1, path: file.path, score: part, reasons: file.reasons + [reason]))
        }
      }
      var known = Set(passages.map { "\($0.path.text):\($0.lines.lowerBound)" })
      passages += other.passages.filter { known.insert("\($0.path.text):\($0.lines.lowerBound)").inserted }
      ideas += other.ideas.filter { !ideas.contains($0) }
    }
    arrange()
  }

  /// Keeps the best.
  package mutating func cut(to limit: Int) {
    files = Array(files.prefix(limit))
    let kept = Set(files.map(\.path.bytes))
    passages = Array(passages.filter { kept.contains($0.path.bytes) }.prefix(limit))
  }

  /// Puts files in order of score, and passages in that of their files: the best of each first.
  private mutating func arrange() {
    files = files.enumerated().sorted {
      $0.element.score != $1.element.score ? $0.element.score > $1.element.score : $0.offset < $1.offset
    }.map(\.element)
    var places: [[UInt8]: Int] = [:]
    for index in files.indices {
      files[index].rank = index + 1
      places[files[index].path.bytes] = index
    }
    var turns: [[UInt8]: Int] = [:]
    let placed = passages.enumerated().map { offset, passage -> (turn: Int, place: Int, offset: Int) in
      let turn = turns[passage.path.bytes, default: 0]
      turns[passage.path.bytes] = turn + 1
      return (turn, places[passage.path.bytes] ?? Int.max, offset)
    }
    passages = placed.sorted { ($0.turn, $0.place, $0.offset) < ($1.turn, $1.place, $1.offset) }.map {
      passages[$0.offset]
    }
    for index in passages.indices {
      passages[index].rank = index + 1
      if let place = places[passages[index].path.bytes] { passages[index].score = files[place].score }
    }
  }

  private static func standardized(_ numbers: [Double]) -> [Double] {
    let mean = numbers.reduce(0, +) / Double(max(1, numbers.count))
    let spread = (numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, numbers.count))).squareRoot()
    return numbers.map { spread > 0 ? ($0 - mean) / spread : 0 }
  }
}
