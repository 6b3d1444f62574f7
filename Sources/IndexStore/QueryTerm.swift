// SPDX-License-Identifier: Apache-2.0

/// One idea of a question and how much it counts: a term of the corpus, or several that stand for the same idea and are
/// scored as if they were one term.
///
/// Where there are several, a document's frequency is the sum of theirs, each times its form's factor, and the idea is as
/// common as the documents that hold any of them, each counted by the highest factor in it (Pirkola's structured queries
/// with the weights of Darwish and Oard, 2003): five translations of one word do not count five times, and a doubtful
/// one that is everywhere does not make a good one worthless.
package struct QueryTerm: Hashable, Sendable {
  /// One way to say the idea.
  package struct Form: Hashable, Sendable {
    /// Terms as `TermAnalyzer` gives them; a chunk counts where it holds all of them, by the rarest.
    package var words: [String]
    /// How surely it says the idea: above 0, at most 1, in steps of 1/256.
    package var factor: Float

    package init(_ words: [String], factor: Float = 1) {
      self.words = words
      self.factor = factor
    }

    /// The words with spaces between them.
    package var text: String { words.joined(separator: " ") }

    /// The factor as the postings keep it: 1 to 256.
    var scaledFactor: UInt16 { UInt16(max(1, min(256, (factor * 256).rounded()))) }
  }

  /// How the idea is shown: its only term, or the question's own word for it.
  package var text: String
  package var weight: Float
  /// At least one; the surest first.
  package var forms: [Form]

  /// A single term of the corpus, as `TermAnalyzer` gives it.
  package init(text: String, weight: Float = 1) {
    self.text = text
    self.weight = weight
    forms = [Form([text])]
  }

  /// Several forms of one idea; `text` itself is not looked up unless it is among them. Needs at least one form.
  package init(text: String, weight: Float = 1, forms: [Form]) {
    precondition(!forms.isEmpty && forms.allSatisfy { !$0.words.isEmpty })
    self.text = text
    self.weight = weight
    self.forms = forms
  }

  /// For a person: the idea, and what it is looked for as where that is something else.
  package var explanation: String {
    let others = forms.filter { $0.words != [text] && !$0.words.allSatisfy(text.contains) }.map(\.text)
    return others.isEmpty ? text : "\(text): \(others.joined(separator: ", "))"
  }

  /// Whether it is one term of the corpus and nothing else.
  package var isSingle: Bool { forms.count == 1 && forms[0].words.count == 1 && forms[0].factor == 1 }
}
