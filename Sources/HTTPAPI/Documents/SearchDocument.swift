// SPDX-License-Identifier: Apache-2.0
import Glossary
package import Retrieval

/// What `nenrin search --json` prints and `POST /api/search` answers.
package struct SearchDocument: Codable, Sendable {
  /// A distinct file, best first.
  package struct File: Codable, Hashable, Sendable {
    package var rank: Int
    package var path: String
    package var score: Double
    /// One line for each signal, boost or prior that moved it.
    package var reasons: [String]
  }

  /// A piece of a file; its lines are 1-based, inclusive and exact in the snapshot.
  package struct Passage: Codable, Hashable, Sendable {
    package var rank: Int
    package var path: String
    package var startLine: Int
    package var endLine: Int
    package var symbol: String?
    package var kind: String?
    package var language: String
    package var score: Double
    package var text: String

    private enum CodingKeys: String, CodingKey {
      case rank, path, symbol, kind, language, score, text
      case startLine = "start_line"
      case endLine = "end_line"
    }

    package init(_ passage: Retrieval.Passage) {
      rank = passage.rank
      path = passage.path.text
      startLine = passage.lines.lowerBound
      endLine = passage.lines.upperBound
      symbol = passage.symbol
      kind = passage.kind?.name
      language = passage.language.name
      score = DocumentFormat.rounded(passage.score)
      text = passage.text
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(rank, forKey: .rank)
      try container.encode(path, forKey: .path)
      try container.encode(startLine, forKey: .startLine)
      try container.encode(endLine, forKey: .endLine)
      try container.encode(symbol, forKey: .symbol)
      try container.encode(kind, forKey: .kind)
      try container.encode(language, forKey: .language)
      try container.encode(score, forKey: .score)
      try container.encode(text, forKey: .text)
    }
  }

  package var query: String
  package var snapshot: SnapshotReferenceDocument
  package var elapsedMilliseconds: Double
  package var files: [File]
  package var passages: [Passage]
  /// What could not be asked, and what to do about it; left out where there is nothing to say.
  package var notes: [String]?
  /// What else was searched for, because a chat model proposed it; left out where none did.
  package var plan: [String]?

  private enum CodingKeys: String, CodingKey {
    case query, snapshot, files, passages, notes, plan
    case elapsedMilliseconds = "elapsed_ms"
  }

  package init(_ result: SearchResult) {
    query = result.question
    snapshot = SnapshotReferenceDocument(result.snapshot)
    elapsedMilliseconds = DocumentFormat.milliseconds(result.elapsed)
    files = result.files.map {
      File(
        rank: $0.rank, path: $0.path.text, score: DocumentFormat.rounded($0.score), reasons: $0.reasons.map(\.text))
    }
    passages = result.passages.map(Passage.init)
    notes = result.notes.isEmpty ? nil : result.notes
    plan = result.plan.isEmpty ? nil : result.plan
  }
}

/// What `nenrin symbol --json` prints and `POST /api/symbol` answers.
package struct SymbolDocument: Codable, Sendable {
  /// Which function or object stands behind a field of a table with designated initialisers.
  package struct Binding: Codable, Hashable, Sendable {
    package var field: String
    package var target: String
    package var line: Int
  }

  /// Where the name is defined; lines are 1-based and inclusive.
  package struct Definition: Codable, Hashable, Sendable {
    package var path: String
    package var startLine: Int
    package var endLine: Int
    package var kind: String
    package var signature: String
    /// Left out where there are none.
    package var bindings: [Binding]?

    private enum CodingKeys: String, CodingKey {
      case path, kind, signature, bindings
      case startLine = "start_line"
      case endLine = "end_line"
    }

    package init(_ hit: DefinitionHit) {
      path = hit.path.text
      startLine = hit.definition.line
      endLine = max(hit.endLine, hit.definition.line)
      kind = hit.definition.kind.name
      signature = hit.signature
      bindings =
        hit.bindings.isEmpty
        ? nil : hit.bindings.map { Binding(field: $0.field, target: $0.target, line: $0.line) }
    }
  }

  /// A line that uses the name.
  package struct Reference: Codable, Hashable, Sendable {
    package var path: String
    package var line: Int
    package var inSymbol: String?
    package var text: String

    private enum CodingKeys: String, CodingKey {
      case path, line, text
      case inSymbol = "in_symbol"
    }

    package init(_ hit: ReferenceHit) {
      path = hit.path.text
      line = hit.line
      inSymbol = hit.inSymbol
      text = hit.text
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(path, forKey: .path)
      try container.encode(line, forKey: .line)
      try container.encode(inSymbol, forKey: .inSymbol)
      try container.encode(text, forKey: .text)
    }
  }

  /// A member of a struct or union that bears the name.
  package struct Member: Codable, Hashable, Sendable {
    package var path: String
    package var line: Int
    /// `struct inode`.
    package var owner: String
    package var text: String

    package init(_ hit: MemberHit) {
      path = hit.path.text
      line = hit.line
      owner = hit.owner
      text = hit.text
    }
  }

  package var name: String
  package var snapshot: SnapshotReferenceDocument
  package var definitions: [Definition]
  /// Looked for where no function, macro or type bears the name.
  package var members: [Member]
  package var references: [Reference]
  /// True where there are more references than were asked for.
  package var referencesTruncated: Bool
  /// Names like it, where there is no definition.
  package var nearMisses: [String]
  /// Left out where nobody asked.
  package var calls: CallersDocument?
  /// One for each definition that has a body; left out where nobody asked.
  package var callees: [CalleesDocument]?

  private enum CodingKeys: String, CodingKey {
    case name, snapshot, definitions, members, references, calls, callees
    case referencesTruncated = "references_truncated"
    case nearMisses = "near_misses"
  }

  package init(_ result: SymbolResult) {
    name = result.name
    snapshot = SnapshotReferenceDocument(result.snapshot)
    definitions = result.definitions.map(Definition.init)
    members = result.members.map(Member.init)
    references = result.references.map(Reference.init)
    referencesTruncated = result.referencesTruncated
    nearMisses = result.nearMisses
  }
}
