// SPDX-License-Identifier: Apache-2.0

/// A piece of a blob that is indexed, embedded and shown as one: a function, a type, a section, a file's head.
///
/// The chunks of a blob lie end to end, each beginning at the start of a line, and together are the whole blob.
package struct Chunk: Sendable {
  /// The byte range in the blob.
  package var bytes: Range<Int>
  /// The number of line ends in the range (an unfinished last line counts as one).
  package var lineCount: Int
  /// What the chunk is, where it is one thing; nil for a run of small declarations, a window of lines or the file's head.
  package var kind: SymbolKind?
  /// The name of what it is.
  package var symbol: String?
  /// Whether it carries on the chunk before it, which a limit of size cut off.
  package var continues: Bool
  /// What is worth embedding, as a byte range in the blob: doc comment, signature, first lines.
  package var head: Range<Int>
  /// In order of line.
  package var definitions: [Definition]
  package var bindings: [Binding]

  package init(
    bytes: Range<Int>, lineCount: Int, kind: SymbolKind? = nil, symbol: String? = nil, continues: Bool = false,
    head: Range<Int>? = nil, definitions: [Definition] = [], bindings: [Binding] = []
  ) {
    self.bytes = bytes
    self.lineCount = lineCount
    self.kind = kind
    self.symbol = symbol
    self.continues = continues
    self.head = head ?? bytes
    self.definitions = definitions
    self.bindings = bindings
  }
}

/// Why a blob has no chunks. The raw values are stored: append, never renumber.
package enum SkipReason: UInt8, CaseIterable, Sendable {
  case none = 0
  case empty = 1
  case binary = 2
  case tooLarge = 3
  /// A header that is almost only `#define` lines: its names are found through a filter and read at query time.
  case registerTable = 4
  /// Numbers with hardly a word: firmware images, lookup tables.
  case generatedData = 5
  case symlink = 6
  case submodule = 7
  case unreadable = 8

  /// The key in the report of `nenrin index`.
  package var name: String {
    switch self {
    case .none: "none"
    case .empty: "empty"
    case .binary: "binary"
    case .tooLarge: "too-large"
    case .registerTable: "register-table"
    case .generatedData: "generated-data"
    case .symlink: "symlink"
    case .submodule: "submodule"
    case .unreadable: "unreadable"
    }
  }

  /// One sentence for a person.
  package var explanation: String {
    switch self {
    case .none: "indexed in full"
    case .empty: "an empty file has nothing to index"
    case .binary: "a NUL byte in the first 8,000 bytes marks it as binary; its path is still found"
    case .tooLarge: "larger than the limit for one file; its path is still found"
    case .registerTable: "almost only #define lines; each name is still found by `nenrin symbol`"
    case .generatedData: "numbers with hardly a word in them; its path and its first lines are still found"
    case .symlink: "a symbolic link is recorded, not followed"
    case .submodule: "a submodule is another repository: index it on its own"
    case .unreadable: "git could not read the object; `git fsck` in the repository says more"
    }
  }
}

/// What `Chunking` makes of one blob.
package struct BlobAnalysis: Sendable {
  /// The language it was read as (a path's `unknown` may have become `shell`, `python`, `perl` or `text`).
  package var language: Language
  package var skip: SkipReason
  package var byteCount: Int
  package var lineCount: Int
  package var chunks: [Chunk]
  /// The names that a register table defines, each once; empty for all else.
  package var tableNames: [String]

  package init(
    language: Language, skip: SkipReason = .none, byteCount: Int, lineCount: Int, chunks: [Chunk] = [],
    tableNames: [String] = []
  ) {
    self.language = language
    self.skip = skip
    self.byteCount = byteCount
    self.lineCount = lineCount
    self.chunks = chunks
    self.tableNames = tableNames
  }
}
