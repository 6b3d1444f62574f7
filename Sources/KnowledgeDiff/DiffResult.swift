// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// A file's change, as it is shown.
package struct FileEntry: Hashable, Sendable {
  package var status: FileStatus
  /// In the newer snapshot; in the older where it is gone.
  package var path: TreePath
  /// Where it differs.
  package var fromPath: TreePath?
  /// Of renamed files, 0 to 1.
  package var similarity: Double?
  package var nature: ChangeNature?
  /// How much it bears on the question; nil where none was asked.
  package var relevance: Double?

  package init(
    status: FileStatus, path: TreePath, fromPath: TreePath? = nil, similarity: Double? = nil,
    nature: ChangeNature? = nil, relevance: Double? = nil
  ) {
    self.status = status
    self.path = path
    self.fromPath = fromPath
    self.similarity = similarity
    self.nature = nature
    self.relevance = relevance
  }
}

/// A commit between two snapshots.
package struct CommitEntry: Hashable, Sendable {
  package var id: ObjectID
  /// Committer time, in seconds since 1970.
  package var date: Int64
  package var subject: String
  /// `Name <address>`; empty where it was not looked up.
  package var author: String
  /// Whole; empty where it was not looked up.
  package var message: String
  /// A path among those it touched that bears on what was asked.
  package var path: TreePath?
  /// Whether the stored history holds it; where not, the repository was asked.
  package var isKept: Bool

  package init(
    id: ObjectID, date: Int64, subject: String, author: String = "", message: String = "", path: TreePath? = nil,
    isKept: Bool = true
  ) {
    self.id = id
    self.date = date
    self.subject = subject
    self.author = author
    self.message = message
    self.path = path
    self.isKept = isKept
  }
}

/// What two snapshots do not share, in words.
package struct DiffResult: Sendable {
  package var from: SnapshotInfo
  package var to: SnapshotInfo
  /// Over everything that was asked for, whatever is listed.
  package var fileSummary: FileSummary
  package var symbolSummary: SymbolSummary
  /// By directory, deep enough to tell them apart; in order of path.
  package var directories: [DirectorySummary]
  /// In order of path; for a question, best first.
  package var files: [FileEntry]
  package var symbols: [SymbolEntry]
  /// For each of `files`, its hunks, where they were asked for.
  package var hunks: [[Hunk]] = []
  /// The commits between that touched what was asked for, newest first, or that bear on the question, best first; empty
  /// where neither the stored history nor the repository tells.
  package var commits: [CommitEntry] = []
  /// Register tables among the files whose symbols were not compared: the index holds no more than a filter of their
  /// names. One that is asked for by its path is compared by its text.
  package var uncomparedTables = 0
  /// How many there are before the limit.
  package var fileCount: Int
  package var symbolCount: Int
  /// For a question: directories that came, went or changed their name, and the lines of either side that bear on it.
  package var directoryChanges: [DirectoryChange] = []
  package var passages: [DiffPassage] = []
  /// Whether files and symbols are ranked by a question.
  package var isAboutQuestion = false
  package var elapsed: Duration

  package init(from: SnapshotInfo, to: SnapshotInfo) {
    self.from = from
    self.to = to
    fileSummary = FileSummary()
    symbolSummary = SymbolSummary()
    directories = []
    files = []
    symbols = []
    fileCount = 0
    symbolCount = 0
    elapsed = .zero
  }

  /// Whether what is compared against is the older one.
  package var isBackward: Bool { to.isOlder(than: from) }
}

extension SnapshotInfo {
  /// By version numbers where both names are versions (a branch that is long maintained has commits younger than a later
  /// release), else by date.
  package func isOlder(than other: SnapshotInfo) -> Bool {
    if let own = Version(revision), let others = Version(other.revision) { return own < others }
    return date < other.date
  }
}

/// What changed below one directory.
package struct DirectorySummary: Hashable, Sendable {
  /// With a slash at its end; empty for the root's own files.
  package var path: String
  package var files: FileSummary
  package var symbols: [SymbolStatus: Int]

  package init(path: String, files: FileSummary = FileSummary(), symbols: [SymbolStatus: Int] = [:]) {
    self.path = path
    self.files = files
    self.symbols = symbols
  }
}

/// `v6.12.117`, `6.1`, `v6.12-rc3`: a revision that is a version.
struct Version: Comparable {
  private let numbers: [Int]
  /// A candidate comes before the release.
  private let candidate: Int

  init?(_ revision: String) {
    let text = revision.drop { !$0.isNumber }
    let parts = text.split(separator: "-", maxSplits: 1)
    guard let first = parts.first, first.allSatisfy({ $0.isNumber || $0 == "." }), first.contains(".") else {
      return nil
    }
    numbers = first.split(separator: ".").compactMap { Int($0) }
    if parts.count == 1 {
      candidate = .max
    } else {
      guard parts[1].hasPrefix("rc"), let number = Int(parts[1].dropFirst(2)) else { return nil }
      candidate = number
    }
  }

  static func < (left: Version, right: Version) -> Bool {
    for (a, b) in zip(left.numbers, right.numbers) where a != b { return a < b }
    if left.numbers.count != right.numbers.count { return left.numbers.count < right.numbers.count }
    return left.candidate < right.candidate
  }
}
