// SPDX-License-Identifier: Apache-2.0

/// One line of `nenrin eval --per-question`.
package struct EvalQuestionDocument: Codable, Hashable, Sendable {
  package var id: String
  /// Null when missed.
  package var rank: Int?
  /// The first 20 paths.
  package var files: [String]

  package init(id: String, rank: Int?, files: [String]) {
    self.id = id
    self.rank = rank
    self.files = Array(files.prefix(20))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(rank, forKey: .rank)
    try container.encode(files, forKey: .files)
  }
}
