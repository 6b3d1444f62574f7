// SPDX-License-Identifier: Apache-2.0
package import Inference

/// The models behind the server.
package struct ServedModels: Sendable {
  /// Writes the answers; without one they are extractive.
  package var chat: (any ChatModel)?
  /// What `/v1/embeddings` serves, by their names.
  package var embedders: [any Embedder]

  package init(chat: (any ChatModel)? = nil, embedders: [any Embedder] = []) {
    self.chat = chat
    self.embedders = embedders
  }
}

/// What `/readyz` says of the chat model. A model that does not answer keeps nobody from being served: the answers are
/// extractive meanwhile.
struct ChatModelState: Encodable {
  var state: String
  var name: String?
  var problem: String?

  init(_ model: (any ChatModel)?) async {
    guard let model else {
      state = "none"
      return
    }
    name = model.name
    problem = await model.problem()
    state = problem == nil ? "reachable" : "unreachable"
  }
}
