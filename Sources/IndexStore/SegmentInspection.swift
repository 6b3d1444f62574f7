// SPDX-License-Identifier: Apache-2.0
import CIndexKernels
import Glossary

/// Compares everything in one segment with itself.
struct SegmentInspection {
  private(set) var problems: [String] = []
  private(set) var checked: [String: Int] = [:]
  /// Whether its sections are as they were written, so that it can be read.
  private(set) var isReadable = false
  /// For each of its chunks, of its postings.
  private(set) var fingerprints: [TermFingerprint]
  private let segment: Segment

  init(_ segment: Segment) {
    self.segment = segment
    fingerprints = Array(repeating: TermFingerprint(), count: segment.chunkCount)
  }

  /// `earlier` are the whole segments before it.
  mutating func run(among earlier: [Segment]) {
    let damaged = segment.damagedSections()
    for section in damaged { problems.append("section '\(section)' is not what was written: its checksum differs") }
    isReadable = damaged.isEmpty
    guard isReadable else { return }
    inspectBlobs(among: earlier + [segment])
    inspectNames()
    inspectTerms()
    checked["chunks", default: 0] += segment.chunkCount
    checked["definitions", default: 0] += segment.definitions.count
  }

  /// Every chunk of a blob is one that exists, and together they are as long as the blob.
  private mutating func inspectBlobs(among segments: [Segment]) {
    checked["blobs", default: 0] += segment.blobs.count
    for row in 0..<segment.blobs.count {
      let blob = segment.blobs[row]
      if row > 0, !(segment.blobs[row - 1].key < blob.key) { problems.append("blob \(blob.object) is out of order") }
      var (bytes, isWhole) = (0, true)
      for place in segment.chunks(ofBlob: row) {
        let chunk = segment.blobChunks[place]
        guard Int(chunk) < segment.chunkRange.upperBound else {
          problems.append("blob \(blob.object) names chunk \(chunk), which does not exist")
          return
        }
        let home = Segment.holding(chunk, among: segments)
        isWhole = isWhole && home.chunkRange.contains(Int(chunk))
        if isWhole { bytes += Int(home.chunkByteCounts[Int(chunk) - home.chunkBase]) }
      }
      if isWhole, blob.skip == SkipReason.none.rawValue, bytes != Int(blob.byteCount) {
        problems.append("the chunks of blob \(blob.object) have \(bytes) bytes, the blob has \(blob.byteCount)")
      }
    }
  }

  /// Every definition is found by its own name, and by no other.
  private mutating func inspectNames() {
    var (found, wrong) = (0, 0)
    var cursor = segment.names.cursor()
    while cursor.advance() {
      for row in segment.definitionRows(cursor.entry) {
        found += 1
        if segment.definitions[row].name != UInt32(cursor.entry.number) { wrong += 1 }
      }
    }
    if wrong > 0 { problems.append("\(wrong) definitions are listed under another name than their own") }
    if found != segment.definitions.count {
      problems.append("\(found) of \(segment.definitions.count) definitions are listed under a name")
    }
  }

  /// Every posting list is whole and stays within the segment's chunks.
  private mutating func inspectTerms() {
    var terms = 0
    var unreadable: [String] = []
    var chunks = [UInt32](repeating: 0, count: segment.chunkCount)
    var frequencies = [UInt8](repeating: 0, count: segment.chunkCount)
    segment.terms.forEach(prefix: []) { term, entry in
      terms += 1
      let read = segment.withTermPostings(entry) { bytes in
        nenrin_postings_decode(
          bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count, UInt32(segment.chunkCount), &chunks,
          &frequencies, chunks.count)
      }
      guard (1...max(1, segment.chunkCount)).contains(read) else {
        unreadable.append(String(decoding: term, as: UTF8.self))
        return unreadable.count < 20
      }
      let hash = term.withUnsafeBytes { TermTable.hash($0) }
      for index in 0..<read { fingerprints[Int(chunks[index])].add(hash, frequency: frequencies[index]) }
      return true
    }
    for term in unreadable { problems.append("the posting list of '\(term)' is not whole") }
    checked["terms", default: 0] += terms
  }
}

/// Tells one set of terms with their frequencies from another, in whatever order they come.
struct TermFingerprint: Hashable, Sendable {
  private var sum: UInt64 = 0

  mutating func add(_ hash: UInt64, frequency: UInt8) {
    var mixed = (hash ^ UInt64(frequency)) &* 0x9e37_79b9_7f4a_7c15
    mixed ^= mixed >> 29
    sum &+= mixed &* 0xbf58_476d_1ce4_e5b9
  }
}
