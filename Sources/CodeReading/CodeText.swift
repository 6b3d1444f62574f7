// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// A use of a name as calls see it.
package struct CodeUse: Sendable {
  package var kind: NameUseKind
  package var name: NameUse
  /// Where the field, the macro or the callee stands that it is given to.
  package var via: Range<Int>?
}

/// A source in C, or what looks enough like it, read for how it uses names: both sides of each `#if`, comments and
/// strings left out. It never fails.
package struct CodeText: Sendable {
  package let bytes: [UInt8]

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// How it uses any of these names as a function or macro, in order.
  package func uses(of names: [String]) -> [CodeUse] {
    let wanted = WantedNames(names)
    // Functions with a parameter or variable of that name: there it is no function's address.
    var shadowing: Set<Int> = []
    var found: [CodeUse] = []
    walk { text, range in
      wanted.contains(text, range)
    } found: { text, use in
      if !use.isCalled, UseJudgement.isDeclared(use, in: text) { shadowing.insert(use.item.lowerBound) }
      guard let kind = UseJudgement.kind(of: use, in: text) else { return }
      if kind == .address, use.place == .function, shadowing.contains(use.item.lowerBound) { return }
      found.append(CodeUse(kind: kind, name: use, via: UseJudgement.via(use, kind)))
    }
    return found
  }

  /// The calls through a field, `->field(…)`, in order.
  package func calls(throughField field: String) -> [NameUse] {
    let wanted = WantedNames([field])
    var found: [NameUse] = []
    walk { text, range in
      wanted.contains(text, range)
    } found: { _, use in
      if use.isCalled, use.isMember { found.append(use) }
    }
    return found
  }

  /// Every name before a parenthesis from an offset on, in order: calls, and what only looks like one.
  package func calls(from offset: Int) -> [NameUse] {
    var found: [NameUse] = []
    walk { _, range in
      range.lowerBound >= offset
    } found: { _, use in
      if use.isCalled { found.append(use) }
    }
    return found
  }

  /// What an item of the file calls itself: the name before its first parenthesis, its first argument where that is a
  /// macro's in capitals; else its last name.
  package func nameOfItem(_ item: Range<Int>) -> String? {
    bytes.withUnsafeBufferPointer { text in
      var cursor = CodeCursor(text, in: item)
      var last: Range<Int>?
      var inMacro = false
      while true {
        let token = cursor.next()
        if token.kind == .end { break }
        if token.kind == .identifier {
          last = token.range
          if inMacro { break }
        } else if token.kind == .mark, token.mark == UInt8(ascii: "("), let name = last {
          guard text[name].allSatisfy({ $0 < UInt8(ascii: "a") }) else { break }
          inMacro = true
        } else if token.kind == .mark, token.mark == UInt8(ascii: "=") {
          break
        }
      }
      return last.map { CodeText.string(text, $0) }
    }
  }

  package func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  private func walk(
    where wants: (UnsafeBufferPointer<UInt8>, Range<Int>) -> Bool,
    found: (UnsafeBufferPointer<UInt8>, NameUse) -> Void
  ) {
    bytes.withUnsafeBufferPointer { text in
      var walk = CodeWalk(text, in: 0..<text.count)
      walk.forEachName(where: wants, found: { found(text, $0) })
    }
  }

  static func isEqual(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ name: [UInt8]) -> Bool {
    guard range.count == name.count, text[range.lowerBound] == name[0] else { return false }
    for offset in 1..<max(1, name.count) where text[range.lowerBound + offset] != name[offset] { return false }
    return true
  }

  static func string(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> String {
    String(decoding: text[range], as: UTF8.self)
  }
}

/// A few names, among which hardly any of a source's is: most are told by their length.
private struct WantedNames {
  private let names: [[UInt8]]
  private let lengths: UInt64

  init(_ names: [String]) {
    self.names = names.map { Array($0.utf8) }
    lengths = self.names.reduce(0) { $0 | 1 << UInt64(min($1.count, 63)) }
  }

  func contains(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    guard lengths >> UInt64(min(range.count, 63)) & 1 != 0 else { return false }
    return names.contains { CodeText.isEqual(text, range, $0) }
  }
}

extension NameUse {
  /// Whether an arrow or a dot leads to it.
  package var isMember: Bool { before == .arrow || before == .mark(UInt8(ascii: ".")) }

  /// Whether a macro makes a string of it.
  package var isQuoted: Bool { before == .mark(UInt8(ascii: "#")) }
}

/// Names as words of C.
package enum CodeName {
  /// Whether a byte may stand in a name.
  package static func holds(_ byte: UInt8) -> Bool { NameBytes.isPart(byte) }
}
