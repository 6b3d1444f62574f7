// SPDX-License-Identifier: Apache-2.0
import Glibc
import Glossary

/// A table of words and pieces of words with a vector each, mapped as `tools/models` wrote it.
///
/// Layout, little-endian: magic `NENRINET`; UInt32 version, dimensions, entries, slots (a power of two), bytes of the
/// longest key, 0; 16 letters of fingerprint; then eight UInt64: where the slots (UInt32: entry + 1, 0 for none), the
/// key starts (UInt32, one more than entries), the keys, the scores (Float32), the scales (Float32) and the rows (Int8)
/// begin, the file's size, and 0. An entry's vector is its row times its scale, which carries the word's weight.
///
/// A key that begins with U+2581 begins a word. Where the score is a number it is a piece's log probability (unigram
/// model, Kudo 2018); NaN marks a word that is never a piece of another.
final class StaticTable: @unchecked Sendable {  // because the mapping is read-only and lives as long as the object
  static let version: UInt32 = 2
  static let magic = Array("NENRINET".utf8)
  /// U+2581, which stands for the space before a word.
  static let wordStart: [UInt8] = [0xe2, 0x96, 0x81]

  let dimensions: Int
  let fingerprint: String
  let entryCount: Int
  let longestKey: Int
  private let bytes: UnsafeRawBufferPointer
  private let slotMask: Int
  private let slots: UnsafePointer<UInt32>
  private let keyStarts: UnsafePointer<UInt32>
  private let keys: UnsafePointer<UInt8>
  private let scores: UnsafePointer<Float>
  private let scales: UnsafePointer<Float>
  private let rows: UnsafePointer<Int8>

  private static let headerSize = 112

  /// Throws `fileUnreadable` where it is missing or not such a table.
  init(path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StaticTable.unreadable(path, String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var status = stat()
    let count = fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    guard count >= StaticTable.headerSize, let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0),
      start != MAP_FAILED
    else { throw StaticTable.unreadable(path, "it is too short for a table") }
    bytes = UnsafeRawBufferPointer(start: start, count: count)
    let bytes = bytes
    func number(_ index: Int) -> Int { Int(bytes.loadUnaligned(fromByteOffset: 8 + 4 * index, as: UInt32.self)) }
    func place(_ index: Int) -> Int {
      Int(truncatingIfNeeded: bytes.loadUnaligned(fromByteOffset: 48 + 8 * index, as: UInt64.self))
    }
    dimensions = number(1)
    entryCount = number(2)
    longestKey = number(4)
    slotMask = number(3) - 1
    fingerprint = String(decoding: bytes[32..<48], as: UTF8.self)
    let ends = [
      place(0) + 4 * number(3), place(1) + 4 * (entryCount + 1), place(2), place(3) + 4 * entryCount,
      place(4) + 4 * entryCount, place(5) + dimensions * entryCount,
    ]
    guard bytes.starts(with: StaticTable.magic), number(0) == StaticTable.version, place(6) == count,
      number(3) > entryCount, number(3) & slotMask == 0, dimensions > 0, dimensions % 16 == 0,
      (0..<6).allSatisfy({ place($0) >= StaticTable.headerSize && place($0) % 4 == 0 }),
      ends.allSatisfy({ $0 <= count })
    else {
      munmap(start, count)
      throw StaticTable.unreadable(path, "it is not a table of version \(StaticTable.version), or was cut short")
    }
    func pointer<T>(_ index: Int, _ type: T.Type) -> UnsafePointer<T> {
      UnsafeRawPointer(start).advanced(by: place(index)).assumingMemoryBound(to: type)
    }
    slots = pointer(0, UInt32.self)
    keyStarts = pointer(1, UInt32.self)
    keys = pointer(2, UInt8.self)
    scores = pointer(3, Float.self)
    scales = pointer(4, Float.self)
    rows = pointer(5, Int8.self)
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count) }

  /// FNV-1a (Fowler, Noll and Vo), 32 bits of it.
  static func hash(_ key: UnsafeBufferPointer<UInt8>) -> UInt32 {
    var hash: UInt32 = 2_166_136_261
    for byte in key { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    return hash
  }

  /// The entry with this key.
  func entry(_ key: UnsafeBufferPointer<UInt8>) -> Int? { entry(key, hash: StaticTable.hash(key)) }

  /// The same where the hash is known.
  func entry(_ key: UnsafeBufferPointer<UInt8>, hash: UInt32) -> Int? {
    var slot = Int(hash) & slotMask
    while slots[slot] != 0 {
      let entry = Int(slots[slot]) - 1
      guard entry < entryCount else { return nil }
      let (start, end) = (Int(keyStarts[entry]), Int(keyStarts[entry + 1]))
      if end - start == key.count, !key.isEmpty, memcmp(keys + start, key.baseAddress!, key.count) == 0 { return entry }
      slot = (slot + 1) & slotMask
    }
    return nil
  }

  /// NaN where the entry is no piece.
  func score(_ entry: Int) -> Float { scores[entry] }

  func scale(_ entry: Int) -> Float { scales[entry] }

  func withRow<R>(_ entry: Int, _ body: (UnsafePointer<Int8>) -> R) -> R { body(rows + entry * dimensions) }

  private static func unreadable(_ path: String, _ reason: String) -> NenrinError {
    NenrinError(
      .fileUnreadable, "\(path) is no table of vectors", reason: reason,
      remedies: ["Run `tools/models --again`."])
  }
}
