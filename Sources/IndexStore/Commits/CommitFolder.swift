// SPDX-License-Identifier: Apache-2.0
import Glibc
import Glossary

/// The files of one collection's history: segments of commits, and a small one that names those that count.
///
/// The pointer's first line is the version, then a line for each segment, `NUMBER COMMITS`, the oldest first. It is
/// replaced in one step; files that it does not name are left over from a run that was interrupted.
struct CommitFolder: Sendable {
  /// Of all that is stored of commits. Another one is not read: the repository has everything, and the next run reads
  /// it anew.
  static let version: UInt32 = 1

  let path: String

  struct Place: Hashable, Sendable {
    var number: Int
    var count: Int
  }

  var pointer: String { path + "/CURRENT" }

  /// Says that there were too many commits to be read unasked.
  var unreadMark: String { path + "/UNREAD" }

  func file(_ number: Int) -> String { "\(path)/\(number).commits" }

  /// The segments that count; nil where no history was read, or by another version.
  func places() -> [Place]? { SmallFile.read(pointer).flatMap(CommitFolder.places) }

  private static func places(_ text: String) -> [Place]? {
    let lines = text.split(separator: "\n")
    guard lines.first.flatMap({ UInt32($0) }) == version else { return nil }
    let places = lines.dropFirst().map { line -> Place? in
      let fields = line.split(separator: " ").compactMap { Int($0) }
      return fields.count == 2 ? Place(number: fields[0], count: fields[1]) : nil
    }
    return places.contains(nil) ? nil : places.compactMap { $0 }
  }

  func write(_ places: [Place]) throws {
    let file = try DurableFile(path: pointer)
    let lines = places.map { "\($0.number) \($0.count)\n" }
    try file.write(Array("\(CommitFolder.version)\n\(lines.joined())".utf8))
    try file.commit()
  }

  /// Opens what counts. A writer may merge segments meanwhile: then the next state is opened. Throws `indexDamaged`.
  func segments() throws -> [CommitSegment] {
    var places = places() ?? []
    while true {
      do { return try CommitFolder.open(places, in: self) } catch {
        let next = self.places() ?? []
        guard next != places else { throw error }
        places = next
      }
    }
  }

  private static func open(_ places: [Place], in folder: CommitFolder) throws -> [CommitSegment] {
    var base = 0
    return try places.map { place in
      let segment = try CommitSegment(path: folder.file(place.number), base: base)
      guard segment.count == place.count else {
        throw damage(segment.file.path, "it has \(segment.count) commits, and should have \(place.count)")
      }
      base += segment.count
      return segment
    }
  }

  /// Removes what the pointer does not name.
  func removeLeftovers() {
    let live = Set((places() ?? []).map { "\($0.number).commits" })
    for name in SmallFile.names(in: path) where !["CURRENT", "UNREAD"].contains(name) && !live.contains(name) {
      unlink("\(path)/\(name)")
    }
  }

  static func damage(_ path: String, _ reason: String) -> NenrinError {
    NenrinError(
      .indexDamaged, "\(path) is damaged", reason: reason,
      remedies: ["Remove the folder that it lies in and run `nenrin index --history` again: history is read anew."])
  }
}
