// SPDX-License-Identifier: Apache-2.0

/// Picks the lines of a passage that matter for a question: its first lines, which name it, and the window of lines
/// that holds most of the question's words.
struct Excerpter {
  static let lineLimit = 16
  static let headLineCount = 3
  static let lineByteLimit = 200

  private let words: Set<[UInt8]>

  init(question: String) {
    words = Set(Excerpter.words(Array(question.utf8)).filter { $0.count >= 3 })
  }

  /// At most `lineLimit` lines and a mark where lines are left out; whole where the passage is that short.
  func excerpt(of text: String, lineLimit: Int = Excerpter.lineLimit) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    guard lines.count > lineLimit else { return lines.map(Excerpter.bounded).joined(separator: "\n") }
    let window = bestWindow(lines, length: lineLimit - Excerpter.headLineCount)
    if window.lowerBound <= Excerpter.headLineCount {
      return lines.prefix(lineLimit).map(Excerpter.bounded).joined(separator: "\n") + "\n⋮"
    }
    let head = lines.prefix(Excerpter.headLineCount).map(Excerpter.bounded)
    let tail = lines[window].map(Excerpter.bounded)
    return (head + ["⋮"] + tail + (window.upperBound < lines.count ? ["⋮"] : [])).joined(separator: "\n")
  }

  /// The first of the windows that hold the most distinct words of the question; a word counts once a line.
  private func bestWindow(_ lines: [Substring], length: Int) -> Range<Int> {
    let scores = lines.map { line in Set(Excerpter.words(Array(line.utf8))).intersection(words).count }
    var best = 0
    var sum = scores.prefix(length).reduce(0, +)
    var bestSum = sum
    for start in stride(from: 1, through: max(0, lines.count - length), by: 1) {
      sum += scores[start + length - 1] - scores[start - 1]
      if sum > bestSum { (best, bestSum) = (start, sum) }
    }
    return best..<min(lines.count, best + length)
  }

  private static func bounded(_ line: Substring) -> String {
    guard line.utf8.count > lineByteLimit else { return String(line) }
    var bytes = Array(line.utf8.prefix(lineByteLimit))
    while let last = bytes.last, last & 0xc0 == 0x80 { bytes.removeLast() }
    if let last = bytes.last, last >= 0xc0 { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self) + " …"
  }

  /// Runs of ASCII letters and digits, lower case; `_` separates, so that parts of identifiers are words.
  private static func words(_ bytes: [UInt8]) -> [[UInt8]] {
    var words: [[UInt8]] = []
    var word: [UInt8] = []
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): word.append(byte | 0x20)
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): word.append(byte)
      default:
        if !word.isEmpty { words.append(word) }
        word = []
      }
    }
    if !word.isEmpty { words.append(word) }
    return words
  }
}
