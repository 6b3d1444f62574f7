// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// What is asked of a history.
package struct CommitRequest: Sendable {
  /// In words; nil lists the newest commits.
  package var question: String?
  /// The range as a person writes it; whoever has the repository makes `upTo` and `after` of it.
  package var range: SnapshotRange?
  /// Only commits of this one's history; the snapshot's own where it is nil.
  package var upTo: ObjectID?
  /// Without those of this one's.
  package var after: ObjectID?
  /// Only those that touched a path that this takes, as `--path` has it.
  package var pathGlob: String?
  /// Only those that changed a definition of this name.
  package var symbol: String?
  /// Which commit brought this name or path?
  package var introduced: String?
  /// Whether a question that asks for the commit that introduced a name gets that, too.
  package var wantsIntroduction = true
  package var limit: Int
  /// How many hits are passed over first.
  package var offset: Int
  /// How long what must be read from the repository may take.
  package var time: Duration

  package init(
    question: String? = nil, range: SnapshotRange? = nil, pathGlob: String? = nil, symbol: String? = nil,
    introduced: String? = nil, limit: Int = 10, offset: Int = 0, time: Duration = .seconds(10)
  ) {
    self.question = question
    self.range = range
    self.pathGlob = pathGlob
    self.symbol = symbol
    self.introduced = introduced
    self.limit = limit
    self.offset = offset
    self.time = time
  }
}

/// A commit that was found, and why.
package struct CommitHit: Hashable, Sendable {
  package var rank: Int
  package var commit: CommitRecord
  /// 0 where no question was asked.
  package var score: Double
  /// The question's words as they stand in the subject, in the rest of the message, in the paths and the author.
  package var subjectWords: [String] = []
  package var messageWords: [String] = []
  package var pathWords: [String] = []
  /// Paths among those it touched that bear on what was asked, a few.
  package var paths: [PathChange] = []

  package init(rank: Int, commit: CommitRecord, score: Double) {
    self.rank = rank
    self.commit = commit
    self.score = score
  }
}

/// The commit that brought something.
package struct Introduction: Hashable, Sendable {
  /// How sure it is.
  package enum Certainty: String, Sendable {
    /// Every commit that could have brought it was looked at.
    case certain
    /// The text came in with this commit where it was looked for; it may have stood elsewhere before.
    case likely
    /// Time ran out, or objects are missing: no older one was seen.
    case possible
  }

  /// What was asked for.
  package var name: String
  package var commit: CommitRecord
  /// Where it came.
  package var path: TreePath
  package var certainty: Certainty
  /// A sentence.
  package var why: String

  package init(name: String, commit: CommitRecord, path: TreePath, certainty: Certainty, why: String) {
    self.name = name
    self.commit = commit
    self.path = path
    self.certainty = certainty
    self.why = why
  }
}

/// What a history has to say.
package struct CommitResult: Sendable {
  /// Whose history was asked.
  package var snapshot: SnapshotInfo
  package var upTo: ObjectID
  package var after: ObjectID?
  /// Commits of the range.
  package var considered: Int
  /// Commits that match, listed or not.
  package var total: Int
  package var hits: [CommitHit] = []
  package var introduction: Introduction?
  /// What a person should know: gaps, what was not looked at.
  package var notices: [String] = []
  package var elapsed: Duration = .zero

  package init(snapshot: SnapshotInfo, upTo: ObjectID, after: ObjectID? = nil, considered: Int, total: Int) {
    self.snapshot = snapshot
    self.upTo = upTo
    self.after = after
    self.considered = considered
    self.total = total
  }
}
