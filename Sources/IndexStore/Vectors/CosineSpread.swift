// SPDX-License-Identifier: Apache-2.0

/// How the cosines of a question with all chunks of a view lie: around what, and how far from each other.
///
/// Models differ in that more than in what they put first: with e5 all lie near 0.8, with others near 0.4 or 0. Ranking
/// was made for those of the built-in embedder, so others are brought to its scale.
struct CosineSpread: Sendable {
  /// Whether there are enough of them to say so. Of a few chunks most may well mean what is asked, and none stands out.
  let isTelling: Bool
  private let mean: Float
  private let factor: Float

  /// The standard deviation of the built-in embedder's over a whole kernel; their mean is 0.01.
  private static let builtIn: Float = 0.085
  private static let fewest = 32
  /// What a cosine is counted in.
  private static let unit: Float = 65_536

  /// Of what is a cosine; whole numbers are added up, so that the order of the chunks does not matter.
  init(of cosines: [Float]) {
    var (count, sum, squares) = (0, 0, 0)
    for cosine in cosines where cosine > MeaningMatches.none {
      let whole = Int((cosine * CosineSpread.unit).rounded())
      count += 1
      sum += whole
      squares += whole * whole
    }
    let mean = Double(sum) / Double(max(1, count))
    let deviation = max(0, Double(squares) / Double(max(1, count)) - mean * mean).squareRoot()
    isTelling = count >= CosineSpread.fewest
    self.mean = Float(mean) / CosineSpread.unit
    // Where all are alike there is nothing to tell apart.
    factor = deviation < 1 ? 1 : CosineSpread.builtIn * CosineSpread.unit / Float(deviation)
  }

  /// Leaves what is no cosine as it is.
  func bringToScale(_ cosines: inout [Float]) {
    for index in cosines.indices where cosines[index] > MeaningMatches.none {
      cosines[index] = max(-1, (cosines[index] - mean) * factor)
    }
  }

  /// What was brought to scale, as it was.
  func cosine(of likeness: Float) -> Float { likeness / factor + mean }
}
