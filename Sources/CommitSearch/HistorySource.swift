// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// The repository behind a history, as far as questions about what commits did need it.
package protocol HistorySource: BlobSource {
  /// The blob at a path of a commit's tree; nil where there is none. Throws `objectUnreadable`.
  func blob(at path: TreePath, in commit: ObjectID) throws -> ObjectID?

  /// Where the definitions of a name lie in a file's bytes.
  func extents(of name: String, in bytes: [UInt8], path: TreePath) -> [Range<Int>]
}
