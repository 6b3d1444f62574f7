// SPDX-License-Identifier: Apache-2.0
package import Glossary
import IndexStore

/// A definition as calls refer to it.
package struct CallTarget: Hashable, Sendable {
  package var path: TreePath
  /// 1-based.
  package var line: Int
  package var kind: SymbolKind
  package var isStatic: Bool

  init(_ place: SymbolLocation, path: TreePath) {
    self.path = path
    line = place.definition.line
    kind = place.definition.kind
    isStatic = place.definition.isStatic
  }
}

/// The places in one function, macro or table that use a name in one way.
package struct CallerHit: Sendable {
  package var path: TreePath
  /// 1-based, ascending; one at least.
  package var lines: [Int]
  /// What holds them; nil at file level.
  package var symbol: String?
  package var symbolKind: SymbolKind?
  /// The line on which that is defined; 0 where the index does not know it.
  package var symbolLine: Int
  package var kind: NameUseKind
  /// The text of the first line.
  package var text: String
  /// For `table` and `possible` the field, for `export` and `registration` the macro, for an argument what it is given to.
  package var via: String?
  /// The definitions that the use can mean, more than one where nothing tells them apart.
  package var targets: [CallTarget]

  package init(
    path: TreePath, lines: [Int], symbol: String?, symbolKind: SymbolKind?, symbolLine: Int, kind: NameUseKind,
    text: String, via: String?, targets: [CallTarget]
  ) {
    self.path = path
    self.lines = lines
    self.symbol = symbol
    self.symbolKind = symbolKind
    self.symbolLine = symbolLine
    self.kind = kind
    self.text = text
    self.via = via
    self.targets = targets
  }
}

/// Who calls a name, in one snapshot.
package struct CallersResult: Sendable {
  package var name: String
  package var snapshot: SnapshotInfo
  package var definitions: [CallTarget]
  /// Direct calls, by path and line.
  package var callers: [CallerHit]
  /// Where its address is taken, where it is exported or registered.
  package var uses: [CallerHit]
  /// Calls through the fields that tables bind to it.
  package var possible: [CallerHit]
  /// How many files have been read, or passed over for earlier pages, of those that may use the name.
  package var filesRead: Int
  package var filesHolding: Int
  /// Whether nothing follows what is listed.
  package var isComplete: Bool
  /// Whether callers may follow those that are listed: another page shows them.
  package var hasMoreCallers: Bool
  /// Whether the calls through fields were followed to the end.
  package var isPossibleComplete: Bool
  /// Names like it, where nothing was found.
  package var nearMisses: [String]

  package init(
    name: String, snapshot: SnapshotInfo, definitions: [CallTarget], callers: [CallerHit], uses: [CallerHit],
    possible: [CallerHit], filesRead: Int, filesHolding: Int, isComplete: Bool, hasMoreCallers: Bool = false,
    isPossibleComplete: Bool, nearMisses: [String]
  ) {
    self.name = name
    self.snapshot = snapshot
    self.definitions = definitions
    self.callers = callers
    self.uses = uses
    self.possible = possible
    self.filesRead = filesRead
    self.filesHolding = filesHolding
    self.isComplete = isComplete
    self.hasMoreCallers = hasMoreCallers
    self.isPossibleComplete = isPossibleComplete
    self.nearMisses = nearMisses
  }
}

/// Something that a function calls.
package struct CalleeHit: Sendable {
  package var name: String
  /// 1-based, ascending, in the calling function's file.
  package var lines: [Int]
  package var text: String
  /// Whether the call goes through a field, as in `->read(…)`.
  package var isIndirect: Bool
  /// What the call can mean; for a call through a field the functions that tables bind to the field.
  package var targets: [CalleeTarget]
  /// Whether there are more targets than are listed.
  package var areTargetsTruncated: Bool
}

/// A definition that a call can mean.
package struct CalleeTarget: Hashable, Sendable {
  package var name: String
  package var definition: CallTarget
  /// For a call through a field: the table that binds it.
  package var table: String?
}

/// What a definition calls.
package struct CallingDefinition: Sendable {
  package var definition: CallTarget
  /// In order of first call.
  package var callees: [CalleeHit]
}

/// What a name's definitions call, in one snapshot.
package struct CalleesResult: Sendable {
  package var name: String
  package var snapshot: SnapshotInfo
  /// One for each definition with a body.
  package var definitions: [CallingDefinition]
  package var nearMisses: [String]

  package init(
    name: String, snapshot: SnapshotInfo, definitions: [CallingDefinition], nearMisses: [String]
  ) {
    self.name = name
    self.snapshot = snapshot
    self.definitions = definitions
    self.nearMisses = nearMisses
  }
}
