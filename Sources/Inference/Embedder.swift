// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// What makes two embedders the same: equal identities give equal vectors for equal texts, so that what one embedded
/// need not be embedded again by the other.
package struct EmbedderIdentity: Hashable, Sendable {
  /// The name that the configuration and `/v1/embeddings` use, for example "static" or "bge-m3".
  package let name: String
  /// Numbers in each vector.
  package let dimensions: Int
  /// Everything else that a vector depends on (the table, its weights, prefixes, the length at which texts are cut), as
  /// a short word of letters, digits, '.', '_' and '-': it may become part of a file's name.
  package let fingerprint: String

  package init(name: String, dimensions: Int, fingerprint: String) {
    self.name = name
    self.dimensions = dimensions
    self.fingerprint = fingerprint
  }
}

/// What a text is to an embedder. Some models want questions marked, and `static` leaves words out of them that say
/// nothing of what is asked.
package enum EmbeddingRole: String, Sendable, CaseIterable {
  case query, passage
}

/// Text → vector: texts of like meaning lie in like directions.
package protocol Embedder: Sendable {
  var identity: EmbedderIdentity { get }

  /// One vector for each text, in their order, each of `identity.dimensions` numbers and of unit length; all zeros for a
  /// text in which the embedder finds nothing. Throws `NenrinError` where the model cannot be asked.
  func embed(_ texts: [String], as role: EmbeddingRole) async throws -> [[Float]]

  /// The same where what is done must not be lost: nil for texts that were not reached before `failure`. Throws
  /// `CancellationError`.
  func embedKeeping(_ texts: [String], as role: EmbeddingRole) async throws -> PartialEmbedding

  /// How many requests its servers take at once; 0 where no text is sent anywhere, so that it costs nothing to embed one
  /// twice.
  var requestsAtOnce: Int { get }
}

/// Vectors of some of the texts, all of them unless there is a failure or a text was refused.
package struct PartialEmbedding: Sendable {
  package var vectors: [[Float]?]
  /// Texts that no server takes even cut short, by their place, with what it says about them. They have no vector, and
  /// asking again is of no use.
  package var refused: [Int: String]
  package var failure: NenrinError?

  package init(vectors: [[Float]?], refused: [Int: String] = [:], failure: NenrinError? = nil) {
    self.vectors = vectors
    self.refused = refused
    self.failure = failure
  }
}

extension Embedder {
  package var requestsAtOnce: Int { 0 }

  /// All or nothing.
  package func embedKeeping(_ texts: [String], as role: EmbeddingRole) async throws -> PartialEmbedding {
    PartialEmbedding(vectors: try await embed(texts, as: role))
  }
}
