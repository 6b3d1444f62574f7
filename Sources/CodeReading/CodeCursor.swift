// SPDX-License-Identifier: Apache-2.0

/// A piece of C source, comments and white space left out.
struct CodeToken {
  enum Kind {
    case identifier
    case number
    /// A string or a character.
    case quote
    /// `->`.
    case arrow
    /// One byte of anything else.
    case mark
    /// `#define`: the tokens of the macro follow, up to `directiveEnd`.
    case define
    /// `#if`, `#ifdef`, `#ifndef`; the whole line is passed over.
    case conditionalStart
    /// `#else`, `#elif`; the whole line is passed over.
    case conditionalElse
    case conditionalEnd
    /// The end of a `#define`, or another directive, passed over.
    case directiveEnd
    case end
  }

  var kind: Kind
  /// Offsets in the text.
  var range: Range<Int>
  /// The byte of a mark.
  var mark: UInt8 = 0
}

/// Reads C one token at a time, on bytes. It never fails: what is no C comes out as marks.
struct CodeCursor {
  let text: UnsafeBufferPointer<UInt8>
  private(set) var offset: Int
  private let end: Int
  private var isAtLineStart = true
  private var isInDefine = false

  /// - Parameter range: what to read; it begins outside comments and quotes.
  init(_ text: UnsafeBufferPointer<UInt8>, in range: Range<Int>) {
    self.text = text
    offset = range.lowerBound
    end = min(range.upperBound, text.count)
    isAtLineStart = range.lowerBound == 0 || text[range.lowerBound - 1] == UInt8(ascii: "\n")
  }

  mutating func next() -> CodeToken {
    while offset < end {
      let byte = text[offset]
      switch byte {
      case UInt8(ascii: "\n"):
        offset += 1
        isAtLineStart = true
        if isInDefine {
          isInDefine = false
          return CodeToken(kind: .directiveEnd, range: (offset - 1)..<offset)
        }
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), 0x0B, 0x0C: offset += 1
      case UInt8(ascii: "\\") where isLineEnd(offset + 1): skipLineEnd()
      case UInt8(ascii: "/") where CodeCursor.beginsComment(text, at: offset, to: end):
        offset = CodeCursor.endOfComment(text, at: offset, to: end)
      case UInt8(ascii: "#") where isAtLineStart && !isInDefine: return directive()
      default:
        isAtLineStart = false
        return token(byte)
      }
    }
    if isInDefine {
      isInDefine = false
      return CodeToken(kind: .directiveEnd, range: end..<end)
    }
    return CodeToken(kind: .end, range: end..<end)
  }

  private mutating func token(_ byte: UInt8) -> CodeToken {
    let start = offset
    if NameBytes.isStart(byte) {
      var at = start + 1
      while at < end, NameBytes.isPart(text[at]) { at += 1 }
      offset = at
      return CodeToken(kind: .identifier, range: start..<at)
    }
    if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
      while offset < end, NameBytes.isPart(text[offset]) || text[offset] == UInt8(ascii: ".") { offset += 1 }
      return CodeToken(kind: .number, range: start..<offset)
    }
    if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
      offset = endOfQuote(start)
      return CodeToken(kind: .quote, range: start..<offset)
    }
    if byte == UInt8(ascii: "-"), start + 1 < end, text[start + 1] == UInt8(ascii: ">") {
      offset += 2
      return CodeToken(kind: .arrow, range: start..<offset)
    }
    offset += 1
    return CodeToken(kind: .mark, range: start..<offset, mark: byte)
  }

  /// One past the closing quote; the end of the line where there is none, as in the words behind `#error`.
  private func endOfQuote(_ open: Int) -> Int {
    var at = open + 1
    while at < end, text[at] != text[open] {
      if text[at] == UInt8(ascii: "\n") { return at }
      at += text[at] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(at + 1, end)
  }

  private func isLineEnd(_ at: Int) -> Bool {
    guard at < end else { return false }
    return text[at] == UInt8(ascii: "\n")
      || text[at] == UInt8(ascii: "\r") && at + 1 < end && text[at + 1] == UInt8(ascii: "\n")
  }

  private mutating func skipLineEnd() {
    offset += text[offset + 1] == UInt8(ascii: "\r") ? 3 : 2
  }

  private mutating func directive() -> CodeToken {
    let start = offset
    offset += 1
    while offset < end, text[offset] == UInt8(ascii: " ") || text[offset] == UInt8(ascii: "\t") { offset += 1 }
    let word = offset
    while offset < end, NameBytes.isPart(text[offset]) { offset += 1 }
    let name = UnsafeBufferPointer(rebasing: text[word..<offset])
    isAtLineStart = false
    if name.elementsEqual("define".utf8) {
      isInDefine = true
      return CodeToken(kind: .define, range: start..<offset)
    }
    let kind: CodeToken.Kind
    if name.elementsEqual("if".utf8) || name.elementsEqual("ifdef".utf8) || name.elementsEqual("ifndef".utf8) {
      kind = .conditionalStart
    } else if name.elementsEqual("else".utf8) || name.elementsEqual("elif".utf8) {
      kind = .conditionalElse
    } else if name.elementsEqual("endif".utf8) {
      kind = .conditionalEnd
    } else {
      kind = .directiveEnd
    }
    skipLine()
    return CodeToken(kind: kind, range: start..<offset)
  }

  /// To the end of the directive's line, over comments and lines that go on.
  private mutating func skipLine() {
    while offset < end, text[offset] != UInt8(ascii: "\n") {
      if text[offset] == UInt8(ascii: "\\"), isLineEnd(offset + 1) {
        skipLineEnd()
      } else if CodeCursor.beginsComment(text, at: offset, to: end) {
        offset = CodeCursor.endOfComment(text, at: offset, to: end)
      } else {
        offset += 1
      }
    }
  }

  /// The next byte that is no white space and in no comment, where a token ends; 0 at the end of the text.
  static func byte(after start: Int, in text: UnsafeBufferPointer<UInt8>) -> UInt8 {
    var at = start
    while at < text.count {
      switch text[at] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): at += 1
      case UInt8(ascii: "\\") where at + 1 < text.count && text[at + 1] == UInt8(ascii: "\n"): at += 2
      case UInt8(ascii: "/") where beginsComment(text, at: at, to: text.count):
        at = endOfComment(text, at: at, to: text.count)
      default: return text[at]
      }
    }
    return 0
  }

  static func beginsComment(_ text: UnsafeBufferPointer<UInt8>, at slash: Int, to end: Int) -> Bool {
    text[slash] == UInt8(ascii: "/") && slash + 1 < end
      && (text[slash + 1] == UInt8(ascii: "*") || text[slash + 1] == UInt8(ascii: "/"))
  }

  /// One past the comment: past `*/`, or at the line's end.
  static func endOfComment(_ text: UnsafeBufferPointer<UInt8>, at slash: Int, to end: Int) -> Int {
    var at = slash + 2
    if text[slash + 1] == UInt8(ascii: "/") {
      while at < end, text[at] != UInt8(ascii: "\n") { at += 1 }
      return at
    }
    while at + 1 < end, text[at] != UInt8(ascii: "*") || text[at + 1] != UInt8(ascii: "/") { at += 1 }
    return min(at + 2, end)
  }
}

/// The bytes that C names are made of.
enum NameBytes {
  @inline(__always)
  static func isStart(_ byte: UInt8) -> Bool {
    byte >= 0x80 || (byte < 64 ? 0 : (letters >> UInt64(byte & 63)) & 1) != 0
  }

  @inline(__always)
  static func isPart(_ byte: UInt8) -> Bool {
    byte >= 0x80 || ((byte < 64 ? digits : letters) >> UInt64(byte & 63)) & 1 != 0
  }

  // A bit for each byte, of those from 0 and from 64 on.
  private static let digits: UInt64 = 0x03ff_0000_0000_0000
  private static let letters: UInt64 = 0x07ff_fffe_87ff_fffe
}
