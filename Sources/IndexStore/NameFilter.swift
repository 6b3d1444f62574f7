// SPDX-License-Identifier: Apache-2.0

/// A Bloom filter over the names of one register table: 16 bits a name, one false answer in some two thousand. Whoever
/// asks reads the blob to be sure.
struct NameFilter: Sendable {
  static let bitsPerName = 16
  static let probeCount = 11

  private(set) var bits: [UInt8]
  let nameCount: Int

  /// A filter as it was stored.
  init(bits: [UInt8], nameCount: Int) {
    self.bits = bits
    self.nameCount = nameCount
  }

  init(names: [String]) {
    nameCount = names.count
    bits = Array(repeating: 0, count: max(8, names.count * NameFilter.bitsPerName / 8))
    for name in names {
      NameFilter.forEachBit(of: NameFilter.hash(name), bitCount: bits.count * 8) { bit in
        bits[bit / 8] |= 1 << UInt8(bit % 8)
        return true
      }
    }
  }

  static func hash(_ name: String) -> UInt64 {
    var name = name
    return name.withUTF8 { TermTable.hash(UnsafeRawBufferPointer($0)) }
  }

  /// Whether a filter in a mapped file may hold the name with this hash.
  static func mayContain(_ hash: UInt64, bits: UnsafeRawBufferPointer) -> Bool {
    var found = true
    forEachBit(of: hash, bitCount: bits.count * 8) { bit in
      found = bits[bit / 8] & (1 << UInt8(bit % 8)) != 0
      return found
    }
    return found
  }

  private static func forEachBit(of hash: UInt64, bitCount: Int, _ body: (Int) -> Bool) {
    let step = (hash >> 32) | 1
    var probe = hash
    for _ in 0..<probeCount {
      if !body(Int(probe % UInt64(bitCount))) { return }
      probe = probe &+ step &* 0x9e37_79b9_7f4a_7c15
    }
  }
}
