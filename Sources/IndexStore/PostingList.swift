// SPDX-License-Identifier: Apache-2.0
import CIndexKernels

/// One term's postings in one segment, restricted to a snapshot.
struct PostingList: Sendable {
  let segment: Segment
  /// Counted from the segment's first.
  private(set) var chunks: [UInt32]
  private(set) var frequencies: [UInt8]

  /// Whether it has a chunk with this home-wide number.
  func contains(_ number: UInt32) -> Bool {
    guard segment.chunkRange.contains(Int(number)) else { return false }
    let local = number - UInt32(segment.chunkBase)
    let place = chunks.partitioningIndex { $0 >= local }
    return place < chunks.count && chunks[place] == local
  }

  init?(term: [UInt8], segment: Segment, layout: SnapshotLayout) {
    guard let entry = segment.terms.find(term) else { return nil }
    self.init(entry, segment: segment, layout: layout)
  }

  init(_ entry: TermEntry, segment: Segment, layout: SnapshotLayout) {
    self.segment = segment
    let capacity = entry.postings.count
    var frequencies: [UInt8] = []
    chunks = [UInt32](unsafeUninitializedCapacity: capacity) { chunks, count in
      frequencies = [UInt8](unsafeUninitializedCapacity: capacity) { values, valueCount in
        let read = segment.withTermPostings(entry) { bytes in
          nenrin_postings_decode(
            bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count, UInt32(segment.chunkCount),
            chunks.baseAddress, values.baseAddress, capacity)
        }
        // Damaged bytes give no postings here; `nenrin verify` finds and names them.
        let whole = read == Int.max || read == -1 ? 0 : read
        valueCount = layout.chunkFile.withUnsafeBufferPointer { files in
          nenrin_postings_restrict(
            chunks.baseAddress, values.baseAddress, whole, files.baseAddress! + segment.chunkBase)
        }
        count = valueCount
      }
    }
    self.frequencies = frequencies
  }
}

extension PostingList {
  /// The chunks of a segment that hold all of these terms, with the frequency of the rarest in each.
  init?(words: [String], segment: Segment, layout: SnapshotLayout) {
    guard let first = words.first else { return nil }
    self.init(term: Array(first.utf8), segment: segment, layout: layout)
    for word in words.dropFirst() {
      guard let other = PostingList(term: Array(word.utf8), segment: segment, layout: layout) else { return nil }
      let kept = nenrin_postings_intersect(
        &chunks, &frequencies, chunks.count, other.chunks, other.frequencies, other.chunks.count)
      chunks.removeLast(chunks.count - kept)
      frequencies.removeLast(frequencies.count - kept)
    }
  }
}

/// The postings of one idea's forms in one segment as one list. Frequencies and worth are in units of 1/256, as integers,
/// so that no order of adding changes them.
struct MergedPostings: Sendable {
  static let unit: Float = 1 / 256

  let segment: Segment
  /// Counted from the segment's first.
  private(set) var chunks: [UInt32] = []
  private(set) var frequencies: [UInt32] = []
  /// The highest factor among the forms in each chunk.
  private(set) var worth: [UInt16] = []

  init(segment: Segment) { self.segment = segment }

  mutating func merge(_ list: PostingList, factor: UInt16) {
    let room = chunks.count + list.chunks.count
    var merged: [UInt32] = []
    var values: [UInt32] = []
    var worths: [UInt16] = []
    merged = [UInt32](unsafeUninitializedCapacity: room) { merged, count in
      values = [UInt32](unsafeUninitializedCapacity: room) { values, valueCount in
        worths = [UInt16](unsafeUninitializedCapacity: room) { worths, worthCount in
          count = nenrin_postings_merge(
            chunks, frequencies, worth, chunks.count, list.chunks, list.frequencies, list.chunks.count, factor,
            merged.baseAddress, values.baseAddress, worths.baseAddress)
          worthCount = count
        }
        valueCount = count
      }
    }
    chunks = merged
    frequencies = values
    worth = worths
  }
}
