// SPDX-License-Identifier: Apache-2.0
import Answering
import Glossary
import HTTPAPI
import IndexStore
import Inference
import KnowledgeDiff

/// How a command has a question answered: about one snapshot, or about what changed between two.
struct AnswerRun {
  let knowledge: ServedKnowledge
  /// Nil where the answer is made of the best passages themselves.
  let model: RemoteChatModel?
  let gathering: Answerer.Gathering?

  init(_ knowledge: ServedKnowledge, model: RemoteChatModel? = nil, gathering: Answerer.Gathering? = nil) {
    self.knowledge = knowledge
    self.model = model
    self.gathering = gathering
  }

  /// - Parameter older: where the question is what changed since then.
  func stream(_ request: AnswerRequest, since older: SnapshotInfo?) -> AnswerStream {
    let answerer = Answerer(model: model, gathering: gathering) { Console.notice(Style.error.warning("nenrin: \($0)")) }
    let (knowledge, info) = (knowledge, request.snapshot)
    guard let older else {
      return answerer.answer(request, from: SnapshotAnswerKnowledge(knowledge: knowledge, snapshot: info))
    }
    let difference = DiffRequest(
      path: request.pathGlob, question: request.question, limit: max(10, request.passageLimit))
    let name = "\(older.name)..\(info.revision)"
    let compare: @Sendable () async throws -> DiffResult = {
      try await knowledge.diff(difference, from: older, to: info)
    }
    guard model != nil else {
      return AnswerStream(comparing: request.question, name: name, link: { _, _, _ in nil }, compare: compare)
    }
    return answerer.answer(
      request,
      from: DifferenceEvidence(name: name, link: { _, _, _ in nil }, compare: compare) { mentions in
        try await knowledge.unverified(mentions, in: [info, older])
      })
  }
}
