// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// Picks the pieces of the best files that a reader should see, whole.
struct Passages {
  let view: SnapshotView
  let source: any BlobSource
  let matches: WordMatches
  let places: [SymbolLocation]
  /// Chunks that say what the question gives word for word.
  var exact: Set<UInt32> = []

  /// Lines of a passage; a longer unit is cut there.
  static let mostLines = 400

  private struct Pick {
    var file: SnapshotFile
    var unit: [ChunkLocation]
    var score: Double
    /// Its place among the picks of its file.
    var turn: Int
  }

  /// The best passages of the files: first the best of each file in order, then the second of each.
  func pick(from hits: [Fusion.Fused], limit: Int) throws -> [Passage] {
    let picks = hits.enumerated().flatMap { rank, hit in self.picks(hit, rank: rank) }
    let chosen = picks.sorted { ($0.turn, $1.score) < ($1.turn, $0.score) }.prefix(limit)
    var texts: [ObjectID: [UInt8]] = [:]
    var passages: [Passage] = []
    for pick in chosen {
      let bytes = try texts[pick.file.object] ?? source.bytes(of: pick.file.object)
      texts[pick.file.object] = bytes
      guard let first = pick.unit.first, let last = pick.unit.last else { continue }
      let range = first.bytes.lowerBound..<min(last.bytes.upperBound, bytes.count)
      let (text, lineCount) = Passages.text(bytes[range])
      passages.append(
        Passage(
          rank: passages.count + 1, path: pick.file.path,
          lines: first.lines.lowerBound...(first.lines.lowerBound + max(1, lineCount) - 1), symbol: first.symbol,
          kind: first.kind, language: pick.file.language, score: pick.score, text: text))
    }
    return passages
  }

  /// The best three units of a file.
  private func picks(_ hit: Fusion.Fused, rank: Int) -> [Pick] {
    let file = view.file(at: hit.file)
    let chunks = view.chunks(inFile: hit.file)
    guard !chunks.isEmpty else { return [] }
    let defining = Set(places.filter { $0.chunk.file == hit.file }.map(\.chunk.ordinal))
    let scored = chunks.map { chunk -> (ChunkLocation, Double) in
      (
        chunk,
        Double(matches.score(ofChunk: chunk.number)) + (defining.contains(chunk.ordinal) ? 1000 : 0)
          + (exact.contains(chunk.number) ? 2000 : 0)
      )
    }
    let best = scored.sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0.ordinal < $1.0.ordinal }
    var picks: [Pick] = []
    var taken = Set<Int>()
    for (chunk, score) in best where picks.count < 3 && (score > 0 || picks.isEmpty) {
      let unit = Passages.unit(of: chunk, in: chunks)
      guard taken.isDisjoint(with: unit.map(\.ordinal)) else { continue }
      taken.formUnion(unit.map(\.ordinal))
      picks.append(Pick(file: file, unit: unit, score: hit.score / Double(picks.count + 1), turn: picks.count))
    }
    return picks
  }

  /// A chunk with those that carry on the same unit, before and after it, as long as that is not too much to read.
  static func unit(of chunk: ChunkLocation, in chunks: [ChunkLocation]) -> [ChunkLocation] {
    var first = chunk.ordinal
    while first > 0, chunks[first].continues { first -= 1 }
    var last = first
    while last + 1 < chunks.count, chunks[last + 1].continues { last += 1 }
    let whole = chunks[first].lines.lowerBound...chunks[last].lines.upperBound
    return whole.count <= mostLines ? Array(chunks[first...last]) : [chunk]
  }

  /// The text without the blank lines at its end, at most `mostLines`, and how many lines it has.
  private static func text(_ bytes: ArraySlice<UInt8>) -> (String, Int) {
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).prefix(mostLines)
    while let last = lines.last, last.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { lines.removeLast() }
    let text = lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
    return (text, lines.count)
  }
}
