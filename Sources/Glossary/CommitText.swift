// SPDX-License-Identifier: Apache-2.0

/// A commit's message in its parts.
package struct CommitText: Hashable, Sendable {
  package var subject: String
  /// Between the subject and the trailers, without empty lines at either end.
  package var body: String
  /// The last paragraph where it is lines such as `Signed-off-by: …` alone.
  package var trailers: String

  package init(_ message: String) {
    let bytes = Array(message.utf8)
    let lines = CommitText.lines(bytes)
    guard let first = lines.firstIndex(where: { !$0.isEmpty }) else {
      (subject, body, trailers) = ("", "", "")
      return
    }
    subject = String(decoding: bytes[CommitText.withoutIndent(lines[first], bytes)], as: UTF8.self)
    let end = (lines.lastIndex { !$0.isEmpty } ?? first) + 1
    var start = end
    while start > first + 1, !lines[start - 1].isEmpty { start -= 1 }
    // Lines right below the subject are the body, whatever they look like: an empty line parts trailers from it.
    let isApart = start > first + 1
    let areTrailers = isApart && lines[start..<end].allSatisfy { CommitText.isTrailer(bytes[$0]) }
    let trailerStart = areTrailers ? start : end
    trailers = CommitText.text(lines[trailerStart..<end], bytes)
    body = CommitText.text(lines[(first + 1)..<max(first + 1, trailerStart)], bytes)
  }

  /// The body's first paragraph, its lines joined by spaces.
  package var firstParagraph: String {
    let bytes = Array(body.utf8)
    return CommitText.lines(bytes).prefix { !$0.isEmpty }
      .map { String(decoding: bytes[CommitText.withoutIndent($0, bytes)], as: UTF8.self) }.joined(separator: " ")
  }

  /// Where each line lies, without white space at its end.
  private static func lines(_ bytes: [UInt8]) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = 0
    for index in 0...bytes.count where index == bytes.count || bytes[index] == UInt8(ascii: "\n") {
      var end = index
      while end > start, isSpace(bytes[end - 1]) { end -= 1 }
      lines.append(start..<end)
      start = index + 1
    }
    return lines
  }

  /// From the first line that is not empty to the last.
  private static func text(_ lines: ArraySlice<Range<Int>>, _ bytes: [UInt8]) -> String {
    guard let first = lines.first(where: { !$0.isEmpty }), let last = lines.last(where: { !$0.isEmpty }) else {
      return ""
    }
    return String(decoding: bytes[first.lowerBound..<last.upperBound], as: UTF8.self)
  }

  private static func withoutIndent(_ line: Range<Int>, _ bytes: [UInt8]) -> Range<Int> {
    var start = line.lowerBound
    while start < line.upperBound, isSpace(bytes[start]) { start += 1 }
    return start..<line.upperBound
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }

  /// `Key-of-letters: something`, or a line that goes on.
  private static func isTrailer(_ line: ArraySlice<UInt8>) -> Bool {
    guard let first = line.first else { return false }
    if first == 0x20 || first == 0x09 { return true }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon - line.startIndex >= 2, colon + 1 < line.endIndex,
      line[colon + 1] == 0x20, (0x41...0x5a).contains(first)
    else { return false }
    return line[..<colon].allSatisfy { byte in
      (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == UInt8(ascii: "-")
    }
  }
}
