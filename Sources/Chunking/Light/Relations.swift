// SPDX-License-Identifier: Apache-2.0
import Glossary

/// What build files, the list of maintainers and documents say of other files, as bindings: the field says how, the target
/// is a path or an object. A snapshot joins them with its own paths when it is asked.
extension LightReader {
  func relations() -> [Binding] {
    switch language {
    case .make: buildRules()
    case .maintainers: patterns()
    case .restructuredText: mentions()
    default: []
    }
  }

  /// `obj-$(CONFIG_X) += a.o dir/` gives a binding for each object and directory; `a-y := b.o` for each part.
  private func buildRules() -> [Binding] {
    var rules: [Binding] = []
    var name: String?
    for line in 0..<source.lines.count {
      let range = source.line(line)
      var start = range.lowerBound
      if name == nil {
        guard let equals = assignment(range), let variable = objectList(range.lowerBound..<equals) else { continue }
        name = variable
        start = equals + 1
      }
      for word in words(start..<range.upperBound) where isObject(word) {
        rules.append(Binding(field: name ?? "", target: source.text(word), line: line + 1))
      }
      if range.isEmpty || source[range.upperBound - 1] != Ascii.backslash { name = nil }
    }
    return rules
  }

  /// The offset of the equals sign of `name :=`, `name +=`; nil for recipes, comments and all else.
  private func assignment(_ range: Range<Int>) -> Int? {
    guard !range.isEmpty, source[range.lowerBound] != Ascii.tab, source[range.lowerBound] != Ascii.hash else {
      return nil
    }
    return range.first { source[$0] == Ascii.equals }
  }

  /// A variable's name where it lists objects: `obj-y`, `lib-$(CONFIG_X)`, `btrfs-objs`.
  private func objectList(_ range: Range<Int>) -> String? {
    var name = source.trimmed(range)
    while let last = name.last, ":+?".utf8.contains(source[last]) { name = source.trimmed(name.lowerBound..<last) }
    guard let dash = name.last(where: { source[$0] == Ascii.minus }), dash > name.lowerBound,
      !name.contains(where: { source[$0].isBlank })
    else { return nil }
    let kind = source.text(dash + 1..<name.upperBound)
    guard kind == "y" || kind == "m" || kind == "objs" || kind.hasPrefix("$(") else { return nil }
    return source.text(name)
  }

  private func isObject(_ word: Range<Int>) -> Bool {
    guard word.count > 1, source[word.lowerBound].isWord else { return false }
    let last = word.upperBound - 1
    return source[last] == UInt8(ascii: "/") || (source[last] == UInt8(ascii: "o") && source[last - 1] == Ascii.dot)
  }

  private func words(_ range: Range<Int>) -> [Range<Int>] {
    var words: [Range<Int>] = []
    var offset = range.lowerBound
    while offset < range.upperBound {
      offset = source.skipBlanks(offset, range.upperBound)
      let start = offset
      while offset < range.upperBound, !source[offset].isBlank, source[offset] != Ascii.hash { offset += 1 }
      if offset > start { words.append(start..<offset) }
      if offset < range.upperBound, source[offset] == Ascii.hash { break }
    }
    return words
  }

  /// `F:	fs/btrfs/` and `X:	fs/btrfs/tests/` of an entry.
  private func patterns() -> [Binding] {
    (0..<source.lines.count).compactMap { line in
      let range = source.line(line)
      guard range.count > 3, source[range.lowerBound + 1] == Ascii.colon, source[range.lowerBound + 2].isBlank,
        source[range.lowerBound] == UInt8(ascii: "F") || source[range.lowerBound] == UInt8(ascii: "X")
      else { return nil }
      let pattern = source.trimmed(range.lowerBound + 2..<range.upperBound)
      guard !pattern.isEmpty else { return nil }
      return Binding(
        field: source[range.lowerBound] == UInt8(ascii: "F") ? "F" : "X", target: source.text(pattern), line: line + 1)
    }
  }

  /// Paths of sources that a document names, in a directive (`.. kernel-doc:: mm/slab.c`) or in its text.
  private func mentions() -> [Binding] {
    var found: [Binding] = []
    for line in 0..<source.lines.count {
      let range = source.line(line)
      var offset = range.lowerBound
      while offset < range.upperBound {
        guard isPathByte(source[offset]) else {
          offset += 1
          continue
        }
        let start = offset
        var hasSlash = false
        while offset < range.upperBound, isPathByte(source[offset]) {
          hasSlash = hasSlash || source[offset] == UInt8(ascii: "/")
          offset += 1
        }
        var end = offset
        while end > start, source[end - 1] == Ascii.dot || source[end - 1] == Ascii.minus { end -= 1 }
        guard hasSlash, end - start > 4, source[start].isWord, isSource(start..<end) else { continue }
        found.append(Binding(field: "path", target: source.text(start..<end), line: line + 1))
      }
    }
    return found
  }

  private func isPathByte(_ byte: UInt8) -> Bool {
    byte.isWord || byte == UInt8(ascii: "/") || byte == Ascii.dot || byte == Ascii.minus
  }

  private func isSource(_ word: Range<Int>) -> Bool {
    for suffix in [".c", ".h", ".S", ".rs", ".py", ".sh", ".pl"] as [StaticString]
    where source.matches(suffix, at: word.upperBound - suffix.utf8CodeUnitCount) {
      return true
    }
    return false
  }
}
