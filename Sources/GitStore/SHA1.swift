// SPDX-License-Identifier: Apache-2.0

/// SHA-1 (FIPS 180-4), which git's packs end with. libgit2 hashes whole objects only, with git's header before them.
struct SHA1 {
  private var state: (UInt32, UInt32, UInt32, UInt32, UInt32) =
    (0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0)
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount += UInt64(bytes.count)
    var rest = bytes[...]
    if !pending.isEmpty {
      let taken = rest.prefix(64 - pending.count)
      pending.append(contentsOf: taken)
      rest = rest.dropFirst(taken.count)
      guard pending.count == 64 else { return }
      pending.withUnsafeBytes { mix($0) }
      pending.removeAll(keepingCapacity: true)
    }
    let whole = rest.count & ~63
    if whole > 0 { mix(UnsafeRawBufferPointer(rebasing: rest.prefix(whole))) }
    pending.append(contentsOf: rest.dropFirst(whole))
  }

  /// The 20 bytes; the value is used up.
  mutating func finish() -> [UInt8] {
    let bitCount = byteCount * 8
    var tail: [UInt8] = [0x80]
    tail += [UInt8](repeating: 0, count: (119 - pending.count) % 64)
    tail += withUnsafeBytes(of: bitCount.bigEndian) { Array($0) }
    tail.withUnsafeBytes { update($0) }
    return [state.0, state.1, state.2, state.3, state.4].flatMap { word in
      withUnsafeBytes(of: word.bigEndian) { Array($0) }
    }
  }

  /// Takes in whole blocks of 64 bytes.
  private mutating func mix(_ blocks: UnsafeRawBufferPointer) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { words in
      for block in stride(from: 0, to: blocks.count, by: 64) {
        for index in 0..<16 {
          words[index] = UInt32(bigEndian: blocks.loadUnaligned(fromByteOffset: block + index * 4, as: UInt32.self))
        }
        for index in 16..<80 {
          let word = words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16]
          words[index] = word << 1 | word >> 31
        }
        var (a, b, c, d, e) = state
        func round(_ from: Int, _ constant: UInt32, _ choose: (UInt32, UInt32, UInt32) -> UInt32) {
          for index in from..<from + 20 {
            let next = (a << 5 | a >> 27) &+ choose(b, c, d) &+ e &+ constant &+ words[index]
            (a, b, c, d, e) = (next, a, b << 30 | b >> 2, c, d)
          }
        }
        round(0, 0x5a82_7999) { $2 ^ $0 & ($1 ^ $2) }
        round(20, 0x6ed9_eba1) { $0 ^ $1 ^ $2 }
        round(40, 0x8f1b_bcdc) { $0 & $1 | $2 & ($0 | $1) }
        round(60, 0xca62_c1d6) { $0 ^ $1 ^ $2 }
        state = (state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d, state.4 &+ e)
      }
    }
  }
}
