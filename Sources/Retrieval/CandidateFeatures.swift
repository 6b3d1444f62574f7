// SPDX-License-Identifier: Apache-2.0
import Glibc
import Glossary
import IndexStore

/// What ranking knows of the first candidate files, as numbers: where each signal puts them, how much of the question their
/// text, their best chunk and their card hold, how their neighbours do, what sort of file they are.
package struct CandidateFeatures: Sendable {
  /// The names of the numbers, in the order in which they stand in `rows`.
  package private(set) var names: [String] = []
  /// The candidates in order of path.
  package private(set) var files: [Int]
  /// For each candidate, its numbers.
  package private(set) var rows: [[Float]]
  private let paths: [TreePath]
  /// For each candidate, the numbers of its chunks.
  private let chunkNumbers: [[UInt32]]

  /// - Parameters:
  ///   - lists: what the signals found.
  ///   - fused: the candidates by reciprocal rank, best first.
  init(
    _ lists: [RankedList], fused: [Fusion.Fused], priors: FilePriors, matches: WordMatches, meaning: MeaningMatches?,
    question: QuestionVector?, query: Query, parts: PathParts, stem: FileStem, area: AskedArea, view: SnapshotView
  ) {
    var scores: [Int: (score: Double, factor: Double)] = [:]
    for entry in fused.prefix(Self.looked) { scores[entry.file] = (entry.score, entry.factor) }
    files = scores.keys.sorted()
    rows = Array(repeating: [], count: files.count)
    paths = files.map(view.path(at:))
    chunkNumbers = files.map(view.chunkNumbers(inFile:))
    let importance = max(matches.importance, 1)
    for list in lists { add(list, importance: Double(importance)) }
    let best = max(fused.first?.score ?? 0, 1e-9)
    add("fused") { Float((scores[$0]?.score ?? 0) / best) }
    add("factor") { Float(log(scores[$0]?.factor ?? 1)) }
    addNeighbours(scores, best)
    addCoverage(matches, importance, view)
    addMeaning(meaning)
    addPathMeaning(question)
    let names = DefinedNames(query.terms, counts: matches.statistics.map(\.chunkCount), of: view.info.chunks)
    let placed = parts.terms(query.terms, saidBy: paths)
    addDefinedNames(names, placed, view)
    addPlaced(matches, importance, placed)
    addSort(view)
    addNames(stem)
    addArea(area)
    addOfPath("wanted: is one") { priors.isWanted($0) ? 1 : 0 }
    let wanted: Float = query.wanted.isEmpty ? 0 : 1
    add("wanted: anything") { _ in wanted }
    let terms = Float(query.terms.count)
    add("question: terms") { _ in terms }
    let named = Float(query.identifiers.count + query.fileNames.count + query.paths.count)
    add("question: names") { _ in named }
  }

  /// Forgets features: the model reads them as 0.
  mutating func leaveOut(_ isLeftOut: (String) -> Bool) {
    let kept = names.indices.filter { !isLeftOut(names[$0]) }
    guard kept.count < names.count else { return }
    names = kept.map { names[$0] }
    for place in rows.indices {
      let row = rows[place]
      rows[place] = kept.map { row[$0] }
    }
  }

  /// The share of the candidates that are sources or headers.
  var codeShare: Double {
    let columns = ["is a source", "is a header"].compactMap(names.firstIndex(of:))
    let code = rows.count { row in columns.contains { row[$0] > 0 } }
    return Double(code) / Double(max(1, rows.count))
  }

  private mutating func add(_ name: String, _ value: (Int) -> Float) {
    names.append(name)
    for (place, file) in files.enumerated() { rows[place].append(value(file)) }
  }

  private mutating func add(_ list: RankedList, importance: Double) {
    var found: [Int: (rank: Int, score: Double)] = [:]
    for (place, candidate) in list.candidates.enumerated() { found[candidate.file] = (place + 1, candidate.score) }
    let top = max(list.candidates.first?.score ?? 0, 1e-9)
    add("\(list.signal): rank") { file in found[file].map { Float(20 / (20 + Double($0.rank))) } ?? 0 }
    add("\(list.signal): share of the best") { file in found[file].map { Float($0.score / top) } ?? 0 }
    add("\(list.signal): score") { file in found[file].map { Float($0.score / importance) } ?? 0 }
  }

  private mutating func addOfChunks(_ name: String, _ value: ([UInt32]) -> Float) {
    names.append(name)
    for (place, chunks) in chunkNumbers.enumerated() { rows[place].append(value(chunks)) }
  }

  private mutating func addOfPath(_ name: String, _ value: (TreePath) -> Float) {
    names.append(name)
    for (place, path) in paths.enumerated() { rows[place].append(value(path)) }
  }

  /// How the other files of its directory do.
  private mutating func addNeighbours(_ scores: [Int: (score: Double, factor: Double)], _ best: Double) {
    var directories: [String: (sum: Double, count: Int)] = [:]
    var directory: [Int: String] = [:]
    for (file, path) in zip(files, paths) {
      let name = String(path.text.dropLast(path.name.count))
      directory[file] = name
      directories[name, default: (0, 0)].sum += scores[file]?.score ?? 0
      directories[name, default: (0, 0)].count += 1
    }
    add("neighbours: score") { file in
      let sum = directories[directory[file] ?? ""]?.sum ?? 0
      return Float((sum - (scores[file]?.score ?? 0)) / best)
    }
    add("neighbours: count") { Float(log(Double(directories[directory[$0] ?? ""]?.count ?? 1))) }
  }

  private mutating func addCoverage(_ matches: WordMatches, _ importance: Float, _ view: SnapshotView) {
    var chunks: [Int: [Float]] = [:]
    var covered: [Int: Float] = [:]
    let candidates = Set(files)
    for hit in matches.chunks {
      for file in view.files(holding: [hit.chunk]) where candidates.contains(file) {
        chunks[file, default: []].append(hit.score)
        covered[file] = max(covered[file] ?? 0, matches.importance(of: matches.terms(ofChunk: hit.chunk)))
      }
    }
    let coverage = { matches.importance(of: $0) / importance }
    add("coverage: file") { coverage(matches.terms(ofFile: $0)) }
    add("coverage: card") { coverage(matches.terms(ofCard: $0)) }
    add("coverage: chunk") { (covered[$0] ?? 0) / importance }
    add("chunks: count") { Float(log(1 + Double(chunks[$0]?.count ?? 0))) }
    addOfChunks("coverage: head") { $0.first.map { coverage(matches.terms(ofChunk: $0)) } ?? 0 }
    addOfChunks("chunks: mean score") { chunks in
      let scores = chunks.map(matches.score(ofChunk:))
      return scores.reduce(0, +) / Float(max(1, scores.count)) / importance
    }
    addOfChunks("chunks: share that says much") { chunks in
      let covered = chunks.map { coverage(matches.terms(ofChunk: $0)) }
      return Float(covered.count { $0 > 0.4 }) / Float(max(1, covered.count))
    }
    add("chunks: best three") { (chunks[$0]?.sorted(by: >).prefix(3).reduce(0, +) ?? 0) / importance }
  }

  /// How much of the question the names say that a file defines, and the best of them together with the path.
  private mutating func addDefinedNames(_ names: DefinedNames, _ placed: [TermSet], _ view: SnapshotView) {
    self.names += ["defined names: all", "defined names: best", "defined names: density", "placed: name"]
    for place in files.indices {
      let said = names.said(in: placed[place]) { view.forEachName(inFile: files[place], limit: Self.mostNames, $0) }
      rows[place] += [said.all, said.best, said.density, said.bestInPlace]
    }
  }

  /// How much of the question the path and what stands there say together: a function of btrfs seldom says btrfs.
  private mutating func addPlaced(_ matches: WordMatches, _ importance: Float, _ placed: [TermSet]) {
    names += ["placed: path", "placed: file", "placed: card", "placed: chunk", "placed: chunk score"]
    for (place, file) in files.enumerated() {
      let path = placed[place]
      var (held, score): (Float, Float) = (0, 0)
      for chunk in chunkNumbers[place] {
        let terms = matches.terms(ofChunk: chunk)
        guard terms != TermSet() else { continue }
        let both = matches.importance(of: terms.union(path))
        held = max(held, both)
        score = max(score, matches.score(ofChunk: chunk) + both - matches.importance(of: terms))
      }
      rows[place] += [
        matches.importance(of: path) / importance,
        matches.importance(of: matches.terms(ofFile: file).union(path)) / importance,
        matches.importance(of: matches.terms(ofCard: file).union(path)) / importance, held / importance,
        score / importance,
      ]
    }
  }

  /// How many of the first by reciprocal rank are looked at closely and ranked by the model.
  static let looked = 300
  private static let mostNames = 300

  /// How near the file's chunks and its card are to what the question means, however far down the lists.
  private mutating func addMeaning(_ meaning: MeaningMatches?) {
    let nearest = max(meaning?.chunks.first?.likeness ?? 0, 0.1)
    addOfChunks("meaning: cosine") { meaning?.likeness(ofNearest: $0) ?? 0 }
    names.append("meaning: cosine to the nearest")
    for place in rows.indices { rows[place].append((rows[place].last ?? 0) / nearest) }
    add("meaning: card") { meaning?.likeness(ofCard: $0) ?? 0 }
    add("meaning: file") { meaning?.files[$0] ?? 0 }
    addOfChunks("meaning: head") { meaning?.likeness(ofNearest: Array($0.prefix(1))) ?? 0 }
  }

  /// How near the path is to what the question means.
  private mutating func addPathMeaning(_ question: QuestionVector?) {
    var known: [String: Float] = [:]
    addOfPath("meaning: path") { question?.likeness(of: $0.text) ?? 0 }
    addOfPath("meaning: directory") { path in
      guard let question else { return 0 }
      let directory = String(path.text[..<(path.text.lastIndex(of: "/") ?? path.text.startIndex)])
      let near = known[directory] ?? question.likeness(of: directory)
      known[directory] = near
      return near
    }
  }

  /// How much of the path the question says.
  private mutating func addNames(_ stem: FileStem) {
    addOfPath("name: asked share") { stem.share(ofName: $0) }
    addOfPath("name: asked directories") { Float(stem.directoryCount($0)) }
    addOfPath("name: asked whole") { stem.isAsked($0) ? 1 : 0 }
  }

  /// How the path agrees with the area that a subject line names.
  private mutating func addArea(_ area: AskedArea) {
    let parts = Float(area.parts.count)
    add("question: parts of its area") { _ in parts }
    addOfPath("area: share in the path", area.share(in:))
    addOfPath("area: share of the name", area.share(ofName:))
    addOfPath("area: last part is named") { area.isNamedByLast($0) ? 1 : 0 }
  }

  private static let kinds: [(name: String, suffixes: [String])] = [
    ("source", [".c", ".cc", ".cpp", ".rs", ".go", ".py", ".swift", ".java", ".js", ".ts", ".S", ".pl", ".sh"]),
    ("header", [".h", ".hpp"]),
    ("document", [".rst", ".md", ".txt", ".adoc"]),
    ("data", [".dts", ".dtsi", ".yaml", ".yml", ".json", ".config"]),
  ]

  private mutating func addSort(_ view: SnapshotView) {
    for (name, suffixes) in Self.kinds {
      addOfPath("is a \(name)") { path in
        let text = path.text
        return suffixes.contains { text.hasSuffix($0) } ? 1 : 0
      }
    }
    addOfPath("is a test") { FilePriors.isTest($0.text) ? 1 : 0 }
    addOfPath("path: length") { Float($0.bytes.count) / 50 }
    addOfPath("path: depth") { Float($0.bytes.count { $0 == UInt8(ascii: "/") }) }
    add("file: lines") { Float(log(1 + Double(view.file(at: $0).lineCount))) }
  }
}
