// SPDX-License-Identifier: Apache-2.0
package import Glossary
package import IndexStore

/// What became of a symbol.
package enum SymbolStatus: String, CaseIterable, Sendable {
  case added, removed
  /// The body, or a macro's or enumerator's value.
  case changed
  /// The declaration (and maybe the body, too).
  case signature
  /// To another file that is not its own file under a new name.
  case moved
  /// Another name, the same body, in the same file.
  case renamed
  /// Static, global or exported, where it was not before; nothing else.
  case linkage
  /// The same on both sides; only told of a symbol that was asked for by name.
  case unchanged
}

/// Who can call a function.
package enum Linkage: String, Sendable {
  case `static`, global, exported
}

/// A definition on one side of a comparison.
package struct SymbolSide: Sendable {
  /// Its file's place among that snapshot's paths.
  package var file: Int
  package var record: DefinitionRecord

  package init(file: Int, record: DefinitionRecord) {
    self.file = file
    self.record = record
  }

  /// Nil for what has no linkage.
  package var linkage: Linkage? {
    guard record.kind == .function || record.kind == .variable else { return nil }
    return record.isStatic ? .static : record.isExported ? .exported : .global
  }
}

/// One symbol that the two snapshots do not share as it is. At least one side is there.
package struct SymbolChange: Sendable {
  package var status: SymbolStatus
  package var from: SymbolSide?
  package var to: SymbolSide?
  /// Whether body and declaration differ; false where a side is missing.
  package var isBodyChanged = false
  package var isSignatureChanged = false

  package init(status: SymbolStatus, from: SymbolSide?, to: SymbolSide?) {
    self.status = status
    self.from = from
    self.to = to
    guard let from = from?.record, let to = to?.record else { return }
    isBodyChanged = from.bodyHash != to.bodyHash
    isSignatureChanged = from.signatureHash != to.signatureHash
  }

  package var kind: SymbolKind { (to ?? from)?.record.kind ?? .label }

  /// Whether the linkage of both sides is known and differs.
  package var isLinkageChanged: Bool {
    guard let old = from?.linkage, let new = to?.linkage else { return false }
    return old != new
  }
}

/// A count for each status of a symbol.
package struct SymbolSummary: Hashable, Sendable {
  package private(set) var counts: [SymbolStatus: Int] = [:]
  package private(set) var kinds: [SymbolKind: [SymbolStatus: Int]] = [:]

  package init() {}

  package subscript(status: SymbolStatus) -> Int { counts[status] ?? 0 }

  package var total: Int { counts.values.reduce(0, +) }

  /// Adds one.
  package mutating func count(_ change: SymbolChange) { count(change.status, change.kind) }

  /// Adds one.
  package mutating func count(_ status: SymbolStatus, _ kind: SymbolKind) {
    counts[status, default: 0] += 1
    kinds[kind, default: [:]][status, default: 0] += 1
  }
}
