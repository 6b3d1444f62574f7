// SPDX-License-Identifier: Apache-2.0

/// An error as a person meets it: what happened, why, and what to do next.
///
/// `description` is what the command line prints after `nenrin: `; the code is stable and is what HTTP clients see.
package struct NenrinError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A stable name for the kind of error. The raw values are part of the contract with clients.
  package enum Code: String, Sendable {
    case revisionNotFound = "revision_not_found"
    case snapshotNotFound = "snapshot_not_found"
    case collectionNotFound = "collection_not_found"
    case pathNotFound = "path_not_found"
    case notARepository = "not_a_repository"
    case repositoryRefused = "repository_refused"
    case symbolNotFound = "symbol_not_found"
    case historyNotRead = "history_not_read"
    case objectUnreadable = "object_unreadable"
    case emptyTree = "empty_tree"
    case homeNotWritable = "home_not_writable"
    case homeNotFound = "home_not_found"
    case diskFull = "disk_full"
    case formatMismatch = "format_mismatch"
    case indexBusy = "index_busy"
    case indexDamaged = "index_damaged"
    case questionEmpty = "question_empty"
    case questionTooLong = "question_too_long"
    case invalidArgument = "invalid_argument"
    case configurationInvalid = "configuration_invalid"
    case grammarUnusable = "grammar_unusable"
    case fileUnreadable = "file_unreadable"
    case unsupported = "unsupported"
    case unauthorized = "unauthorized"
    case requestTooLarge = "request_too_large"
    case overloaded = "overloaded"
    case timedOut = "timed_out"
    case upstreamFailed = "upstream_failed"
    case internalFailure = "internal_failure"
  }

  package let code: Code
  /// One line, the most specific word first: "no revision 'v6.12.17' in /srv/linux.git".
  package let summary: String
  /// Why, where the summary does not say it; may be empty.
  package let reason: String
  /// What to do next, each a sentence that begins with a verb.
  package let remedies: [String]

  package init(_ code: Code, _ summary: String, reason: String = "", remedies: [String] = []) {
    self.code = code
    self.summary = summary
    self.reason = reason
    self.remedies = remedies
  }

  package var description: String {
    ([reason.isEmpty ? summary : "\(summary): \(reason)"] + remedies.map { "  \($0)" }).joined(separator: "\n")
  }
}
