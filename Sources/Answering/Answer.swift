// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// From an answer into a passage: what `[id]` in the text stands for.
package struct Citation: Hashable, Sendable {
  /// The number in square brackets, from 1.
  package var id: Int
  package var path: TreePath
  /// The revision that the lines are of, where an answer stands on two snapshots; nil: the answer's own.
  package var revision: String?
  /// Where a commit's message is cited: the commit, which touched the path; the lines then mean nothing.
  package var commit: ObjectID?
  /// 1-based and inclusive; exact in the snapshot.
  package var lines: ClosedRange<Int>
  package var symbol: String?
  /// Where a reader sees the lines; nil where no server gives a page.
  package var url: String?
  package var language: Language
  /// How like the question it is, 0 to 1, relative to the best passage.
  package var similarity: Double
  /// The lines that are cited, bounded in length.
  package var excerpt: String

  package init(
    id: Int, path: TreePath, lines: ClosedRange<Int>, symbol: String?, url: String?, language: Language,
    similarity: Double, excerpt: String, revision: String? = nil
  ) {
    self.id = id
    self.path = path
    self.lines = lines
    self.symbol = symbol
    self.url = url
    self.language = language
    self.similarity = similarity
    self.excerpt = excerpt
    self.revision = revision
  }
}

/// A name that an answer mentions and the snapshot does not hold.
package struct UnverifiedName: Hashable, Sendable {
  package var name: String
  /// The nearest name that the snapshot does hold.
  package var nearest: String?

  package init(name: String, nearest: String?) {
    self.name = name
    self.nearest = nearest
  }
}

/// What a question and its answer come to in a model's tokens; estimates where no model counted them.
package struct TokenUsage: Hashable, Sendable {
  package var promptTokens: Int
  package var completionTokens: Int
  package var totalTokens: Int { promptTokens + completionTokens }

  package init(promptTokens: Int, completionTokens: Int) {
    self.promptTokens = promptTokens
    self.completionTokens = completionTokens
  }

  /// The usual estimate where nothing tokenizes: a token for every four bytes, at least one where there is any text.
  package static func estimate(_ text: String) -> Int {
    (text.utf8.count + 3) / 4
  }
}

/// A whole answer.
package struct Answer: Hashable, Sendable {
  /// Markdown with `[n]` where it cites.
  package var text: String
  /// In order of `id`.
  package var citations: [Citation]
  package var unverified: [UnverifiedName]
  /// The chat model that wrote it, or `Answerer.extractiveModel`.
  package var model: String
  package var usage: TokenUsage
  /// `stop`, or `length` where a limit of tokens cut it off.
  package var finishReason: String

  package init(
    text: String, citations: [Citation], unverified: [UnverifiedName], model: String, usage: TokenUsage,
    finishReason: String = "stop"
  ) {
    self.text = text
    self.citations = citations
    self.unverified = unverified
    self.model = model
    self.usage = usage
    self.finishReason = finishReason
  }
}
