// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore
import Retrieval

/// Finds the commit that brought a name or a path: among those that touched files where it stands, the oldest that adds
/// it; where that came with a whole file, the search goes on in the files that the same commit took it from.
struct IntroductionSearch {
  private let search: CommitSearch
  private let name: String
  private let needles: [[UInt8]]
  private let deadline: ContinuousClock.Instant
  private var presence: [ObjectID: Bool] = [:]
  private var isCut = false
  private var missing = 0

  private static let mostPaths = 24
  private static let mostMoves = 8
  private static let mostSpeaking = 200
  private static let mostTouched = 60

  init(_ search: CommitSearch, _ name: String, deadline: ContinuousClock.Instant) {
    (self.search, self.name, self.deadline) = (search, name, deadline)
    needles = ([name] + (name.hasPrefix("CONFIG_") ? [String(name.dropFirst(7))] : [])).map { Array($0.utf8) }
  }

  /// A commit and the path in which it adds the name.
  private struct Place {
    var number: Int
    var path: TreePath
    var isMoved = false
  }

  /// Nil where nothing adds it.
  mutating func find(in set: CommitSet, _ notices: inout [String]) throws -> Introduction? {
    if let found = try pathIntroduction(set) { return found }
    var best: Place?
    for path in try candidatePaths(set) {
      guard let place = try firstAddition(path, set, before: best?.number), !isPast else { continue }
      let origin = try followMoves(place, set)
      if best.map({ search.log.isYounger($0.number, than: origin.number) }) ?? true { best = origin }
    }
    best = try olderSpeaking(than: best, set) ?? best
    if missing > 0 { notices.append("\(missing) versions of files could not be read: their objects are missing") }
    guard let best else {
      notices.append("no commit of the range adds '\(name)'")
      return nil
    }
    return try introduction(best)
  }

  private var isPast: Bool { ContinuousClock.now > deadline }

  private func introduction(_ place: Place) throws -> Introduction {
    let isDefined = !search.view.files(
      defining: SymbolTouches.definedName(name, search.view), limit: 1
    ).isEmpty
    let certainty: Introduction.Certainty =
      isCut || missing > 0 ? .possible : place.isMoved || !isDefined ? .likely : .certain
    let why =
      switch certainty {
      case .certain: "no older commit that speaks of '\(name)', or touched a file in which it stands, adds it"
      case .likely where !isDefined:
        "it is the oldest that adds '\(name)' to a file in which it stands, or speaks of it; nothing defines it now"
      case .likely: "its text came into \(place.path) with the whole file, and no file that went with it had it"
      case .possible: isCut ? "time ran out before all older commits were looked at" : "some versions could not be read"
      }
    return Introduction(
      name: name, commit: try search.log.record(at: place.number), path: place.path, certainty: certainty, why: why)
  }

  /// The name is a path: what is stored tells.
  private func pathIntroduction(_ set: CommitSet) throws -> Introduction? {
    let path = TreePath(text: name)
    var found: (number: Int, times: Int)?
    for number in try search.log.touching(in: set, { $0 == path }).numbers {
      let changes = try search.log.record(at: number).changes
      guard changes.contains(where: { $0.path == path && $0.status == .added }) else { continue }
      let isOlder = found.map { search.log.isYounger($0.number, than: number) } ?? true
      found = (isOlder ? number : found?.number ?? number, (found?.times ?? 0) + 1)
    }
    guard let found else { return nil }
    let commit = try search.log.record(at: found.number)
    return Introduction(
      name: name, commit: commit, path: path, certainty: commit.notes.contains(.pathsUnknown) ? .likely : .certain,
      why: found.times == 1
        ? "it is the only commit that adds the file"
        : "it is the oldest of \(found.times) commits that add the file")
  }

  /// Files that define the name, then files that hold it; those that commits speaking of it touched where there are none.
  private func candidatePaths(_ set: CommitSet) throws -> [TreePath] {
    let view = search.view
    let defined = SymbolTouches.definedName(name, view)
    var files = view.files(defining: defined, limit: IntroductionSearch.mostPaths)
    let terms = SymbolTouches.terms(of: defined)
    var chunks = terms.first.map { view.chunks(withTerm: $0) } ?? []
    for term in terms.dropFirst() where !chunks.isEmpty { chunks.formIntersection(view.chunks(withTerm: term)) }
    let holding = view.files(holding: chunks)
    for file in holding where !files.contains(file) && files.count < IntroductionSearch.mostPaths { files.append(file) }
    return files.map { view.path(at: $0) }
  }

  /// The oldest commit of a path's that adds the name to it, every version looked at as long as there is time.
  /// - Parameter limit: only commits older than this one.
  private mutating func firstAddition(
    _ path: TreePath, _ set: CommitSet, before limit: Int? = nil
  ) throws -> Place? {
    let numbers = try search.log.touching(in: set) { $0 == path }.numbers
      .sorted { search.log.isYounger($1, than: $0) }
    for number in numbers {
      if let limit, !search.log.isYounger(limit, than: number) { return nil }
      if isPast {
        isCut = true
        return nil
      }
      if try adds(number, path) { return Place(number: number, path: path) }
    }
    return nil
  }

  private mutating func adds(_ number: Int, _ path: TreePath) throws -> Bool {
    let commit = try search.log.record(at: number)
    do {
      guard try holds(path, commit.id) else { return false }
      for parent in commit.parents where try holds(path, parent) { return false }
      return true
    } catch let error as NenrinError where error.code == .objectUnreadable {
      missing += 1
      return false
    }
  }

  private mutating func holds(_ path: TreePath, _ commit: ObjectID) throws -> Bool {
    guard let blob = try search.source.blob(at: path, in: commit) else { return false }
    if let known = presence[blob] { return known }
    let bytes = try search.source.bytes(of: blob)
    let isThere = needles.contains { WholeWord.stands($0, in: bytes[...]) }
    presence[blob] = isThere
    return isThere
  }

  /// A commit that adds it to one file may take it from another.
  private mutating func followMoves(_ place: Place, _ set: CommitSet) throws -> Place {
    var place = place
    for _ in 0..<IntroductionSearch.mostMoves {
      let commit = try search.log.record(at: place.number)
      var source: TreePath?
      for change in commit.changes.prefix(IntroductionSearch.mostTouched)
      where source == nil && change.status != .added && change.path != place.path {
        for parent in commit.parents.prefix(1) where try had(change.path, parent) { source = change.path }
      }
      guard let source else {
        place.isMoved = commit.changeCount > IntroductionSearch.mostTouched
        return place
      }
      guard let parent = search.log.firstParent(of: place.number),
        let next = try firstAddition(source, search.log.history(of: [parent]).intersection(set))
      else { return place }
      place = next
    }
    return place
  }

  private mutating func had(_ path: TreePath, _ commit: ObjectID) throws -> Bool {
    do { return try holds(path, commit) } catch let error as NenrinError where error.code == .objectUnreadable {
      missing += 1
      return false
    }
  }

  /// Commits older than the best so far that speak of the name, the oldest first: it may have stood in files that hold
  /// it no more.
  private mutating func olderSpeaking(than best: Place?, _ set: CommitSet) throws -> Place? {
    let words = SymbolTouches.terms(of: name)
    guard !words.isEmpty else { return nil }
    let terms = [QueryTerm(text: name, forms: [QueryTerm.Form(words)])]
    let speaking = search.log.matches(terms, in: set, limit: IntroductionSearch.mostSpeaking).best.map(\.number)
      .filter { number in best.map { search.log.isYounger($0.number, than: number) } ?? true }
      .sorted { search.log.isYounger($1, than: $0) }
    for number in speaking {
      if isPast {
        isCut = true
        return nil
      }
      for change in try search.log.record(at: number).changes.prefix(IntroductionSearch.mostTouched)
      where change.status != .removed {
        if try adds(number, change.path) { return try followMoves(Place(number: number, path: change.path), set) }
      }
    }
    return nil
  }

  /// The name that a question asks the introduction of: "which commit introduced X?", 「Xを追加したコミット」.
  static func name(asked question: String) -> String? {
    let lower = question.lowercased()
    let asks = ["introduc", "first add", "first appear", "added", "導入", "追加", "最初"].contains { lower.contains($0) }
    let ofCommit = ["commit", "when was", "when did", "コミット", "いつ"].contains { lower.contains($0) }
    guard asks, ofCommit else { return nil }
    let names = question.split { character in
      !(character.isASCII && (character.isLetter || character.isNumber || "_./-".contains(character)))
    }.map { token in
      var token = token
      while let last = token.last, "./-".contains(last) { token.removeLast() }
      return String(token)
    }.filter(isName)
    return Set(names).count == 1 ? names.first : nil
  }

  /// A path, an identifier with an underscore or capitals inside, or an option in capitals.
  private static func isName(_ token: String) -> Bool {
    guard token.count > 2, token.first.map({ $0.isLetter || $0 == "_" }) == true else { return false }
    if token.contains("/") { return true }
    let middle = token.dropFirst()
    return middle.contains("_") || middle.contains(where: \.isUppercase)
      || (token.contains(".") && !token.hasSuffix("."))
  }
}
