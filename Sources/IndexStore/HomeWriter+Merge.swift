// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Glibc

extension HomeWriter {
  /// Segments that are left alone; every question looks into each that its snapshot needs.
  private static let mostSegments = 8
  /// A segment is merged with those after it where it is not much larger than all of them.
  private static let mostGrowth = 4
  /// Seconds for which segments that were merged stay, for readers on other machines.
  private static let grace: Int64 = 600

  /// Puts the newest segments into one where there have become many, as happens where each commit comes in a run of its
  /// own. Chunks keep their numbers. A part of publishing: readers see it with the generation that follows.
  func mergeNewest(claimed: Int64) throws {
    let newest = Array(newestToMerge())
    guard newest.count > 1, let first = newest.first, newest.allSatisfy({ $0.number <= claimed }) else { return }
    let merge = SegmentMerge(segments: newest, live: LiveContent(allOf: newest), mostTokens: Int.max)
    guard merge.parts.count == 1, newest.allSatisfy({ $0.damagedSections().isEmpty }) else { return }
    let number = try nextSegmentNumber()
    let path = layout.segment(number)
    let byteCount = try merge.write(part: 0, into: path)
    let merged = try Segment(path: path, number: number, chunkBase: first.chunkBase)
    try copyVectors(from: newest, to: [merged], numbers: Array(0..<UInt32(merged.chunkRange.upperBound)))
    try Catalog.translating(layout.catalog) {
      try catalog.queue.write { database in
        try database.execute(sql: "DELETE FROM segment WHERE number >= ?", arguments: [first.number])
        try HomeWriter.insertSegment(merged, byteCount: byteCount, database)
        try database.execute(
          sql: "UPDATE snapshot SET last_segment = ? WHERE last_segment >= ?", arguments: [number, first.number])
        try database.execute(
          sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('segment', ?), ('claimed', ?), ('keep_until', ?)",
          arguments: [number, number, Int64(time(nil)) + HomeWriter.grace])
        try Catalog.beginGeneration(database)
      }
    }
    segments = segments.dropLast(newest.count) + [merged]
    generation = try Generation(catalog)
  }

  /// The longest run at the end in which each is not much larger than all after it together.
  private func newestToMerge() -> ArraySlice<Segment> {
    guard segments.count > HomeWriter.mostSegments else { return [] }
    var start = segments.count - 1
    var byteCount = segments[start].file.count
    while start > 0, segments[start - 1].file.count <= byteCount * HomeWriter.mostGrowth {
      start -= 1
      byteCount += segments[start].file.count
    }
    return segments[start...]
  }
}
