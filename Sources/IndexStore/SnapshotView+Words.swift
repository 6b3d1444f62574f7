// SPDX-License-Identifier: Apache-2.0
import CIndexKernels
import Glibc
import Glossary

/// A term of a question and how much it counts.
package struct QueryTerm: Hashable, Sendable {
  /// As `TermAnalyzer` gives it.
  package var text: String
  package var weight: Float

  package init(text: String, weight: Float = 1) {
    self.text = text
    self.weight = weight
  }
}

/// How common a term is in one snapshot.
package struct TermStatistics: Hashable, Sendable {
  package var term: String
  /// Chunks and files of the snapshot that hold it.
  package var chunkCount: Int
  package var fileCount: Int
  package var weight: Float
}

/// What the words of a question find in one snapshot.
package struct WordMatches: Sendable {
  /// A chunk, by its home-wide number, and its BM25.
  package struct ChunkScore: Sendable {
    package var chunk: UInt32
    package var score: Float
  }
  /// A file, by its place, and its BM25.
  package struct FileScore: Sendable {
    package var file: Int
    package var score: Float
  }
  /// Best first; equal scores in order of the chunk's first path.
  package var chunks: [ChunkScore] = []
  /// Best first; equal scores in order of path.
  package var files: [FileScore] = []
  package var statistics: [TermStatistics] = []
  /// By chunk number; 0 where nothing matched.
  fileprivate var chunkScores: [Float] = []
  fileprivate var lists: [(term: String, lists: [PostingList])] = []

  /// BM25 of any chunk of the view; 0 where no term stands in it.
  package func score(ofChunk number: UInt32) -> Float {
    Int(number) < chunkScores.count ? chunkScores[Int(number)] : 0
  }

  /// The question's terms that stand in any of these chunks.
  package func terms(inChunks numbers: [UInt32]) -> [String] {
    lists.filter { entry in entry.lists.contains { list in numbers.contains { list.contains($0) } } }.map(\.term)
  }
}

/// BM25's two constants (Robertson and Zaragoza, 2009).
package struct BM25: Sendable {
  package var k1: Float
  package var b: Float

  package init(k1: Float, b: Float) {
    self.k1 = k1
    self.b = b
  }

  /// The weight of a term that `count` of `total` documents hold.
  func inverseFrequency(_ count: Int, of total: Int) -> Float {
    let ratio = (Double(total) - Double(count) + 0.5) / (Double(count) + 0.5)
    return Float(log1p(ratio))
  }
}

extension SnapshotView {
  /// Scores the snapshot's chunks and files by the question's words: BM25 with the snapshot's own frequencies and
  /// lengths, once over chunks and once over whole files.
  ///
  /// - Parameters:
  ///   - limit: how many chunks and files are wanted.
  ///   - accepts: keeps only files that pass, by their place.
  package func words(
    _ terms: [QueryTerm], limit: Int, chunkModel: BM25, fileModel: BM25, accepts: ((Int) -> Bool)? = nil
  ) -> WordMatches {
    var scorer = WordScorer(view: self, chunkModel: chunkModel, fileModel: fileModel)
    for term in terms { scorer.add(term) }
    return scorer.matches(limit: limit, accepts: accepts)
  }

  /// The best of the chunks that matched and pass, best first; equal scores in order of the chunk's first path.
  package func bestChunks(
    _ matches: WordMatches, limit: Int, where passes: (UInt32) -> Bool
  ) -> [WordMatches.ChunkScore] {
    var best: [WordMatches.ChunkScore] = []
    var lowest = Float.leastNonzeroMagnitude
    for (number, score) in matches.chunkScores.enumerated() where score >= lowest && passes(UInt32(number)) {
      best.append(WordMatches.ChunkScore(chunk: UInt32(number), score: score))
      guard best.count >= limit * 4 else { continue }
      best.sort(by: isBetter)
      best.removeLast(best.count - limit)
      lowest = best[limit - 1].score
    }
    return Array(best.sorted(by: isBetter).prefix(limit))
  }

  private func isBetter(_ left: WordMatches.ChunkScore, _ right: WordMatches.ChunkScore) -> Bool {
    if left.score != right.score { return left.score > right.score }
    let (first, second) = (Int(left.chunk), Int(right.chunk))
    return (layout.chunkFile[first], key(ofChunk: first)) < (layout.chunkFile[second], key(ofChunk: second))
  }

  /// Files whose path holds a term, in order of path; `isInName` where the file's own name does.
  package func files(withPathTerm term: String) -> [(file: Int, isInName: Bool)] {
    pathWords.files(with: Array(term.utf8)).map { (Int($0.file), $0.isInName) }
  }

  /// The numbers of all chunks that hold a term.
  package func chunks(withTerm term: String) -> Set<UInt32> {
    var found = Set<UInt32>()
    for segment in segments {
      guard let list = PostingList(term: Array(term.utf8), segment: segment, layout: layout) else { continue }
      for chunk in list.chunks { found.insert(chunk + UInt32(segment.chunkBase)) }
    }
    return found
  }

  /// The files that hold any of these chunks, in order of path.
  package func files(holding chunks: Set<UInt32>) -> [Int] {
    var files = Set<Int>()
    for chunk in chunks { files.formUnion(layout.files(ofChunk: chunk)) }
    return files.sorted()
  }
}

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

/// Adds up BM25 term by term over one snapshot.
private struct WordScorer {
  let view: SnapshotView
  let chunkModel: BM25
  let fileModel: BM25
  private var chunkScores: [Float]
  private var fileScores: [Float]
  private var fileFrequency: [UInt32]
  private var touched: [UInt32]
  private var statistics: [TermStatistics] = []
  private var kept: [(term: String, lists: [PostingList])] = []

  init(view: SnapshotView, chunkModel: BM25, fileModel: BM25) {
    self.view = view
    self.chunkModel = chunkModel
    self.fileModel = fileModel
    chunkScores = Array(repeating: 0, count: view.layout.chunkFile.count)
    fileScores = Array(repeating: 0, count: view.fileCount)
    fileFrequency = Array(repeating: 0, count: view.fileCount)
    touched = Array(repeating: 0, count: view.fileCount)
  }

  mutating func add(_ term: QueryTerm) {
    let bytes = Array(term.text.utf8)
    let lists = view.segments.compactMap { PostingList(term: bytes, segment: $0, layout: view.layout) }
    let count = lists.reduce(0) { $0 + $1.chunks.count }
    guard count > 0 else {
      statistics.append(TermStatistics(term: term.text, chunkCount: 0, fileCount: 0, weight: term.weight))
      return
    }
    kept.append((term.text, lists))
    let files = addToFiles(lists, term)
    addToChunks(lists, term, count: count)
    statistics.append(TermStatistics(term: term.text, chunkCount: count, fileCount: files, weight: term.weight))
  }

  private mutating func addToChunks(_ lists: [PostingList], _ term: QueryTerm, count: Int) {
    let layout = view.layout
    let weight = term.weight * chunkModel.inverseFrequency(count, of: layout.chunkCount)
    let mean = Float(layout.chunkTokens) / Float(max(1, layout.chunkCount))
    for list in lists {
      let base = list.segment.chunkBase
      chunkScores.withUnsafeMutableBufferPointer { scores in
        list.segment.chunkLengths.withBuffer { lengths in
          nenrin_score_chunks(
            list.chunks, list.frequencies, list.chunks.count, lengths.baseAddress, weight, chunkModel.k1,
            chunkModel.b, mean, scores.baseAddress! + base)
        }
      }
    }
  }

  /// Returns how many files hold the term.
  private mutating func addToFiles(_ lists: [PostingList], _ term: QueryTerm) -> Int {
    let layout = view.layout
    var count = 0
    for list in lists {
      layout.chunkFile.withUnsafeBufferPointer { files in
        count = nenrin_count_in_files(
          list.chunks, list.frequencies, list.chunks.count, files.baseAddress! + list.segment.chunkBase,
          &fileFrequency, &touched, count)
      }
      count = addRepeats(list, touchedCount: count)
    }
    let weight = term.weight * fileModel.inverseFrequency(count, of: layout.textFileCount)
    let mean = Float(layout.fileTokens) / Float(max(1, layout.textFileCount))
    nenrin_score_files(
      touched, count, &fileFrequency, layout.fileLengths, weight, fileModel.k1, fileModel.b, mean, &fileScores)
    return count
  }

  /// Chunks that stand in further files count there too: both lists are in order of chunk.
  private mutating func addRepeats(_ list: PostingList, touchedCount: Int) -> Int {
    let repeats = view.layout.repeats
    let base = UInt32(list.segment.chunkBase)
    var count = touchedCount
    var place = repeats.partitioningIndex { $0.chunk >= base }
    for index in list.chunks.indices {
      let chunk = list.chunks[index] + base
      while place < repeats.count, repeats[place].chunk < chunk { place += 1 }
      while place < repeats.count, repeats[place].chunk == chunk {
        let file = Int(repeats[place].file)
        if fileFrequency[file] == 0 {
          touched[count] = UInt32(file)
          count += 1
        }
        fileFrequency[file] += UInt32(list.frequencies[index])
        place += 1
      }
      if place == repeats.count { break }
    }
    return count
  }

  func matches(limit: Int, accepts: ((Int) -> Bool)?) -> WordMatches {
    let files = best(fileScores, limit: limit) { accepts?($0) ?? true }
    let layout = view.layout
    let chunks = best(chunkScores, limit: limit) { accepts?(Int(layout.chunkFile[$0])) ?? true }
    return WordMatches(
      chunks: chunks.sorted { left, right in
        if left.1 != right.1 { return left.1 > right.1 }
        return (layout.chunkFile[left.0], view.key(ofChunk: left.0)) < (
          layout.chunkFile[right.0], view.key(ofChunk: right.0)
        )
      }.prefix(limit).map { WordMatches.ChunkScore(chunk: UInt32($0.0), score: $0.1) },
      files: files.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(limit)
        .map { WordMatches.FileScore(file: $0.0, score: $0.1) },
      statistics: statistics, chunkScores: chunkScores, lists: kept)
  }

  /// The indices of the best scores that pass, and perhaps some more.
  private func best(_ scores: [Float], limit: Int, _ accepts: (Int) -> Bool) -> [(Int, Float)] {
    var wanted = limit
    while true {
      let top = [UInt32](unsafeUninitializedCapacity: scores.count) { buffer, count in
        count = nenrin_top_scores(scores, scores.count, wanted, buffer.baseAddress, scores.count)
      }
      let accepted = top.filter { accepts(Int($0)) }.map { (Int($0), scores[Int($0)]) }
      if accepted.count >= limit || top.count < wanted { return accepted }
      wanted *= 8
    }
  }
}

extension SnapshotView {
  /// A chunk's identity, which orders chunks of one file the same way in every home.
  func key(ofChunk number: Int) -> ChunkKey {
    let segment = Segment.holding(UInt32(number), among: segments)
    return segment.chunkKeys[number - segment.chunkBase]
  }
}

extension Array {
  /// The first index whose element passes, where all that pass come last.
  func partitioningIndex(_ passes: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if passes(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
