// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import IndexStore

@Suite struct CosineSpreadTests {
  private static let cosines: [Float] = (0..<1000).map { Float(($0 * 7919) % 1000) / 5000 - 0.1 }

  private static func broughtToScale(_ cosines: [Float]) -> [Float] {
    var likenesses = cosines
    CosineSpread(of: cosines).bringToScale(&likenesses)
    return likenesses
  }

  @Test func whereAModelPutsItsCosinesDoesNotMatter() {
    let likenesses = Self.broughtToScale(Self.cosines)
    let crowded = Self.broughtToScale(Self.cosines.map { 0.82 + $0 / 5 })
    #expect(zip(likenesses, crowded).allSatisfy { abs($0 - $1) < 0.002 })
    let mean = likenesses.reduce(0, +) / 1000
    let variance = likenesses.reduce(0) { $0 + $1 * $1 } / 1000
    #expect(abs(mean) < 0.001 && abs(variance.squareRoot() - 0.085) < 0.001)
  }

  @Test func theOrderInWhichChunksLieDoesNotMatter() {
    let ascending = Self.cosines.sorted()
    #expect(Self.broughtToScale(ascending) == Self.broughtToScale(ascending.reversed()).reversed())
    #expect(Self.broughtToScale(Self.cosines).sorted() == Self.broughtToScale(ascending))
  }

  @Test func whatHasNoVectorHasNone() {
    let none = MeaningMatches.none
    #expect(Self.broughtToScale([none, none]) == [none, none])
    let likenesses = Self.broughtToScale([none] + Self.cosines + [none])
    #expect(likenesses.first == none && likenesses.last == none)
    #expect(Array(likenesses.dropFirst().dropLast()) == Self.broughtToScale(Self.cosines))
  }

  @Test func equalCosinesTellNothing() {
    #expect(Self.broughtToScale([0.8125, 0.8125, 0.8125]) == [0, 0, 0])
    #expect(Self.broughtToScale([0.8125]) == [0])
    #expect(Self.broughtToScale([]) == [])
  }

  @Test func fewTellNothingOfHowTheyLie() {
    #expect(!CosineSpread(of: Array(Self.cosines.prefix(31)) + [MeaningMatches.none]).isTelling)
    #expect(CosineSpread(of: Array(Self.cosines.prefix(32))).isTelling)
  }

  /// -2 stands for no vector.
  @Test func whatIsFarBelowTheOthersStaysACosine() {
    let likenesses = Self.broughtToScale([Float](repeating: 0.8, count: 9999) + [-0.9])
    #expect(likenesses.last == -1)
  }

  @Test func aCosineCanBeToldAgain() {
    let spread = CosineSpread(of: Self.cosines)
    var likenesses = Self.cosines
    spread.bringToScale(&likenesses)
    #expect(zip(Self.cosines, likenesses).allSatisfy { abs($0 - spread.cosine(of: $1)) < 1e-5 })
  }
}
