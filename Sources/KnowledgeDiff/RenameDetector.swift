// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// A file that went away and a file that came, taken for the same one.
struct Rename: Hashable {
  var from: Int
  var to: Int
  /// 0 to 1; exactly 1 for equal blobs.
  var similarity: Double
}

/// Pairs files that went away with files that came. Equal blobs are the same file; for the rest the chunks, the names
/// defined and the file names that both sides share say which few pairs are worth reading, so that the time grows with
/// the files and not with their pairs. What is read is judged by git's measure and threshold.
struct RenameDetector {
  let pair: SnapshotPair
  let names: NameHashes

  /// The share of the larger file that both must hold.
  static let threshold = 0.5
  /// A chunk or a name that so many files hold says nothing.
  private static let ordinary = 12
  /// Pairs that are read for one file.
  private static let mostCandidates = 4
  private static let mostNames = 12

  /// - Parameters:
  ///   - removed: places in the older snapshot of files that the newer does not have at their path.
  ///   - added: places in the newer snapshot.
  ///   - isAsked: whether a pair may be of interest; others are not looked at.
  func renames(
    removed: [Int], added: [Int], isAsked: (_ side: DiffSide, _ file: Int) -> Bool
  ) throws -> [Rename] {
    var renames = exact(removed, added)
    let goneFrom = Set(renames.map(\.from))
    let goneTo = Set(renames.map(\.to))
    let old = FileSet(pair.from, removed.filter { !goneFrom.contains($0) })
    let new = FileSet(pair.to, added.filter { !goneTo.contains($0) })
    var candidates = Set<Candidate>()
    for file in old.files where isAsked(.from, file) {
      for other in self.candidates(.from, file, among: new) { candidates.insert(Candidate(from: file, to: other)) }
    }
    // From the other side only what no file of this side was asked for.
    for file in new.files where isAsked(.to, file) {
      for other in self.candidates(.to, file, among: old) where !isAsked(.from, other) {
        candidates.insert(Candidate(from: other, to: file))
      }
    }
    renames += try assign(candidates)
    return renames.filter { isAsked(.from, $0.from) || isAsked(.to, $0.to) }
  }

  private struct Candidate: Hashable {
    var from: Int
    var to: Int
  }

  // MARK: Equal blobs

  private func exact(_ removed: [Int], _ added: [Int]) -> [Rename] {
    var old: [ObjectID: [Int]] = [:]
    for file in removed where pair.from.entryKind(at: file) != .submodule {
      old[pair.from.object(at: file), default: []].append(file)
    }
    var new: [ObjectID: [Int]] = [:]
    for file in added where pair.to.entryKind(at: file) != .submodule && old[pair.to.object(at: file)] != nil {
      new[pair.to.object(at: file), default: []].append(file)
    }
    var renames: [Rename] = []
    for (object, targets) in new {
      for match in nearest(old[object] ?? [], targets) {
        renames.append(Rename(from: match.from, to: match.to, similarity: 1))
      }
    }
    return renames.sorted { $0.to < $1.to }
  }

  /// Pairs files of equal content: the same name first, then the paths most alike, then in order of path.
  private func nearest(_ olds: [Int], _ news: [Int]) -> [Candidate] {
    if olds.count == 1, news.count == 1 { return [Candidate(from: olds[0], to: news[0])] }
    // Copies by the hundred (empty files, licences) are told apart by name alone.
    var pairs: [(score: Int, candidate: Candidate)] = []
    for old in olds.prefix(64) {
      let path = pair.from.path(at: old)
      for new in news.prefix(64) {
        pairs.append((PathLikeness.score(path, pair.to.path(at: new)), Candidate(from: old, to: new)))
      }
    }
    pairs.sort { ($1.score, $0.candidate.to, $0.candidate.from) < ($0.score, $1.candidate.to, $1.candidate.from) }
    return RenameDetector.greedy(pairs.map(\.candidate))
  }

  private static func greedy(_ candidates: [Candidate]) -> [Candidate] {
    var (usedFrom, usedTo) = (Set<Int>(), Set<Int>())
    return candidates.filter { candidate in
      guard !usedFrom.contains(candidate.from), !usedTo.contains(candidate.to) else { return false }
      usedFrom.insert(candidate.from)
      usedTo.insert(candidate.to)
      return true
    }
  }

  // MARK: Likely pairs

  /// The few files of the other side that are most like a file.
  private func candidates(_ side: DiffSide, _ file: Int, among others: FileSet) -> [Int] {
    let (view, other) = (pair.view(side), pair.view(side.other))
    let size = view.byteCount(ofFile: file)
    guard size > 0, !others.files.isEmpty else { return [] }
    var votes: [Int: Double] = [:]
    for number in view.chunkNumbers(inFile: file) where other.holds(chunk: number) {
      let places = other.files(ofChunk: number)
      guard places.count <= RenameDetector.ordinary else { continue }
      let share = Double(view.byteCount(ofChunk: number)) / Double(size)
      for place in Set(places) where others.contains(place) { votes[place, default: 0] += share }
    }
    if (votes.values.max() ?? 0) < RenameDetector.threshold { addNames(side, file, others, &votes) }
    let path = view.path(at: file)
    for place in others.sameStem(as: path, limit: 3) where votes[place] == nil { votes[place] = 0.15 }
    for place in others.sameName(as: path, limit: 3) {
      votes[place, default: 0] += 0.2 + Double(PathLikeness.score(path, other.path(at: place))) * 0.002
    }
    // Less than half as long cannot hold half of it.
    let possible = votes.filter { place, vote in
      let length = other.byteCount(ofFile: place)
      return vote >= 0.1 && min(size, length) * 2 >= max(size, length)
    }
    let best = possible.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
    return best.prefix(RenameDetector.mostCandidates).map(\.key)
  }

  /// Votes of the names that a file defines: of so many of its longest names, the share that stands in each file.
  private func addNames(_ side: DiffSide, _ file: Int, _ others: FileSet, _ votes: inout [Int: Double]) {
    let (view, other) = (pair.view(side), pair.view(side.other))
    var defined: [String] = []
    let isOwn = { (chunk: UInt32) in !other.holds(chunk: chunk) }
    view.forEachDefinition(inFile: file, names: names, where: isOwn) { record in
      switch record.kind {
      case .function, .struct, .macro, .syscall, .config, .section, .variable, .typedef, .enum, .union:
        defined.append(view.name(of: record))
      default: break
      }
    }
    let told = Set(defined).sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }.prefix(RenameDetector.mostNames)
    for name in told {
      let places = other.files(defining: name, limit: RenameDetector.ordinary)
      for place in places where others.contains(place) { votes[place, default: 0] += 1 / Double(told.count) }
    }
  }

  // MARK: Judgement

  /// Reads the pairs and keeps the best for each file: by similarity, then by file name, then by path.
  private func assign(_ candidates: Set<Candidate>) throws -> [Rename] {
    var texts: [Int: LineHashes] = [:]
    var scored: [(rename: Rename, likeness: Int)] = []
    var last: (file: Int, hashes: LineHashes)?
    for candidate in candidates.sorted(by: { ($0.from, $0.to) < ($1.from, $1.to) }) {
      if last?.file != candidate.from {
        last = (candidate.from, LineHashes(try pair.bytes(.from, candidate.from)))
      }
      let new = try texts[candidate.to] ?? LineHashes(pair.bytes(.to, candidate.to))
      texts[candidate.to] = new
      guard let similarity = last?.hashes.similarity(to: new), similarity >= RenameDetector.threshold else { continue }
      let likeness = PathLikeness.score(pair.from.path(at: candidate.from), pair.to.path(at: candidate.to))
      scored.append((Rename(from: candidate.from, to: candidate.to, similarity: similarity), likeness))
    }
    scored.sort { left, right in
      if left.rename.similarity != right.rename.similarity { return left.rename.similarity > right.rename.similarity }
      return (right.likeness, left.rename.to, left.rename.from) < (left.likeness, right.rename.to, right.rename.from)
    }
    var (usedFrom, usedTo) = (Set<Int>(), Set<Int>())
    return scored.map(\.rename).filter { rename in
      guard !usedFrom.contains(rename.from), !usedTo.contains(rename.to) else { return false }
      usedFrom.insert(rename.from)
      usedTo.insert(rename.to)
      return true
    }
  }
}

/// Files of one snapshot, found by their names.
private struct FileSet {
  let files: [Int]
  private let view: SnapshotView
  private let members: Set<Int>
  private let byName: [ArraySlice<UInt8>: [Int]]
  private let byStem: [ArraySlice<UInt8>: [Int]]

  init(_ view: SnapshotView, _ files: [Int]) {
    self.view = view
    self.files = files
    members = Set(files)
    byName = Dictionary(grouping: files) { view.path(at: $0).nameBytes }
    byStem = Dictionary(grouping: files) { FileSet.stem(view.path(at: $0)) }
  }

  func contains(_ file: Int) -> Bool { members.contains(file) }

  /// A file's name without what its last point begins: `sparse.txt` may have become `sparse.rst`.
  private static func stem(_ path: TreePath) -> ArraySlice<UInt8> {
    let name = path.nameBytes
    guard let point = name.lastIndex(of: UInt8(ascii: ".")), point > name.startIndex else { return name }
    return name[..<point]
  }

  /// Files of the same stem, those with the likest path first.
  func sameStem(as path: TreePath, limit: Int) -> [Int] { nearest(byStem[FileSet.stem(path)] ?? [], path, limit) }

  /// Files of the same name as a path's, those with the likest path first.
  func sameName(as path: TreePath, limit: Int) -> [Int] {
    nearest(byName[path.nameBytes] ?? [], path, limit)
  }

  private func nearest(_ found: [Int], _ path: TreePath, _ limit: Int) -> [Int] {
    guard found.count > limit else { return found }
    let scored = found.map { (score: PathLikeness.score(path, view.path(at: $0)), file: $0) }
    return scored.sorted { ($1.score, $0.file) < ($0.score, $1.file) }.prefix(limit).map(\.file)
  }
}

/// How alike two paths are.
enum PathLikeness {
  /// 8 for the same file name, 2 for each directory that both end with before it, 1 for each that both begin with.
  static func score(_ left: TreePath, _ right: TreePath) -> Int {
    let slash = UInt8(ascii: "/")
    let a = left.bytes.split(separator: slash)
    let b = right.bytes.split(separator: slash)
    let isSameName = a.last == b.last
    let begin = zip(a.dropLast(), b.dropLast()).prefix { $0 == $1 }.count
    let end = zip(a.dropLast().reversed(), b.dropLast().reversed()).prefix { $0 == $1 }.count
    return (isSameName ? 8 : 0) + min(end, 4) * 2 + min(begin, 6)
  }
}
