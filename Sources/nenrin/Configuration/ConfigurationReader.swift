// SPDX-License-Identifier: Apache-2.0
import Glossary
import TOMLKit

/// The configuration that is in force, and the file it was read from.
struct LoadedConfiguration: Sendable {
  var configuration: Configuration
  /// Nil where there is no file: everything is at its default or set by the environment.
  var file: String?
  /// Environment variables that override a key.
  var variables: [String]
}

/// Reads `nenrin.toml` and the environment.
enum ConfigurationReader {
  private static let reference = "docs/CONFIGURATION.md"

  /// Reads `--config FILE`, which must be there, else `HOME/nenrin.toml`, which need not. Throws `fileUnreadable`,
  /// `configurationInvalid`.
  static func load(option: String?, home: String) throws -> LoadedConfiguration {
    var loaded = LoadedConfiguration(configuration: Configuration(), file: nil, variables: [])
    let file = option ?? home + "/nenrin.toml"
    if option != nil || FileAccess.kind(file) != nil {
      try apply(toml: String(decoding: try FileAccess.read(file), as: UTF8.self), file: file, to: &loaded.configuration)
      loaded.file = file
    }
    try applyEnvironment(to: &loaded)
    return loaded
  }

  private static func apply(toml: String, file: String, to configuration: inout Configuration) throws {
    let document = TOMLText(toml, file: file, reference: reference)
    let root = try document.parsed()
    for section in root.keys {
      guard ConfigurationKey.sections.contains(section), let table = root[section]?.table else {
        throw document.unknown(section, in: nil, among: ConfigurationKey.sections)
      }
      let keys = ConfigurationKey.all.filter { $0.section == section }
      for name in table.keys {
        guard let key = keys.first(where: { $0.name == name }) else {
          throw document.unknown(name, in: section, among: keys.map(\.name))
        }
        guard let value = table[name].flatMap(TOMLText.value) else {
          throw document.invalid(name, in: section, reason: "it wants another type of value")
        }
        if let fault = key.set(value, in: &configuration) {
          throw document.invalid(name, in: section, reason: fault)
        }
      }
    }
  }

  private static func applyEnvironment(to loaded: inout LoadedConfiguration) throws {
    let known = ConfigurationKey.all.map(\.variable)
    for section in ConfigurationKey.sections {
      for name in Environment.names(prefix: "NENRIN_\(section.uppercased())_") where !known.contains(name) {
        let near = NearMiss.near(known, to: name, within: max(1, name.utf8.count / 3), limit: 1).map {
          "Did you mean \($0)?"
        }
        throw NenrinError(
          .configurationInvalid, "\(name): no configuration key has this environment variable",
          remedies: near + ["Unset it, or see \(reference) for those there are."])
      }
    }
    for key in ConfigurationKey.all {
      guard let text = Environment.value(key.variable) else { continue }
      if let fault = key.set(key.value(ofVariable: text), in: &loaded.configuration) {
        throw NenrinError(
          .configurationInvalid, "\(key.variable): not a value for \(key.path)", reason: fault,
          remedies: ["Set it as \(reference) shows."])
      }
      loaded.variables.append(key.variable)
    }
  }
}

/// A TOML file that can say where its keys stand.
struct TOMLText {
  let text: String
  let file: String
  /// The document that shows how such a file is written.
  let reference: String

  init(_ text: String, file: String, reference: String) {
    self.text = text
    self.file = file
    self.reference = reference
  }

  /// Throws `configurationInvalid` with the line that is no TOML.
  func parsed() throws -> TOMLTable {
    do {
      return try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw NenrinError(
        .configurationInvalid, "\(file):\(error.source.begin.line): not TOML", reason: error.description,
        remedies: ["Mend the line; strings want double quotes."])
    }
  }

  /// A value of one of the types that keys have; nil for all others.
  static func value(_ value: any TOMLValueConvertible) -> ConfigurationValue? {
    switch value.type {
    case .string: value.string.map(ConfigurationValue.string)
    case .int: value.int.map(ConfigurationValue.integer)
    case .bool: value.bool.map(ConfigurationValue.boolean)
    case .array:
      value.array.flatMap { array in
        let texts = array.compactMap(\.string)
        return texts.count == array.count ? .strings(texts) : nil
      }
    default: nil
    }
  }

  func unknown(_ name: String, in section: String?, among known: [String]) -> NenrinError {
    let near = NearMiss.near(known, to: name, within: max(1, name.utf8.count / 3), limit: 1).map {
      "Did you mean '\($0)'?"
    }
    let what = section == nil ? "no section '\(name)'" : "no key '\(name)' in [\(section ?? "")]"
    return NenrinError(
      .configurationInvalid, "\(place(of: name, in: section)): \(what)",
      reason: "there are \(known.joined(separator: ", "))",
      remedies: near.isEmpty ? ["Take it out, or write one that there is."] : near)
  }

  func invalid(_ name: String, in section: String?, reason: String) -> NenrinError {
    NenrinError(
      .configurationInvalid, "\(place(of: name, in: section)): not a value for '\(name)'", reason: reason,
      remedies: ["Write it as \(reference) shows."])
  }

  /// `FILE:LINE` of a key or a section, `FILE` where the line cannot be told.
  private func place(of name: String, in section: String?) -> String {
    var current: String?
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = line.drop { $0 == " " || $0 == "\t" }
      if line.first == "[" {
        current = line.dropFirst().prefix { $0 != "]" }.filter { $0 != " " && $0 != "[" }
        if section == nil, current == name || current?.hasPrefix(name + ".") == true { return "\(file):\(index + 1)" }
        continue
      }
      let key = line.prefix { $0 != "=" }.filter { $0 != " " && $0 != "\t" && $0 != "\"" && $0 != "'" }
      guard line.contains("=") else { continue }
      let full = current.map { "\($0).\(key)" } ?? key
      let wanted = section.map { "\($0).\(name)" } ?? name
      if full == wanted || (section == nil && full.hasPrefix(name + ".")) { return "\(file):\(index + 1)" }
    }
    return file
  }
}
