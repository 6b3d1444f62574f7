// SPDX-License-Identifier: Apache-2.0

/// FNV-1a over code with its comments out and its white space reduced to what parts two words, so that reformatting
/// and commenting leave it as it is. The same on every machine. (Fowler, Noll, Vo: The FNV Non-Cryptographic Hash.)
enum CodeHash {
  /// How a language writes the comments that the hash leaves out.
  enum Comments { case slashes, hash, none }

  static let offsetBasis: UInt64 = 0xcbf2_9ce4_8422_2325
  static let prime: UInt64 = 0x100_0000_01b3

  /// The plain hash of a word, which the word tables are keyed by.
  @inline(__always) static func word(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>) -> UInt64 {
    var hash = offsetBasis
    for offset in range { hash = (hash ^ UInt64(bytes[offset])) &* prime }
    return hash
  }

  /// Never 0, which stands for "no body".
  static func body(_ source: Source, _ range: Range<Int>, comments: Comments = .slashes) -> UInt64 {
    let bytes = source.bytes
    let end = range.upperBound
    var hash = offsetBasis
    var offset = range.lowerBound
    var wasWord = false
    var parted = false
    while offset < end {
      let byte = bytes[offset]
      let byteClass = byteClasses[Int(byte)]
      if byteClass & ByteClass.word != 0 {
        if parted, wasWord { hash = (hash ^ 0x20) &* prime }
        parted = false
        wasWord = true
        repeat {
          hash = (hash ^ UInt64(bytes[offset])) &* prime
          offset += 1
        } while offset < end && bytes[offset].isWord
        continue
      }
      if byteClass & (ByteClass.blank | ByteClass.lineEnd) != 0 {
        parted = true
        offset += 1
        continue
      }
      let after = skipped(bytes, offset, end, comments)
      if after > offset {
        parted = true
        offset = after
        continue
      }
      wasWord = false
      parted = false
      let stop = byte == Ascii.quote || byte == Ascii.apostrophe ? stringEnd(bytes, offset, end) : offset + 1
      while offset < stop {
        hash = (hash ^ UInt64(bytes[offset])) &* prime
        offset += 1
      }
    }
    return hash == 0 ? 1 : hash
  }

  static func signature(_ source: Source, _ range: Range<Int>, comments: Comments = .slashes) -> UInt32 {
    let hash = body(source, range, comments: comments)
    return UInt32(truncatingIfNeeded: hash ^ (hash >> 32))
  }

  /// The end of the comment or escaped line end that begins at `offset`; `offset` where none does.
  private static func skipped(
    _ bytes: UnsafePointer<UInt8>, _ offset: Int, _ end: Int, _ comments: Comments
  ) -> Int {
    let next = offset + 1 < end ? bytes[offset + 1] : 0
    switch bytes[offset] {
    case Ascii.backslash where next == Ascii.lineEnd: return offset + 2
    case Ascii.slash where comments == .slashes && next == Ascii.star:
      var inner = offset + 2
      while inner + 1 < end, !(bytes[inner] == Ascii.star && bytes[inner + 1] == Ascii.slash) { inner += 1 }
      return min(inner + 2, end)
    case Ascii.slash where comments == .slashes && next == Ascii.slash,
      Ascii.hash where comments == .hash:
      var inner = offset
      while inner < end, bytes[inner] != Ascii.lineEnd { inner += 1 }
      return inner
    default: return offset
    }
  }

  /// One past the closing quote, or the line's end where none closes it.
  static func stringEnd(_ bytes: UnsafePointer<UInt8>, _ offset: Int, _ end: Int) -> Int {
    let quote = bytes[offset]
    var inner = offset + 1
    while inner < end {
      let byte = bytes[inner]
      if byte == quote { return inner + 1 }
      if byte == Ascii.lineEnd { return inner }
      inner += byte == Ascii.backslash ? 2 : 1
    }
    return end
  }
}
