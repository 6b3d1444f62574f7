// SPDX-License-Identifier: Apache-2.0
import CIndexKernels
import Foundation
import GRDB
package import Glossary

/// Something in a home that is not as it was written.
package struct StoreProblem: Hashable, Sendable {
  /// The file or the snapshot.
  package var place: String
  package var what: String
}

/// Reads everything that is published in a home and compares it with itself.
package final class StoreInspection {
  package private(set) var problems: [StoreProblem] = []
  /// How many of each thing were looked at.
  package private(set) var checked: [String: Int] = [:]
  private let layout: HomeLayout
  private let catalog: Catalog
  private let generation: Generation
  private var segments: [Segment] = []

  /// Throws `homeNotFound`, `formatMismatch`, and `indexDamaged` where not even the catalog can be read.
  package init(home path: String) throws {
    layout = HomeLayout(root: path)
    let number = try Home.publishedNumber(layout)
    catalog = try Catalog(reading: layout.generation(number))
    generation = try Generation(catalog)
  }

  /// What is published, by collection, then newest first.
  package var snapshots: [SnapshotInfo] { generation.snapshots.map(\.info) }
  package var collections: [CollectionInfo] { generation.collections }

  /// Checks the catalog and every segment. `progress` is told what is being looked at.
  package func inspectFiles(_ progress: (String) -> Void) {
    progress("catalog")
    inspectCatalog()
    for place in generation.segments {
      progress("segment \(place.number)")
      inspect(place)
    }
  }

  private func inspectCatalog() {
    count("catalogs")
    let path = layout.generation(generation.number)
    do {
      let lines = try Catalog.translating(path) {
        try catalog.queue.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
      }
      for line in lines where line != "ok" { note(path, line) }
    } catch {
      note(path, "\(error)")
    }
  }

  private func inspect(_ place: Generation.SegmentPlace) {
    count("segments")
    let path = layout.segment(place.number)
    let segment: Segment
    do { segment = try Segment(path: path, number: place.number, chunkBase: place.chunkBase) } catch {
      note(path, (error as? NenrinError).map { $0.reason.isEmpty ? $0.summary : $0.reason } ?? "\(error)")
      return
    }
    if segment.file.count != place.byteCount {
      note(path, "it has \(segment.file.count) bytes, the catalog says \(place.byteCount)")
    }
    if segment.chunkCount != place.chunkCount {
      note(path, "it has \(segment.chunkCount) chunks, the catalog says \(place.chunkCount)")
    }
    let damaged = segment.damagedSections()
    for section in damaged { note(path, "section '\(section)' is not what was written: its checksum differs") }
    guard damaged.isEmpty else { return }
    segments.append(segment)
    inspectBlobs(of: segment, path)
    inspectPostings(of: segment, path)
    count("chunks", segment.chunkCount)
    count("definitions", segment.definitions.count)
  }

  /// Every chunk of a blob is one that exists, and together they are as long as the blob.
  private func inspectBlobs(of segment: Segment, _ path: String) {
    count("blobs", segment.blobs.count)
    let end = segment.chunkRange.upperBound
    for row in 0..<segment.blobs.count {
      let blob = segment.blobs[row]
      if row > 0, !(segment.blobs[row - 1].key < blob.key) { note(path, "blob \(blob.object) is out of order") }
      var (bytes, lines) = (0, 0)
      for place in segment.chunks(ofBlob: row) {
        let chunk = segment.blobChunks[place]
        guard Int(chunk) < end, !segments.isEmpty else {
          note(path, "blob \(blob.object) names chunk \(chunk), which does not exist")
          return
        }
        let home = Segment.holding(chunk, among: segments)
        guard home.chunkRange.contains(Int(chunk)) else { continue }
        bytes += Int(home.chunkByteCounts[Int(chunk) - home.chunkBase])
        lines += Int(home.chunkLineCounts[Int(chunk) - home.chunkBase])
      }
      let isIndexed = blob.skip == SkipReason.none.rawValue
      if isIndexed, bytes != Int(blob.byteCount) {
        note(path, "the chunks of blob \(blob.object) have \(bytes) bytes, the blob has \(blob.byteCount)")
      }
    }
  }

  /// Every posting list is whole and stays within the segment's chunks.
  private func inspectPostings(of segment: Segment, _ path: String) {
    var terms = 0
    var chunks = [UInt32](repeating: 0, count: segment.chunkCount)
    var frequencies = [UInt8](repeating: 0, count: segment.chunkCount)
    segment.terms.forEach(prefix: []) { term, entry in
      terms += 1
      let read = segment.withTermPostings(entry) { bytes in
        nenrin_postings_decode(
          bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count, UInt32(segment.chunkCount), &chunks,
          &frequencies, chunks.count)
      }
      if read < 1 || read > segment.chunkCount {
        note(path, "the posting list of '\(String(decoding: term, as: UTF8.self))' is not whole")
        return false
      }
      return true
    }
    count("terms", terms)
  }

  /// The manifest of a snapshot, or nil (and a problem noted) where it cannot be read or names a blob that is missing.
  package func manifest(of snapshot: SnapshotInfo) -> ManifestTable? {
    guard let row = generation.snapshots.first(where: { $0.info.id == snapshot.id }) else { return nil }
    count("manifests")
    do {
      let manifest = try Generation.manifest(row.manifest, in: catalog)
      let known = KnownContent(segments: segments.filter { $0.number <= row.lastSegment })
      for index in 0..<manifest.count where manifest.kind(at: index).isFile {
        count("paths")
        if !known.contains(manifest.blobKey(at: index)) {
          note(snapshot.name, "\(manifest.path(at: index)) has blob \(manifest[index].object), which is not indexed")
          break
        }
      }
      if manifest.count != snapshot.files {
        note(snapshot.name, "its manifest has \(manifest.count) paths, the catalog says \(snapshot.files)")
      }
      return manifest
    } catch {
      note(snapshot.name, (error as? NenrinError).map { $0.reason } ?? "\(error)")
      return nil
    }
  }

  /// Adds a problem that someone else found.
  package func note(_ place: String, _ what: String) { problems.append(StoreProblem(place: place, what: what)) }

  /// Counts things that were looked at.
  package func count(_ thing: String, _ number: Int = 1) { checked[thing, default: 0] += number }
}
