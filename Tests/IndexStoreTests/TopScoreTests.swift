// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import IndexStore

/// Which scores are kept of many.
@Suite struct TopScoreTests {
  /// Whole numbers, so that many are equal, and many of them no score at all.
  private static func scores(_ count: Int, highest: Int) -> [Float] {
    var state: UInt64 = 88_172_645_463_325_252
    return (0..<count).map { _ in
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state % 3 == 0 ? Float(state / 3 % UInt64(highest)) : 0
    }
  }

  @Test(arguments: [0, 1, 63, 64, 65, 1_000, 10_007], [1, 7, 300])
  func theBestAreAmongThem(count: Int, limit: Int) {
    for highest in [3, 100, 100_000] {
      let scores = Self.scores(count, highest: highest)
      let sorted = scores.indices.filter { scores[$0] > 0 }.sorted { (scores[$1], $0) < (scores[$0], $1) }
      let best = scores[...].best(limit: limit) { _ in true }
      #expect(best.allSatisfy { $0.1 > 0 && $0.1 == scores[$0.0] })
      #expect(Array(best.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.map(\.0).prefix(limit)) == Array(sorted.prefix(limit)))
      // Few pass: one looks further down for them.
      let odd = scores[...].best(limit: limit) { $0 % 16 == 1 }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
      #expect(Array(odd.map(\.0).prefix(limit)) == Array(sorted.filter { $0 % 16 == 1 }.prefix(limit)))
    }
  }

  @Test func aSliceIsCountedFromItsFirst() {
    let scores: [Float] = [9, 0, 1, 5, 2, 8]
    #expect(scores[2..<5].best(limit: 1) { _ in true }.map(\.0) == [1])
  }
}
