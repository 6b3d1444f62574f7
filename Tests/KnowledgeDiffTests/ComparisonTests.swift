// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore
import KnowledgeDiff
import TestSupport
import Testing

/// Comparisons that are kept, and files of which the index keeps a filter alone.
@Suite struct ComparisonTests {
  private static func functions(_ count: Int, returning value: Int) -> TestFile {
    .text((0..<count).map { "int part_\($0)(void)\n{\n\treturn \(value + $0);\n}\n\n" }.joined())
  }

  private final class Counted {
    let fixture: Fixture
    let pair: SnapshotPair

    init() async throws {
      fixture = try await Fixture(
        ["a.c": functions(6, returning: 1), "b.c": "int b;\n"], ["a.c": functions(6, returning: 2), "c.c": "int c;\n"])
      let source = try Repository(opening: fixture.repository.path)
      pair = SnapshotPair(
        from: try fixture.home.view("v1.0"), to: try fixture.home.view("v1.1"), fromSource: source, toSource: source)
    }
  }

  @Test func thePagesOfOneComparisonAreFoundOnce() async throws {
    let counted = try await Counted()
    let cache = ComparisonCache()
    var symbols: [String] = []
    for offset in stride(from: 0, to: 8, by: 2) {
      var request = DiffRequest(limit: 2)
      request.offset = offset
      let page = try KnowledgeComparer(counted.pair, cache: cache).diff(request)
      #expect(page.symbolCount == 7 && page.fileCount == 2 && page.fileSummary.added == 1)
      symbols += page.symbolLines
    }
    #expect(cache.missCount == 1)
    #expect(symbols == (try KnowledgeComparer(counted.pair).diff(DiffRequest()).symbolLines))
  }

  @Test func otherPathsSymbolsAndSidesAreOtherComparisons() async throws {
    let counted = try await Counted()
    let cache = ComparisonCache()
    func lines(_ request: DiffRequest, _ pair: SnapshotPair) throws -> [String] {
      try KnowledgeComparer(pair, cache: cache).diff(request).symbolLines
    }
    let source = try Repository(opening: counted.fixture.repository.path)
    let back = SnapshotPair(
      from: counted.pair.to, to: counted.pair.from, fromSource: source, toSource: source)
    #expect(try lines(DiffRequest(), counted.pair).count == 7)
    #expect(try lines(DiffRequest(path: "c.c"), counted.pair) == ["added variable c"])
    #expect(try lines(DiffRequest(symbol: "part_3"), counted.pair) == ["changed function part_3"])
    #expect(try lines(DiffRequest(path: "c.c"), back) == ["removed variable c"])
    #expect(cache.missCount == 4 && cache.count == 4)
    #expect(try lines(DiffRequest(symbol: "part_3"), counted.pair) == ["changed function part_3"])
    #expect(cache.missCount == 4)
  }

  @Test func fewAreKeptAndTheOneAskedForLastStays() async throws {
    let counted = try await Counted()
    let cache = ComparisonCache(mostEntries: 2)
    for path in ["a.c", "c.c", "a.c", "b.c", "a.c"] {
      _ = try? KnowledgeComparer(counted.pair, cache: cache).diff(DiffRequest(path: path))
    }
    #expect(cache.missCount == 3 && cache.count == 2)
    let small = ComparisonCache(mostChanges: 3)
    _ = try KnowledgeComparer(counted.pair, cache: small).diff(DiffRequest())
    #expect(small.count == 0)
    _ = try KnowledgeComparer(counted.pair, cache: small).diff(DiffRequest(path: "c.c"))
    #expect(small.count == 1)
  }

  // MARK: Register tables

  private static func table(_ last: String) -> TestFile {
    .text(
      (0..<1_200).map { "#define mmBOX_STATUS_REGISTER_\($0)  0x\(String($0, radix: 16))\n" }.joined() + last)
  }

  private static func tables() async throws -> Fixture {
    try await Fixture(
      ["hw/box.h": table("#define mmBOX_GONE 0x1 /* to go */\n#define mmBOX_KEPT  0x2\n"), "a.c": "int a;\n"],
      ["hw/box.h": table("#define mmBOX_KEPT 0x3\n#define mmBOX_FRESH(n) (0x4 + (n))\n"), "a.c": "long a;\n"])
  }

  @Test func aRegisterTableIsCountedAmongManyAndReadAlone() async throws {
    let fixture = try await Self.tables()
    let whole = try fixture.diff()
    #expect(whole.fileLines == ["modified a.c", "modified hw/box.h"])
    #expect(whole.uncomparedTables == 1 && whole.symbolLines == ["signature variable a"])
    let one = try fixture.diff(DiffRequest(path: "hw/box.h"))
    #expect(
      one.directories.map(\.path) == ["hw/"] && one.directories[0].symbols == [.added: 1, .changed: 1, .removed: 1])
    #expect(one.uncomparedTables == 0 && one.symbolCount == 3 && one.symbolSummary[.changed] == 1)
    #expect(one.symbolLines == ["removed macro mmBOX_GONE", "changed macro mmBOX_KEPT", "added macro mmBOX_FRESH"])
    #expect(one.symbols[1].from?.signature == "#define mmBOX_KEPT 0x2" && one.symbols[1].from?.line == 1_202)
    #expect(one.symbols[1].to?.signature == "#define mmBOX_KEPT 0x3" && one.symbols[1].to?.line == 1_201)
    #expect(one.symbols[0].from?.signature == "#define mmBOX_GONE 0x1")
  }

  @Test func aNameOfARegisterTableIsFollowed() async throws {
    let fixture = try await Self.tables()
    let kept = try fixture.diff(DiffRequest(symbol: "mmBOX_KEPT"))
    #expect(kept.symbolLines == ["changed macro mmBOX_KEPT"] && kept.fileLines == ["modified hw/box.h"])
    let same = try fixture.diff(DiffRequest(symbol: "mmBOX_STATUS_REGISTER_7"))
    #expect(same.symbolLines == ["unchanged macro mmBOX_STATUS_REGISTER_7"] && same.files.isEmpty)
    let error = #expect(throws: NenrinError.self) { _ = try fixture.diff(DiffRequest(symbol: "mmBOX_STATUS_REGISTER")) }
    #expect(error?.code == .symbolNotFound)
  }

  @Test func aHeaderThatBecameARegisterTableIsNoHeapOfLosses() async throws {
    let plain = (0..<40).map { "#define BOX_LIMIT_\($0) \($0)\n" }.joined()
    let fixture = try await Fixture(["hw/box.h": .text(plain), "a.c": "int a;\n"], ["hw/box.h": Self.table("")])
    let result = try fixture.diff()
    #expect(result.symbolLines.isEmpty && result.uncomparedTables == 1)
  }
}
