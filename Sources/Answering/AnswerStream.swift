// SPDX-License-Identifier: Apache-2.0
package import Retrieval

/// What is being done while there is no text yet.
package struct AnswerStatus: Hashable, Sendable {
  /// Which work it is.
  package enum Step: String, Sendable { case searching, planned, found, calling }

  package var step: Step
  /// For a person, in the question's language: "Searching linux@v6.12.117 …".
  package var text: String
  /// Whether the step is over.
  package var isDone: Bool

  package init(step: Step, text: String, isDone: Bool) {
    self.step = step
    self.text = text
    self.isDone = isDone
  }
}

/// One event of an answer as it comes. Citations come before the text that names them; `done` is last and holds it all.
package enum AnswerEvent: Hashable, Sendable {
  case status(AnswerStatus)
  case citation(Citation)
  /// What a model thinks before it answers; no part of the answer.
  case reasoning(String)
  /// A piece of Markdown to be appended.
  case text(String)
  case done(Answer)
}

/// An answer as it comes. Each event is made when it is asked for, so a slow reader holds nothing up in memory.
package struct AnswerStream: AsyncSequence, Sendable {
  /// What `AsyncSequence` asks for.
  package typealias Element = AnswerEvent
  /// Whatever the knowledge throws.
  package typealias Failure = any Error
  /// Makes the next event, nil at the end. One call at a time; a cancelled task throws.
  package typealias Pull = @Sendable () async throws -> AnswerEvent?

  /// One iteration.
  package struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate let pull: Pull

    package mutating func next() async throws -> AnswerEvent? { try await pull() }
  }

  private let begin: @Sendable () -> Pull

  /// `begin` is called once for each iteration.
  package init(_ begin: @escaping @Sendable () -> Pull) {
    self.begin = begin
  }

  /// A fresh iteration, for those who must wait for an event and a clock at once.
  package func makePull() -> Pull { begin() }

  package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pull: begin()) }

  /// Waits for the whole answer. Throws what the stream throws.
  package func answer() async throws -> Answer {
    for try await event in self {
      if case .done(let answer) = event { return answer }
    }
    throw CancellationError()
  }
}

/// What an answer is made from: one snapshot, asked through the composition that owns it.
///
/// Its methods are called from Swift's cooperative threads: an implementation moves blocking work to threads of its own.
package protocol AnswerKnowledge: Sendable {
  /// Throws what `Retriever.search` throws.
  func search(_ request: SearchRequest) async throws -> SearchResult
  /// Those of the names that the snapshot does not hold, see `Grounding.unverified`.
  func unverified(_ mentions: [NameMention]) async throws -> [UnverifiedName]
}
