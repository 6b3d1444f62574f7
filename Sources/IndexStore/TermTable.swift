// SPDX-License-Identifier: Apache-2.0

/// Byte strings, each kept once and numbered from 0 in order of first sight. Strings are at most 255 bytes long.
final class TermTable {
  private var slots: UnsafeMutablePointer<UInt32>
  private var slotCount: Int
  private var hashes: [UInt64] = []
  private var offsets: [UInt32] = []
  private var lengths: [UInt8] = []
  private var arena: [UInt8] = []

  init(capacity: Int = 1 << 12) {
    slotCount = capacity
    slots = .allocate(capacity: capacity)
    slots.update(repeating: UInt32.max, count: capacity)
  }

  deinit { slots.deallocate() }

  var count: Int { hashes.count }

  /// Bytes of all strings together.
  var byteCount: Int { arena.count }

  /// FNV-1a over the bytes, mixed so that its low bits are good enough for a table.
  static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    hash ^= hash >> 32
    return hash &* 0x9e37_79b9_7f4a_7c15
  }

  func removeAll() {
    if hashes.count * 16 > slotCount {
      slots.update(repeating: UInt32.max, count: slotCount)
    } else {
      // The last one first: no string was put beyond one that came after it.
      for number in hashes.indices.reversed() {
        var slot = Int(truncatingIfNeeded: hashes[number]) & (slotCount - 1)
        while slots[slot] != UInt32(number) { slot = (slot + 1) & (slotCount - 1) }
        slots[slot] = UInt32.max
      }
    }
    hashes.removeAll(keepingCapacity: true)
    offsets.removeAll(keepingCapacity: true)
    lengths.removeAll(keepingCapacity: true)
    arena.removeAll(keepingCapacity: true)
  }

  /// The number of a string, which is added where it is new.
  func insert(_ bytes: UnsafeRawBufferPointer, hash: UInt64) -> (number: UInt32, isNew: Bool) {
    if (hashes.count + 1) * 2 > slotCount { grow() }
    var slot = Int(truncatingIfNeeded: hash) & (slotCount - 1)
    while slots[slot] != UInt32.max {
      let number = slots[slot]
      if hashes[Int(number)] == hash, equals(number, bytes) { return (number, false) }
      slot = (slot + 1) & (slotCount - 1)
    }
    let number = UInt32(hashes.count)
    slots[slot] = number
    hashes.append(hash)
    offsets.append(UInt32(arena.count))
    lengths.append(UInt8(bytes.count))
    arena.append(contentsOf: bytes)
    return (number, true)
  }

  /// The number of a string that was inserted before.
  func find(_ bytes: UnsafeRawBufferPointer, hash: UInt64) -> UInt32? {
    var slot = Int(truncatingIfNeeded: hash) & (slotCount - 1)
    while slots[slot] != UInt32.max {
      let number = slots[slot]
      if hashes[Int(number)] == hash, equals(number, bytes) { return number }
      slot = (slot + 1) & (slotCount - 1)
    }
    return nil
  }

  func withTerm<R>(_ number: UInt32, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    let start = Int(offsets[Int(number)])
    let length = Int(lengths[Int(number)])
    return arena.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start..<(start + length)])) }
  }

  /// All numbers in byte order of their strings.
  func sortedNumbers() -> [UInt32] {
    arena.withUnsafeBytes { arena in
      let keys = (0..<UInt32(count)).map { number -> (UInt64, UInt32) in
        let start = Int(offsets[Int(number)])
        let length = Int(lengths[Int(number)])
        var key: UInt64 = 0
        for index in 0..<8 { key = key << 8 | (index < length ? UInt64(arena[start + index]) : 0) }
        return (key, number)
      }
      let sorted = keys.sorted { left, right in
        if left.0 != right.0 { return left.0 < right.0 }
        return isBefore(left.1, right.1, arena)
      }
      return sorted.map(\.1)
    }
  }

  private func isBefore(_ left: UInt32, _ right: UInt32, _ arena: UnsafeRawBufferPointer) -> Bool {
    let (leftStart, rightStart) = (Int(offsets[Int(left)]), Int(offsets[Int(right)]))
    let (leftLength, rightLength) = (Int(lengths[Int(left)]), Int(lengths[Int(right)]))
    var index = 0
    while index < leftLength, index < rightLength {
      let (a, b) = (arena[leftStart + index], arena[rightStart + index])
      if a != b { return a < b }
      index += 1
    }
    return leftLength < rightLength
  }

  private func equals(_ number: UInt32, _ bytes: UnsafeRawBufferPointer) -> Bool {
    guard Int(lengths[Int(number)]) == bytes.count else { return false }
    let start = Int(offsets[Int(number)])
    return arena.withUnsafeBytes { arena in
      for index in 0..<bytes.count where arena[start + index] != bytes[index] { return false }
      return true
    }
  }

  private func grow() {
    slots.deallocate()
    slotCount *= 2
    slots = .allocate(capacity: slotCount)
    slots.update(repeating: UInt32.max, count: slotCount)
    for number in 0..<hashes.count {
      var slot = Int(truncatingIfNeeded: hashes[number]) & (slotCount - 1)
      while slots[slot] != UInt32.max { slot = (slot + 1) & (slotCount - 1) }
      slots[slot] = UInt32(number)
    }
  }
}

/// Counts the terms of one text.
final class TermCounter {
  private let terms = TermTable(capacity: 1 << 10)
  private var hashes: [UInt64] = []
  private var frequencies: [UInt8] = []

  func removeAll() {
    terms.removeAll()
    hashes.removeAll(keepingCapacity: true)
    frequencies.removeAll(keepingCapacity: true)
  }

  func add(_ term: UnsafeRawBufferPointer) {
    let hash = TermTable.hash(term)
    let (number, isNew) = terms.insert(term, hash: hash)
    if isNew {
      hashes.append(hash)
      frequencies.append(1)
    } else if frequencies[Int(number)] < 255 {
      frequencies[Int(number)] += 1
    }
  }

  func append(to batch: inout TermBatch) {
    for number in 0..<UInt32(terms.count) {
      terms.withTerm(number) { term in
        batch.occurrences.append(
          TermOccurrence(
            hash: hashes[Int(number)], offset: UInt32(batch.bytes.count), length: UInt8(term.count),
            frequency: frequencies[Int(number)]))
        batch.bytes.append(contentsOf: term)
      }
    }
  }
}
