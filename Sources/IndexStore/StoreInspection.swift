// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import Glibc
package import Glossary

/// Reads everything that is published in a home and compares it with itself.
package final class StoreInspection {
  package private(set) var problems: [StoreProblem] = []
  /// How many of each thing were looked at.
  package private(set) var checked: [String: Int] = [:]
  /// For each collection the blobs that its snapshots name, each once in the home, in order of path.
  package private(set) var blobs: [String: [BlobKey]] = [:]
  let layout: HomeLayout
  private let catalog: Catalog
  private let generation: Generation
  /// Those that are whole.
  private var segments: [Segment] = []
  /// For each chunk of the home, by number: `TermFingerprint` of its postings.
  private var fingerprints: [TermFingerprint] = []
  private var isListed: [Int64: [Bool]] = [:]

  /// Throws `homeNotFound`, `formatMismatch`, and `indexDamaged` where not even the catalog can be read.
  package init(home path: String) throws {
    layout = HomeLayout(root: path)
    let number = try Home.publishedNumber(layout)
    catalog = try Catalog(reading: layout.generation(number))
    generation = try Generation(catalog)
    if generation.number != number {
      note(.published, layout.pointer, "it names generation \(number), whose file holds \(generation.number)")
    }
  }

  /// What is published, by collection, then newest first.
  package var snapshots: [SnapshotInfo] { generation.snapshots.map(\.info) }
  package var collections: [CollectionInfo] { generation.collections }

  /// Checks the catalog and every segment. `progress` is told what is being looked at.
  package func inspectFiles(_ progress: (String) -> Void) {
    progress("catalog")
    inspect(catalog, .published)
    inspectWriterCatalog()
    var next = 0
    for place in generation.segments {
      progress("segment \(place.number)")
      if place.chunkBase != next {
        note(
          .content, layout.segment(place.number),
          "the catalog says that its chunks begin at \(place.chunkBase), and those before it end at \(next)")
      }
      next = place.chunkBase + place.chunkCount
      inspect(place)
    }
    inspectCommits(progress)
  }

  private func inspectCommits(_ progress: (String) -> Void) {
    for collection in generation.collections {
      let folder = CommitFolder(path: layout.commits(of: collection.name))
      guard SmallFile.read(folder.pointer) != nil else { continue }
      progress("commits of \(collection.name)")
      do {
        for segment in try folder.segments() {
          count("commits", segment.count)
          for section in segment.damagedSections() {
            note(.commits, segment.file.path, "section '\(section)' is not what was written: its checksum differs")
          }
        }
      } catch {
        note(.commits, folder.path, StoreInspection.words(error))
      }
    }
  }

  private func inspect(_ catalog: Catalog, _ kind: StoreProblem.Kind) {
    count("catalogs")
    do {
      let lines = try catalog.read { database in
        let damage = try String.fetchAll(database, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
        let orphans = try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").map { row in
          "a row of '\(row["table"] as String)' names a row of '\(row["parent"] as String)' that is missing"
        }
        return damage + orphans
      }
      for line in lines { note(kind, catalog.path, line) }
    } catch {
      note(kind, catalog.path, StoreInspection.words(error))
    }
  }

  /// Where no writer is at work, readers and the next writer start from the same state.
  private func inspectWriterCatalog() {
    // A writer is in the middle of a transaction, or was killed in one, which the next one takes back.
    if access(layout.catalog + "-journal", F_OK) == 0 { return }
    do {
      let catalog = try Catalog(inspecting: layout.catalog)
      inspect(catalog, .catalog)
      let own = try Generation(catalog)
      if own.number < generation.number {
        note(.catalog, layout.catalog, "it is at generation \(own.number), readers are at \(generation.number)")
      } else if own.number == generation.number, !own.isPublished(as: generation) {
        note(.published, layout.generation(generation.number), "it does not hold what the writer's catalog holds")
      }
    } catch {
      note(.catalog, layout.catalog, StoreInspection.words(error))
    }
  }

  private func inspect(_ place: Generation.SegmentPlace) {
    count("segments")
    let path = layout.segment(place.number)
    do {
      let segment = try Segment(place, in: layout)
      var inspection = SegmentInspection(segment)
      inspection.run(among: segments)
      for what in inspection.problems { note(.content, path, what) }
      checked.merge(inspection.checked) { $0 + $1 }
      guard inspection.isReadable else { return }
      segments.append(segment)
      inspectVectors(of: segment)
      let gap = segment.chunkBase - fingerprints.count
      if gap > 0 { fingerprints += Array(repeating: TermFingerprint(), count: gap) }
      fingerprints += inspection.fingerprints
    } catch {
      note(.content, path, StoreInspection.words(error))
    }
  }

  /// Whether every chunk that a segment names is there to be looked at.
  private var isWhole: Bool {
    segments.map(\.number) == generation.segments.map(\.number)
      && zip(segments, segments.dropFirst()).allSatisfy { $0.chunkRange.upperBound == $1.chunkBase }
      && segments.first?.chunkBase ?? 0 == 0
  }

  /// Reads every manifest, by collection in the order in which they were indexed, and hands on those that can be read:
  /// the first of a collection whole, the others as what they change on the one handed on before, and as it comes to.
  package func inspectManifests(_ body: (SnapshotInfo, NewManifest, ManifestTable) throws -> Void) throws {
    for collection in collections {
      var reader = ManifestReader(catalog)
      var tally: SnapshotTally?
      let rows = generation.snapshots.filter { $0.info.collection == collection.name }
      for row in rows.sorted(by: { $0.info.id < $1.info.id }) {
        count("manifests")
        do {
          let (table, manifest) = try reader.next(row.manifest)
          list(manifest, of: row)
          compare("paths", table.count, row.info.files, of: row.info)
          if isWhole { try compareCounts(manifest, table, row.info, &tally) }
          try body(row.info, manifest, table)
        } catch let error as NenrinError {
          reader.forgetLast()
          tally = nil
          note(.snapshot, row.info.name, StoreInspection.words(error))
        }
      }
    }
  }

  private func compareCounts(
    _ manifest: NewManifest, _ table: ManifestTable, _ snapshot: SnapshotInfo, _ tally: inout SnapshotTally?
  ) throws {
    if tally == nil {
      tally = SnapshotTally(HomeContent(segments), firstFree: Int64.max)
      try tally?.count(.whole(table))
    } else {
      try tally?.count(manifest)
    }
    guard let counts = tally?.counts else { return }
    compare("chunks", counts.chunks, snapshot.chunks, of: snapshot)
    compare("bytes", Int(counts.bytes), Int(snapshot.bytes), of: snapshot)
  }

  private func compare(_ noun: String, _ found: Int, _ stated: Int, of snapshot: SnapshotInfo) {
    guard found != stated else { return }
    note(.snapshot, snapshot.name, "it holds \(found) \(noun), the catalog says \(stated)")
  }

  /// Notes the blobs that a manifest brings, and the first that is in no segment.
  private func list(_ manifest: NewManifest, of row: SnapshotRow) {
    var missing: (path: TreePath, key: BlobKey)?
    func list(_ kind: EntryKind, _ key: BlobKey, _ path: @autoclosure () -> TreePath) {
      count("paths")
      if kind.isFile, !find(key, upTo: row), missing == nil { missing = (path(), key) }
    }
    switch manifest {
    case .whole(let table):
      for index in 0..<table.count { list(table.kind(at: index), table.blobKey(at: index), table.path(at: index)) }
    case .changes(let changes):
      for change in changes {
        switch change {
        case .added(let entry), .modified(_, let entry): list(entry.kind, entry.blobKey, entry.path)
        case .removed: break
        }
      }
    }
    guard let missing else { return }
    note(.content, row.info.name, "\(missing.path) has blob \(missing.key.object), which is in no whole segment")
  }

  private func find(_ key: BlobKey, upTo snapshot: SnapshotRow) -> Bool {
    for segment in segments where segment.number <= snapshot.lastSegment {
      guard let row = segment.blobRow(key) else { continue }
      if isListed[segment.number] == nil {
        isListed[segment.number] = Array(repeating: false, count: segment.blobs.count)
      }
      if isListed[segment.number]?[row] == false {
        isListed[segment.number]?[row] = true
        blobs[snapshot.info.collection, default: []].append(key)
      }
      return true
    }
    return false
  }

  /// Compares blobs that are read again with what is stored, once the files have been inspected.
  package func comparison() -> BlobComparison { BlobComparison(segments: segments, fingerprints: fingerprints) }

  /// Adds a problem that someone else found.
  package func note(_ kind: StoreProblem.Kind, _ place: String, _ what: String) {
    problems.append(StoreProblem(kind, place, what))
  }

  /// Counts things that were looked at.
  package func count(_ thing: String, _ number: Int = 1) { checked[thing, default: 0] += number }

  /// What an error says, in one line.
  package static func words(_ error: any Error) -> String {
    guard let error = error as? NenrinError else { return "\(error)" }
    return error.code == .indexDamaged && !error.reason.isEmpty
      ? error.reason : error.reason.isEmpty ? error.summary : "\(error.summary): \(error.reason)"
  }
}
