// SPDX-License-Identifier: Apache-2.0
import Glossary

/// What is asked of two snapshots. At most one of `path` and `symbol` and `question` narrows it at a time, but for a
/// question, which a path may narrow further.
package struct DiffRequest: Sendable {
  /// A file, a directory, or how paths begin.
  package var path: String?
  package var symbol: String?
  package var question: String?
  /// How many files and how many symbols are described; nil: all files, `symbolLimit` symbols.
  package var limit: Int?
  /// How many of each are passed over before.
  package var offset = 0
  /// Whether hunks of the files described are wanted.
  package var wantsPatch = false

  /// Symbols described where no limit is given.
  package static let symbolLimit = 20_000

  package init(path: String? = nil, symbol: String? = nil, question: String? = nil, limit: Int? = nil) {
    self.path = path
    self.symbol = symbol
    self.question = question
    self.limit = limit
  }
}
