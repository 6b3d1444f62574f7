// SPDX-License-Identifier: Apache-2.0

/// A member of a struct, union or enumeration of C, as its text declares it.
struct Member: Hashable {
  var name: String
  /// Without comments, runs of white space as one space.
  var declaration: String
  /// Counted from the first line of the text.
  var line: Int
}

/// Lists what stands between the braces of a type of C. Members of anonymous structs and unions inside it count as its
/// own, as they do in C; what the preprocessor may leave out counts, too.
struct MemberReader {
  private let bytes: [UInt8]
  private var line = 0
  private(set) var members: [Member] = []

  /// `text` begins at or before the opening brace.
  init(_ text: ArraySlice<UInt8>) {
    bytes = Array(text)
    guard let open = bytes.firstIndex(of: UInt8(ascii: "{")) else { return }
    line = bytes[..<open].count { $0 == UInt8(ascii: "\n") }
    var offset = open + 1
    body(&offset, depth: 0)
  }

  /// Reads to the closing brace that belongs to `offset`.
  private mutating func body(_ offset: inout Int, depth: Int) {
    var words: [UInt8] = []
    var start = line
    var wasLineStart = true
    while offset < bytes.count {
      let byte = bytes[offset]
      switch byte {
      case UInt8(ascii: "\n"):
        line += 1
        offset += 1
        words.append(0x20)
        wasLineStart = true
        continue
      case 0x20, 0x09, 0x0D:
        words.append(0x20)
        offset += 1
        continue
      case UInt8(ascii: "/") where isComment(offset):
        skipComment(&offset)
        words.append(0x20)
        continue
      case UInt8(ascii: "#") where wasLineStart:
        skipDirective(&offset)
        continue
      case UInt8(ascii: "}"):
        offset += 1
        return
      case UInt8(ascii: "{"):
        offset += 1
        nested(&offset, depth, &words)
      case UInt8(ascii: ";"):
        offset += 1
        add(words, start)
        words = []
      default:
        if !words.contains(where: { $0 != 0x20 }) { start = line }
        words.append(byte)
        offset += 1
      }
      wasLineStart = false
    }
  }

  /// A struct within: its members are taken for this one's where it has no name of its own.
  private mutating func nested(_ offset: inout Int, _ depth: Int, _ words: inout [UInt8]) {
    let before = members.count
    guard depth < 16 else { return }
    body(&offset, depth: depth + 1)
    // What stands up to the semicolon names it.
    var ahead = offset
    while ahead < bytes.count, bytes[ahead] <= 0x20 { ahead += 1 }
    if ahead < bytes.count, bytes[ahead] != UInt8(ascii: ";"), MemberReader.isWord(bytes[ahead]),
      !startsAttribute(ahead)
    {
      members.removeSubrange(before...)
      words += Array(" {…} ".utf8)
    } else {
      while offset < bytes.count, bytes[offset] != UInt8(ascii: ";") {
        if bytes[offset] == UInt8(ascii: "\n") { line += 1 }
        offset += 1
      }
      offset += 1
      words = []
    }
  }

  private func startsAttribute(_ offset: Int) -> Bool { bytes[offset...].starts(with: "__".utf8) }

  private func isComment(_ offset: Int) -> Bool {
    offset + 1 < bytes.count && (bytes[offset + 1] == UInt8(ascii: "*") || bytes[offset + 1] == UInt8(ascii: "/"))
  }

  private mutating func skipComment(_ offset: inout Int) {
    let isBlock = bytes[offset + 1] == UInt8(ascii: "*")
    offset += 2
    while offset < bytes.count {
      if isBlock, bytes[offset] == UInt8(ascii: "*"), offset + 1 < bytes.count, bytes[offset + 1] == UInt8(ascii: "/") {
        offset += 2
        return
      }
      if bytes[offset] == UInt8(ascii: "\n") {
        if !isBlock { return }
        line += 1
      }
      offset += 1
    }
  }

  private mutating func skipDirective(_ offset: inout Int) {
    while offset < bytes.count, bytes[offset] != UInt8(ascii: "\n") {
      if bytes[offset] == UInt8(ascii: "\\"), offset + 1 < bytes.count, bytes[offset + 1] == UInt8(ascii: "\n") {
        line += 1
        offset += 1
      }
      offset += 1
    }
  }

  private mutating func add(_ words: [UInt8], _ start: Int) {
    let text = String(decoding: words, as: UTF8.self).split(separator: " ").joined(separator: " ")
    guard !text.isEmpty else { return }
    for name in MemberReader.names(Array(text.utf8)) {
      members.append(Member(name: name, declaration: text, line: start))
    }
  }

  /// The names that a declaration declares: `int a, *b[4]` → a, b; `int (*open)(int flags)` → open; `u8 x : 3` → x.
  static func names(_ text: [UInt8]) -> [String] {
    var names: [String] = []
    var depth = 0
    var part: [UInt8] = []
    for byte in text + [UInt8(ascii: ",")] {
      switch byte {
      case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
      default: break
      }
      if byte == UInt8(ascii: ","), depth <= 0 {
        if let name = declared(part) { names.append(name) }
        part = []
      } else {
        part.append(byte)
      }
    }
    return names
  }

  private static func declared(_ text: [UInt8]) -> String? {
    // A pointer to a function: the name stands behind the first `(*`.
    if let open = text.firstIndex(of: UInt8(ascii: "(")) {
      var offset = open + 1
      while offset < text.count, text[offset] == 0x20 || text[offset] == UInt8(ascii: "*") { offset += 1 }
      if offset > open + 1, text[(open + 1)..<offset].contains(UInt8(ascii: "*")) { return word(text, at: offset) }
      // A macro that declares: DECLARE_BITMAP(name, bits).
      let isMacro = text[..<open].allSatisfy { isWord($0) || $0 == 0x20 }
      if isMacro, text[..<open].contains(where: { (0x41...0x5A).contains($0) }) { return word(text, at: open + 1) }
    }
    let end = text.firstIndex { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "=") }
    var last: String?
    var offset = 0
    let limit = end ?? text.count
    while offset < limit {
      guard isWord(text[offset]) else {
        // What follows an annotation's parenthesis is no name: `int x __aligned(8)`.
        if text[offset] == UInt8(ascii: "(") { break }
        offset += 1
        continue
      }
      let found = word(text, at: offset) ?? ""
      if !(found.hasPrefix("__") && last != nil) { last = found }
      offset += max(1, found.utf8.count)
    }
    return last
  }

  private static func word(_ text: [UInt8], at offset: Int) -> String? {
    let word = text[min(offset, text.count)...].prefix { isWord($0) }
    return word.isEmpty ? nil : String(decoding: word, as: UTF8.self)
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
      || byte == UInt8(ascii: "_")
  }
}

extension MemberReader {
  /// What the members of two texts differ in, in order of the newer one's lines, then what is gone.
  static func changes(
    from old: [Member], firstLine oldLine: Int, to new: [Member], firstLine newLine: Int
  ) -> [MemberChange] {
    let olds = Dictionary(old.map { ($0.name, $0) }) { first, _ in first }
    let news = Set(new.map(\.name))
    var changes: [MemberChange] = []
    var seen = Set<String>()
    for member in new where seen.insert(member.name).inserted {
      guard let before = olds[member.name] else {
        changes.append(
          MemberChange(
            status: .added, name: member.name, fromLine: nil, toLine: newLine + member.line, fromText: nil,
            toText: member.declaration))
        continue
      }
      if before.declaration != member.declaration {
        changes.append(
          MemberChange(
            status: .signature, name: member.name, fromLine: oldLine + before.line, toLine: newLine + member.line,
            fromText: before.declaration, toText: member.declaration))
      }
    }
    for member in old where !news.contains(member.name) && seen.insert(member.name).inserted {
      changes.append(
        MemberChange(
          status: .removed, name: member.name, fromLine: oldLine + member.line, toLine: nil,
          fromText: member.declaration, toText: nil))
    }
    return changes
  }
}
