// SPDX-License-Identifier: Apache-2.0
import CIndexKernels
import Glossary

/// One segment of commits, mapped. Immutable.
final class CommitSegment: Sendable {
  /// The number of its first commit.
  let base: Int
  let file: MappedFile
  let commits: Column<CommitRow>
  let dates: Column<Int64>
  let lengths: Column<UInt16>
  let parentStarts: Column<UInt32>
  let parents: Column<UInt32>
  private let order: Column<UInt32>
  private let missing: Column<CommitKey>
  private let authorStarts: Column<UInt32>
  private let authors: Range<Int>
  private let pathStarts: Column<UInt32>
  private let paths: Range<Int>
  private let changes: Range<Int>
  private let messageStarts: Column<UInt64>
  private let messages: Range<Int>
  private let terms: TermDictionary
  private let termPostings: Range<Int>
  private let sections: [SegmentSection: Segment.SectionPlace]

  /// Throws `indexDamaged` where the file is not a whole segment, `formatMismatch` where another version wrote it.
  init(path: String, base: Int) throws {
    self.base = base
    let file = try MappedFile(path: path)
    let sections = try Segment.readTable(file)
    func place(_ section: SegmentSection) throws -> Range<Int> {
      guard let place = sections[section] else { throw Segment.damage(path, "section '\(section)' is missing") }
      return place.range
    }
    self.file = file
    self.sections = sections
    let version = Column<UInt32>(file, try place(.commitVersion))
    guard version.count == 1, version[0] == CommitFolder.version else {
      throw HomeLayout.formatMismatch(path, found: version.count == 1 ? version[0] : 0)
    }
    commits = Column(file, try place(.commits))
    dates = Column(file, try place(.commitDates))
    lengths = Column(file, try place(.commitLengths))
    parentStarts = Column(file, try place(.commitParentStarts))
    parents = Column(file, try place(.commitParents))
    order = Column(file, try place(.commitOrder))
    missing = Column(file, try place(.commitMissing))
    authorStarts = Column(file, try place(.commitAuthorStarts))
    authors = try place(.commitAuthors)
    pathStarts = Column(file, try place(.commitPathStarts))
    paths = try place(.commitPaths)
    changes = try place(.commitChanges)
    messageStarts = Column(file, try place(.commitMessageStarts))
    messages = try place(.commitMessages)
    terms = TermDictionary(file: file, index: try place(.termIndex), entries: try place(.termEntries))
    termPostings = try place(.termPostings)
    guard [dates.count, lengths.count, order.count, parentStarts.count - 1].allSatisfy({ $0 == commits.count }),
      parentStarts.count > 0, Int(parentStarts[commits.count]) == parents.count
    else { throw Segment.damage(path, "its columns do not have the same length") }
  }

  var count: Int { commits.count }
  var range: Range<Int> { base..<(base + count) }

  /// The row of a commit.
  func row(of id: ObjectID) -> Int? {
    let place = firstPlace(from: id)
    return place < count && key(at: place) == id ? Int(order[place]) : nil
  }

  /// The rows of commits whose ids lie in a range.
  func rows(from low: ObjectID, through high: ObjectID) -> [Int] {
    var found: [Int] = []
    var place = firstPlace(from: low)
    while place < count, key(at: place) <= high {
      found.append(Int(order[place]))
      place += 1
    }
    return found
  }

  private func key(at place: Int) -> ObjectID { commits[Int(order[place])].key.id }

  private func firstPlace(from id: ObjectID) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if key(at: middle) < id { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// A parent as it is stored: the number of a commit, or the id of one that was not there.
  enum Parent {
    case commit(Int)
    case missing(ObjectID)
  }

  func parents(of row: Int) -> [Parent] {
    let (start, end) = (Int(parentStarts[row]), Int(parentStarts[row + 1]))
    guard start <= end, end <= parents.count else { return [] }
    return (start..<end).compactMap { place in
      let value = parents[place]
      guard value >> 31 == 1 else { return .commit(Int(value)) }
      let place = Int(value & 0x7fff_ffff)
      return place < missing.count ? .missing(missing[place].id) : nil
    }
  }

  var missingCount: Int { missing.count }

  /// The commit of a row; `id` gives the ids of its parents. Throws `indexDamaged`.
  func record(_ row: Int, id: (Int) -> ObjectID?) throws -> CommitRecord {
    let commit = commits[row]
    let (message, author) = (try message(commit), try string(commit.author, authorStarts, authors))
    return CommitRecord(
      id: commit.key.id,
      parents: parents(of: row).compactMap { parent in
        switch parent {
        case .commit(let number): id(number)
        case .missing(let id): id
        }
      }, author: String(decoding: author, as: UTF8.self), authorDate: commit.authorDate, date: dates[row],
      message: String(decoding: message, as: UTF8.self),
      changes: try changedPaths(row).map { PathChange($0.status, try path($0.path)) },
      changeCount: Int(commit.changeCount), notes: CommitNotes(rawValue: commit.notes))
  }

  private func message(_ commit: CommitRow) throws -> ArraySlice<UInt8> {
    let block = Int(commit.block)
    guard commit.messageCount > 0 else { return [] }
    let (start, count) = (Int(commit.messageStart), Int(commit.messageCount))
    guard block + 1 < messageStarts.count, messageStarts[block] <= messageStarts[block + 1],
      messageStarts[block + 1] <= UInt64(messages.count)
    else { throw damage("a message lies outside its section") }
    let place =
      (messages.lowerBound + Int(messageStarts[block]))..<(messages.lowerBound + Int(messageStarts[block + 1]))
    let whole = file.withBytes { bytes in
      DeflatedBlock.inflate(
        UnsafeRawBufferPointer(rebasing: bytes[place]),
        atMost: CommitSegmentBuilder.blockByteCount + CommitRecord.mostMessageBytes)
    }
    guard let whole, start + count <= whole.count else { throw damage("a block of messages cannot be read") }
    return whole[start..<(start + count)]
  }

  private func string(_ number: UInt32, _ starts: Column<UInt32>, _ section: Range<Int>) throws -> [UInt8] {
    guard Int(number) + 1 < starts.count, starts[Int(number)] <= starts[Int(number) + 1],
      Int(starts[Int(number) + 1]) <= section.count
    else { throw damage("a name lies outside its section") }
    let (start, end) = (Int(starts[Int(number)]), Int(starts[Int(number) + 1]))
    return file.withBytes { Array($0[(section.lowerBound + start)..<(section.lowerBound + end)]) }
  }

  var pathCount: Int { max(0, pathStarts.count - 1) }

  /// Throws `indexDamaged`.
  func path(_ number: Int) throws -> TreePath { TreePath(bytes: try string(UInt32(number), pathStarts, paths)) }

  /// What the commit of a row did to which paths, by their numbers here.
  func changedPaths(_ row: Int) -> [(path: Int, status: PathChangeStatus)] {
    var found: [(path: Int, status: PathChangeStatus)] = []
    forEachChange(row) { found.append(($0, $1)) }
    return found
  }

  /// Damaged bytes give fewer changes, never paths that do not exist.
  func forEachChange(_ row: Int, _ body: (Int, PathChangeStatus) -> Void) {
    let start = Int(commits[row].changeStart)
    let end = row + 1 < count ? Int(commits[row + 1].changeStart) : changes.count
    guard start < end, end <= changes.count else { return }
    file.withBytes { bytes in
      var reader = ByteReader(
        UnsafeRawBufferPointer(rebasing: bytes[(changes.lowerBound + start)..<(changes.lowerBound + end)]))
      var next = 0
      while let value = reader.varint(), value >> 2 < UInt64(pathCount - next),
        let status = PathChangeStatus(rawValue: UInt8(value & 3))
      {
        body(next + Int(value >> 2), status)
        next += Int(value >> 2) + 1
      }
    }
  }

  /// A term's commits, by row, and how often it stands in the parts of each.
  func postings(_ term: [UInt8]) -> (rows: [UInt32], counts: [UInt8]) {
    guard let entry = terms.find(term), entry.postings.upperBound <= termPostings.count else { return ([], []) }
    let room = entry.postings.count
    let place =
      (termPostings.lowerBound + entry.postings.lowerBound)..<(termPostings.lowerBound + entry.postings.upperBound)
    var counts: [UInt8] = []
    let rows = [UInt32](unsafeUninitializedCapacity: room) { rows, rowCount in
      counts = [UInt8](unsafeUninitializedCapacity: room) { counts, count in
        let read = file.withBytes { bytes in
          let part = UnsafeRawBufferPointer(rebasing: bytes[place]).assumingMemoryBound(to: UInt8.self)
          return nenrin_postings_decode(
            part.baseAddress, part.count, UInt32(self.count), rows.baseAddress, counts.baseAddress, room)
        }
        // Damaged bytes give no postings; `nenrin verify` finds and names them.
        count = read == Int.max || read == -1 ? 0 : read
        rowCount = count
      }
    }
    return (rows, counts)
  }

  private func damage(_ reason: String) -> NenrinError { CommitFolder.damage(file.path, reason) }

  /// The sections whose bytes are not what was written.
  func damagedSections() -> [String] {
    sections.filter { file.checksum($0.value.range) != $0.value.checksum }.map { "\($0.key)" }.sorted()
  }
}
