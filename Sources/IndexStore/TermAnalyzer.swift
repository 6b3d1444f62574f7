// SPDX-License-Identifier: Apache-2.0
import Glossary

/// One distinct term of a text and how often it is there.
package struct TermOccurrence: Sendable {
  /// `TermTable.hash` of its bytes.
  package var hash: UInt64
  /// Where its bytes begin in `TermBatch.bytes`.
  package var offset: UInt32
  package var length: UInt8
  /// 1 to 255; more counts as 255.
  package var frequency: UInt8
}

/// The terms of several texts, one after the other, ready to be added to a segment.
package struct TermBatch: Sendable {
  package var bytes: [UInt8] = []
  package var occurrences: [TermOccurrence] = []

  package init() {}
}

/// Turns text into terms, the same way for source and for questions.
///
/// An identifier gives its parts (`snake_case`, `camelCase`, letters beside digits), stemmed, and itself whole where it
/// has several; CJK text gives overlapping pairs of characters; full-width forms are read as their ASCII kin. Numbers of
/// two to five digits are terms, hexadecimal literals are not. Terms are lower case and at most 64 bytes long.
/// Not Sendable: it reuses its buffers.
package final class TermAnalyzer {
  /// Raise when the same text gives other terms: every chunk is then indexed again.
  package static let version: UInt32 = 1

  static let longestTerm = 64

  private let stemmer = Stemmer()
  private let counts = TermCounter()
  private var token = TokenBuffer()
  private var tokenCount = 0
  private var pendingCJK: UInt32 = 0
  private var pendingWasPaired = false

  package init() {}

  /// Appends the distinct terms of `text` to `batch`; returns how many tokens there were, repeats included.
  package func analyze(_ text: UnsafeRawBufferPointer, into batch: inout TermBatch) -> Int {
    tokenCount = 0
    counts.removeAll()
    scan(text)
    counts.append(to: &batch)
    return tokenCount
  }

  /// The distinct terms of a short text, in order of first sight.
  package func terms(of text: String) -> [(term: String, frequency: Int)] {
    var batch = TermBatch()
    var text = text
    _ = text.withUTF8 { analyze(UnsafeRawBufferPointer($0), into: &batch) }
    return batch.occurrences.map { occurrence in
      let start = Int(occurrence.offset)
      let bytes = batch.bytes[start..<(start + Int(occurrence.length))]
      return (String(decoding: bytes, as: UTF8.self), Int(occurrence.frequency))
    }
  }

  private func scan(_ text: UnsafeRawBufferPointer) {
    var index = 0
    while index < text.count {
      let byte = text[index]
      let kind = ByteClass.of[Int(byte)]
      if kind != .other {
        if pendingCJK != 0 { flushCJK() }
        token.append(byte)
        index += 1
      } else if byte < 0x80 {
        if token.count > 0 { flushToken() }
        if pendingCJK != 0 { flushCJK() }
        index += 1
      } else {
        index += wide(text, at: index)
      }
    }
    if token.count > 0 { flushToken() }
    if pendingCJK != 0 { flushCJK() }
  }

  /// Takes one character beyond ASCII; returns its length in bytes (1 where it is not UTF-8).
  private func wide(_ text: UnsafeRawBufferPointer, at index: Int) -> Int {
    let (scalar, length) = UTF8Scalar.decode(text, at: index)
    if (0xFF01...0xFF5E).contains(scalar) {
      let ascii = UInt8(scalar - 0xFEE0)
      if pendingCJK != 0 { flushCJK() }
      if ByteClass.of[Int(ascii)] != .other { token.append(ascii) } else if token.count > 0 { flushToken() }
      return length
    }
    if UTF8Scalar.isCJK(scalar) {
      if token.count > 0 { flushToken() }
      if pendingCJK != 0 {
        addPair(pendingCJK, scalar)
        pendingWasPaired = true
      } else {
        pendingWasPaired = false
      }
      pendingCJK = scalar
      return length
    }
    if pendingCJK != 0 { flushCJK() }
    if UTF8Scalar.isLetter(scalar) {
      for offset in 0..<length { token.append(text[index + offset]) }
    } else if token.count > 0 {
      flushToken()
    }
    return length
  }

  private func flushCJK() {
    if !pendingWasPaired { addPair(pendingCJK, 0) }
    pendingCJK = 0
  }

  private func addPair(_ first: UInt32, _ second: UInt32) {
    withUnsafeTemporaryAllocation(byteCount: 8, alignment: 1) { buffer in
      var count = UTF8Scalar.encode(first, into: buffer, at: 0)
      if second != 0 { count += UTF8Scalar.encode(second, into: buffer, at: count) }
      add(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  private func add(_ term: UnsafeRawBufferPointer) {
    tokenCount += 1
    counts.add(term)
  }

  /// Splits the collected identifier or word and adds its terms.
  private func flushToken() {
    defer { token.removeAll() }
    guard token.count > 1 || token[0] >= 0x80 else { return }
    if ByteClass.of[Int(token[0])] == .digit, token.isNumber {
      let digits = token.decimalDigitCount
      if (2...5).contains(digits) { token.withBytes(0..<digits) { add($0) } }
      return
    }
    let parts = token.lowercasedParts()
    var wordCount = 0
    for part in parts where part.count > 1 || parts.count == 1 { wordCount += addPart(part) }
    if parts.count > 1 {
      let whole = token.wholeRange
      if whole.count > 2 { token.withBytes(whole) { add($0) } }
    }
  }

  /// Adds one part, stemmed; where letters stand beside digits (`tg3`, `nfs4proc`) the letters are added as well.
  private func addPart(_ part: Range<Int>) -> Int {
    token.withBytes(part) { bytes in
      guard token.hasDigit(part) else {
        stemmer.withStem(of: bytes) { add($0) }
        return 1
      }
      add(bytes)
      var added = 1
      var start: Int?
      for index in 0...bytes.count {
        let isLetter = index < bytes.count && ByteClass.of[Int(bytes[index])] != .digit
        if isLetter {
          if start == nil { start = index }
        } else if let from = start {
          if index - from >= 3 {
            stemmer.withStem(of: UnsafeRawBufferPointer(rebasing: bytes[from..<index])) { add($0) }
            added += 1
          }
          start = nil
        }
      }
      return added
    }
  }
}
