// SPDX-License-Identifier: Apache-2.0
import Glossary
import Indexing
import TOMLKit

/// What to index, written down: `snapshots/NAME.toml`.
///
/// Keys: `source` (a git directory, a work tree or a plain folder; a relative path is seen from the recipe's folder),
/// `name` (the collection; else the recipe's own name), `revisions`, `tags` (globs), `self_contained`.
struct Recipe {
  private static let keys = ["source", "name", "revisions", "tags", "self_contained"]

  private(set) var request: IndexRequest

  /// Throws `fileUnreadable`, `configurationInvalid`.
  init(file: String) throws {
    let text = String(decoding: try FileAccess.read(file), as: UTF8.self)
    let document = TOMLText(text, file: file, reference: "snapshots/linux-debian.toml")
    let table = try document.parsed()
    if let unknown = table.keys.first(where: { !Recipe.keys.contains($0) }) {
      throw document.unknown(unknown, in: nil, among: Recipe.keys)
    }
    func value(_ key: String, _ wanted: ConfigurationValue) throws -> ConfigurationValue? {
      guard let entry = table[key] else { return nil }
      guard let value = TOMLText.value(entry), value.typeName == wanted.typeName else {
        throw document.invalid(key, in: nil, reason: "it wants \(wanted.typeName)")
      }
      return value
    }
    guard case .string(let source)? = try value("source", .string("")), !source.isEmpty else {
      throw NenrinError(
        .configurationInvalid, "\(file): no 'source'",
        remedies: [#"Write source = "PATH", a git directory, a work tree or a plain folder."#])
    }
    request = IndexRequest(source: FileAccess.path(source, from: FileAccess.parent(of: file) ?? "."))
    let fileName = FileAccess.name(of: file)
    request.collection = String(fileName.dropLast(fileName.hasSuffix(".toml") ? 5 : 0))
    if case .string(let name)? = try value("name", .string("")) { request.collection = name }
    if case .strings(let revisions)? = try value("revisions", .strings([])) { request.revisions = revisions }
    if case .strings(let tags)? = try value("tags", .strings([])) { request.tagGlobs = tags }
    if case .boolean(let selfContained)? = try value("self_contained", .boolean(false)) {
      request.selfContained = selfContained
    }
  }
}
