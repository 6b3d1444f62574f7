// SPDX-License-Identifier: Apache-2.0
import Glossary
package import Retrieval

/// Where a definition stands, as documents of calls name it.
package struct CallTargetDocument: Codable, Hashable, Sendable {
  package var name: String?
  package var path: String
  /// 1-based.
  package var line: Int
  package var kind: String
  /// For a call through a field: the table that binds it.
  package var table: String?

  init(_ target: CallTarget) {
    path = target.path.text
    line = target.line
    kind = target.kind.name
  }

  init(_ target: CalleeTarget) {
    self.init(target.definition)
    name = target.name
    table = target.table
  }
}

/// A function, macro or table that uses a name, with the lines on which it does.
package struct CallerDocument: Codable, Sendable {
  package var path: String
  /// The first of `lines`.
  package var line: Int
  package var lines: [Int]
  package var inSymbol: String?
  package var inKind: String?
  /// `call`, `assembly`, `table`, `address`, `export`, `registration` or `possible`.
  package var kind: String
  /// The field, or the macro or function that it is an argument of.
  package var via: String?
  package var text: String
  /// What the use can mean; left out where the name has one definition.
  package var targets: [CallTargetDocument]?

  private enum CodingKeys: String, CodingKey {
    case path, line, lines, kind, via, text, targets
    case inSymbol = "in_symbol"
    case inKind = "in_kind"
  }

  init(_ hit: CallerHit, showsTargets: Bool) {
    path = hit.path.text
    line = hit.lines[0]
    lines = hit.lines
    inSymbol = hit.symbol
    inKind = hit.symbolKind?.name
    kind = hit.kind.name
    via = hit.via
    text = hit.text
    targets = showsTargets ? hit.targets.prefix(CallersDocument.mostTargets).map(CallTargetDocument.init) : nil
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(path, forKey: .path)
    try container.encode(line, forKey: .line)
    try container.encode(lines, forKey: .lines)
    try container.encode(inSymbol, forKey: .inSymbol)
    try container.encode(inKind, forKey: .inKind)
    try container.encode(kind, forKey: .kind)
    try container.encodeIfPresent(via, forKey: .via)
    try container.encode(text, forKey: .text)
    try container.encodeIfPresent(targets, forKey: .targets)
  }
}

/// Who calls a name: a part of `SymbolDocument`.
package struct CallersDocument: Codable, Sendable {
  static let mostTargets = 8

  package var callers: [CallerDocument]
  /// Where its address is taken, where it is exported or registered.
  package var uses: [CallerDocument]
  /// Calls through fields of tables that name it.
  package var possible: [CallerDocument]
  package var filesRead: Int
  package var filesHolding: Int
  /// False where the listing was ended by a limit: then there are at least as many.
  package var isComplete: Bool
  package var isPossibleComplete: Bool

  private enum CodingKeys: String, CodingKey {
    case callers, uses, possible
    case filesRead = "files_read"
    case filesHolding = "files_holding"
    case isComplete = "complete"
    case isPossibleComplete = "possible_complete"
  }

  package init(_ result: CallersResult) {
    let shows = result.definitions.count > 1
    callers = result.callers.map { CallerDocument($0, showsTargets: shows) }
    uses = result.uses.map { CallerDocument($0, showsTargets: shows) }
    possible = result.possible.map { CallerDocument($0, showsTargets: shows) }
    filesRead = result.filesRead
    filesHolding = result.filesHolding
    isComplete = result.isComplete
    isPossibleComplete = result.isPossibleComplete
  }
}

/// What one definition of a name calls: a part of `SymbolDocument`.
package struct CalleesDocument: Codable, Sendable {
  /// Calls of one name.
  package struct Callee: Codable, Sendable {
    package var name: String
    package var line: Int
    package var lines: [Int]
    package var text: String
    /// Whether the call goes through a field: its targets are possible ones.
    package var isPossible: Bool
    package var targets: [CallTargetDocument]
    package var targetsTruncated: Bool

    private enum CodingKeys: String, CodingKey {
      case name, line, lines, text, targets
      case isPossible = "possible"
      case targetsTruncated = "targets_truncated"
    }

    init(_ hit: CalleeHit) {
      name = hit.name
      line = hit.lines[0]
      lines = hit.lines
      text = hit.text
      isPossible = hit.isIndirect
      targets = hit.targets.map { target in
        var document = CallTargetDocument(target)
        if !hit.isIndirect { document.name = nil }
        return document
      }
      targetsTruncated = hit.areTargetsTruncated
    }
  }

  package var path: String
  package var line: Int
  package var kind: String
  package var callees: [Callee]

  package init(_ definition: CallingDefinition) {
    path = definition.definition.path.text
    line = definition.definition.line
    kind = definition.definition.kind.name
    callees = definition.callees.map(Callee.init)
  }
}

/// What `nenrin callchain --json` prints and `POST /api/callchain` answers.
package struct CallChainDocument: Codable, Sendable {
  /// One function or macro, and the call that leads to it.
  package struct Step: Codable, Sendable {
    package var name: String
    package var path: String
    package var line: Int
    package var kind: String
    /// Left out where no call leads to it.
    package var callLine: Int?
    package var isPossible: Bool
    /// In a tree only.
    package var depth: Int?
    package var isRepeated: Bool?

    private enum CodingKeys: String, CodingKey {
      case name, path, line, kind, depth
      case callLine = "call_line"
      case isPossible = "possible"
      case isRepeated = "repeated"
    }

    init(_ step: ChainStep, inTree: Bool) {
      name = step.name
      path = step.path.text
      line = step.line
      kind = step.kind.name
      callLine = step.callLine > 0 ? step.callLine : nil
      isPossible = step.isPossible
      depth = inTree ? step.depth : nil
      isRepeated = inTree && step.isRepeated ? true : nil
    }
  }

  package var from: String
  package var to: String?
  package var direction: String
  package var snapshot: SnapshotReferenceDocument
  package var paths: [[Step]]
  package var tree: [Step]
  package var visited: Int
  package var isComplete: Bool
  package var nearMisses: [String]

  private enum CodingKeys: String, CodingKey {
    case from, to, direction, snapshot, paths, tree, visited
    case isComplete = "complete"
    case nearMisses = "near_misses"
  }

  package init(_ result: ChainResult) {
    from = result.request.from
    to = result.request.to
    direction = result.request.isUpward ? "up" : "down"
    snapshot = SnapshotReferenceDocument(result.snapshot)
    paths = result.paths.map { $0.map { Step($0, inTree: false) } }
    tree = result.tree.map { Step($0, inTree: true) }
    visited = result.visited
    isComplete = result.isComplete
    nearMisses = result.nearMisses
  }
}
