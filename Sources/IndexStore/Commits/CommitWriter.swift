// SPDX-License-Identifier: Apache-2.0
import Glibc
package import Glossary

/// Adds commits to a collection's history. What is sealed survives a crash and is not read again. Not Sendable; holds
/// the home's lock through its `HomeWriter`.
package final class CommitWriter {
  private let folder: CommitFolder
  private let home: HomeWriter
  private var segments: [CommitSegment]
  private var places: [CommitFolder.Place]
  private var builder: CommitSegmentBuilder
  private let sealed: Int

  /// Commits of one segment. More are never merged.
  private static let mostMerged = 131_072

  /// What is damaged, or was written by another version, is read anew. `sealed`: commits that are held in memory before
  /// a segment is written. Throws `homeNotWritable`.
  package init(_ home: HomeWriter, collection: String, sealed: Int = 65_536) throws {
    self.home = home
    self.sealed = sealed
    folder = CommitFolder(path: home.layout.commits(of: collection))
    try HomeWriter.makeFolder(home.layout.root + "/" + StoreFormat.commitsName)
    try HomeWriter.makeFolder(folder.path)
    folder.removeLeftovers()
    if let places = folder.places(), let segments = try? folder.segments() {
      (self.places, self.segments) = (places, segments)
    } else {
      (places, segments) = ([], [])
      if SmallFile.read(folder.pointer) != nil { try folder.write([]) }
      folder.removeLeftovers()
    }
    builder = CommitSegmentBuilder(base: segments.last?.range.upperBound ?? 0)
  }

  /// How many commits there are, sealed or not.
  package var count: Int { (segments.last?.range.upperBound ?? 0) + builder.count }

  /// Whether an earlier run found too many commits to read them unasked, and none was read since.
  package var isLeftUnread: Bool { count == 0 && SmallFile.read(folder.unreadMark) != nil }

  /// Remembers that. Throws `diskFull`.
  package func leaveUnread() throws {
    let file = try DurableFile(path: folder.unreadMark)
    try file.write(Array("1\n".utf8))
    try file.commit()
  }

  /// Whether a commit was added, sealed or not.
  package func contains(_ id: ObjectID) -> Bool { builder.number(of: id) != nil || number(of: id) != nil }

  private func number(of id: ObjectID) -> Int? {
    for segment in segments.reversed() {
      if let row = segment.row(of: id) { return segment.base + row }
    }
    return nil
  }

  /// Parents that were not there when their commits were read, and are not here yet.
  package func missingParents() -> [(commit: ObjectID, parent: ObjectID)] {
    var found: [(commit: ObjectID, parent: ObjectID)] = []
    for segment in segments where segment.missingCount > 0 {
      for row in 0..<segment.count {
        for case .missing(let parent) in segment.parents(of: row) where number(of: parent) == nil {
          found.append((segment.commits[row].key.id, parent))
        }
      }
    }
    return found
  }

  /// Adds a commit whose parents, as far as they are there, were added before. Throws `diskFull` when sealing fails.
  package func add(_ commit: CommitRecord) throws {
    builder.add(commit) { number(of: $0) }
    if builder.count >= sealed { try seal() }
  }

  /// Writes what is waiting; from here on it is never read again. Throws `diskFull`.
  package func seal() throws {
    guard builder.count > 0 else { return }
    let number = (places.map(\.number).max() ?? 0) + 1
    try builder.seal(into: folder.file(number))
    segments.append(try CommitSegment(path: folder.file(number), base: builder.base))
    places.append(CommitFolder.Place(number: number, count: builder.count))
    try folder.write(places)
    builder = CommitSegmentBuilder(base: count - builder.count)
    try merge()
  }

  /// Merges the last segments while the one before is not twice as large: a question looks into each.
  private func merge() throws {
    var merged = 1
    var total = places.last?.count ?? 0
    while merged < places.count, places[places.count - merged - 1].count < 2 * total,
      total + places[places.count - merged - 1].count <= CommitWriter.mostMerged
    {
      total += places[places.count - merged - 1].count
      merged += 1
    }
    guard merged > 1 else { return }
    let old = Array(segments.suffix(merged))
    let union = CommitSegmentBuilder(base: old[0].base)
    let earlier = segments.dropLast(merged)
    for segment in old {
      for row in 0..<segment.count {
        union.add(try segment.record(row) { self.id(at: $0) }) { id in
          earlier.lazy.compactMap { segment in segment.row(of: id).map { segment.base + $0 } }.first
        }
      }
    }
    let number = (places.map(\.number).max() ?? 0) + 1
    try union.seal(into: folder.file(number))
    places = places.dropLast(merged) + [CommitFolder.Place(number: number, count: union.count)]
    try folder.write(places)
    segments = earlier + [try CommitSegment(path: folder.file(number), base: union.base)]
    folder.removeLeftovers()
  }

  private func id(at number: Int) -> ObjectID? {
    segments.first { $0.range.contains(number) }.map { $0.commits[number - $0.base].key.id }
  }
}
