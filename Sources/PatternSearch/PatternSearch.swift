// SPDX-License-Identifier: Apache-2.0
package import Glossary
package import IndexStore
import Retrieval

/// Searches a snapshot's source for a regular expression, without a checkout: the word index tells which chunks hold the
/// words that every match needs, and these alone are read. Use one for each request, from one task at a time.
package struct PatternSearch {
  private let view: SnapshotView
  private let source: any BlobSource

  package init(view: SnapshotView, source: any BlobSource) {
    self.view = view
    self.source = source
  }

  /// Throws `questionEmpty`, `invalidArgument` for what is no expression, `objectUnreadable`.
  package func search(_ request: PatternRequest) throws -> PatternResult {
    let clock = ContinuousClock()
    let start = clock.now
    guard !request.pattern.isEmpty else {
      throw NenrinError(.questionEmpty, "the pattern is empty", remedies: ["Write a regular expression."])
    }
    let pattern = try Pattern(request.pattern, ignoresCase: request.ignoresCase)
    var required = RequiredWords.words(of: request.pattern)
    if request.ignoresCase {
      // Where capitals begin decides into which parts an identifier is taken apart: only what a term holds can be asked.
      for index in required.indices { (required[index].isBoundBefore, required[index].isBoundAfter) = (false, false) }
    }
    let words = WordFilter(view: view, words: required)
    var result = PatternResult(request: request, snapshot: view.info, words: words.used)
    let files = candidates(request, words)
    result.filesToRead = files.count
    var scan = PatternScan(pattern: pattern, request: request, view: view)
    for file in files {
      try Cancellation.check()
      guard clock.now - start < request.time else {
        result.isOutOfTime = true
        break
      }
      let entry = view.file(at: file)
      try scan.read(entry, source.bytes(of: entry.object), chunks: words.chunks)
      result.filesRead += 1
      if scan.isFull { break }
    }
    result.hasMore = scan.isFull
    result.hits = scan.hits
    result.gaveUp = scan.gaveUp
    result.elapsed = clock.now - start
    return result
  }

  /// The files that may match, by path.
  private func candidates(_ request: PatternRequest, _ words: WordFilter) -> [Int] {
    let glob = request.pathGlob.map { PathGlob($0) }
    var places = words.chunks.map { view.files(holding: $0) } ?? Array(0..<view.fileCount)
    if request.includesTables, words.chunks != nil { places += tables() }
    return Set(places).sorted().filter { place in
      if let glob, !glob.matches(view.path(at: place)) { return false }
      let file = view.file(at: place)
      let isRead = file.skip == .none || request.includesTables && file.skip == .registerTable
      return isRead && file.kind.isFile && (request.language.map { $0 == file.language } ?? true)
    }
  }

  private func tables() -> [Int] {
    (0..<view.fileCount).filter { view.file(at: $0).skip == .registerTable }
  }
}

/// The chunks that hold all words without which an expression cannot match.
private struct WordFilter {
  /// nil: any chunk may match.
  var chunks: Set<UInt32>?
  var used: [String] = []

  /// Fragments shorter than this are in too many words to be worth a look.
  private static let shortest = 3

  /// With so few chunks left, reading them costs less than looking further words up; with so many chunks, a word tells
  /// too little to be looked up.
  private static let fewChunks = 500
  private static let manyChunks = 150_000

  init(view: SnapshotView, words: [RequiredText]) {
    let short = words.filter { $0.text.utf8.count <= 60 }
    let whole = short.filter { $0.isBoundBefore && $0.isBoundAfter }
    // The rarest first.
    let terms = whole.flatMap { word in
      TermAnalyzer().terms(of: word.text).map {
        (word: word.text, term: $0.term, count: view.chunkCount(withTerm: $0.term))
      }
    }
    for entry in terms.sorted(by: { $0.count < $1.count }) {
      guard chunks.map({ $0.count > WordFilter.fewChunks }) ?? true else { break }
      guard chunks == nil || entry.count < WordFilter.manyChunks else { break }
      keep(view.chunks(withTerm: entry.term), entry.word)
    }
    guard chunks.map({ $0.count > WordFilter.fewChunks * 4 }) ?? true else { return }
    // The longest is the likeliest to be rare; one pass over the dictionary finds one.
    let parts = short.filter { !($0.isBoundBefore && $0.isBoundAfter) }.sorted {
      $0.text.utf8.count > $1.text.utf8.count
    }
    for word in parts {
      guard let fragment = WordFilter.fragment(of: word) else { continue }
      keep(view.chunks(withTermContaining: Array(fragment.utf8)), word.text)
      if chunks.map({ $0.count <= WordFilter.fewChunks * 4 }) ?? false { return }
    }
  }

  private mutating func keep(_ found: Set<UInt32>, _ word: String) {
    if !used.contains(word) { used.append(word) }
    chunks = chunks?.intersection(found) ?? found
  }

  /// What a term of the index holds wherever the text holds the word. An identifier of several parts is a term as it is
  /// written; a plain word is one by its stem, whose end may differ.
  private static func fragment(of word: RequiredText) -> String? {
    let text = word.text.lowercased()
    let inner = text.drop { $0 == "_" }
    let trimmed = String(
      inner.prefix(upTo: inner.lastIndex { $0 != "_" }.map { inner.index(after: $0) } ?? inner.endIndex))
    if trimmed.contains("_") { return trimmed }
    // An underscore ends a part as surely as the end of the word does.
    let kept = StemTail.keptCount(of: Array(trimmed.utf8), isBound: word.isBoundAfter || text.hasSuffix("_"))
    return kept >= shortest ? String(trimmed.prefix(kept)) : nil
  }
}

/// Matches an expression against files, line by line, until enough is found.
private struct PatternScan {
  let pattern: Pattern
  let request: PatternRequest
  let view: SnapshotView
  private(set) var hits: [PatternHit] = []
  private(set) var gaveUp = 0
  private(set) var isFull = false
  private var passed = 0

  private static let longestLine = 500

  init(pattern: Pattern, request: PatternRequest, view: SnapshotView) {
    self.pattern = pattern
    self.request = request
    self.view = view
  }

  /// - Parameter chunks: those that may match; nil for all.
  mutating func read(_ file: SnapshotFile, _ bytes: [UInt8], chunks: Set<UInt32>?) throws {
    var owners = LineOwners(view: view, file: file, bytes: bytes, region: request.region)
    if file.skip != .none {
      read(Piece(range: 0..<bytes.count, firstLine: 1, owner: nil), of: file, bytes, &owners)
      return
    }
    for chunk in view.chunks(inFile: file.index) where chunks?.contains(chunk.number) ?? true {
      let owner = chunk.symbol.flatMap { symbol in chunk.kind.map { (symbol, $0) } }
      let piece = Piece(
        range: chunk.bytes.clamped(to: 0..<bytes.count), firstLine: chunk.lines.lowerBound, owner: owner)
      read(piece, of: file, bytes, &owners)
      if isFull { return }
    }
  }

  /// A chunk, or the whole of a file that has none.
  private struct Piece {
    var range: Range<Int>
    /// 1-based.
    var firstLine: Int
    /// What the chunk is, where it is one thing.
    var owner: (name: String, kind: SymbolKind)?
  }

  private mutating func read(_ piece: Piece, of file: SnapshotFile, _ bytes: [UInt8], _ owners: inout LineOwners) {
    for (line, whole, match) in matches(in: piece, bytes) {
      guard owners.accepts(match.lowerBound, request.region) else { continue }
      if passed < request.offset {
        passed += 1
        continue
      }
      guard hits.count < request.limit else {
        isFull = true
        return
      }
      let owner = piece.owner ?? owners.owner(of: match.lowerBound)
      hits.append(
        PatternHit(
          path: file.path, line: line, column: match.lowerBound - whole.lowerBound + 1, symbol: owner?.name,
          symbolKind: owner?.kind, text: String(decoding: bytes[whole].prefix(PatternScan.longestLine), as: UTF8.self)))
    }
  }

  /// The first match of each line that has one.
  private mutating func matches(
    in piece: Piece, _ bytes: [UInt8]
  ) -> [(line: Int, range: Range<Int>, match: Range<Int>)] {
    var matches: [(line: Int, range: Range<Int>, match: Range<Int>)] = []
    bytes.withUnsafeBufferPointer { text in
      var start = piece.range.lowerBound
      var (line, counted) = (piece.firstLine, piece.range.lowerBound)
      while start < piece.range.upperBound {
        guard let match = next(in: text, piece.range, from: start) else { break }
        while counted < match.lowerBound {
          if text[counted] == UInt8(ascii: "\n") { line += 1 }
          counted += 1
        }
        let whole = PatternScan.line(around: match.lowerBound, in: text)
        matches.append((line, whole, match))
        start = max(whole.upperBound, match.lowerBound) + 1
      }
    }
    return matches
  }

  /// The next match that lies in one line: one that runs over a line's end is asked for again within its first line.
  private mutating func next(in text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, from: Int) -> Range<Int>? {
    var start = from
    while start < range.upperBound {
      switch pattern.match(in: text, range: range, from: start) {
      case .none: return nil
      case .gaveUp:
        gaveUp += 1
        return nil
      case .match(let match):
        let line = PatternScan.line(around: match.lowerBound, in: text)
        if match.upperBound <= line.upperBound { return match }
        if case .match(let inner) = pattern.match(in: text, range: line, from: max(line.lowerBound, start)) {
          return inner
        }
        start = line.upperBound + 1
      }
    }
    return nil
  }

  private static func line(around offset: Int, in text: UnsafeBufferPointer<UInt8>) -> Range<Int> {
    var (start, end) = (offset, offset)
    while start > 0, text[start - 1] != UInt8(ascii: "\n") { start -= 1 }
    while end < text.count, text[end] != UInt8(ascii: "\n") { end += 1 }
    return start..<end
  }
}

/// What holds the lines of one file, and what kind of code they are; worked out when first asked for.
private struct LineOwners {
  private let make: () -> (extents: SymbolExtents, regions: CodeRegions?)
  private var made: (extents: SymbolExtents, regions: CodeRegions?)?

  init(view: SnapshotView, file: SnapshotFile, bytes: [UInt8], region: CodeRegion?) {
    make = {
      (
        SymbolExtents(view.definitions(inFile: file.index), in: bytes, language: file.language),
        region == nil ? nil : CodeRegions(bytes, language: file.language)
      )
    }
  }

  mutating func owner(of offset: Int) -> (name: String, kind: SymbolKind)? {
    known().extents.owner(of: offset).map { ($0.name, $0.kind) }
  }

  mutating func accepts(_ offset: Int, _ region: CodeRegion?) -> Bool {
    guard let region, let regions = known().regions else { return true }
    switch region {
    case .comment: return regions.isComment(offset)
    case .string: return regions.isString(offset)
    case .function:
      guard let owner = owner(of: offset), [.function, .syscall].contains(owner.kind) else { return false }
      return !regions.isComment(offset) && !regions.isString(offset)
    }
  }

  private mutating func known() -> (extents: SymbolExtents, regions: CodeRegions?) {
    if let made { return made }
    let new = make()
    made = new
    return new
  }
}
