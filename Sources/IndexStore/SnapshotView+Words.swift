// SPDX-License-Identifier: Apache-2.0
import CodeReading
import Glibc
import Glossary

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
  /// For each field of the files' cards, the files it was found in, best first; equal scores in order of path.
  package var cards: [CardField: [FileScore]] = [:]
  /// For each term weight times rarity; 0 where it was not found.
  var importances: [Float] = []
  /// By file, and by chunk number: the terms that it holds, as the bits of a `TermSet`.
  var heldByFiles: [UInt64] = []
  var heldByCards: [UInt64] = []
  var heldByChunks: [UInt64] = []
  /// By chunk number; 0 where nothing matched.
  var chunkScores: [Float] = []
  var lists: [(term: String, lists: [PostingList])] = []

  /// BM25 of any chunk of the view; 0 where no term stands in it.
  package func score(ofChunk number: UInt32) -> Float {
    Int(number) < chunkScores.count ? chunkScores[Int(number)] : 0
  }

  /// The importance of all terms that were found.
  package var importance: Float { importances.reduce(0, +) }

  /// The terms that a file's text holds.
  package func terms(ofFile file: Int) -> TermSet { TermSet(bits: heldByFiles[file]) }

  /// The terms that its card holds.
  package func terms(ofCard file: Int) -> TermSet { TermSet(bits: heldByCards[file]) }

  /// The terms that one chunk of the view holds.
  package func terms(ofChunk number: UInt32) -> TermSet { TermSet(bits: heldByChunks[Int(number)]) }

  /// What some terms are worth together.
  package func importance(of terms: TermSet) -> Float {
    var sum: Float = 0
    terms.forEachPlace { if $0 < importances.count { sum += importances[$0] } }
    return sum
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
  func inverseFrequency(_ count: Double, of total: Int) -> Float {
    let ratio = (Double(total) - count + 0.5) / (count + 0.5)
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

  /// Files whose path says an idea in any of its forms, all of a form's words in one path, in order of path. `factor` is
  /// the highest of the forms found there.
  package func files(withPathTerm term: QueryTerm) -> [(file: Int, isInName: Bool, factor: Float)] {
    if term.isSingle { return files(withPathTerm: term.forms[0].words[0]).map { ($0.file, $0.isInName, 1) } }
    var found: [Int: (isInName: Bool, factor: Float)] = [:]
    for form in term.forms {
      var files = files(withPathTerm: form.words[0])
      for word in form.words.dropFirst() where !files.isEmpty {
        let others = Dictionary(uniqueKeysWithValues: self.files(withPathTerm: word))
        files = files.compactMap { file in others[file.file].map { (file.file, file.isInName || $0) } }
      }
      for file in files {
        let before = found[file.file] ?? (false, 0)
        found[file.file] = (before.isInName || file.isInName, max(before.factor, form.factor))
      }
    }
    return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value.isInName, $0.value.factor) }
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

  /// The numbers of all chunks with a term that holds these bytes anywhere in it: the whole dictionary is looked through.
  package func chunks(withTermContaining fragment: [UInt8]) -> Set<UInt32> {
    var found = Set<UInt32>()
    for segment in segments {
      for entry in segment.terms.entries(containing: fragment) {
        for chunk in PostingList(entry, segment: segment, layout: layout).chunks {
          found.insert(chunk + UInt32(segment.chunkBase))
        }
      }
    }
    return found
  }

  /// Calls `body` with each term of the snapshot's paths, in no order that means anything. The array is filled anew for
  /// each: whoever keeps it pays for a copy.
  package func forEachPathTerm(_ body: (_ term: [UInt8]) -> Void) { pathWords.forEachTerm(body) }

  /// How many chunks hold all of some terms.
  package func chunkCount(withTerms terms: [String]) -> Int {
    segments.reduce(0) { $0 + (PostingList(words: terms, segment: $1, layout: layout)?.chunks.count ?? 0) }
  }

  /// How many chunks hold a term.
  package func chunkCount(withTerm term: String) -> Int {
    segments.reduce(0) { $0 + (PostingList(term: Array(term.utf8), segment: $1, layout: layout)?.chunks.count ?? 0) }
  }

  /// Whether a file may use any name with one of these fingerprints (`UsedNames`): false is sure.
  package func mayUse(_ fingerprints: [UInt16], file index: Int) -> Bool {
    guard let (segment, row) = blob(at: index) else { return false }
    return segment.mayUse(fingerprints, blob: row)
  }

  /// Whether the index knows which names a file uses, so that `mayUse` tells.
  package func knowsUses(ofFile index: Int) -> Bool {
    guard let (segment, row) = blob(at: index) else { return true }
    return segment.blobs[row].usedNamesVersion == UsedNames.version
  }

  /// Every assembly file that may use a name with one of these fingerprints, in order of path; those of which the
  /// index does not know what they use left out.
  package func assemblyFiles(using fingerprints: [UInt16]) -> [Int] {
    assemblyFiles.filter { mayUse(fingerprints, file: $0) }
  }

  /// The chunks that hold any of some terms.
  package func chunkSet(withAnyOf terms: some Sequence<String>) -> ChunkSet {
    var set = ChunkSet(limit: segments.last?.chunkRange.upperBound ?? 0)
    for term in terms {
      for segment in segments {
        guard let list = PostingList(term: Array(term.utf8), segment: segment, layout: layout) else { continue }
        for chunk in list.chunks { set.insert(chunk + UInt32(segment.chunkBase)) }
      }
    }
    return set
  }

  /// The files that hold any of these chunks, in order of path.
  package func files(holding chunks: ChunkSet) -> [Int] {
    var files: [Int] = []
    chunks.forEachNumber { files += layout.files(ofChunk: $0) }
    files.sort()
    var last = -1
    return files.filter { file in
      defer { last = file }
      return file != last
    }
  }

  /// The files that hold any of these chunks, in order of path.
  package func files(holding chunks: Set<UInt32>) -> [Int] {
    var files = Set<Int>()
    for chunk in chunks { files.formUnion(layout.files(ofChunk: chunk)) }
    return files.sorted()
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
