// SPDX-License-Identifier: Apache-2.0

/// How much of a text stands in another, after git's own measure for renames (diffcore-delta.c): the bytes of lines,
/// and of pieces of at most 64 bytes, that both hold, whatever their order.
struct LineHashes {
  private static let pieceByteCount = 64

  private(set) var byteCount: Int
  /// By hash, each once, with the bytes of all its pieces.
  private var pieces: [(hash: UInt32, bytes: UInt32)] = []

  init(_ text: [UInt8]) {
    byteCount = text.count
    var all: [UInt64] = []
    all.reserveCapacity(text.count / 24 + 1)
    var hash: UInt32 = 0x811c_9dc5
    var length: UInt64 = 0
    text.withUnsafeBufferPointer { text in
      for byte in text {
        hash = (hash ^ UInt32(byte)) &* 0x0100_0193
        length += 1
        if byte == UInt8(ascii: "\n") || length == LineHashes.pieceByteCount {
          all.append(UInt64(hash) << 32 | length)
          hash = 0x811c_9dc5
          length = 0
        }
      }
    }
    if length > 0 { all.append(UInt64(hash) << 32 | length) }
    all.sort()
    for piece in all {
      let hash = UInt32(piece >> 32)
      if let last = pieces.last, last.hash == hash {
        pieces[pieces.count - 1].bytes += UInt32(truncatingIfNeeded: piece)
      } else {
        pieces.append((hash, UInt32(truncatingIfNeeded: piece)))
      }
    }
  }

  /// The shared bytes as a share of the larger text, 0 to 1.
  func similarity(to other: LineHashes) -> Double {
    let larger = max(byteCount, other.byteCount)
    guard larger > 0 else { return 1 }
    var (mine, theirs, shared) = (0, 0, 0)
    while mine < pieces.count, theirs < other.pieces.count {
      let (left, right) = (pieces[mine], other.pieces[theirs])
      if left.hash == right.hash { shared += Int(min(left.bytes, right.bytes)) }
      if left.hash <= right.hash { mine += 1 }
      if right.hash <= left.hash { theirs += 1 }
    }
    return min(1, Double(shared) / Double(larger))
  }
}
