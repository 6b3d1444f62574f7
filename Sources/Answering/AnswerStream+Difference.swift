// SPDX-License-Identifier: Apache-2.0
import Glossary
package import KnowledgeDiff
import Synchronization

extension AnswerStream {
  /// An answer about what changed: says that it searches, then asks `compare`, then tells what was found. Throws what
  /// `compare` throws.
  package init(
    comparing question: String, name: String, link: @escaping DifferenceAnswer.Link,
    commitLink: @escaping DifferenceAnswer.CommitLink = { _ in nil },
    compare: @escaping @Sendable () async throws -> DiffResult
  ) {
    self.init {
      let state = Mutex<(didBegin: Bool, pending: [AnswerEvent]?)>((false, nil))
      return {
        let words = AnswerWords(for: question)
        let isFirst = state.withLock { state in
          defer { state.didBegin = true }
          return !state.didBegin
        }
        if isFirst { return .status(AnswerStatus(step: .searching, text: words.searching(name), isDone: false)) }
        if state.withLock({ $0.pending == nil }) {
          let made = DifferenceAnswer(
            try await compare(), question: question, link: link, commitLink: commitLink)
          let found = words.found(passages: made.citations.count, files: Set(made.citations.map(\.path)).count)
          let events =
            [.status(AnswerStatus(step: .found, text: found, isDone: true))]
            + made.citations.map(AnswerEvent.citation) + made.pieces.map(AnswerEvent.text)
            + [.done(made.answer(to: question))]
          state.withLock { $0.pending = events.reversed() }
        }
        return state.withLock { $0.pending?.popLast() }
      }
    }
  }
}
