// SPDX-License-Identifier: Apache-2.0
import CIndexKernels

/// Adds up BM25 term by term over each field of the files' cards. A slot is a file in a field: `field * fileCount + file`.
struct CardScorer {
  private let cards: FileCards
  private let model = BM25(k1: 1.2, b: 0.6)
  private var scores: [Float]
  /// The frequency of the term at hand by slot, in 1/64 times the posting's own unit: whole numbers, so that the order of
  /// adding does not matter.
  private var frequencies: [UInt32]
  /// The highest worth of the forms found, in 1/256.
  private var worth: [UInt16]
  private var touched: [UInt32]
  /// For each file the terms that its card holds, as the bits of a `TermSet`.
  private(set) var held: [UInt64]

  init(_ view: SnapshotView) {
    cards = view.cards
    scores = Array(repeating: 0, count: cards.slotCount)
    frequencies = Array(repeating: 0, count: cards.slotCount)
    worth = Array(repeating: 0, count: cards.slotCount)
    touched = Array(repeating: 0, count: cards.slotCount)
    held = Array(repeating: 0, count: cards.fileCount)
  }

  mutating func add(_ lists: [PostingList], weight: Float, _ place: TermSet) {
    var count = 0
    for list in lists {
      count = cards.starts.withUnsafeBufferPointer { starts in
        nenrin_count_in_cards(
          list.chunks, list.frequencies, nil, nil, list.chunks.count, starts.baseAddress! + list.segment.chunkBase,
          cards.slots, cards.units, &frequencies, &worth, &touched, count)
      }
    }
    score(count, weight: weight, unit: 1, place)
  }

  mutating func add(_ lists: [MergedPostings], weight: Float, _ place: TermSet) {
    var count = 0
    for list in lists {
      count = cards.starts.withUnsafeBufferPointer { starts in
        nenrin_count_in_cards(
          list.chunks, nil, list.frequencies, list.worth, list.chunks.count,
          starts.baseAddress! + list.segment.chunkBase, cards.slots, cards.units, &frequencies, &worth, &touched, count)
      }
    }
    score(count, weight: weight, unit: MergedPostings.unit, place)
  }

  private mutating func score(_ count: Int, weight: Float, unit: Float, _ place: TermSet) {
    var commonness = [Int](repeating: 0, count: CardField.allCases.count)
    for slot in touched[..<count] { commonness[Int(slot) / cards.fileCount] += Int(worth[Int(slot)]) }
    let inverse = commonness.indices.map {
      weight * model.inverseFrequency(Double(commonness[$0]) / 256, of: cards.fileCounts[$0])
    }
    for slot in touched[..<count].lazy.map(Int.init) {
      let (field, file) = (slot / cards.fileCount, slot % cards.fileCount)
      let frequency = Float(frequencies[slot]) / 64 * unit
      let norm = model.k1 * (1 - model.b + model.b * Float(cards.lengths[slot]) / cards.meanLengths[field])
      scores[slot] += inverse[field] * frequency * (model.k1 + 1) / (frequency + norm)
      frequencies[slot] = 0
      worth[slot] = 0
      held[file] |= place.bits
    }
  }

  /// For each field the best files, best first; equal scores in order of path.
  func best(limit: Int, accepts: ((Int) -> Bool)?) -> [CardField: [WordMatches.FileScore]] {
    var best: [CardField: [WordMatches.FileScore]] = [:]
    for field in CardField.allCases {
      let first = field.rawValue * cards.fileCount
      let found = scores[first..<first + cards.fileCount].best(limit: limit) { accepts?($0) ?? true }
      best[field] = Array(
        found.map { WordMatches.FileScore(file: $0.0, score: $0.1) }
          .sorted { $0.score != $1.score ? $0.score > $1.score : $0.file < $1.file }.prefix(limit))
    }
    return best
  }
}
