// SPDX-License-Identifier: Apache-2.0

/// Reads a question and texts together and says how well each answers it: slower than comparing vectors, and closer.
package protocol Reranker: Sendable {
  /// For a person.
  var name: String { get }
  /// A score for each text, in their order, the higher the better; the scale is the model's own. Throws
  /// `upstreamFailed`, `CancellationError`.
  func scores(of texts: [String], for question: String) async throws -> [Double]
}
