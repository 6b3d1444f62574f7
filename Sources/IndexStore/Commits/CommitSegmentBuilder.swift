// SPDX-License-Identifier: Apache-2.0
import Glossary

/// Collects commits and writes them into a segment of their own. Not Sendable.
final class CommitSegmentBuilder {
  /// The number of its first commit.
  let base: Int
  private var rows: [CommitRow] = []
  private var dates: [Int64] = []
  private var lengths: [UInt16] = []
  private var parentStarts: [UInt32] = [0]
  private var parents: [UInt32] = []
  private var missing: [CommitKey] = []
  private var numbers: [ObjectID: UInt32] = [:]
  private var authors: [String: UInt32] = [:]
  private var authorNames: [String] = []
  private var paths: [TreePath: UInt32] = [:]
  private var pathNames: [TreePath] = []
  /// For each commit, its changes by the number of the path in order of first sight.
  private var changes: [[(path: UInt32, status: UInt8)]] = []
  private var block: [UInt8] = []
  private var blockStarts: [UInt64] = [0]
  private var blockBytes: [UInt8] = []

  private let analyzer = TermAnalyzer()
  private let terms = TermTable(capacity: 1 << 16)
  private var postingTerms: [UInt32] = []
  private var postingCommits: [UInt32] = []
  private var postingCounts: [FieldCounts] = []
  /// By term: its last posting.
  private var lastPosting: [UInt32] = []

  /// Bytes of messages that are deflated together.
  static let blockByteCount = 32 << 10
  /// Words of the paths of a larger commit are those of its folders.
  private static let mostSpelledPaths = 100

  init(base: Int) { self.base = base }

  var count: Int { rows.count }

  func number(of id: ObjectID) -> UInt32? { numbers[id] }

  /// - Parameter known: gives the number of a commit of an earlier segment.
  func add(_ commit: CommitRecord, known: (ObjectID) -> Int?) {
    let row = rows.count
    for parent in commit.parents {
      if let number = numbers[parent] ?? known(parent).map(UInt32.init) {
        parents.append(number)
      } else {
        parents.append(UInt32(missing.count) | 1 << 31)
        missing.append(CommitKey(parent))
      }
    }
    parentStarts.append(UInt32(parents.count))
    numbers[commit.id] = UInt32(base + row)
    let message = Array(commit.message.utf8)
    if !block.isEmpty, block.count + message.count > CommitSegmentBuilder.blockByteCount { endBlock() }
    rows.append(
      CommitRow(
        key: CommitKey(commit.id), author: author(commit.author), authorDate: commit.authorDate, changeStart: 0,
        changeCount: UInt32(clamping: commit.changeCount), block: UInt32(blockStarts.count - 1),
        messageStart: UInt32(block.count), messageCount: UInt32(message.count), notes: commit.notes.rawValue))
    block += message
    dates.append(commit.date)
    changes.append(commit.changes.map { (number(of: $0.path), $0.status.rawValue) })
    addTerms(of: commit, row: UInt32(row))
  }

  private func author(_ name: String) -> UInt32 {
    if let number = authors[name] { return number }
    authors[name] = UInt32(authorNames.count)
    authorNames.append(name)
    return UInt32(authorNames.count - 1)
  }

  private func number(of path: TreePath) -> UInt32 {
    if let number = paths[path] { return number }
    paths[path] = UInt32(pathNames.count)
    pathNames.append(path)
    return UInt32(pathNames.count - 1)
  }

  private func endBlock() {
    blockBytes += DeflatedBlock.deflate(block)
    blockStarts.append(UInt64(blockBytes.count))
    block.removeAll(keepingCapacity: true)
  }

  private func addTerms(of commit: CommitRecord, row: UInt32) {
    let text = CommitText(commit.message)
    let firstPosting = UInt32(postingTerms.count)
    let length =
      add(Array(text.subject.utf8), .subject, row, firstPosting) + add(Array(text.body.utf8), .body, row, firstPosting)
    lengths.append(UInt16(clamping: length))
    _ = add(Array((text.trailers + "\n" + commit.author).utf8), .trailer, row, firstPosting)
    var spelled: [UInt8] = []
    if commit.changes.count <= CommitSegmentBuilder.mostSpelledPaths {
      for change in commit.changes { spelled += change.path.bytes + [0x0a] }
    } else {
      var last: ArraySlice<UInt8> = []
      for change in commit.changes {
        let folder = change.path.bytes[..<(change.path.bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0)]
        if folder != last { spelled += Array(folder) + [0x0a] }
        last = folder
      }
    }
    _ = add(spelled, .path, row, firstPosting)
  }

  /// Returns how many tokens there are.
  private func add(_ text: [UInt8], _ field: FieldCounts.Field, _ row: UInt32, _ firstPosting: UInt32) -> Int {
    var batch = TermBatch()
    let count = text.withUnsafeBytes { analyzer.analyze($0, into: &batch) }
    batch.bytes.withUnsafeBytes { bytes in
      for occurrence in batch.occurrences {
        let start = Int(occurrence.offset)
        let term = UnsafeRawBufferPointer(rebasing: bytes[start..<(start + Int(occurrence.length))])
        let (number, isNew) = terms.insert(term, hash: occurrence.hash)
        if isNew { lastPosting.append(UInt32.max) }
        var posting = lastPosting[Int(number)]
        if posting == UInt32.max || posting < firstPosting {
          posting = UInt32(postingTerms.count)
          lastPosting[Int(number)] = posting
          postingTerms.append(number)
          postingCommits.append(row)
          postingCounts.append(FieldCounts())
        }
        postingCounts[Int(posting)].add(Int(occurrence.frequency), to: field)
      }
    }
    return count
  }

  /// Writes everything into the file at `path` and makes it durable.
  func seal(into path: String) throws {
    endBlock()
    let file = try SegmentFileWriter(path: path)
    try file.write(.commitVersion, [CommitFolder.version])
    let changeBytes = sealChanges()
    try file.write(.commits, rows)
    try file.write(
      .commitOrder, (0..<UInt32(rows.count)).sorted { rows[Int($0)].key.id < rows[Int($1)].key.id })
    try file.write(.commitDates, dates)
    try file.write(.commitLengths, lengths)
    try file.write(.commitParentStarts, parentStarts)
    try file.write(.commitParents, parents)
    try file.write(.commitMissing, missing)
    try write(authorNames.map { Array($0.utf8) }, .commitAuthorStarts, .commitAuthors, file)
    try write(pathNames.sorted().map(\.bytes), .commitPathStarts, .commitPaths, file)
    try file.write(.commitChanges, changeBytes)
    try file.write(.commitMessageStarts, blockStarts)
    try file.write(.commitMessages, blockBytes)
    try sealTerms(file)
    _ = try file.finish()
  }

  private func write(
    _ strings: [[UInt8]], _ starts: SegmentSection, _ bytes: SegmentSection, _ file: SegmentFileWriter
  ) throws {
    try file.write(starts, strings.reduce(into: [UInt32(0)]) { $0.append(($0.last ?? 0) + UInt32($1.count)) })
    try file.write(bytes, strings.flatMap { $0 })
  }

  /// Renumbers paths in their order; gives the section and tells each row where its part begins.
  private func sealChanges() -> [UInt8] {
    var place = [UInt32](repeating: 0, count: pathNames.count)
    for (position, number) in pathNames.indices.sorted(by: { pathNames[$0] < pathNames[$1] }).enumerated() {
      place[number] = UInt32(position)
    }
    var bytes: [UInt8] = []
    for (row, list) in changes.enumerated() {
      rows[row].changeStart = UInt32(bytes.count)
      var next: UInt32 = 0
      for (path, status) in list.map({ (place[Int($0.path)], $0.status) }).sorted(by: { $0.0 < $1.0 })
      where path >= next {
        bytes.appendVarint(UInt64(path - next) << 2 | UInt64(status))
        next = path + 1
      }
    }
    return bytes
  }

  private func sealTerms(_ file: SegmentFileWriter) throws {
    let byTerm = CountingSort(keys: postingTerms, keyCount: terms.count)
    var dictionary = TermDictionaryWriter()
    var postings: [UInt8] = []
    for number in terms.sortedNumbers() {
      let start = postings.count
      var next: UInt32 = 0
      for posting in byTerm.items(of: Int(number)) {
        let commit = postingCommits[Int(posting)]
        let counts = postingCounts[Int(posting)].rawValue
        postings.appendVarint(UInt64(commit - next) << 1 | (counts > 1 ? 1 : 0))
        if counts > 1 { postings.append(counts) }
        next = commit + 1
      }
      terms.withTerm(number) { dictionary.append($0, postingByteCount: postings.count - start) }
    }
    try file.write(.termIndex, dictionary.index)
    try file.write(.termEntries, dictionary.entries)
    try file.write(.termPostings, postings)
  }
}
