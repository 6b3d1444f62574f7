// SPDX-License-Identifier: Apache-2.0

/// git's shell patterns (`wildmatch.c`), on bytes: `*` and `?` stop at a slash, `**` between slashes does not.
enum WildMatch {
  static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
    var steps = 100_000
    return match(pattern, text, &steps)
  }

  private static let (slash, star, escape) = (UInt8(ascii: "/"), UInt8(ascii: "*"), UInt8(ascii: "\\"))

  /// `steps` bounds what a pattern of many stars can cost; one that runs out matches nothing.
  private static func match(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>, _ steps: inout Int) -> Bool {
    var (pattern, text) = (pattern, text)
    var isStart = true
    while let byte = pattern.first {
      steps -= 1
      guard steps > 0 else { return false }
      switch byte {
      case star: return matchStar(pattern, text, isAfterBorder: isStart, &steps)
      case UInt8(ascii: "?"):
        guard let next = text.first, next != slash else { return false }
        pattern = pattern.dropFirst()
      case UInt8(ascii: "["):
        guard let next = text.first, next != slash, let rest = rest(ofClass: pattern, holding: next) else {
          return false
        }
        pattern = rest
      default:
        if byte == escape { pattern = pattern.dropFirst() }
        guard let wanted = pattern.first, wanted == text.first else { return false }
        pattern = pattern.dropFirst()
      }
      isStart = text.first == slash
      text = text.dropFirst()
    }
    return text.isEmpty
  }

  private static func matchStar(
    _ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>, isAfterBorder: Bool, _ steps: inout Int
  ) -> Bool {
    let stars = pattern.prefix { $0 == star }.count
    let rest = pattern.dropFirst(stars)
    let crosses = stars > 1 && isAfterBorder && (rest.isEmpty || rest.first == slash)
    // `**/x` matches `x` too.
    if crosses, rest.first == slash, match(rest.dropFirst(), text, &steps) { return true }
    var text = text
    while true {
      if match(rest, text, &steps) { return true }
      guard steps > 0, let next = text.first, crosses || next != slash else { return false }
      text = text.dropFirst()
    }
  }

  /// What follows a bracket expression that holds a byte; nil where it does not, or does not end.
  private static func rest(ofClass pattern: ArraySlice<UInt8>, holding byte: UInt8) -> ArraySlice<UInt8>? {
    var rest = pattern.dropFirst()
    var isNegated = false
    if rest.first == UInt8(ascii: "!") || rest.first == UInt8(ascii: "^") {
      isNegated = true
      rest = rest.dropFirst()
    }
    var isFound = false
    var isFirst = true
    while let low = rest.popFirst() {
      if low == UInt8(ascii: "]"), !isFirst { return isFound != isNegated ? rest : nil }
      isFirst = false
      if low == UInt8(ascii: "["), rest.first == UInt8(ascii: ":") {
        guard let name = className(&rest) else { return nil }
        if isMember(byte, of: name) { isFound = true }
        continue
      }
      var start = low
      if low == escape {
        guard let escaped = rest.popFirst() else { return nil }
        start = escaped
      }
      var end = start
      if rest.first == UInt8(ascii: "-"), let next = rest.dropFirst().first, next != UInt8(ascii: "]") {
        rest = rest.dropFirst(2)
        end = next
        if next == escape {
          guard let escaped = rest.popFirst() else { return nil }
          end = escaped
        }
      }
      if start <= byte, byte <= end { isFound = true }
    }
    return nil
  }

  /// Takes `:alpha:]`; nil where it does not end so.
  private static func className(_ rest: inout ArraySlice<UInt8>) -> String? {
    let name = rest.dropFirst().prefix { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "]") }
    let after = rest.dropFirst(1 + name.count)
    guard after.starts(with: Array(":]".utf8)) else { return nil }
    rest = after.dropFirst(2)
    return String(decoding: name, as: UTF8.self)
  }

  private static func isMember(_ byte: UInt8, of name: String) -> Bool {
    let letter = byte | 0x20
    let isLetter = (0x61...0x7a).contains(letter)
    let isDigit = (0x30...0x39).contains(byte)
    switch name {
    case "alpha": return isLetter
    case "digit": return isDigit
    case "alnum": return isLetter || isDigit
    case "upper": return (0x41...0x5a).contains(byte)
    case "lower": return (0x61...0x7a).contains(byte)
    case "space": return byte == 0x20 || (0x09...0x0d).contains(byte)
    case "blank": return byte == 0x20 || byte == 0x09
    case "punct": return (0x21...0x7e).contains(byte) && !isLetter && !isDigit
    case "xdigit": return isDigit || (0x61...0x66).contains(letter)
    case "print": return (0x20...0x7e).contains(byte)
    case "graph": return (0x21...0x7e).contains(byte)
    case "cntrl": return byte < 0x20 || byte == 0x7f
    default: return false
    }
  }
}
