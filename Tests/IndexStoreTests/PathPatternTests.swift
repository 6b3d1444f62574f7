// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import IndexStore

@Suite struct PathPatternTests {
  @Test(arguments: [
    ("net/*.c", ["net/a.c", "net/.c"], ["net/a.h", "net/ipv4/a.c", "net/a.c/b"]),
    ("net/*/", ["net/ipv4/a.c", "net/ipv4/b/c.h", "net/a/"], ["net/a.c", "mm/a/b.c"]),
    (
      "fs/x?s/*_log*", ["fs/xfs/xfs_log.c", "fs/xfs/_log"], ["fs/xffs/a_log.c", "fs/xfs/scrub/a_log.c", "fs/xfs/a_lo"]
    ),
    ("lib/[ab]*.c", ["lib/a.c", "lib/bx.c"], ["lib/c.c", "lib/a/x.c"]),
    ("lib/a\\*.c", ["lib/a*.c"], ["lib/ab.c"]),
    ("include/*/a.h", ["include/net/a.h"], ["include/a.h", "include/net/b/a.h", "include/net/ba.h"]),
    ("drivers/*.c*", ["drivers/x.c", "drivers/x.c.orig"], ["drivers/x.h"]),
  ])
  func aPatternIsOver(_ pattern: String, _ taken: [String], _ left: [String]) {
    var wanted = PathPattern(pattern)
    func matches(_ path: String) -> Bool {
      Array(path.utf8).withUnsafeBytes { wanted.matches($0, depth: PathPattern.depth(of: $0)) }
    }
    #expect(taken.filter(matches) == taken)
    #expect(left.filter(matches).isEmpty)
  }

  /// The buffer that a path is copied to keeps nothing of the one before.
  @Test func aShortPathAfterALongOne() {
    var wanted = PathPattern("a/*.c")
    let long = "a/" + String(repeating: "x", count: 300) + ".c"
    for (path, isTaken) in [("a/b.c", true), (long, true), ("a/b.h", false), ("a/.c", true)] {
      #expect(Array(path.utf8).withUnsafeBytes { wanted.matches($0, depth: PathPattern.depth(of: $0)) } == isTaken)
    }
  }
}

@Suite struct TermTableTests {
  /// Clearing a table with few strings takes out one after the other; none may be left behind or lost after it.
  @Test func aClearedTableHoldsNothing() {
    for count in [0, 1, 3, 60, 200, 5_000] {
      let table = TermTable(capacity: 1 << 10)
      func insert(_ term: String) -> (UInt32, Bool) {
        let (number, isNew) = Array(term.utf8).withUnsafeBytes { table.insert($0, hash: UInt64($0.count) << 1) }
        return (number, isNew)
      }
      // All of one length share a slot, so that they stand in each other's way.
      let terms = (0..<count).map { "t\($0)" }
      for term in terms { _ = insert(term) }
      table.removeAll()
      #expect(table.count == 0)
      #expect(terms.prefix(300).enumerated().allSatisfy { insert($1) == (UInt32($0), true) })
      #expect(terms.prefix(300).enumerated().allSatisfy { insert($1) == (UInt32($0), false) })
    }
  }
}

@Suite struct ConcurrentMapTests {
  private struct Odd: Error, Equatable { var number: Int }

  @Test func resultsComeInOrder() {
    for count in [0, 1, 2, 1_000] {
      #expect(Array(0..<count).concurrentMap { $0 * 3 } == (0..<count).map { $0 * 3 })
    }
  }

  @Test func theFirstErrorInOrderIsThrown() {
    #expect(throws: Odd(number: 7)) {
      try Array(0..<100).concurrentMap { number -> Int in
        if number >= 7, number % 2 == 1 { throw Odd(number: number) }
        return number
      }
    }
  }
}
