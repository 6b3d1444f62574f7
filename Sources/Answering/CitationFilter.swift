// SPDX-License-Identifier: Apache-2.0

/// Passes an answer's text through as it comes and takes citations out whose number no passage has. It holds back
/// only what may still become one. Code is left as it is: `table[64]` cites nothing.
struct CitationFilter: Sendable {
  /// `[12, 13]` and what a person may write so; longer brackets are text.
  private static let longestCitation = 24

  private let first: Int
  private let passageCount: Int
  /// Numbers beside those of the passages.
  private let others: Set<Int>
  /// The numbers that were cited and have a passage.
  private(set) var cited: Set<Int> = []
  /// Spaces and a bracket that is not closed yet.
  private var held: [UInt8] = []
  /// Backticks that began the code we are in; 0 in prose.
  private var openTicks = 0
  private var ticks = 0
  private var last: UInt8 = 0x20

  /// The passages are numbered from `first`; `others` may be cited, too.
  init(first: Int = 1, passageCount: Int, others: Set<Int> = []) {
    self.first = first
    self.passageCount = passageCount
    self.others = others
  }

  /// The text that is safe to be shown.
  mutating func add(_ piece: String) -> String {
    var shown: [UInt8] = []
    for byte in piece.utf8 { take(byte, &shown) }
    return String(decoding: shown, as: UTF8.self)
  }

  /// What was held back at the end.
  mutating func finish() -> String {
    defer { held = [] }
    return String(decoding: held, as: UTF8.self)
  }

  private mutating func take(_ byte: UInt8, _ shown: inout [UInt8]) {
    countTicks(byte)
    if let open = held.firstIndex(of: UInt8(ascii: "[")) {
      held.append(byte)
      if byte == UInt8(ascii: "]") {
        shown += resolved(open)
        held = []
      } else if !CitationFilter.mayStand(byte) || held.count - open > CitationFilter.longestCitation {
        // It was no citation; what it ends with may begin one.
        held.removeLast()
        shown += held
        last = held.last ?? last
        held = []
        take(byte, again: &shown)
      }
      return
    }
    take(byte, again: &shown)
  }

  private mutating func take(_ byte: UInt8, again shown: inout [UInt8]) {
    let isProse = openTicks == 0 && ticks == 0
    if byte == 0x20, isProse {
      held.append(byte)
    } else if byte == UInt8(ascii: "["), isProse, !(held.isEmpty && MentionScanner.isIdentifier(last)) {
      held.append(byte)
    } else {
      shown += held
      held = []
      shown.append(byte)
      last = byte
    }
  }

  /// The held bytes with only those numbers that have a passage.
  private mutating func resolved(_ open: Int) -> [UInt8] {
    let inside = held[(open + 1)...].dropLast()
    let parts = inside.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { part in
      Int(String(decoding: part.filter { $0 != 0x20 }, as: UTF8.self))
    }
    last = UInt8(ascii: "]")
    guard parts.allSatisfy({ $0 != nil }) else { return held }
    let known = parts.compactMap(\.self).filter {
      ($0 >= first && $0 - first < passageCount) || others.contains($0)
    }
    cited.formUnion(known)
    if known.count == parts.count && known.count == 1 { return held }
    // Clients know `[1][2]` better than `[1, 2]`.
    let text = known.map { "[\($0)]" }.joined()
    return (known.isEmpty ? [] : Array(held[..<open])) + Array(text.utf8)
  }

  private static func mayStand(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ",") || byte == 0x20
  }

  private mutating func countTicks(_ byte: UInt8) {
    if byte == UInt8(ascii: "`") {
      ticks += 1
      return
    }
    if ticks > 0 {
      openTicks = openTicks == 0 ? ticks : (ticks >= openTicks ? 0 : openTicks)
      ticks = 0
    }
    // A single backtick that is not closed in its line was none.
    if byte == 0x0a, openTicks < 3 { openTicks = 0 }
  }
}
