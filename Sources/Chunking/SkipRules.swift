// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Headers that a program wrote for a program: tens of thousands of register names, a number beside each.
///
/// A file is one where it has more than 32 KiB, at least 98 % of its lines of code (not blank, not comment, not a
/// conditional) are `#define NAME NUMBER` with a single literal, the names are 16 bytes long on average, and either it
/// has more than 192 KiB or nine of ten names mix cases at their start (`mmGRBM_STATUS`, `regBIF_BX0`) or hold `__`
/// (`GRBM_STATUS__BUSY__SHIFT`), as no person writes them. So `pci_ids.h`, 128 KiB of names that people do ask
/// about, is an ordinary header.
enum RegisterTable {
  static let smallestByteCount = 32 * 1024
  static let largeByteCount = 192 * 1024
  static let largestByteCount = 256 * 1024 * 1024

  /// The names that the table defines, each once and in order; nil where it isn't one.
  static func names(_ source: Source) -> [String]? {
    guard source.count > smallestByteCount, let tally = tally(source), tally.isTable(source.count) else { return nil }
    var names: [String] = []
    names.reserveCapacity(tally.defineCount)
    var seen = Set<UInt64>(minimumCapacity: tally.defineCount)
    for line in 0..<source.lines.count {
      guard let name = definedName(source, source.line(line)) else { continue }
      if seen.insert(CodeHash.word(source.bytes, name)).inserted { names.append(source.text(name)) }
    }
    return names
  }

  private struct Tally {
    var codeCount = 0
    var defineCount = 0
    var nameByteCount = 0
    var machineNameCount = 0

    func isTable(_ byteCount: Int) -> Bool {
      defineCount * 100 >= codeCount * 98 && nameByteCount >= defineCount * 16 && defineCount > 100
        && (byteCount > largeByteCount || machineNameCount * 10 >= defineCount * 9)
    }
  }

  /// Nil as soon as it is clear that the file is no table.
  private static func tally(_ source: Source) -> Tally? {
    var tally = Tally()
    var isComment = false
    for line in 0..<source.lines.count {
      let range = source.line(line)
      let start = source.skipBlanks(range.lowerBound, range.upperBound)
      if start == range.upperBound { continue }
      if isComment || source.matches("/*", at: start) {
        isComment = !closesComment(source, start..<range.upperBound)
        continue
      }
      if source.matches("//", at: start) { continue }
      if source[start] == Ascii.hash, let name = definedName(source, range) {
        tally.codeCount += 1
        tally.defineCount += 1
        tally.nameByteCount += name.count
        if isMachineName(source, name) { tally.machineNameCount += 1 }
      } else if source[start] != Ascii.hash || source.matches("#define", at: start) {
        tally.codeCount += 1
      }
      if tally.codeCount > 200, tally.defineCount * 100 < tally.codeCount * 90 { return nil }
    }
    return tally
  }

  private static func closesComment(_ source: Source, _ range: Range<Int>) -> Bool {
    var offset = range.lowerBound
    while offset + 1 < range.upperBound {
      if source[offset] == Ascii.star, source[offset + 1] == Ascii.slash { return true }
      offset += 1
    }
    return false
  }

  /// The name on a line `#define NAME NUMBER`, where the value is one literal.
  private static func definedName(_ source: Source, _ range: Range<Int>) -> Range<Int>? {
    let end = range.upperBound
    guard source.matches("#define", at: range.lowerBound) else { return nil }
    let start = source.skipBlanks(range.lowerBound + 7, end)
    let nameEnd = source.wordEnd(start, end)
    var value = source.skipBlanks(nameEnd, end)
    guard nameEnd > start, value > nameEnd, value < end else { return nil }
    if source[value] == Ascii.openParen || source[value] == Ascii.minus { value += 1 }
    guard value < end, source[value].isDigit else { return nil }
    var after = source.wordEnd(value, end)
    if after < end, source[after] == Ascii.closeParen { after += 1 }
    after = source.skipBlanks(after, end)
    guard after == end || source[after] == Ascii.slash else { return nil }
    return start..<nameEnd
  }

  private static func isMachineName(_ source: Source, _ name: Range<Int>) -> Bool {
    var offset = name.lowerBound
    if source[offset].isLower {
      while offset < name.upperBound, source[offset].isLower { offset += 1 }
      return offset < name.upperBound && source[offset].isUpper
    }
    while offset + 1 < name.upperBound {
      if source[offset] == Ascii.underscore, source[offset + 1] == Ascii.underscore { return offset > name.lowerBound }
      offset += 1
    }
    return false
  }
}

/// Files of numbers with hardly a word: more than 16 KiB, of which nine of ten bytes that are not white space are
/// digits, hexadecimal digits after a digit, and the punctuation between them.
enum GeneratedData {
  static let smallestByteCount = 16 * 1024

  static func holds(_ source: Source) -> Bool {
    guard source.count > smallestByteCount else { return false }
    var dataCount = 0
    var otherCount = 0
    var offset = 0
    while offset < source.count {
      let byte = source[offset]
      if byte.isBlankOrLineEnd {
        offset += 1
      } else if byte.isWord {
        let end = source.wordEnd(offset, source.count)
        if byte.isDigit || isHexadecimal(source, offset..<end) {
          dataCount += end - offset
        } else {
          otherCount += end - offset
        }
        offset = end
      } else {
        switch byte {
        case Ascii.comma, Ascii.openBrace, Ascii.closeBrace, Ascii.semicolon, Ascii.colon, Ascii.minus, Ascii.dot:
          dataCount += 1
        default: otherCount += 1
        }
        offset += 1
      }
      // Long before the end it is clear for nearly every file.
      if offset > 4096, otherCount > dataCount / 2, otherCount * 10 > source.count { return false }
    }
    return otherCount * 9 < dataCount
  }

  /// Whether a word that begins with a letter is a number all the same, as in a hexadecimal image.
  private static func isHexadecimal(_ source: Source, _ word: Range<Int>) -> Bool {
    guard word.count >= 8 || word.count == 2 || word.count == 4 else { return false }
    for offset in word {
      let byte = source[offset]
      guard byte.isDigit || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66) else { return false }
    }
    return true
  }
}

/// Whether a NUL is among the first bytes.
func memchrZero(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool { memchr(bytes, 0, count) != nil }
