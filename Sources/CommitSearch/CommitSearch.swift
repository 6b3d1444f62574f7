// SPDX-License-Identifier: Apache-2.0
package import Glossary
package import IndexStore
package import Retrieval

/// Asks the commits behind a snapshot. Cheap to make; use one for each request.
package struct CommitSearch {
  /// How near texts are to a question, each from -1 to 1.
  package typealias Meaning = (_ question: String, _ texts: [String]) -> [Float]

  let log: CommitLog
  let view: SnapshotView
  let source: any HistorySource
  private let lexicons: Lexicons
  private let meaning: Meaning?

  /// - Parameter meaning: orders the best commits once more; nil where only words count.
  package init(
    log: CommitLog, view: SnapshotView, source: any HistorySource, lexicons: Lexicons = .empty,
    meaning: Meaning? = nil
  ) {
    self.log = log
    self.view = view
    self.source = source
    self.lexicons = lexicons
    self.meaning = meaning
  }

  /// How many of the best by words are ordered once more by meaning, and how much that counts.
  private static let reordered = 200
  private static let meaningWeight: Float = 0.3

  /// Throws `questionEmpty`, `questionTooLong`, `revisionNotFound` for a commit that was not read, `symbolNotFound`,
  /// `invalidArgument`, `indexDamaged`.
  package func search(_ request: CommitRequest) throws -> CommitResult {
    let clock = ContinuousClock()
    let start = clock.now
    if let question = request.question { try Retriever.check(question) }
    let upTo = request.upTo ?? view.info.commit
    var (set, notices) = try range(after: request.after, upTo: upTo)
    var result = CommitResult(
      snapshot: view.info, upTo: upTo, after: request.after, considered: set.count, total: set.count)
    if let glob = request.pathGlob {
      let pattern = PathGlob(glob)
      set = try log.touching(in: set) { pattern.matches($0) }
    }
    if let symbol = request.symbol {
      let touches = try SymbolTouches(self, symbol, in: set, deadline: start + request.time)
      set = try touches.find(&notices)
    }
    var ordered: [CommitMatch] = []
    if let question = request.question {
      let terms = FileRanker(view: view, lexicons: lexicons).terms(of: question)
      let found = log.matches(terms, in: set, limit: max(CommitSearch.reordered, request.offset + request.limit))
      result.total = found.total
      ordered = try reorder(found.best, question)
      result.hits = try hits(ordered, request, terms)
    } else if request.introduced != nil, request.pathGlob == nil, request.symbol == nil {
      // One commit is asked for, and nothing to list beside it.
      result.total = 0
    } else {
      ordered = set.numbers.sorted { log.isYounger($0, than: $1) }.map { CommitMatch(number: $0, score: 0) }
      result.total = set.count
      result.hits = try hits(ordered, request, [])
    }
    if let name = request.introduced ?? asked(request) {
      // Whatever the range, what came before it came not within it.
      var search = IntroductionSearch(self, name, deadline: start + request.time)
      result.introduction = try search.find(in: range(after: request.after, upTo: upTo).set, &notices)
    }
    result.notices = notices
    result.elapsed = clock.now - start
    return result
  }

  private func asked(_ request: CommitRequest) -> String? {
    request.wantsIntroduction ? request.question.flatMap(IntroductionSearch.name(asked:)) : nil
  }

  private func range(after: ObjectID?, upTo: ObjectID) throws -> (set: CommitSet, notices: [String]) {
    let end = try number(of: upTo)
    let whole = log.history(of: [end])
    guard let after else { return (whole, []) }
    let start = try number(of: after)
    let before = log.history(of: [start])
    let set = whole.subtracting(before)
    var notices: [String] = []
    if before.contains(end) {
      notices.append(
        end == start
          ? "both ends are the same commit"
          : "\(upTo.hex.prefix(12)) is part of \(after.hex.prefix(12))'s history: turn the range round")
    } else if whole.intersection(before).count == 0 {
      notices.append("\(after.hex.prefix(12)) and \(upTo.hex.prefix(12)) have no common history")
    }
    return (set, notices)
  }

  private func number(of id: ObjectID) throws -> Int {
    if let number = log.number(of: id) { return number }
    throw CommitSearch.notRead(id, view.info)
  }

  /// The commit of a history that some digits mean: an id, or the first 7 or more digits of one alone. `matching` gives
  /// the ids that begin so. Throws `revisionNotFound`, whatever else it may be.
  package static func id(
    _ digits: String, of snapshot: SnapshotInfo, matching: (String) -> [ObjectID]
  ) throws -> ObjectID {
    guard ObjectID.mayBegin(with: digits) else {
      throw NenrinError(
        .revisionNotFound, "no commit '\(digits.prefix(60))'", reason: "an id is 7 to 40 hexadecimal digits",
        remedies: ["Take the id from `nenrin log`."])
    }
    let found = matching(digits.lowercased())
    guard let id = found.first else { throw notRead(digits, snapshot) }
    guard found.count == 1 else {
      let some = found.prefix(3).map(\.hex).joined(separator: ", ")
      throw NenrinError(
        .revisionNotFound, "'\(digits)' begins \(found.count) commits of \(snapshot.collection)",
        reason: some + (found.count > 3 ? " …" : ""), remedies: ["Give more digits of the id."])
    }
    return id
  }

  /// The error for a commit of which the home has no history.
  package static func notRead(_ id: ObjectID, _ snapshot: SnapshotInfo) -> NenrinError { notRead(id.hex, snapshot) }

  private static func notRead(_ digits: String, _ snapshot: SnapshotInfo) -> NenrinError {
    NenrinError(
      .revisionNotFound, "commit \(digits.prefix(12)) is not in the history of \(snapshot.collection) that was read",
      remedies: [
        "Run `nenrin index SOURCE --history` with the repository of \(snapshot.collection): it reads all branches and "
          + "tags, each commit once."
      ])
  }

  private func reorder(_ matches: [CommitMatch], _ question: String) throws -> [CommitMatch] {
    guard let meaning, let most = matches.first?.score, most > 0 else { return matches }
    let head = matches.prefix(CommitSearch.reordered)
    let texts = try head.map { match in
      let text = CommitText(try log.record(at: match.number).message)
      return text.subject + "\n" + text.firstParagraph
    }
    let scored = zip(head, meaning(question, texts)).map { match, near in
      CommitMatch(number: match.number, score: match.score * (1 + CommitSearch.meaningWeight * near))
    }
    return scored.sorted {
      $0.score != $1.score ? $0.score > $1.score : log.isYounger($0.number, than: $1.number)
    } + matches.dropFirst(CommitSearch.reordered)
  }

  private func hits(_ ordered: [CommitMatch], _ request: CommitRequest, _ terms: [QueryTerm]) throws -> [CommitHit] {
    var reader = MatchReader(terms: terms, glob: request.pathGlob.map(PathGlob.init))
    return try ordered.dropFirst(request.offset).prefix(request.limit).enumerated().map { index, match in
      var hit = CommitHit(
        rank: request.offset + index + 1, commit: try log.record(at: match.number), score: Double(match.score))
      reader.explain(&hit)
      return hit
    }
  }
}

extension CommitLog {
  /// By the committers' dates; where these are equal, as in a series that was applied at once, children before parents.
  func isYounger(_ left: Int, than right: Int) -> Bool {
    let (leftDate, rightDate) = (date(at: left), date(at: right))
    return leftDate != rightDate ? leftDate > rightDate : left > right
  }
}

/// Finds a question's words in the few commits that are shown.
private struct MatchReader {
  private let wanted: Set<String>
  private let glob: PathGlob?
  private let analyzer = TermAnalyzer()
  /// By word: whether it is one of the question's.
  private var known: [String: Bool] = [:]
  private static let mostPaths = 4

  init(terms: [QueryTerm], glob: PathGlob?) {
    wanted = Set(terms.flatMap(\.forms).flatMap(\.words))
    self.glob = glob
  }

  mutating func explain(_ hit: inout CommitHit) {
    let text = CommitText(hit.commit.message)
    hit.subjectWords = words(in: text.subject)
    hit.messageWords = words(in: text.body + "\n" + text.trailers + "\n" + hit.commit.author)
      .filter { word in !hit.subjectWords.contains { $0.lowercased() == word.lowercased() } }
    var asked: [PathChange] = []
    var said: [String] = []
    for change in hit.commit.changes.prefix(1_000) {
      let found = wanted.isEmpty ? [] : words(in: change.path.text)
      for word in found where !said.contains(word) { said.append(word) }
      if glob.map({ $0.matches(change.path) }) ?? !found.isEmpty { asked.append(change) }
    }
    hit.pathWords = said
    hit.paths = Array((asked.isEmpty ? hit.commit.changes : asked).prefix(MatchReader.mostPaths))
  }

  /// The words of a text that the question asks for, each once, as they stand there.
  private mutating func words(in text: String) -> [String] {
    guard !wanted.isEmpty else { return [] }
    var found: [String] = []
    for run in text.utf8.split(whereSeparator: { byte in
      !(byte >= 0x80 || byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
        || (0x61...0x7a).contains(byte))
    }) {
      let word = String(decoding: run, as: UTF8.self)
      if isWanted(word), !found.contains(where: { $0.lowercased() == word.lowercased() }) { found.append(word) }
    }
    return found
  }

  private mutating func isWanted(_ word: String) -> Bool {
    if let known = known[word] { return known }
    let isWanted = analyzer.terms(of: word).contains { wanted.contains($0.term) }
    known[word] = isWanted
    return isWanted
  }
}
