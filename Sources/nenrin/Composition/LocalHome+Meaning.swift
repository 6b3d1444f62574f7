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
      numbers: vector, passage: passages(of: embedder))
    return request
  }

  /// How short texts get their vectors at once; only the built-in embedder is near enough.
  private func passages(of embedder: any Embedder) -> (@Sendable (String) -> [Float])? {
    guard let embedder = embedder as? StaticEmbedder else { return nil }
    return { embedder.vector(of: $0) }
  }
}
