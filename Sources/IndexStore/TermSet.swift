// SPDX-License-Identifier: Apache-2.0

/// Some of a question's terms, by their place in it. Of a question with more than 64, the last stand for each other.
package struct TermSet: Hashable, Sendable {
  private(set) var bits: UInt64 = 0

  init(bits: UInt64) { self.bits = bits }

  /// No term.
  package init() {}

  /// One term.
  package init(_ place: Int) { bits = 1 << UInt64(min(place, 63)) }

  package func contains(_ place: Int) -> Bool { bits & TermSet(place).bits != 0 }

  package mutating func insert(_ place: Int) { bits |= TermSet(place).bits }

  package func union(_ other: TermSet) -> TermSet { TermSet(bits: bits | other.bits) }

  /// Calls `body` with each place, in order.
  func forEachPlace(_ body: (Int) -> Void) {
    var rest = bits
    while rest != 0 {
      body(rest.trailingZeroBitCount)
      rest &= rest - 1
    }
  }
}
