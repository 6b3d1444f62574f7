// SPDX-License-Identifier: Apache-2.0

/// The words of a snapshot's paths: for each, the files whose name or directories hold it.
struct PathWords: @unchecked Sendable {  // because nothing changes the table once `init` has returned
  private let table = TermTable()
  /// By the word's number in `table`, where its places begin in `places`; one more at the end.
  private let starts: [UInt32]
  /// Of each word, the files in order of path.
  private let places: [Place]

  struct Place: Sendable {
    var file: Int32
    /// In the file's own name, not only in a directory above it.
    var isInName: Bool
  }

  init(_ manifest: ManifestTable) {
    var reader = Reader(table)
    var directory: [UInt8] = []
    var directoryWords: [UInt32] = []
    for index in 0..<manifest.count {
      manifest.withPath(at: index) { path in
        let name = path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        let above = UnsafeRawBufferPointer(rebasing: path[..<name])
        if !above.elementsEqual(directory) {
          directory = Array(above)
          reader.read(above)
          directoryWords = reader.words
        }
        reader.read(UnsafeRawBufferPointer(rebasing: path[name...]))
        for word in reader.words { reader.add(word, Place(file: Int32(index), isInName: true)) }
        for word in directoryWords { reader.add(word, Place(file: Int32(index), isInName: false)) }
      }
    }
    (starts, places) = reader.byWord()
  }

  /// Takes paths apart and collects where their words stand.
  private struct Reader {
    private let table: TermTable
    private let analyzer = TermAnalyzer()
    private var batch = TermBatch()
    /// Of the text read last.
    private(set) var words: [UInt32] = []
    private var found: [(word: UInt32, place: Place)] = []
    /// By word: the last file it was found in.
    private var lastFile: [Int32] = []

    init(_ table: TermTable) { self.table = table }

    mutating func read(_ text: UnsafeRawBufferPointer) {
      batch.bytes.removeAll(keepingCapacity: true)
      batch.occurrences.removeAll(keepingCapacity: true)
      words.removeAll(keepingCapacity: true)
      _ = analyzer.analyze(text, into: &batch)
      batch.bytes.withUnsafeBytes { bytes in
        for occurrence in batch.occurrences {
          let start = Int(occurrence.offset)
          let term = UnsafeRawBufferPointer(rebasing: bytes[start..<(start + Int(occurrence.length))])
          let (number, isNew) = table.insert(term, hash: occurrence.hash)
          if isNew { lastFile.append(-1) }
          words.append(number)
        }
      }
    }

    mutating func add(_ word: UInt32, _ place: Place) {
      guard lastFile[Int(word)] != place.file else { return }
      lastFile[Int(word)] = place.file
      found.append((word, place))
    }

    /// Sorted by word; of each word in the order in which it was added.
    func byWord() -> ([UInt32], [Place]) {
      var starts = [UInt32](repeating: 0, count: lastFile.count + 1)
      for entry in found { starts[Int(entry.word) + 1] += 1 }
      for word in lastFile.indices { starts[word + 1] += starts[word] }
      var next = starts
      var places = [Place](repeating: Place(file: 0, isInName: false), count: found.count)
      for entry in found {
        places[Int(next[Int(entry.word)])] = entry.place
        next[Int(entry.word)] += 1
      }
      return (starts, places)
    }
  }

  /// All words of paths, in no order that means anything, in one array after the other's end.
  func forEachTerm(_ body: ([UInt8]) -> Void) {
    var term: [UInt8] = []
    for number in 0..<UInt32(table.count) {
      term.removeAll(keepingCapacity: true)
      table.withTerm(number) { term.append(contentsOf: $0) }
      body(term)
    }
  }

  /// The files whose path has this term, in order of path.
  func files(with term: [UInt8]) -> ArraySlice<Place> {
    guard let word = term.withUnsafeBytes({ table.find($0, hash: TermTable.hash($0)) }) else { return [] }
    return places[Int(starts[Int(word)])..<Int(starts[Int(word) + 1])]
  }
}
