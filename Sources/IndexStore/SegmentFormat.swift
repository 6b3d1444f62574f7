// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// The sections of a segment file. A segment holds what one run of indexing found for the first time: blobs, chunks,
/// definitions, names and terms. The raw values are stored: append, never renumber.
enum SegmentSection: UInt32, CaseIterable {
  /// `BlobRow`s in order of object and path language.
  case blobs = 1
  /// UInt32 per blob and one more: where its chunk numbers begin in `blobChunks`.
  case blobChunkStarts = 2
  /// UInt32 chunk numbers, home-wide, in order of line.
  case blobChunks = 3
  /// 16 bytes per chunk: its identity.
  case chunkKeys = 4
  /// UInt32 per chunk: chunks of this segment in order of key.
  case chunkKeyOrder = 5
  /// UInt32 per chunk.
  case chunkByteCounts = 6
  /// UInt32 per chunk.
  case chunkLineCounts = 7
  /// UInt16 per chunk: tokens, at most 65,535.
  case chunkLengths = 8
  /// `ChunkTraits` per chunk.
  case chunkTraits = 9
  /// UInt32 per chunk and one more: where its rows begin in `definitions`.
  case chunkDefinitionStarts = 10
  /// `DefinitionRow`s.
  case definitions = 11
  /// `BindingRow`s in order of chunk.
  case bindings = 12
  case nameIndex = 13
  case nameEntries = 14
  /// For each name, varint gaps of the rows in `definitions`.
  case namePostings = 15
  case termIndex = 16
  case termEntries = 17
  /// For each term, a posting list as `index_kernels.h` says, over chunks counted from this segment's first.
  case termPostings = 18
  /// `TableRow`s: one for each register table.
  case tables = 19
  /// The bits of the tables' name filters.
  case tableBits = 20
  /// UInt32 per blob and one more: where its fingerprints begin in `usedNames`. Older segments lack both.
  case usedNameStarts = 21
  /// `UsedNames.fingerprints`, UInt16 each, in order of blob.
  case usedNames = 22

  // A segment of commits has these, and the terms' sections over its commits.

  /// One UInt32: `CommitFolder.version`.
  case commitVersion = 32
  /// `CommitRow`s, each after its parents.
  case commits = 33
  /// UInt32 per commit: rows in order of id.
  case commitOrder = 34
  /// Int64 per commit: the committer's time.
  case commitDates = 35
  /// UInt16 per commit: tokens of subject and body, at most 65,535.
  case commitLengths = 36
  /// UInt32 per commit and one more: where its parents begin in `commitParents`.
  case commitParentStarts = 37
  /// UInt32 commit numbers, collection-wide; with the highest bit set, a row of `commitMissing`.
  case commitParents = 38
  /// `CommitKey`s of parents that were not there.
  case commitMissing = 39
  /// UInt32 per author and one more: where the name begins in `commitAuthors`.
  case commitAuthorStarts = 40
  case commitAuthors = 41
  /// UInt32 per path and one more: where it begins in `commitPaths`, which has them in byte order.
  case commitPathStarts = 42
  case commitPaths = 43
  /// For each commit, varints `gap << 2 | status` of the rows in `commitPathStarts`.
  case commitChanges = 44
  /// UInt64 per block and one more: where it begins in `commitMessages`.
  case commitMessageStarts = 45
  /// Blocks of messages, each a zlib stream.
  case commitMessages = 46
}

/// A blob as one language reads it.
struct BlobRow: BitwiseCopyable {
  var high: UInt64
  var middle: UInt64
  var low: UInt32
  /// `Language.rawValue` that the path told.
  var pathLanguage: UInt8
  /// `Language.rawValue` that it was read as.
  var language: UInt8
  /// `SkipReason.rawValue`.
  var skip: UInt8
  /// `UsedNames.version` of its fingerprints; 0 where it has none, because nobody looked.
  var usedNamesVersion: UInt8 = 0
  var byteCount: UInt64
  var lineCount: UInt32
  var reserved2: UInt32 = 0

  var object: ObjectID { ObjectID(high: high, middle: middle, low: low) }
  var key: BlobKey { BlobKey(object: object, language: Language(rawValue: pathLanguage) ?? .unknown) }
}

/// What makes a blob one to index: its bytes and the language that its path gives it.
package struct BlobKey: Hashable, Comparable, Sendable {
  package var object: ObjectID
  package var language: Language

  package init(object: ObjectID, language: Language) {
    self.object = object
    self.language = language
  }

  package static func < (left: BlobKey, right: BlobKey) -> Bool {
    left.object != right.object
      ? left.object < right.object : left.language.rawValue < right.language.rawValue
  }
}

/// What a chunk is.
struct ChunkTraits: BitwiseCopyable {
  /// `SymbolKind.rawValue`, or 255 for none.
  var kind: UInt8
  /// Bit 0: it carries on the chunk before.
  var flags: UInt8
  /// Where the head begins and how long it is, in bytes from the chunk's start; at most 65,535.
  var headStart: UInt16
  var headCount: UInt16
  var reserved: UInt16 = 0
  /// Its symbol's number among the segment's names, or `UInt32.max`.
  var name: UInt32
}

/// A definition, placed relative to its chunk.
struct DefinitionRow: BitwiseCopyable {
  var name: UInt32
  /// From the chunk's first line.
  var line: UInt16
  /// From the chunk's start.
  var signatureStart: UInt16
  var signatureCount: UInt16
  /// `SymbolKind.rawValue`.
  var kind: UInt8
  /// Bit 0: static; bit 1: exported.
  var flags: UInt8
  var signatureHash: UInt32
  var bodyHash: UInt64
}

/// A designated initialiser, placed relative to its chunk.
struct BindingRow: BitwiseCopyable {
  /// The chunk, counted from the segment's first.
  var chunk: UInt32
  var field: UInt32
  var target: UInt32
  /// From the chunk's first line.
  var line: UInt32
}

/// A register table's filter.
struct TableRow: BitwiseCopyable {
  /// The row in `blobs`.
  var blob: UInt32
  var nameCount: UInt32
  /// In bytes from the start of `tableBits`.
  var offset: UInt64
  var byteCount: UInt64
}

/// The 16 bytes that tell one chunk from another: its bytes, what was found in it, and the chunker's version.
package struct ChunkKey: Hashable, Comparable, Sendable, BitwiseCopyable {
  package var high: UInt64
  package var low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  package static func < (left: ChunkKey, right: ChunkKey) -> Bool { (left.high, left.low) < (right.high, right.low) }
}
