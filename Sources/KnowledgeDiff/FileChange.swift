// SPDX-License-Identifier: Apache-2.0
import Glossary

/// What became of a file.
package enum FileStatus: String, CaseIterable, Sendable {
  case added, removed, modified, renamed
}

/// What kind of change a file saw.
package enum ChangeNature: String, Sendable {
  case code, comments, whitespace, mode, binary
}

/// One file that the two snapshots do not share as it is.
package struct FileChange: Sendable {
  package var status: FileStatus
  /// Its place among the older snapshot's paths; nil where it was added.
  package var from: Int?
  /// Its place among the newer snapshot's paths; nil where it was removed.
  package var to: Int?
  /// How much of the larger side both share, 0 to 1; of renamed files only.
  package var similarity: Double?
  /// Nil where nobody looked.
  package var nature: ChangeNature?

  package init(status: FileStatus, from: Int?, to: Int?, similarity: Double? = nil, nature: ChangeNature? = nil) {
    self.status = status
    self.from = from
    self.to = to
    self.similarity = similarity
    self.nature = nature
  }
}

/// A count for each status of a file.
package struct FileSummary: Hashable, Sendable {
  package var added = 0
  package var removed = 0
  package var modified = 0
  package var renamed = 0

  package var total: Int { added + removed + modified + renamed }

  package init() {}

  /// Adds one.
  package mutating func count(_ status: FileStatus) {
    switch status {
    case .added: added += 1
    case .removed: removed += 1
    case .modified: modified += 1
    case .renamed: renamed += 1
    }
  }
}
