// SPDX-License-Identifier: Apache-2.0

/// The words of a snapshot's paths: for each, the files whose name or directories hold it.
struct PathWords: @unchecked Sendable {  // because nothing changes the table once `init` has returned
  private let table = TermTable()
  /// By the word's number in `table`; files in order of path.
  private var places: [[Place]] = []

  struct Place: Sendable {
    var file: Int32
    /// In the file's own name, not only in a directory above it.
    var isInName: Bool
  }

  init(_ manifest: ManifestTable) {
    let analyzer = TermAnalyzer()
    var directory: [UInt8] = []
    var directoryWords: [UInt32] = []
    for index in 0..<manifest.count {
      manifest.withPath(at: index) { path in
        let name = path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        let above = UnsafeRawBufferPointer(rebasing: path[..<name])
        if !above.elementsEqual(directory) {
          directory = Array(above)
          directoryWords = words(of: above, analyzer)
        }
        add(words(of: UnsafeRawBufferPointer(rebasing: path[name...]), analyzer), index, isInName: true)
        add(directoryWords, index, isInName: false)
      }
    }
  }

  private mutating func words(of text: UnsafeRawBufferPointer, _ analyzer: TermAnalyzer) -> [UInt32] {
    var batch = TermBatch()
    _ = analyzer.analyze(text, into: &batch)
    return batch.bytes.withUnsafeBytes { bytes in
      batch.occurrences.map { occurrence in
        let start = Int(occurrence.offset)
        let term = UnsafeRawBufferPointer(rebasing: bytes[start..<(start + Int(occurrence.length))])
        let (number, isNew) = table.insert(term, hash: occurrence.hash)
        if isNew { places.append([]) }
        return number
      }
    }
  }

  private mutating func add(_ words: [UInt32], _ file: Int, isInName: Bool) {
    for word in words where places[Int(word)].last?.file != Int32(file) {
      places[Int(word)].append(Place(file: Int32(file), isInName: isInName))
    }
  }

  /// All words of paths, in no order that means anything.
  var terms: [[UInt8]] { (0..<UInt32(table.count)).map { table.withTerm($0) { Array($0) } } }

  /// The files whose path has this term, in order of path.
  func files(with term: [UInt8]) -> [Place] {
    term.withUnsafeBytes { table.find($0, hash: TermTable.hash($0)) }.map { places[Int($0)] } ?? []
  }
}
