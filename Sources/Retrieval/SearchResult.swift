// SPDX-License-Identifier: Apache-2.0
package import Glossary
package import IndexStore

/// A question put to one snapshot.
package struct SearchRequest: Sendable {
  /// 1 to 100,000 UTF-8 bytes (`Retriever` throws `questionEmpty`, `questionTooLong`).
  package var question: String
  /// How many files and passages are wanted.
  package var limit: Int
  /// Keeps only paths that match (`fs/btrfs/*`, `**/*.c`); a plain directory name stands for all below it.
  package var pathGlob: String?
  package var language: Language?
  /// Keeps only files that pass, by their place among the snapshot's paths.
  package var accepts: (@Sendable (Int) -> Bool)?
  /// The question's vector; nil where no embedder is at hand. A snapshot without vectors of its space answers without.
  package var meaning: QuestionVector?
  /// The commits behind the snapshot; nil where they were not read.
  package var past: PastCommits?
  /// What is left out of ranking, to see what it gives: signals and features by how their names begin (`path words`,
  /// `card`, `meaning`), and `thesaurus`.
  package var without: [String] = []
  /// What the asker should know of how the request came about; it becomes part of the result's.
  package var notes: [String] = []

  package init(question: String, limit: Int = 10, pathGlob: String? = nil, language: Language? = nil) {
    self.question = question
    self.limit = limit
    self.pathGlob = pathGlob
    self.language = language
  }
}

extension SearchRequest {
  /// Whether a signal or a feature of this name takes no part.
  func leavesOut(_ name: String) -> Bool { without.contains(where: name.hasPrefix) }
}

/// One reason for a file's place: which signal, where it stood there, what it matched, what it gave.
package struct HitReason: Hashable, Sendable {
  /// `path`, `symbol`, `words in the file`, `words in a chunk`, a boost or a prior.
  package var signal: String
  /// 1-based rank in the signal's own list; nil for boosts and priors.
  package var rank: Int?
  /// What matched, for a person: "locking, btrfs".
  package var matched: String
  /// Its part of the fused score (for a prior, the factor).
  package var contribution: Double

  package init(signal: String, rank: Int? = nil, matched: String, contribution: Double) {
    self.signal = signal
    self.rank = rank
    self.matched = matched
    self.contribution = contribution
  }

  /// One line for `reasons` in JSON: `path #1 (locking, btrfs) +0.016`.
  package var text: String {
    let place = rank.map { " #\($0)" } ?? ""
    let thousandths = Int((abs(contribution) * 10_000).rounded())
    let digits = String(thousandths % 10_000)
    let sign = contribution < 0 ? "-" : "+"
    let padded = String(repeating: "0", count: 4 - digits.count) + digits
    return "\(signal)\(place) (\(matched)) \(sign)\(thousandths / 10_000).\(padded)"
  }
}

/// A file as an answer to "which file".
package struct FileHit: Sendable {
  /// 1-based.
  package var rank: Int
  package var path: TreePath
  package var score: Double
  package var reasons: [HitReason]

  package init(rank: Int, path: TreePath, score: Double, reasons: [HitReason]) {
    self.rank = rank
    self.path = path
    self.score = score
    self.reasons = reasons
  }
}

/// A piece of a file, whole, ready for a reader.
package struct Passage: Sendable {
  /// 1-based.
  package var rank: Int
  package var path: TreePath
  /// 1-based and inclusive; exact in the snapshot.
  package var lines: ClosedRange<Int>
  package var symbol: String?
  package var kind: SymbolKind?
  package var language: Language
  package var score: Double
  package var text: String

  package init(
    rank: Int, path: TreePath, lines: ClosedRange<Int>, symbol: String?, kind: SymbolKind?, language: Language,
    score: Double, text: String
  ) {
    self.rank = rank
    self.path = path
    self.lines = lines
    self.symbol = symbol
    self.kind = kind
    self.language = language
    self.score = score
    self.text = text
  }
}

/// What a snapshot says to a question.
package struct SearchResult: Sendable {
  package var question: String
  package var snapshot: SnapshotInfo
  package var elapsed: Duration
  /// Distinct, best first.
  package var files: [FileHit]
  package var passages: [Passage]
  /// What the words were asked for, for a person: `lock`, `ロック: lock, locking`.
  package var ideas: [String]
  /// What a person should know: what could not be asked, and what to do about it.
  package var notes: [String] = []
  /// What else was searched for, because a chat model proposed it.
  package var plan: [String] = []

  package init(
    question: String, snapshot: SnapshotInfo, elapsed: Duration, files: [FileHit], passages: [Passage],
    ideas: [String] = []
  ) {
    self.question = question
    self.snapshot = snapshot
    self.elapsed = elapsed
    self.files = files
    self.passages = passages
    self.ideas = ideas
  }
}

/// Where a name is defined, in one snapshot.
package struct DefinitionHit: Sendable {
  package var path: TreePath
  package var definition: Definition
  /// The last line of the chunk that holds it (a function's closing brace).
  package var endLine: Int
  /// The declaration, on one line.
  package var signature: String
  /// For a table with designated initialisers: which function stands behind which field.
  package var bindings: [Binding]

  package init(path: TreePath, definition: Definition, endLine: Int, signature: String, bindings: [Binding] = []) {
    self.path = path
    self.definition = definition
    self.endLine = endLine
    self.signature = signature
    self.bindings = bindings
  }
}

/// A line that uses a name.
package struct ReferenceHit: Sendable {
  package var path: TreePath
  /// 1-based.
  package var line: Int
  /// The function or type that holds the line.
  package var inSymbol: String?
  package var text: String

  package init(path: TreePath, line: Int, inSymbol: String?, text: String) {
    self.path = path
    self.line = line
    self.inSymbol = inSymbol
    self.text = text
  }
}

/// A line that declares a member of a struct or union.
package struct MemberHit: Sendable {
  package var path: TreePath
  /// 1-based.
  package var line: Int
  /// What it is a member of: `struct inode`.
  package var owner: String
  package var text: String

  package init(path: TreePath, line: Int, owner: String, text: String) {
    self.path = path
    self.line = line
    self.owner = owner
    self.text = text
  }
}

/// What a snapshot knows of a name.
package struct SymbolResult: Sendable {
  package var name: String
  package var snapshot: SnapshotInfo
  package var definitions: [DefinitionHit]
  /// Where structs and unions have a member of that name; looked for where no function, macro or type does.
  package var members: [MemberHit] = []
  package var references: [ReferenceHit]
  /// True where there are more references than were asked for.
  package var referencesTruncated: Bool
  /// Names like it, where there is no definition.
  package var nearMisses: [String]

  package init(
    name: String, snapshot: SnapshotInfo, definitions: [DefinitionHit], references: [ReferenceHit] = [],
    referencesTruncated: Bool = false, nearMisses: [String] = []
  ) {
    self.name = name
    self.snapshot = snapshot
    self.definitions = definitions
    self.references = references
    self.referencesTruncated = referencesTruncated
    self.nearMisses = nearMisses
  }
}
