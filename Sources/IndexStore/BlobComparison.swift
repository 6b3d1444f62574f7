// SPDX-License-Identifier: Apache-2.0
import Glossary
import Synchronization

/// Compares blobs that were read and chunked again with what is stored for them: the blob's row, its chunks' keys, and
/// for each chunk once everything that is kept of it.
package final class BlobComparison: Sendable {
  private let segments: [Segment]
  private let known: KnownContent
  private let fingerprints: [TermFingerprint]
  /// By number of chunk: those that were compared.
  private let isDone: Mutex<[Bool]>

  init(segments: [Segment], fingerprints: [TermFingerprint]) {
    self.segments = segments
    self.fingerprints = fingerprints
    known = KnownContent(segments: segments)
    isDone = Mutex(Array(repeating: false, count: fingerprints.count))
  }

  /// Whether a chunk was compared before, so that its terms need not be counted again.
  package func isCompared(_ key: ChunkKey) -> Bool {
    guard let number = known.chunkNumber(key) else { return false }
    return isDone.withLock { $0[Int(number)] }
  }

  /// How many chunks were compared.
  package var chunkCount: Int { isDone.withLock { $0.count { $0 } } }

  /// What differs, one problem a blob at most. The batch is put into a segment in memory, as `nenrin index` would, and
  /// that is compared with the stored ones row by row.
  package func problems(in batch: [PreparedBlob]) -> [StoreProblem] {
    let fresh = SegmentBuilder(chunkBase: 0, known: KnownContent(segments: []), termCapacity: 1 << 12)
    for blob in batch { _ = fresh.add(blob) }
    return batch.compactMap { blob in
      guard let row = fresh.blobNumbers[blob.key], let (segment, stored) = find(blob.key) else { return nil }
      guard let difference = difference(blob, row, of: fresh, stored, of: segment) else { return nil }
      return StoreProblem(.reading, segment.file.path, "blob \(blob.key.object) read again gives \(difference)")
    }
  }

  private func find(_ key: BlobKey) -> (Segment, Int)? {
    for segment in segments {
      if let row = segment.blobRow(key) { return (segment, row) }
    }
    return nil
  }

  private func difference(
    _ blob: PreparedBlob, _ row: Int, of fresh: SegmentBuilder, _ stored: Int, of segment: Segment
  ) -> String? {
    let (mine, theirs) = (fresh.blobs[row], segment.blobs[stored])
    guard mine.byteCount == theirs.byteCount, mine.lineCount == theirs.lineCount else { return "another length" }
    guard mine.language == theirs.language, mine.skip == theirs.skip else {
      return "another language or reason to skip it"
    }
    if theirs.skip == SkipReason.registerTable.rawValue, blob.filter?.bits != tableBits(stored, of: segment) {
      return "other names of a register table"
    }
    if theirs.usedNamesVersion == mine.usedNamesVersion, let names = blob.usedNames,
      names != segment.usedNames(ofBlob: stored)
    {
      return "other names that it uses"
    }
    let numbers = segment.chunks(ofBlob: stored).map { segment.blobChunks[$0] }
    guard numbers.count == blob.chunks.count else { return "\(blob.chunks.count) chunks, \(numbers.count) are stored" }
    for (ordinal, number) in numbers.enumerated() {
      let home = Segment.holding(number, among: segments)
      guard home.chunkRange.contains(Int(number)) else { continue }
      let local = Int(fresh.blobChunks[Int(fresh.blobChunkStarts[row]) + ordinal])
      let what = difference(blob, blob.chunks[ordinal], local, of: fresh, Int(number) - home.chunkBase, of: home)
      if let what { return "\(what) in chunk \(ordinal + 1)" }
      if blob.chunks[ordinal].terms != nil { isDone.withLock { $0[Int(number)] = true } }
    }
    return nil
  }

  private func tableBits(_ row: Int, of segment: Segment) -> [UInt8]? {
    let place = (0..<segment.tables.count).first { Int(segment.tables[$0].blob) == row }
    return place.map { segment.withTableBits(segment.tables[$0]) { Array($0) } }
  }

  /// `local` and `stored` count from the first chunk of the segment that is being compared, and of the stored one.
  private func difference(
    _ blob: PreparedBlob, _ prepared: PreparedChunk, _ local: Int, of fresh: SegmentBuilder, _ stored: Int,
    of segment: Segment
  ) -> String? {
    guard prepared.key == segment.chunkKeys[stored] else { return "another text or other definitions" }
    guard segment.chunkByteCounts[stored] == fresh.chunkByteCounts[local],
      segment.chunkLineCounts[stored] == fresh.chunkLineCounts[local]
    else { return "another length" }
    guard let range = prepared.terms else { return nil }
    guard isSame(fresh.chunkTraits[local], of: fresh, segment.chunkTraits[stored], of: segment) else {
      return "another kind, symbol or head"
    }
    guard hasSameDefinitions(local, of: fresh, stored, of: segment) else { return "other definitions" }
    guard hasSameBindings(local, of: fresh, stored, of: segment) else { return "other bindings" }
    var fingerprint = TermFingerprint()
    for occurrence in blob.terms.occurrences[range] {
      fingerprint.add(occurrence.hash, frequency: occurrence.frequency)
    }
    guard segment.chunkLengths[stored] == UInt16(clamping: prepared.length),
      fingerprints[segment.chunkBase + stored] == fingerprint
    else { return "other terms" }
    return nil
  }

  private func isSame(_ mine: ChunkTraits, of fresh: SegmentBuilder, _ theirs: ChunkTraits, of segment: Segment) -> Bool
  {
    mine.kind == theirs.kind && mine.flags == theirs.flags && mine.headStart == theirs.headStart
      && mine.headCount == theirs.headCount && isSame(mine.name, of: fresh, theirs.name, of: segment)
  }

  private func isSame(_ mine: UInt32, of fresh: SegmentBuilder, _ theirs: UInt32, of segment: Segment) -> Bool {
    guard mine != UInt32.max, theirs != UInt32.max else { return mine == theirs }
    let stored = segment.names.term(at: Int(theirs))
    return fresh.names.withTerm(mine) { $0.elementsEqual(stored) }
  }

  private func hasSameDefinitions(_ local: Int, of fresh: SegmentBuilder, _ stored: Int, of segment: Segment) -> Bool {
    let mine = Int(fresh.chunkDefinitionStarts[local])..<Int(fresh.chunkDefinitionStarts[local + 1])
    let theirs = segment.definitionRows(ofChunk: stored)
    guard mine.count == theirs.count else { return false }
    return zip(mine, theirs).allSatisfy { first, second in
      let (mine, theirs) = (fresh.definitions[first], segment.definitions[second])
      return mine.line == theirs.line && mine.kind == theirs.kind && mine.flags == theirs.flags
        && mine.signatureStart == theirs.signatureStart && mine.signatureCount == theirs.signatureCount
        && mine.signatureHash == theirs.signatureHash && mine.bodyHash == theirs.bodyHash
        && isSame(mine.name, of: fresh, theirs.name, of: segment)
    }
  }

  private func hasSameBindings(_ local: Int, of fresh: SegmentBuilder, _ stored: Int, of segment: Segment) -> Bool {
    let mine = fresh.bindings[fresh.bindings.partitioningIndex { Int($0.chunk) >= local }...].prefix {
      Int($0.chunk) == local
    }
    let theirs = segment.bindingRows(ofChunk: stored)
    return mine.count == theirs.count
      && zip(mine, theirs).allSatisfy { mine, theirs in
        mine.line == theirs.line && isSame(mine.field, of: fresh, theirs.field, of: segment)
          && isSame(mine.target, of: fresh, theirs.target, of: segment)
      }
  }
}
