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
    let words = WordFilter(view: view, words: RequiredWords.words(of: request.pattern))
    var result = PatternResult(request: request, snapshot: view.info, words: words.used)
    let files = candidates(request, words)
    result.filesToRead = files.count
    var scan = PatternScan(pattern: pattern, request: request, view: view)
    for file in files {
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
  private static let shortest = 4

  init(view: SnapshotView, words: [RequiredText]) {
    for word in words where word.text.utf8.count <= 60 {
      guard let found = WordFilter.chunks(holding: word, view) else { continue }
      used.append(word.text)
      chunks = chunks?.intersection(found) ?? found
    }
  }

  /// nil where the index cannot tell.
  private static func chunks(holding word: RequiredText, _ view: SnapshotView) -> Set<UInt32>? {
    if word.isBoundBefore, word.isBoundAfter {
      let terms = TermAnalyzer().terms(of: word.text).map(\.term)
      guard !terms.isEmpty else { return nil }
      // The rarest first, so that the common ones are looked up among few.
      let sets = terms.map { view.chunks(withTerm: $0) }.sorted { $0.count < $1.count }
      return sets.dropFirst().reduce(sets[0]) { $0.intersection($1) }
    }
    guard let fragment = fragment(of: word) else { return nil }
    return view.chunks(withTermContaining: Array(fragment.utf8))
  }

  /// What a term of the index holds wherever the text holds the word. An identifier of several parts is a term as it is
  /// written; a plain word is one by its stem, whose end may differ.
  private static func fragment(of word: RequiredText) -> String? {
    let text = word.text.lowercased()
    let inner = text.drop { $0 == "_" }
    let trimmed = String(
      inner.prefix(upTo: inner.lastIndex { $0 != "_" }.map { inner.index(after: $0) } ?? inner.endIndex))
    if trimmed.contains("_") { return trimmed }
    guard let stem = TermAnalyzer().terms(of: trimmed).first?.term else { return nil }
    let kept = zip(trimmed, stem).prefix { $0 == $1 }.count
    let count = min(kept, word.isBoundAfter ? kept : trimmed.count - 2)
    return count >= shortest ? String(trimmed.prefix(count)) : nil
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
    if file.skip != .none {
      read(file, bytes, range: 0..<bytes.count, firstLine: 1, owners: nil)
      return
    }
    var owners: LineOwners?
    for chunk in view.chunks(inFile: file.index) where chunks?.contains(chunk.number) ?? true {
      read(
        file, bytes, range: chunk.bytes.clamped(to: 0..<bytes.count), firstLine: chunk.lines.lowerBound, owners: &owners
      )
      if isFull { return }
    }
  }

  private mutating func read(
    _ file: SnapshotFile, _ bytes: [UInt8], range: Range<Int>, firstLine: Int, owners: LineOwners?
  ) {
    var owners = owners
    read(file, bytes, range: range, firstLine: firstLine, owners: &owners)
  }

  private mutating func read(
    _ file: SnapshotFile, _ bytes: [UInt8], range: Range<Int>, firstLine: Int, owners: inout LineOwners?
  ) {
    var matches: [(line: Int, range: Range<Int>, match: Range<Int>)] = []
    bytes.withUnsafeBufferPointer { text in
      var start = range.lowerBound
      var (line, counted) = (firstLine, range.lowerBound)
      while start < range.upperBound {
        guard let match = next(in: text, range, from: start) else { break }
        while counted < match.lowerBound {
          if text[counted] == UInt8(ascii: "\n") { line += 1 }
          counted += 1
        }
        let whole = PatternScan.line(around: match.lowerBound, in: text)
        matches.append((line, whole, match))
        start = max(whole.upperBound, match.lowerBound) + 1
      }
    }
    for (line, whole, match) in matches {
      let known = owners ?? LineOwners(view: view, file: file, bytes: bytes)
      owners = known
      guard known.accepts(match.lowerBound, request.region) else { continue }
      if passed < request.offset {
        passed += 1
        continue
      }
      guard hits.count < request.limit else {
        isFull = true
        return
      }
      let owner = known.owner(of: match.lowerBound)
      hits.append(
        PatternHit(
          path: file.path, line: line, column: match.lowerBound - whole.lowerBound + 1, symbol: owner?.name,
          symbolKind: owner?.kind, text: String(decoding: bytes[whole].prefix(PatternScan.longestLine), as: UTF8.self)))
    }
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

/// What holds the lines of one file, and what kind of code they are.
private struct LineOwners {
  private let extents: SymbolExtents
  private let regions: CodeRegions
  private let chunks: [ChunkLocation]

  init(view: SnapshotView, file: SnapshotFile, bytes: [UInt8]) {
    extents = SymbolExtents(view.definitions(inFile: file.index), in: bytes, language: file.language)
    regions = CodeRegions(bytes, language: file.language)
    chunks = view.chunks(inFile: file.index)
  }

  func owner(of offset: Int) -> (name: String, kind: SymbolKind)? {
    if let definition = extents.owner(of: offset) { return (definition.name, definition.kind) }
    let chunk = chunks.first { $0.bytes.contains(offset) }
    guard let name = chunk?.symbol, let kind = chunk?.kind else { return nil }
    return (name, kind)
  }

  func accepts(_ offset: Int, _ region: CodeRegion?) -> Bool {
    switch region {
    case nil: true
    case .comment: regions.isComment(offset)
    case .string: regions.isString(offset)
    case .function:
      owner(of: offset).map { [.function, .syscall].contains($0.kind) } == true && !regions.isComment(offset)
        && !regions.isString(offset)
    }
  }
}
