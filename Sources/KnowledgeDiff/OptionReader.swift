// SPDX-License-Identifier: Apache-2.0

/// The properties of one entry of a Kconfig file: its type, prompt, dependencies, defaults, what it selects, its help.
struct OptionReader {
  /// By property, in the order of first mention; those that may stand several times are put together with `; `.
  private(set) var properties: [(name: String, value: String)] = []

  private static let types = ["bool", "tristate", "int", "hex", "string", "def_bool", "def_tristate"]
  private static let ends = ["config ", "menuconfig ", "choice", "endchoice", "menu ", "endmenu", "if ", "endif"]

  /// `text` begins with the entry's own line (`config NAME`).
  init(_ text: ArraySlice<UInt8>) {
    var help: [String] = []
    var isHelp = false
    let lines = OptionReader.joined(String(decoding: text, as: UTF8.self))
    for (place, line) in lines.enumerated() {
      let words = line.drop { $0 == " " || $0 == "\t" }
      let isIndented = words.startIndex != line.startIndex
      if place > 0, !isIndented, !words.isEmpty, OptionReader.ends.contains(where: { words.hasPrefix($0) }) { break }
      if place > 0, !isIndented, words.hasPrefix("source ") || words.hasPrefix("comment ") { break }
      guard place > 0 else { continue }
      if isHelp {
        help.append(words.split(separator: " ").joined(separator: " "))
      } else if words == "help" || words == "---help---" {
        isHelp = true
      } else {
        add(words)
      }
    }
    let prose = help.filter { !$0.isEmpty }.joined(separator: " ")
    if !prose.isEmpty { properties.append(("help", prose)) }
  }

  /// Lines, those that end with a backslash put together with the next.
  private static func joined(_ text: String) -> [Substring] {
    var lines: [Substring] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if let last = lines.last, last.hasSuffix("\\") {
        lines[lines.count - 1] = Substring(last.dropLast() + line.drop { $0 == " " || $0 == "\t" })
      } else {
        lines.append(line)
      }
    }
    return lines
  }

  private mutating func add(_ line: Substring) {
    let code = line.split(separator: " #", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
    let words = code.split(whereSeparator: { $0 == " " || $0 == "\t" })
    guard let first = words.first, !first.hasPrefix("#") else { return }
    let rest = words.dropFirst().joined(separator: " ")
    switch String(first) {
    case let type where OptionReader.types.contains(type):
      let isDefault = type.hasPrefix("def_")
      append("type", isDefault ? String(type.dropFirst(4)) : type)
      if !rest.isEmpty { append(isDefault ? "default" : "prompt", rest) }
    case "prompt": append("prompt", rest)
    case "depends": append("depends on", words.dropFirst(2).joined(separator: " "))
    case "visible": append("visible if", words.dropFirst(2).joined(separator: " "))
    case "default", "select", "imply", "range", "option", "modules": append(String(first), rest)
    default: break
    }
  }

  private mutating func append(_ name: String, _ value: String) {
    if let place = properties.firstIndex(where: { $0.name == name }) {
      properties[place].value += "; " + value
    } else {
      properties.append((name, value))
    }
  }

  /// The properties in which two entries differ.
  static func changes(from old: OptionReader, to new: OptionReader) -> [PropertyChange] {
    var changes: [PropertyChange] = []
    for (name, value) in new.properties {
      let before = old.properties.first { $0.name == name }?.value
      if before != value { changes.append(PropertyChange(property: name, from: before, to: value)) }
    }
    for (name, value) in old.properties where !new.properties.contains(where: { $0.name == name }) {
      changes.append(PropertyChange(property: name, from: value, to: nil))
    }
    return changes
  }
}
