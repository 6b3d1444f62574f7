// SPDX-License-Identifier: Apache-2.0

/// Numbers of chunks, a bit for each chunk of the home: far cheaper to fill from posting lists than a `Set`.
package struct ChunkSet: Sendable {
  private var words: [UInt64]

  /// - Parameter limit: above all numbers.
  init(limit: Int) { words = Array(repeating: 0, count: (limit + 63) / 64) }

  mutating func insert(_ chunk: UInt32) { words[Int(chunk >> 6)] |= 1 << UInt64(chunk & 63) }

  /// Whether a chunk is in it.
  package func contains(_ chunk: UInt32) -> Bool {
    Int(chunk >> 6) < words.count && words[Int(chunk >> 6)] & 1 << UInt64(chunk & 63) != 0
  }

  /// Whether no chunk is in it.
  package var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

  /// Keeps the chunks that are in another set, too.
  package mutating func formIntersection(_ other: ChunkSet) {
    for index in words.indices { words[index] &= index < other.words.count ? other.words[index] : 0 }
  }

  /// The chunks that pass.
  package func filter(_ passes: (UInt32) -> Bool) -> ChunkSet {
    var set = self
    forEachNumber { if !passes($0) { set.words[Int($0 >> 6)] &= ~(1 << UInt64($0 & 63)) } }
    return set
  }

  /// Ascending.
  package func forEachNumber(_ body: (UInt32) -> Void) {
    for (index, word) in words.enumerated() where word != 0 {
      var rest = word
      while rest != 0 {
        body(UInt32(index * 64 + rest.trailingZeroBitCount))
        rest &= rest - 1
      }
    }
  }
}
