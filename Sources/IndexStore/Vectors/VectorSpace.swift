// SPDX-License-Identifier: Apache-2.0

/// Which embedder's vectors are meant: only vectors of one space may be compared. Several lie in a home side by side.
package struct VectorSpace: Hashable, Sendable {
  package let name: String
  /// Numbers in each vector.
  package let dimensions: Int
  /// What tells two embedders of one name and size apart.
  package let fingerprint: String

  package init(name: String, dimensions: Int, fingerprint: String) {
    self.name = name
    self.dimensions = dimensions
    self.fingerprint = fingerprint
  }

  /// The folder's name: letters, digits, '.', '_' and '-' stay.
  var folder: String {
    String(
      "\(name)-\(dimensions)-\(fingerprint)".map { letter in
        letter.isASCII && (letter.isLetter || letter.isNumber || "._-".contains(letter)) ? letter : "_"
      })
  }

  /// Numbers in a code: a power of two, at least 128.
  var codeLength: Int {
    var length = 128
    while length < dimensions { length *= 2 }
    return length
  }
}

/// A question's vector, and whose it is.
package struct QuestionVector: Sendable {
  package let space: VectorSpace
  /// Of unit length, or all zeros.
  package let numbers: [Float]
  /// Whether the cosines of its space lie elsewhere than those of the built-in embedder, for which ranking was made:
  /// with e5 hardly any is below 0.75 or above 0.9.
  package let hasOwnScale: Bool
  private let shortTexts: (@Sendable (String) -> Float)?

  /// - Parameter shortTexts: how like the question a short text is, between -1 and 1, by an embedder that is near enough
  ///   to be asked for hundreds of them; nil where none is.
  package init(
    space: VectorSpace, numbers: [Float], hasOwnScale: Bool = false,
    shortTexts: (@Sendable (String) -> Float)? = nil
  ) {
    self.space = space
    self.numbers = numbers
    self.hasOwnScale = hasOwnScale
    self.shortTexts = shortTexts
  }

  /// How like the question a short text is; 0 where no embedder is near enough to be asked.
  package func likeness(of text: String) -> Float { shortTexts?(text) ?? 0 }
}
