// SPDX-License-Identifier: Apache-2.0
import CodeReading
package import Glossary

/// A blob's analysis, ready to be added to a segment by the one writer: keys computed, terms counted.
package struct PreparedBlob: Sendable {
  package var key: BlobKey
  var language: Language
  var skip: SkipReason
  package var byteCount: Int
  var lineCount: Int
  var chunks: [PreparedChunk]
  var terms: TermBatch
  var filter: NameFilter?
  /// `UsedNames.fingerprints`; nil where the language has no calls.
  var usedNames: [UInt16]?
}

/// One chunk of it. Positions are relative to the chunk.
struct PreparedChunk: Sendable {
  var key: ChunkKey
  var byteCount: Int
  var chunk: Chunk
  /// The chunk's first byte in the blob.
  var byteStart: Int
  /// The chunk's first line in the blob, 1-based.
  var lineStart: Int
  /// Its terms in the blob's batch; nil where the chunk was indexed before and its terms were not counted.
  var terms: Range<Int>?
  /// Tokens, repeats included.
  var length: Int
  /// The hash of the text that it is embedded by; 0 where it is not embedded or nobody asked.
  var input: UInt64 = 0
}

/// Prepares blobs for a segment. Not Sendable: one for each worker.
package final class BlobPreparer {
  private let analyzer = TermAnalyzer()
  private let isKnown: (ChunkKey) -> Bool
  private let hash: (UnsafeRawBufferPointer) -> ChunkKey
  private let chunkerVersion: UInt32
  private let hashesHeads: Bool
  private var identity: [UInt8] = []

  /// - Parameters:
  ///   - isKnown: whether a chunk is indexed already, so that its terms need not be counted again.
  ///   - hashesHeads: whether it is to be known which chunks are embedded by the same text.
  ///   - hash: 128 bits of a cryptographic hash of the bytes.
  package init(
    isKnown: @escaping (ChunkKey) -> Bool, chunkerVersion: UInt32, hashesHeads: Bool = false,
    hash: @escaping (UnsafeRawBufferPointer) -> ChunkKey
  ) {
    self.isKnown = isKnown
    self.hashesHeads = hashesHeads
    self.chunkerVersion = chunkerVersion
    self.hash = hash
  }

  /// Computes the keys of a blob's chunks and counts the terms of those that are new. `bytes` are the whole blob, and
  /// `analysis` is of the same bytes.
  package func prepare(
    _ key: BlobKey, bytes: UnsafeRawBufferPointer, analysis: BlobAnalysis
  ) -> PreparedBlob {
    var prepared = PreparedBlob(
      key: key, language: analysis.language, skip: analysis.skip, byteCount: analysis.byteCount,
      lineCount: analysis.lineCount, chunks: [], terms: TermBatch(),
      filter: analysis.tableNames.isEmpty ? nil : NameFilter(names: analysis.tableNames),
      usedNames: analysis.chunks.isEmpty ? nil : UsedNames.fingerprints(in: bytes, language: analysis.language))
    prepared.chunks.reserveCapacity(analysis.chunks.count)
    var line = 1
    for chunk in analysis.chunks {
      let text = UnsafeRawBufferPointer(rebasing: bytes[chunk.bytes])
      let chunkKey = self.key(of: chunk, text: text, language: analysis.language, firstLine: line)
      var terms: Range<Int>?
      var length = 0
      if !isKnown(chunkKey) {
        let start = prepared.terms.occurrences.count
        length = analyzer.analyze(text, into: &prepared.terms)
        terms = start..<prepared.terms.occurrences.count
      }
      prepared.chunks.append(
        PreparedChunk(
          key: chunkKey, byteCount: text.count, chunk: chunk, byteStart: chunk.bytes.lowerBound, lineStart: line,
          terms: terms, length: length, input: hashesHeads ? input(of: chunk, bytes, analysis.language) : 0))
      line += chunk.lineCount
    }
    return prepared
  }

  private func input(of chunk: Chunk, _ bytes: UnsafeRawBufferPointer, _ language: Language) -> UInt64 {
    guard !chunk.continues, !chunk.head.isEmpty, Embeddable.isWorthIt(language) else { return 0 }
    let head = UnsafeRawBufferPointer(rebasing: bytes[chunk.head.clamped(to: 0..<bytes.count)])
    let isLoose = chunk.kind == nil && Embeddable.isCode(language)
    return Embeddable.isWorthIt(head, isLoose: isLoose) ? hash(head).high | 1 : 0
  }

  /// The hash of everything that is stored for a chunk, so that equal keys mean equal rows whatever blob came first.
  private func key(
    of chunk: Chunk, text: UnsafeRawBufferPointer, language: Language, firstLine: Int
  ) -> ChunkKey {
    identity.removeAll(keepingCapacity: true)
    let base = chunk.bytes.lowerBound
    identity.append(language.rawValue)
    identity.append(chunk.kind?.rawValue ?? 255)
    identity.append(chunk.continues ? 1 : 0)
    identity.appendVarint(UInt64(chunkerVersion))
    identity.appendVarint(UInt64(TermAnalyzer.version))
    identity.appendVarint(UInt64(chunk.lineCount))
    identity.appendVarint(UInt64(max(0, chunk.head.lowerBound - base)))
    identity.appendVarint(UInt64(chunk.head.count))
    append(chunk.symbol ?? "")
    for definition in chunk.definitions {
      append(definition.name)
      identity.append(definition.kind.rawValue)
      identity.append((definition.isStatic ? 1 : 0) | (definition.isExported ? 2 : 0))
      identity.appendVarint(UInt64(max(0, definition.line - firstLine)))
      identity.appendVarint(UInt64(max(0, definition.signature.lowerBound - base)))
      identity.appendVarint(UInt64(definition.signature.count))
      identity.appendRaw(definition.signatureHash)
      identity.appendRaw(definition.bodyHash)
    }
    identity.append(0)
    for binding in chunk.bindings {
      append(binding.field)
      append(binding.target)
      identity.appendVarint(UInt64(max(0, binding.line - firstLine)))
    }
    identity.append(0)
    identity.append(contentsOf: text)
    return identity.withUnsafeBytes { hash($0) }
  }

  private func append(_ text: String) {
    identity.appendVarint(UInt64(text.utf8.count))
    identity.append(contentsOf: text.utf8)
  }
}
