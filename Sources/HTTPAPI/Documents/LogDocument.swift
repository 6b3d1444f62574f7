// SPDX-License-Identifier: Apache-2.0
package import CommitSearch
package import Glossary

/// What `nenrin log --json` prints and `POST /api/log` answers.
package struct LogDocument: Encodable, Sendable {
  /// A path that a commit touched: added, removed or modified.
  package struct Path: Encodable, Sendable {
    package var status: String
    package var path: String
  }

  /// Where the question's words stand.
  package struct Words: Encodable, Sendable {
    package var subject: [String]
    package var message: [String]
    package var paths: [String]
  }

  /// A commit; dates are ISO 8601 in UTC.
  package struct Commit: Encodable, Sendable {
    package var rank: Int?
    package var commit: String
    /// Its page, where a server has one.
    package var url: String?
    package var subject: String
    /// Without the subject; with the trailers.
    package var body: String
    package var author: String
    package var authorDate: String
    package var date: String
    package var parents: [String]
    /// The first 100; of a merge, those that differ from every parent.
    package var paths: [Path]
    package var pathCount: Int
    /// 0 to 1 of the best; nil where no question was asked.
    package var score: Double?
    package var matched: Words?
    /// A few paths that bear on what was asked.
    package var matchedPaths: [String]?
    package var notes: [String]?

    private enum CodingKeys: String, CodingKey {
      case rank, commit, url, subject, body, author, date, parents, paths, score, matched, notes
      case authorDate = "author_date"
      case pathCount = "path_count"
      case matchedPaths = "matched_paths"
    }

    init(_ record: CommitRecord, _ link: (ObjectID) -> String?) {
      let text = CommitText(record.message)
      commit = record.id.hex
      url = link(record.id)
      subject = text.subject
      body = [text.body, text.trailers].filter { !$0.isEmpty }.joined(separator: "\n\n")
      author = record.author
      authorDate = DocumentFormat.timestamp(record.authorDate)
      date = DocumentFormat.timestamp(record.date)
      parents = record.parents.map(\.hex)
      paths = record.changes.prefix(100).map { Path(status: $0.status.name, path: $0.path.text) }
      pathCount = record.changeCount
      let notes = record.notes.sentences
      self.notes = notes.isEmpty ? nil : notes
    }
  }

  /// The commit that brought a name or a path.
  package struct Introduced: Encodable, Sendable {
    package var name: String
    package var path: String
    package var certainty: String
    package var why: String
    package var commit: Commit
  }

  package var query: String?
  package var snapshot: SnapshotReferenceDocument
  package var from: String?
  package var to: String
  package var elapsedMilliseconds: Double
  /// Commits of the range, and those of them that match.
  package var considered: Int
  package var total: Int
  package var introduced: Introduced?
  package var commits: [Commit]
  package var notices: [String]
  package var offset: Int
  /// Left out where there are no more.
  package var nextOffset: Int?

  private enum CodingKeys: String, CodingKey {
    case query, snapshot, from, to, considered, total, introduced, commits, notices, offset
    case elapsedMilliseconds = "elapsed_ms"
    case nextOffset = "next_offset"
  }

  /// - Parameter links: of a server that has pages.
  package init(_ result: CommitResult, _ request: CommitRequest, links: PageLinks? = nil) {
    let link = { (id: ObjectID) in links?.commit(result.snapshot, id) }
    query = request.question
    snapshot = SnapshotReferenceDocument(result.snapshot)
    from = result.after?.hex
    to = result.upTo.hex
    elapsedMilliseconds = DocumentFormat.milliseconds(result.elapsed)
    (considered, total) = (result.considered, result.total)
    introduced = result.introduction.map {
      Introduced(
        name: $0.name, path: $0.path.text, certainty: $0.certainty.rawValue, why: $0.why,
        commit: Commit($0.commit, link))
    }
    commits = result.hits.map { hit in
      var commit = Commit(hit.commit, link)
      commit.rank = hit.rank
      if request.question != nil {
        commit.score = (hit.score * 1_000).rounded() / 1_000
        commit.matched = Words(subject: hit.subjectWords, message: hit.messageWords, paths: hit.pathWords)
      }
      commit.matchedPaths = hit.paths.map(\.path.text)
      return commit
    }
    notices = result.notices
    offset = request.offset
    let end = request.offset + result.hits.count
    nextOffset = end < result.total && !result.hits.isEmpty ? end : nil
  }

  /// Cuts messages and lists of paths to what a model can read.
  mutating func bound(bodyBytes: Int, paths: Int) {
    func bounded(_ commit: Commit) -> Commit {
      var commit = commit
      if commit.body.utf8.count > bodyBytes {
        commit.body = String(decoding: commit.body.utf8.prefix(bodyBytes), as: UTF8.self) + " [cut]"
      }
      commit.paths = Array(commit.paths.prefix(paths))
      return commit
    }
    commits = commits.map(bounded)
    if let whole = introduced?.commit { introduced?.commit = bounded(whole) }
  }
}

extension CommitNotes {
  /// What a person should know of a commit, a sentence each.
  package var sentences: [String] {
    var sentences: [String] = []
    if contains(.pathsUnknown) { sentences.append("its paths are not known: objects are missing") }
    if contains(.parentMissing) { sentences.append("its parents are missing: history ends here") }
    if contains(.transcoded) { sentences.append("its text is not UTF-8 and was converted") }
    if contains(.messageCut) { sentences.append("its message is cut") }
    return sentences
  }
}
