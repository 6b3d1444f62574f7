// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glossary
import Synchronization

/// A chunk of a view whose meaning is like the question's.
package struct MeaningHit: Sendable {
  /// The home-wide number.
  package var chunk: UInt32
  /// Between -1 and 1.
  package var cosine: Float
  /// What ranking goes by: the cosine, of spaces with a scale of their own brought to that of the built-in embedder.
  package var likeness: Float
}

/// How near the chunks of a view are to what a question means.
package struct MeaningMatches: Sendable {
  /// The nearest, best first; equal ones in order of their first path.
  package fileprivate(set) var chunks: [MeaningHit] = []
  /// By chunk number; `none` where there is no vector.
  fileprivate let likenesses: [Float]
  /// By file: the nearest of the chunks elsewhere that speak of it.
  fileprivate(set) var cards: [Float] = []

  /// By file: how near its chunks are taken together; 0 where none has a vector.
  package fileprivate(set) var files: [Float] = []

  /// Less than any cosine.
  static let none: Float = -2

  /// How near the nearest of some chunks is; nil where none has a vector.
  package func likeness(ofNearest chunks: [UInt32]) -> Float? {
    chunks.lazy.map { likenesses[Int($0)] }.max().flatMap { $0 == MeaningMatches.none ? nil : $0 }
  }

  /// How near the nearest chunk of a file's card is, the less the more files the chunk speaks of; 0 where none is near.
  package func likeness(ofCard file: Int) -> Float { cards[file] }
}

/// The vectors of one view in one space.
final class ViewVectors: Sendable {
  let segments: [SegmentVectors]
  private let lazyCompleteness = Mutex<Bool?>(nil)

  init(_ space: String, view: SnapshotView) {
    segments = view.segments.map { SegmentVectors($0, space, in: view.vectorFolder) }
  }

  /// Whether every chunk of the view was looked at. Where not, an answer would depend on what else was indexed.
  func isComplete(for view: SnapshotView) -> Bool {
    SnapshotView.made(lazyCompleteness) {
      segments.allSatisfy { vectors in
        let files = view.layout.chunkFile[vectors.segment.chunkRange]
        return files.indices.allSatisfy { files[$0] < 0 || vectors.hasLooked(at: $0 - files.startIndex) }
      }
    }
  }
}

extension SnapshotView {
  /// Whether every chunk of the snapshot was looked at for vectors of a space; where not, it is asked without.
  package func hasVectors(in space: VectorSpace) -> Bool { vectors(in: space) != nil }

  /// How near each chunk is to a question; nil where the snapshot has no vectors in the question's space.
  ///
  /// - Parameters:
  ///   - limit: how many of the nearest are named.
  ///   - accepts: keeps only chunks of files that pass, by their place.
  package func meaning(
    of question: QuestionVector, limit: Int, accepts: ((Int) -> Bool)? = nil
  ) -> MeaningMatches? {
    guard let vectors = vectors(in: question.space) else { return nil }
    var likenesses = cosines(with: question, vectors, threads: SnapshotView.scanThreads)
    let own = question.hasOwnScale ? CosineSpread(of: likenesses) : nil
    let spread = own?.isTelling ?? false ? own : nil
    spread?.bringToScale(&likenesses)
    var matches = MeaningMatches(likenesses: likenesses)
    matches.cards = cards.nearest(likenesses)
    matches.files = together(likenesses)
    guard limit > 0 else { return matches }
    let best = nearest(likenesses, limit: limit, among: accepts.map(layout.chunkFiles) ?? layout.chunkFile)
    matches.chunks = best.map { hit in
      MeaningHit(chunk: hit.chunk, cosine: spread?.cosine(of: hit.likeness) ?? hit.likeness, likeness: hit.likeness)
    }
    return matches
  }

  /// Scans all vectors of the snapshot once, and nothing else, so that the scan can be measured; gives back how many
  /// there are, nil where the snapshot has none in the question's space.
  package func scan(_ question: QuestionVector, threads: Int) -> Int? {
    guard let vectors = vectors(in: question.space) else { return nil }
    return cosines(with: question, vectors, threads: threads).count { $0 > MeaningMatches.none }
  }

  /// By chunk number the cosine with a question; `none` where the view has no vector of it, and everywhere where the
  /// question has none: of stop words alone, say.
  private func cosines(with question: QuestionVector, _ vectors: ViewVectors, threads: Int) -> [Float] {
    var cosines = [Float](repeating: MeaningMatches.none, count: layout.chunkFile.count)
    guard question.numbers.count == question.space.dimensions else { return cosines }
    let (query, unit) = VectorCode(length: question.space.codeLength).query(question.numbers)
    guard unit > 0 else { return cosines }
    let parts = vectors.segments.flatMap { segment in
      segment.files.flatMap { file in
        stride(from: 0, to: file.rowCount, by: SnapshotView.rowsAtOnce).map { start in
          ScanPart(
            file: file, segment: segment.segment, rows: start..<min(start + SnapshotView.rowsAtOnce, file.rowCount))
        }
      }
    }
    cosines.withUnsafeMutableBufferPointer { cosines in
      // Unsafe because several threads write at once: each writes where its own chunks are.
      nonisolated(unsafe) let cosines = cosines
      DispatchQueue.concurrentPerform(iterations: min(threads, max(1, parts.count))) { thread in
        for index in stride(from: thread, to: parts.count, by: threads) {
          parts[index].scan(query, unit, layout.chunkFile, into: cosines)
        }
      }
    }
    return cosines
  }

  /// For each file the cosine of the sum of its chunks' vectors, as it is where any two of them have the cosine
  /// `likenessWithinFile`: what a file says in many places counts, however little it says of it in one.
  private func together(_ likenesses: [Float]) -> [Float] {
    var sums = [Float](repeating: 0, count: fileCount)
    var counts = [Float](repeating: 0, count: fileCount)
    // Over all chunks of the home, for each question: without a check at each.
    layout.chunkFile.withUnsafeBufferPointer { files in
      likenesses.withUnsafeBufferPointer { likenesses in
        sums.withUnsafeMutableBufferPointer { sums in
          counts.withUnsafeMutableBufferPointer { counts in
            for chunk in files.indices where files[chunk] >= 0 && likenesses[chunk] > MeaningMatches.none {
              sums[Int(files[chunk])] += likenesses[chunk]
              counts[Int(files[chunk])] += 1
            }
          }
        }
      }
    }
    for place in layout.repeats where likenesses[Int(place.chunk)] > MeaningMatches.none {
      sums[Int(place.file)] += likenesses[Int(place.chunk)]
      counts[Int(place.file)] += 1
    }
    for file in sums.indices where counts[file] > 0 {
      let count = counts[file]
      sums[file] /= (count * (1 + SnapshotView.likenessWithinFile * (count - 1))).squareRoot()
    }
    return sums
  }

  private static let likenessWithinFile: Float = 0.2

  /// The best of the chunks that stand in a file of `files`.
  private func nearest(
    _ likenesses: [Float], limit: Int, among files: [Int32]
  ) -> [(chunk: UInt32, likeness: Float)] {
    var best: [(chunk: UInt32, likeness: Float)] = []
    var lowest: Float = -1
    for chunk in likenesses.indices where likenesses[chunk] >= lowest && files[chunk] >= 0 {
      best.append((UInt32(chunk), likenesses[chunk]))
      // As many again are gathered before the worst go; equal ones at the border stay to the end.
      guard best.count >= limit * 4 + 256 else { continue }
      lowest = best.map(\.likeness).sorted(by: >)[limit - 1]
      best.removeAll { $0.likeness < lowest }
    }
    return Array(best.sorted(by: isNearer).prefix(limit))
  }

  private static let rowsAtOnce = 1 << 15
  private static let scanThreads = 2

  private func isNearer(_ left: (chunk: UInt32, likeness: Float), _ right: (chunk: UInt32, likeness: Float)) -> Bool {
    if left.likeness != right.likeness { return left.likeness > right.likeness }
    let (first, second) = (Int(left.chunk), Int(right.chunk))
    return (layout.chunkFile[first], key(ofChunk: first)) < (layout.chunkFile[second], key(ofChunk: second))
  }

  /// Nil where not every chunk of the view was looked at. Looked for again each time until then, because an index run
  /// may be at it.
  private func vectors(in space: VectorSpace) -> ViewVectors? {
    guard let vectors = completeVectors(space.folder) else { return nil }
    return vectors.segments.flatMap(\.files).allSatisfy { $0.code.length == space.codeLength } ? vectors : nil
  }

  private func completeVectors(_ space: String) -> ViewVectors? {
    lazyVectors.withLock { known in
      if let vectors = known[space], vectors.isComplete(for: self) { return vectors }
      let vectors = ViewVectors(space, view: self)
      known[space] = vectors
      return vectors.isComplete(for: self) ? vectors : nil
    }
  }

  /// Opens the vectors of all spaces while the files are sure to be there: as long as the generation is the published
  /// one, nobody removes them. Not every question asks for them, so nothing more is done here.
  func openVectors() {
    lazyVectors.withLock { known in
      for space in vectorFolder.spaces { known[space] = ViewVectors(space, view: self) }
    }
  }
}

/// A stretch of rows that one thread scans.
private struct ScanPart: Sendable {
  let file: VectorFile
  let segment: Segment
  let rows: Range<Int>

  /// Writes the cosines of those of its chunks that stand in the view, by chunk number.
  func scan(_ query: [Int8], _ unit: Float, _ chunkFile: [Int32], into cosines: UnsafeMutableBufferPointer<Float>) {
    chunkFile.withUnsafeBufferPointer { files in
      file.scan(rows, query, unit: unit, files: UnsafeBufferPointer(rebasing: files[segment.chunkRange])) {
        cosines[segment.chunkBase + Int($0)] = $1
      }
    }
  }
}
