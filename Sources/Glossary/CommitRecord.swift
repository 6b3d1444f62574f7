// SPDX-License-Identifier: Apache-2.0

/// What a commit did to a path.
package enum PathChangeStatus: UInt8, Sendable {
  case added = 0
  case removed = 1
  case modified = 2

  /// How JSON calls it.
  package var name: String {
    switch self {
    case .added: "added"
    case .removed: "removed"
    case .modified: "modified"
    }
  }
}

/// A path that a commit touched. A rename is a path that went and one that came.
package struct PathChange: Hashable, Sendable {
  package var status: PathChangeStatus
  package var path: TreePath

  package init(_ status: PathChangeStatus, _ path: TreePath) {
    self.status = status
    self.path = path
  }
}

/// What is not as it should be with what is known of a commit.
package struct CommitNotes: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Its text is not UTF-8: it was read by the encoding it names, or as Latin-1.
  package static let transcoded = CommitNotes(rawValue: 1)
  /// A tree that the paths would be read from is missing: they are not known.
  package static let pathsUnknown = CommitNotes(rawValue: 2)
  /// A parent is missing, as in a shallow clone.
  package static let parentMissing = CommitNotes(rawValue: 4)
  /// Its message is longer than what is kept of it.
  package static let messageCut = CommitNotes(rawValue: 8)
}

/// A commit as it is kept: what was said, by whom and when, and what it touched.
package struct CommitRecord: Hashable, Sendable {
  package var id: ObjectID
  /// As the commit names them; those of a shallow clone's last commits may be missing from what is kept.
  package var parents: [ObjectID]
  /// `Name <address>`, either of which may be empty.
  package var author: String
  /// Seconds since 1970.
  package var authorDate: Int64
  /// The committer's time, in seconds since 1970.
  package var date: Int64
  /// Without the line ends at its end; may be empty.
  package var message: String
  /// In order of path: what differs from the first parent; of a merge, what differs from every parent. At most
  /// `CommitRecord.mostChanges`.
  package var changes: [PathChange]
  /// How many changes there are.
  package var changeCount: Int
  package var notes: CommitNotes

  /// More changes than these are counted, not kept.
  package static let mostChanges = 10_000
  /// Bytes of a longer message are cut.
  package static let mostMessageBytes = 64 << 10

  package init(
    id: ObjectID, parents: [ObjectID], author: String, authorDate: Int64, date: Int64, message: String,
    changes: [PathChange], changeCount: Int, notes: CommitNotes
  ) {
    self.id = id
    self.parents = parents
    self.author = author
    self.authorDate = authorDate
    self.date = date
    self.message = message
    self.changes = changes
    self.changeCount = changeCount
    self.notes = notes
  }

  /// The message's first line that is not empty.
  package var subject: String { CommitText(message).subject }

  package var isMerge: Bool { parents.count > 1 }
}
