// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore
import Indexing
import Inference
import Retrieval

/// Which embedder is in use.
enum EmbedderChoice {
  /// The one that is configured. The built-in one where its table is at hand, else none: everything works without, less
  /// well. Throws `configurationInvalid`, `fileUnreadable`.
  static func current(_ embedding: Configuration.Embedding) throws -> (any Embedder)? {
    switch embedding.embedder {
    case "none": nil
    case "openai": try ConfiguredModels.embedder(embedding)
    default: try Locations.staticTable().map { try StaticEmbedder(table: $0) }
    }
  }

  /// The built-in one beside another; nil where none is wanted or its table is not at hand.
  static func near(_ embedder: (any Embedder)?) -> StaticEmbedder? {
    guard let embedder else { return nil }
    return embedder as? StaticEmbedder ?? Locations.staticTable().flatMap { try? StaticEmbedder(table: $0) }
  }
}

extension LocalHome {
  /// The request with the commits behind the snapshot, where they were read, and with its question's vector; without and
  /// with a note, where they cannot be had. Of uncommitted files the vectors are made now. Throws `CancellationError`.
  func understanding(_ request: SearchRequest, in view: SnapshotView) async throws -> SearchRequest {
    var request = remembering(request, in: view)
    guard let embedder = models.embedder, request.meaning == nil else { return request }
    let identity = embedder.identity
    let vectors: [[Float]]
    do {
      vectors = try await embedder.embed([request.question], as: .query)
      if let overlay = overlays.overlay(id: view.info.id) { try await overlay.embed(embedder) }
    } catch let error as NenrinError {
      request.notes.append("answered without vectors: \(error.summary)")
      return request
    }
    guard let vector = vectors.first else { return request }
    request.meaning = QuestionVector(
      space: VectorSpace(
        name: identity.name, dimensions: identity.dimensions, fingerprint: identity.fingerprint),
      numbers: vector, hasOwnScale: !(embedder is StaticEmbedder), shortTexts: shortTexts(request.question, vector))
    return request
  }

  /// How like the question a short text is; only the built-in embedder is near enough to say so of hundreds.
  private func shortTexts(_ question: String, _ vector: [Float]) -> (@Sendable (String) -> Float)? {
    guard let embedder = models.nearEmbedder else { return nil }
    let asked = models.embedder is StaticEmbedder ? vector : embedder.embed([question], as: .query).first ?? []
    return { text in zip(asked, embedder.vector(of: text)).reduce(0) { $0 + $1.0 * $1.1 } }
  }
}
