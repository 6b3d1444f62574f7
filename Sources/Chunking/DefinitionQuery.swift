// SPDX-License-Identifier: Apache-2.0
import CTreeSitter
import Glossary

/// A compiled `definitions.scm`: what each capture of it means.
///
/// A pattern captures the node that defines something by the name of its kind (`@function`, `@struct`, …, the names
/// of `SymbolKind`), or as `@unit.function` where it defines nothing; the node that names it as `@name`, and where it has
/// one its body as `@body`.
struct DefinitionQuery: @unchecked Sendable {
  // Unchecked because a compiled query is constant data, which cursors only read.
  enum Role: Sendable {
    case definition(SymbolKind)
    /// A chunk that defines nothing.
    case unit(SymbolKind)
    case name, body, ignored
  }

  let pointer: OpaquePointer
  /// By capture index.
  let roles: [Role]

  init(_ source: [UInt8], language: OpaquePointer, path: String) throws {
    var offset: UInt32 = 0
    var error = TSQueryErrorNone
    let query = source.withUnsafeBytes {
      ts_query_new(
        language, $0.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32($0.count), &offset, &error)
    }
    guard let query else {
      let line = source.prefix(Int(offset)).count { $0 == 0x0a } + 1
      throw NenrinError(
        .grammarUnusable, "query '\(path)' does not fit its grammar", reason: "line \(line) is the first at fault",
        remedies: ["Mend the query, or build the grammar that it was written for with tools/grammars."])
    }
    pointer = query
    roles = (0..<ts_query_capture_count(query)).map { index in
      var length: UInt32 = 0
      let name = ts_query_capture_name_for_id(query, index, &length).map { String(cString: $0) } ?? ""
      return DefinitionQuery.role(name)
    }
  }

  private static func role(_ name: String) -> Role {
    func kind(_ name: some StringProtocol) -> SymbolKind? { SymbolKind.allCases.first { $0.name == name } }
    switch name {
    case "name": return .name
    case "body": return .body
    case _ where name.hasPrefix("unit."): return kind(name.dropFirst(5)).map { .unit($0) } ?? .ignored
    default: return kind(name).map { .definition($0) } ?? .ignored
    }
  }
}
