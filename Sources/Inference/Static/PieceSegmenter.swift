// SPDX-License-Identifier: Apache-2.0

/// Cuts what the table does not hold whole into its most probable pieces (unigram model, Kudo 2018): Viterbi's
/// algorithm over bytes, cut only where a character begins. Not Sendable: it reuses its buffers.
final class PieceSegmenter {
  private let table: StaticTable
  private var best: [Float] = []
  private var from: [Int32] = []
  private var entry: [Int32] = []

  /// The score of a character that no piece covers; below any piece's.
  private static let unknown: Float = -30

  init(_ table: StaticTable) { self.table = table }

  /// Calls `body` with the entry of each piece of a text, last one first; characters without a piece are passed over.
  /// Returns how many pieces there were. `text` is at most 4,096 bytes long.
  func segment(_ text: UnsafeBufferPointer<UInt8>, _ body: (Int) -> Void) -> Int {
    let count = text.count
    best = Array(repeating: -.infinity, count: count + 1)
    from = Array(repeating: 0, count: count + 1)
    entry = Array(repeating: -1, count: count + 1)
    best[0] = 0
    var start = 0
    while start < count {
      let next = PieceSegmenter.characterEnd(text, start)
      if best[start] > -.infinity { extend(text, start, next) }
      start = next
    }
    var (end, pieces) = (count, 0)
    while end > 0 {
      if entry[end] >= 0 {
        body(Int(entry[end]))
        pieces += 1
      }
      end = Int(from[end])
    }
    return pieces
  }

  /// Tries every piece that begins at `start`.
  private func extend(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ firstEnd: Int) {
    var hash: UInt32 = 2_166_136_261
    var end = start
    while end < text.count, end - start < table.longestKey {
      hash = (hash ^ UInt32(text[end])) &* 16_777_619
      end += 1
      if end < text.count, text[end] & 0xc0 == 0x80 { continue }
      let key = UnsafeBufferPointer(rebasing: text[start..<end])
      guard let piece = table.entry(key, hash: hash), !table.score(piece).isNaN else { continue }
      relax(start, end, best[start] + table.score(piece), Int32(piece))
    }
    relax(start, firstEnd, best[start] + PieceSegmenter.unknown, -1)
  }

  private func relax(_ start: Int, _ end: Int, _ score: Float, _ piece: Int32) {
    guard score > best[end] else { return }
    best[end] = score
    from[end] = Int32(start)
    entry[end] = piece
  }

  private static func characterEnd(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    var end = start + 1
    while end < text.count, text[end] & 0xc0 == 0x80 { end += 1 }
    return end
  }
}
