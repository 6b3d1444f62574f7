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
  /// Vectors of short texts in the same space; nil where the embedder is too far away to be asked for hundreds.
  package let passage: (@Sendable (String) -> [Float])?

  package init(space: VectorSpace, numbers: [Float], passage: (@Sendable (String) -> [Float])? = nil) {
    self.space = space
    self.numbers = numbers
    self.passage = passage
  }

  /// The cosine of the question and a short text; 0 where the embedder is too far away.
  package func cosine(of text: String) -> Float {
    guard let passage else { return 0 }
    return zip(numbers, passage(text)).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
