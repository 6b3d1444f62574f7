// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore
import Retrieval

/// Finds the commits that changed a definition of a name: those that touched a file that defines it, and in it the
/// lines of the definition.
///
/// Versions of a file are compared pairwise, the newest first. What lies before the first byte that differs, or behind
/// the last, is the same in both: where the definitions are known in one version and lie there, they are known in the
/// other too, unread by a parser. So a file is parsed about as often as the definition was changed.
struct SymbolTouches {
  private let search: CommitSearch
  private let name: String
  private let set: CommitSet
  private let deadline: ContinuousClock.Instant
  private let paths: [TreePath]
  private static let mostPaths = 16

  /// Throws `symbolNotFound` where neither the snapshot defines the name nor a commit speaks of it.
  init(_ search: CommitSearch, _ name: String, in set: CommitSet, deadline: ContinuousClock.Instant) throws {
    (self.search, self.name, self.set, self.deadline) = (search, name, set, deadline)
    let view = search.view
    var paths = view.files(defining: SymbolTouches.definedName(name, view), limit: SymbolTouches.mostPaths)
      .map { view.path(at: $0) }
    if paths.isEmpty { paths = try SymbolTouches.spokenOf(name, search, set) }
    self.paths = paths
    guard paths.isEmpty else { return }
    let near = view.nearNames(name, limit: 5)
    throw NenrinError(
      .symbolNotFound, "no '\(name)' is defined in \(view.info.name), and no commit of the range speaks of it",
      reason: near.isEmpty ? "" : "near it are \(near.joined(separator: ", "))",
      remedies: ["Name a function, type, macro or option; ask in words for anything else."])
  }

  /// An option is called CONFIG_X in code and X where it is defined.
  static func definedName(_ name: String, _ view: SnapshotView) -> String {
    let short = name.hasPrefix("CONFIG_") ? String(name.dropFirst(7)) : name
    return short != name && view.definitions(named: name).isEmpty ? short : name
  }

  /// The terms that stand wherever a name does.
  static func terms(of name: String) -> [String] { TermAnalyzer().terms(of: name).map(\.term) }

  /// A name that is gone from the snapshot: the files touched by the commits that speak of it.
  private static func spokenOf(_ name: String, _ search: CommitSearch, _ set: CommitSet) throws -> [TreePath] {
    let words = terms(of: name)
    guard !words.isEmpty else { return [] }
    let terms = [QueryTerm(text: name, forms: [QueryTerm.Form(words)])]
    var counts: [TreePath: Int] = [:]
    for match in search.log.matches(terms, in: set, limit: 50).best {
      for change in try search.log.record(at: match.number).changes.prefix(50) { counts[change.path, default: 0] += 1 }
    }
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(mostPaths).map(\.key)
  }

  /// The commits, in no order; says what could not be looked at.
  func find(_ notices: inout [String]) throws -> CommitSet {
    var found = CommitSet(size: search.log.count)
    var (left, missing) = (0, 0)
    let defined = SymbolTouches.definedName(name, search.view)
    for path in paths {
      let numbers = try search.log.touching(in: set) { $0 == path }.numbers
        .sorted { search.log.isYounger($0, than: $1) }
      var versions = DefinitionVersions(name: defined, path: path, source: search.source)
      for (index, number) in numbers.enumerated() where !found.contains(number) {
        if ContinuousClock.now > deadline {
          left += numbers.count - index
          break
        }
        do {
          if try changes(search.log.record(at: number), path, &versions) { found.insert(number) }
        } catch let error as NenrinError where error.code == .objectUnreadable {
          missing += 1
        }
      }
    }
    if left > 0 { notices.append("time ran out: \(left) older commits that touched its files were not looked at") }
    if missing > 0 { notices.append("\(missing) commits could not be looked at: their objects are missing") }
    return found
  }

  /// A merge changes it where it differs from every parent.
  private func changes(_ commit: CommitRecord, _ path: TreePath, _ versions: inout DefinitionVersions) throws -> Bool {
    let own = try search.source.blob(at: path, in: commit.id)
    if commit.parents.isEmpty { return try versions.differ(nil, own) }
    for parent in commit.parents {
      if try !versions.differ(search.source.blob(at: path, in: parent), own) { return false }
    }
    return true
  }
}

/// The definitions of one name in the versions of one file.
struct DefinitionVersions {
  let name: String
  let path: TreePath
  let source: any HistorySource
  private var texts: [(blob: ObjectID, bytes: [UInt8])] = []
  private var extents: [ObjectID: [Range<Int>]] = [:]
  private let needle: [UInt8]

  init(name: String, path: TreePath, source: any HistorySource) {
    (self.name, self.path, self.source) = (name, path, source)
    needle = Array(name.utf8)
  }

  /// Whether the definitions differ between two versions; nil is a file that is not there.
  mutating func differ(_ old: ObjectID?, _ new: ObjectID?) throws -> Bool {
    if old == new { return false }
    let (before, after) = (try text(old), try text(new))
    if let old, let new, extents[old] != nil || extents[new] != nil,
      let carried = carried(old, new, before, after)
    {
      return carried
    }
    let (left, right) = (places(old, before), places(new, after))
    return left.map { Array(before[$0]) } != right.map { Array(after[$0]) }
  }

  /// False where the definitions lie outside of what differs; nil where that is not so.
  private mutating func carried(_ old: ObjectID, _ new: ObjectID, _ before: [UInt8], _ after: [UInt8]) -> Bool? {
    let least = min(before.count, after.count)
    var prefix = 0
    while prefix < least, before[prefix] == after[prefix] { prefix += 1 }
    var suffix = 0
    while suffix < least - prefix, before[before.count - 1 - suffix] == after[after.count - 1 - suffix] { suffix += 1 }
    // One that comes or goes stands in what differs.
    if WholeWord.stands(needle, in: before[prefix..<(before.count - suffix)])
      || WholeWord.stands(needle, in: after[prefix..<(after.count - suffix)])
    {
      return nil
    }
    let (known, from, to) =
      extents[new].map { ($0, after.count, before.count) } ?? (extents[old] ?? [], before.count, after.count)
    var moved: [Range<Int>] = []
    for extent in known {
      if extent.upperBound <= prefix {
        moved.append(extent)
      } else if extent.lowerBound >= from - suffix {
        moved.append((extent.lowerBound + to - from)..<(extent.upperBound + to - from))
      } else {
        return nil
      }
    }
    extents[extents[new] != nil ? old : new] = moved
    return false
  }

  private mutating func places(_ blob: ObjectID?, _ bytes: [UInt8]) -> [Range<Int>] {
    guard let blob, !bytes.isEmpty else { return [] }
    if let known = extents[blob] { return known }
    let found = WholeWord.stands(needle, in: bytes[...]) ? source.extents(of: name, in: bytes, path: path) : []
    extents[blob] = found
    return found
  }

  private mutating func text(_ blob: ObjectID?) throws -> [UInt8] {
    guard let blob else { return [] }
    if let known = texts.first(where: { $0.blob == blob }) { return known.bytes }
    let bytes = try source.bytes(of: blob)
    texts.append((blob, bytes))
    if texts.count > 4 { texts.removeFirst() }
    return bytes
  }
}
