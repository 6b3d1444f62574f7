// SPDX-License-Identifier: Apache-2.0
import CIndexKernels

/// Adds up BM25 term by term over one snapshot.
struct WordScorer {
  let view: SnapshotView
  let chunkModel: BM25
  let fileModel: BM25
  private var chunkScores: [Float]
  private var fileScores: [Float]
  private var fileFrequency: [UInt32]
  /// The highest factor seen in a file, in 1/256; used and set back while one idea is added.
  private var fileWorth: [UInt16] = []
  private var touched: [UInt32]
  private var statistics: [TermStatistics] = []
  private var kept: [(term: String, lists: [PostingList])] = []
  private var cards: CardScorer
  /// For each chunk and each file the terms that it holds, and the importance of each term.
  private var heldByChunks: [UInt64]
  private var heldByFiles: [UInt64]
  private var importances: [Float] = []

  init(view: SnapshotView, chunkModel: BM25, fileModel: BM25) {
    self.view = view
    self.chunkModel = chunkModel
    self.fileModel = fileModel
    chunkScores = Array(repeating: 0, count: view.layout.chunkFile.count)
    fileScores = Array(repeating: 0, count: view.fileCount)
    fileFrequency = Array(repeating: 0, count: view.fileCount)
    touched = Array(repeating: 0, count: view.fileCount)
    cards = CardScorer(view)
    heldByChunks = Array(repeating: 0, count: chunkScores.count)
    heldByFiles = Array(repeating: 0, count: view.fileCount)
  }

  mutating func add(_ term: QueryTerm) {
    let place = TermSet(importances.count)
    importances.append(0)
    if term.isSingle { addSingle(term, place) } else { addForms(term, place) }
  }

  private mutating func addSingle(_ term: QueryTerm, _ place: TermSet) {
    let lists = view.segments.compactMap {
      PostingList(words: term.forms[0].words, segment: $0, layout: view.layout)
    }
    let count = lists.reduce(0) { $0 + $1.chunks.count }
    guard count > 0 else {
      statistics.append(TermStatistics(term: term.text, chunkCount: 0, fileCount: 0, weight: term.weight))
      return
    }
    kept.append((term.text, lists))
    let files = addToFiles(lists, term)
    addToChunks(lists, term, place, count: count)
    nenrin_hold(touched, files, place.bits, &heldByFiles)
    cards.add(lists, weight: term.weight, place)
    statistics.append(TermStatistics(term: term.text, chunkCount: count, fileCount: files, weight: term.weight))
  }

  /// The term's importance is its weight times how rare it is among the snapshot's chunks.
  private mutating func addToChunks(_ lists: [PostingList], _ term: QueryTerm, _ place: TermSet, count: Int) {
    let (model, mean) = (chunkModel, meanChunkLength)
    let weight = term.weight * chunkModel.inverseFrequency(Double(count), of: view.layout.chunkCount)
    for list in lists {
      let base = list.segment.chunkBase
      chunkScores.withUnsafeMutableBufferPointer { scores in
        list.segment.chunkLengths.withBuffer { lengths in
          nenrin_score_chunks(
            list.chunks, list.frequencies, list.chunks.count, lengths.baseAddress, weight, model.k1,
            model.b, mean, scores.baseAddress! + base)
        }
      }
      hold(list.chunks, base, place)
    }
    importances[importances.count - 1] = weight
  }

  private mutating func hold(_ chunks: [UInt32], _ base: Int, _ place: TermSet) {
    heldByChunks.withUnsafeMutableBufferPointer {
      nenrin_hold(chunks, chunks.count, place.bits, $0.baseAddress! + base)
    }
  }

  private var meanChunkLength: Float { Float(view.layout.chunkTokens) / Float(max(1, view.layout.chunkCount)) }

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
      count = addRepeats(list.segment, list.chunks, touchedCount: count) { (UInt32(list.frequencies[$0]), 0) }
    }
    scoreFiles(count, commonness: Double(count), unit: 1, term)
    return count
  }

  private mutating func scoreFiles(_ count: Int, commonness: Double, unit: Float, _ term: QueryTerm) {
    let layout = view.layout
    let weight = term.weight * fileModel.inverseFrequency(commonness, of: layout.textFileCount)
    let mean = Float(layout.fileTokens) / Float(max(1, layout.textFileCount))
    nenrin_score_files(
      touched, count, &fileFrequency, unit, layout.fileLengths, weight, fileModel.k1, fileModel.b, mean, &fileScores)
  }

  /// Chunks that stand in further files count there too: both lists are in order of chunk. `value` gives a posting's
  /// frequency and worth.
  private mutating func addRepeats(
    _ segment: Segment, _ chunks: [UInt32], touchedCount: Int, _ value: (Int) -> (frequency: UInt32, worth: UInt16)
  ) -> Int {
    let repeats = view.layout.repeats
    let base = UInt32(segment.chunkBase)
    var count = touchedCount
    var place = repeats.partitioningIndex { $0.chunk >= base }
    for index in chunks.indices {
      let chunk = chunks[index] + base
      while place < repeats.count, repeats[place].chunk < chunk { place += 1 }
      while place < repeats.count, repeats[place].chunk == chunk {
        let file = Int(repeats[place].file)
        if fileFrequency[file] == 0 {
          touched[count] = UInt32(file)
          count += 1
        }
        let (frequency, worth) = value(index)
        fileFrequency[file] += frequency
        if worth > 0 { fileWorth[file] = max(fileWorth[file], worth) }
        place += 1
      }
      if place == repeats.count { break }
    }
    return count
  }

  func matches(limit: Int, accepts: ((Int) -> Bool)?) -> WordMatches {
    let files = fileScores[...].best(limit: limit) { accepts?($0) ?? true }
    let layout = view.layout
    let chunks = chunkScores[...].best(limit: limit) { accepts?(Int(layout.chunkFile[$0])) ?? true }
    return WordMatches(
      chunks: chunks.sorted { left, right in
        if left.1 != right.1 { return left.1 > right.1 }
        return (layout.chunkFile[left.0], view.key(ofChunk: left.0)) < (
          layout.chunkFile[right.0], view.key(ofChunk: right.0)
        )
      }.prefix(limit).map { WordMatches.ChunkScore(chunk: UInt32($0.0), score: $0.1) },
      files: files.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(limit)
        .map { WordMatches.FileScore(file: $0.0, score: $0.1) },
      statistics: statistics, cards: cards.best(limit: limit, accepts: accepts), importances: importances,
      heldByFiles: heldByFiles, heldByCards: cards.held, heldByChunks: heldByChunks, chunkScores: chunkScores,
      lists: kept)
  }
}

extension ArraySlice<Float> {
  /// The places of the best scores that pass, counted from the first, and perhaps some more.
  func best(limit: Int, _ accepts: (Int) -> Bool) -> [(Int, Float)] {
    var wanted = limit
    while true {
      let top = [UInt32](unsafeUninitializedCapacity: count) { buffer, written in
        written = withUnsafeBufferPointer {
          nenrin_top_scores($0.baseAddress, count, wanted, buffer.baseAddress)
        }
      }
      let accepted = top.filter { accepts(Int($0)) }.map { (Int($0), self[startIndex + Int($0)]) }
      if accepted.count >= limit || top.count < wanted { return accepted }
      wanted *= 8
    }
  }
}

/// Ideas that several terms stand for.
extension WordScorer {
  private mutating func addForms(_ term: QueryTerm, _ place: TermSet) {
    var merged: [MergedPostings] = []
    var found: [[PostingList]] = Array(repeating: [], count: term.forms.count)
    for segment in view.segments {
      var postings = MergedPostings(segment: segment)
      for (place, form) in term.forms.enumerated() {
        guard let list = PostingList(words: form.words, segment: segment, layout: view.layout), !list.chunks.isEmpty
        else { continue }
        postings.merge(list, factor: form.scaledFactor)
        found[place].append(list)
      }
      if !postings.chunks.isEmpty { merged.append(postings) }
    }
    for (form, lists) in zip(term.forms, found) where !lists.isEmpty { kept.append((form.text, lists)) }
    let files = addToFiles(merged, term)
    addToChunks(merged, term, place)
    nenrin_hold(touched, files, place.bits, &heldByFiles)
    cards.add(merged, weight: term.weight, place)
    let count = merged.reduce(0) { $0 + $1.chunks.count }
    statistics.append(TermStatistics(term: term.text, chunkCount: count, fileCount: files, weight: term.weight))
  }

  private mutating func addToChunks(_ lists: [MergedPostings], _ term: QueryTerm, _ place: TermSet) {
    let (model, mean) = (chunkModel, meanChunkLength)
    let worth = lists.reduce(0) { $0 + $1.worth.reduce(0) { $0 + Int($1) } }
    let weight = term.weight * chunkModel.inverseFrequency(Double(worth) / 256, of: view.layout.chunkCount)
    for list in lists {
      let base = list.segment.chunkBase
      chunkScores.withUnsafeMutableBufferPointer { scores in
        list.segment.chunkLengths.withBuffer { lengths in
          nenrin_score_merged_chunks(
            list.chunks, list.frequencies, list.chunks.count, MergedPostings.unit, lengths.baseAddress, weight,
            model.k1, model.b, mean, scores.baseAddress! + base)
        }
      }
      hold(list.chunks, base, place)
    }
    importances[importances.count - 1] = weight
  }

  /// Returns how many files hold any of the forms.
  private mutating func addToFiles(_ lists: [MergedPostings], _ term: QueryTerm) -> Int {
    if fileWorth.isEmpty { fileWorth = Array(repeating: 0, count: view.fileCount) }
    var count = 0
    for list in lists {
      view.layout.chunkFile.withUnsafeBufferPointer { files in
        count = nenrin_count_merged_in_files(
          list.chunks, list.frequencies, list.worth, list.chunks.count, files.baseAddress! + list.segment.chunkBase,
          &fileFrequency, &fileWorth, &touched, count)
      }
      count = addRepeats(list.segment, list.chunks, touchedCount: count) { (list.frequencies[$0], list.worth[$0]) }
    }
    var worth = 0
    for file in touched[..<count] {
      worth += Int(fileWorth[Int(file)])
      fileWorth[Int(file)] = 0
    }
    scoreFiles(count, commonness: Double(worth) / 256, unit: MergedPostings.unit, term)
    return count
  }
}
