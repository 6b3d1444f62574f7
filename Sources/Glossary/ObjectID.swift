// SPDX-License-Identifier: Apache-2.0

/// The name of a git object: its 20-byte SHA-1.
package struct ObjectID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The first eight bytes, big-endian, so that integer order is byte order.
  package let high: UInt64
  /// Bytes 8 to 15, big-endian.
  package let middle: UInt64
  /// Bytes 16 to 19, big-endian.
  package let low: UInt32

  /// The all-zero name, which no object has.
  package static let zero = ObjectID(high: 0, middle: 0, low: 0)

  package init(high: UInt64, middle: UInt64, low: UInt32) {
    self.high = high
    self.middle = middle
    self.low = low
  }

  /// Reads the first 20 bytes of `bytes`, which must hold as many.
  package init(bytes: UnsafeRawBufferPointer) {
    high = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
    middle = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    low = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
  }

  /// Parses 40 hexadecimal digits; nil for anything else.
  package init?(hex: some StringProtocol) {
    var digits: [UInt8] = []
    digits.reserveCapacity(40)
    for character in hex.utf8 {
      switch character {
      case 0x30...0x39: digits.append(character - 0x30)
      case 0x61...0x66: digits.append(character - 0x61 + 10)
      case 0x41...0x46: digits.append(character - 0x41 + 10)
      default: return nil
      }
    }
    guard digits.count == 40 else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: 40, by: 2) { bytes.append(digits[index] << 4 | digits[index + 1]) }
    self = bytes.withUnsafeBytes { ObjectID(bytes: $0) }
  }

  /// Whether a text may be the beginning of an id: 7 to 40 hexadecimal digits.
  package static func mayBegin(with text: some StringProtocol) -> Bool {
    (7...40).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
      }
  }

  /// The 20 bytes in order.
  package var bytes: [UInt8] {
    withUnsafeBytes(of: high.bigEndian) { Array($0) } + withUnsafeBytes(of: middle.bigEndian) { Array($0) }
      + withUnsafeBytes(of: low.bigEndian) { Array($0) }
  }

  /// 40 lower-case hexadecimal digits.
  package var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  package var description: String { hex }

  package static func < (left: ObjectID, right: ObjectID) -> Bool {
    (left.high, left.middle, left.low) < (right.high, right.middle, right.low)
  }
}
