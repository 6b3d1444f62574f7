// SPDX-License-Identifier: Apache-2.0
import Glibc

extension [UInt8] {
  /// Appends an integer in little-endian order, or a struct of such without padding, as it lies in memory.
  mutating func appendRaw<Value: BitwiseCopyable>(_ value: Value) {
    Swift.withUnsafeBytes(of: value) { append(contentsOf: $0) }
  }

  /// Appends a base-128 varint, low bits first.
  mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  /// Appends zeros up to a multiple of eight.
  mutating func padToEight() {
    while count % 8 != 0 { append(0) }
  }
}

/// Reads what `ByteCoding` wrote; every read is checked against the end.
struct ByteReader {
  let bytes: UnsafeRawBufferPointer
  private(set) var position: Int

  init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  var isAtEnd: Bool { position >= bytes.count }

  mutating func byte() -> UInt8? {
    guard position < bytes.count else { return nil }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while shift < 64, let byte = byte() {
      value |= UInt64(byte & 0x7f) << shift
      if byte & 0x80 == 0 { return value }
      shift += 7
    }
    return nil
  }

  mutating func slice(_ count: Int) -> UnsafeRawBufferPointer? {
    guard count >= 0, position + count <= bytes.count else { return nil }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<(position + count)])
  }
}

extension UnsafeRawBufferPointer {
  /// Less than, equal to or greater than zero, by byte order.
  func order(_ other: UnsafeRawBufferPointer) -> Int {
    guard let mine = baseAddress, let theirs = other.baseAddress else { return count - other.count }
    let order = memcmp(mine, theirs, Swift.min(count, other.count))
    return order == 0 ? count - other.count : Int(order)
  }

  func hasSuffix(_ end: [UInt8]) -> Bool {
    guard count >= end.count, let start = baseAddress else { return end.isEmpty }
    return end.withUnsafeBytes { end in
      end.isEmpty || memcmp(start + (count - end.count), end.baseAddress ?? start, end.count) == 0
    }
  }

  /// How many bytes both begin with.
  func countInCommon(with other: UnsafeRawBufferPointer) -> Int {
    let most = Swift.min(count, other.count)
    var same = 0
    while same < most, self[same] == other[same] { same += 1 }
    return same
  }
}
