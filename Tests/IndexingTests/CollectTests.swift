// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import GitStore
import Glossary
import IndexStore
import Indexing
import TestSupport
import Testing

/// What is forgotten is gone, what is freed leaves no trace in the answers of what stays.
@Suite struct CollectTests {
  /// A home with a snapshot for each of the tags, indexed one after the other.
  private struct Rings {
    let repository: TestRepository
    let home: TestHome

    init(seed: UInt64, count: Int) async throws {
      var script = EditScript(seed: seed &* 7919 &+ 1)
      repository = try TestRepository()
      home = try TestHome()
      for step in 0..<count {
        try script.next().commit(to: repository, tag: "v\(step)")
        try await home.index(repository, "v\(step)")
      }
    }

    func answers(_ tag: String) throws -> [String] {
      try EquivalenceTests.answers(try home.view(tag), repository)
    }

    func forget(_ tags: [String]) throws {
      let writer = try HomeWriter(home: home.path)
      try writer.forget(tags.map { try writer.resolve(SnapshotName(revision: $0)) })
    }

    func collect(mostTokens: Int? = nil) throws -> CollectionOutcome {
      try HomeWriter(home: home.path).collect(mostTokens: mostTokens)
    }

    /// How many segments the published generation has.
    var liveSegments: Int {
      get throws {
        var configuration = Configuration()
        configuration.readonly = true
        return try DatabaseQueue(path: home.path + "/catalog.sqlite", configuration: configuration).read {
          try Int.fetchOne($0, sql: "SELECT count(*) FROM segment") ?? 0
        }
      }
    }

    var files: [String] {
      get throws {
        try FileManager.default.contentsOfDirectory(atPath: home.path + "/segments").sorted()
      }
    }
  }

  @Test(arguments: 0..<12) func freeingDoesNotShow(seed: UInt64) async throws {
    let rings = try await Rings(seed: seed, count: 6)
    let kept = seed % 2 == 0 ? ["v1", "v4"] : ["v0", "v5"]
    let expected = try kept.map(rings.answers)
    let open = try rings.home.view(kept[0])
    try rings.forget((0..<6).map { "v\($0)" }.filter { !kept.contains($0) })
    #expect(try kept.map(rings.answers) == expected)
    // A small limit makes several segments, whose blobs and chunks refer to one another.
    let limit = [nil, 10, 60][Int(seed % 3)]
    let outcome = try rings.collect(mostTokens: limit)
    #expect(outcome.blobs.freed > 0 && outcome.chunks.kept > 0)
    #expect(limit == nil ? outcome.segmentsAfter == 1 : outcome.segmentsAfter > 1)
    #expect(try rings.files.count == outcome.segmentsAfter)
    #expect(try kept.map(rings.answers) == expected)
    #expect(try EquivalenceTests.answers(open, rings.repository) == expected[0], "a view that is open goes on")
    #expect(try await rings.home.verify() == [])
    // What was freed comes back as it was, and nothing is freed twice.
    let again = try rings.collect()
    #expect(again.blobs.freed == 0 && again.chunks.freed == 0)
    try await rings.home.index(rings.repository, "v2")
    let fresh = try TestHome()
    try await fresh.index(rings.repository, "v2")
    #expect(try rings.answers("v2") == EquivalenceTests.answers(fresh.view("v2"), rings.repository))
    #expect(try kept.map(rings.answers) == expected)
  }

  /// A register table has no chunks, only a filter of its names; a table of functions has bindings.
  @Test func tablesAndBindingsAreCopied() async throws {
    let repository = try TestRepository()
    let registers = (0..<2_000).map { "#define mmBOX_STATUS_REGISTER_\($0) 0x\($0)\n" }.joined()
    let table = "static const struct box_ops fast_ops = {\n\t.open = fast_open,\n\t.close = fast_close,\n};\n"
    try repository.commit(["old.c": "int old_value;\n", "z.txt": "words\n"], tag: "v1")
    try repository.commit(["ops.c": .text(table), "regs.h": .text(registers)], remove: ["old.c"], tag: "v2")
    let home = try TestHome()
    try await home.index(repository, "v1", "v2")
    func seen() throws -> [String] {
      let view = try home.view("v2")
      let names = ["mmBOX_STATUS_REGISTER_7", "mmBOX_STATUS_REGISTER_1999", "mmBOX_STATUS_REGISTER_2000"]
      let tables = names.map { "\($0): \(view.tableFiles(naming: $0).map { view.path(at: $0) })" }
      let symbols = (0..<view.fileCount).flatMap { view.definitions(inFile: $0) }
      let bindings = symbols.flatMap(\.bindings).map { "\($0)" }
      return try tables + bindings + EquivalenceTests.answers(view, repository)
    }
    let expected = try seen()
    #expect(expected.prefix(3).map { $0.hasSuffix("[regs.h]") } == [true, true, false])
    let writer = try HomeWriter(home: home.path)
    try writer.forget([try writer.resolve(SnapshotName(revision: "v1"))])
    let blobs = try writer.collect().blobs
    #expect(blobs.kept == 3 && blobs.freed == 1)
    #expect(try seen() == expected)
  }

  /// Thirty runs of a commit each do not leave thirty segments.
  @Test func theNewestSegmentsAreMerged() async throws {
    let rings = try await Rings(seed: 77, count: 30)
    let tags = (0..<30).map { "v\($0)" }
    let numbers = try Home(reading: rings.home.path).snapshots().count
    #expect(numbers == 30)
    #expect(try rings.liveSegments < 12)
    #expect(try await rings.home.verify() == [])
    for tag in ["v0", "v7", "v8", "v9", "v20", "v29"] {
      let fresh = try TestHome()
      try await fresh.index(rings.repository, tag)
      #expect(try rings.answers(tag) == EquivalenceTests.answers(fresh.view(tag), rings.repository))
    }
    let expected = try tags.map(rings.answers)
    let outcome = try rings.collect()
    #expect(outcome.blobs.freed == 0 && outcome.chunks.freed == 0)
    #expect(try rings.files.count == outcome.segmentsAfter)
    #expect(try tags.map(rings.answers) == expected)
  }

  /// A reader that was there before sees the new files by itself, and what it held is let go.
  @Test func aReaderGoesOnWithTheNewSegments() async throws {
    let rings = try await Rings(seed: 5, count: 4)
    let reader = try Home(reading: rings.home.path)
    let before = try reader.view(of: reader.resolve(SnapshotName(revision: "v3")))
    let expected = try rings.answers("v3")
    try rings.forget(["v0", "v1"])
    #expect(try rings.collect().blobs.freed > 0)
    let after = try reader.view(of: reader.resolve(SnapshotName(revision: "v3")))
    #expect(before !== after)
    #expect(try EquivalenceTests.answers(after, rings.repository) == expected)
    #expect(try reader.snapshots().map(\.revision) == ["v3", "v2"])
  }

  @Test func allForgottenIsEmptyAndNumbersAreNotUsedAgain() async throws {
    let rings = try await Rings(seed: 3, count: 2)
    #expect(try rings.files == ["1.segment", "2.segment"])
    try rings.forget(["v0", "v1"])
    let reader = try Home(reading: rings.home.path)
    #expect(try reader.snapshots().isEmpty && reader.collections().isEmpty)
    let outcome = try rings.collect()
    #expect(outcome.blobs.kept == 0 && outcome.segmentsAfter == 0 && outcome.freedBytes > 0)
    #expect(try rings.files == [])
    try await rings.home.index(rings.repository, "v1")
    #expect(try rings.files == ["3.segment"])
    #expect(try reader.snapshots().map(\.revision) == ["v1"])
    #expect(try await rings.home.verify() == [])
  }

  /// Manifests are deltas on one another: one in the middle of a chain goes, and those after it are whole.
  @Test func aChainOfManifestsOutlivesItsMembers() async throws {
    let repository = try TestRepository()
    let files = (0..<40).map { ("folder/file\($0).txt", TestFile.text("words of file \($0)\n")) }
    try repository.commit(Dictionary(uniqueKeysWithValues: files), tag: "v0")
    for step in 1..<6 { try repository.commit(["folder/file1.txt": .text("step \(step)\n")], tag: "v\(step)") }
    let home = try TestHome()
    try await home.index(repository, "v0")
    try await home.index(repository, "v0..v5")
    let expected = try EquivalenceTests.answers(home.view("v4"), repository)
    for tag in ["v0", "v2", "v5", "v3", "v1"] {
      let writer = try HomeWriter(home: home.path)
      try writer.forget([try writer.resolve(SnapshotName(revision: tag))])
      #expect(try EquivalenceTests.answers(home.view("v4"), repository) == expected)
      #expect(try await home.verify() == [])
    }
    _ = try HomeWriter(home: home.path).collect()
    #expect(try EquivalenceTests.answers(home.view("v4"), repository) == expected)
  }

  /// For readers on other machines, whose files would be gone at once.
  @Test func replacedFilesStayForATime() async throws {
    let rings = try await Rings(seed: 21, count: 3)
    let expected = try rings.answers("v2")
    try rings.forget(["v0", "v1"])
    _ = try HomeWriter(home: rings.home.path).collect(grace: 3_600)
    #expect(try rings.files == ["1.segment", "2.segment", "3.segment", "4.segment"])
    try await rings.home.index(rings.repository, "v1")
    #expect(try rings.files == ["1.segment", "2.segment", "3.segment", "4.segment", "5.segment"])
    #expect(try rings.answers("v2") == expected)
    #expect(try await rings.home.verify() == [])
    _ = try rings.collect()
    #expect(try rings.files == ["4.segment", "5.segment"])
    #expect(try rings.answers("v2") == expected)
  }

  /// A ring is what a snapshot holds and none before it does; what the forgotten held falls to those that still need it.
  @Test func ownSizesAddUp() async throws {
    let rings = try await Rings(seed: 5, count: 4)
    func own() throws -> [(revision: String, chunks: Int, bytes: Int64)] {
      try Home(reading: rings.home.path).snapshots().sorted { $0.id < $1.id }
        .map { ($0.revision, try #require($0.ownChunks), $0.ownBytes) }
    }
    func segmentBytes() throws -> Int64 {
      try rings.files.reduce(0) {
        $0
          + (try FileManager.default.attributesOfItem(atPath: rings.home.path + "/segments/" + $1)[.size] as? Int64 ?? 0)
      }
    }
    let before = try own()
    let reader = try Home(reading: rings.home.path)
    #expect(before[0].chunks == (try reader.resolve(SnapshotName(revision: "v0")).chunks))
    #expect(before.map(\.bytes).reduce(0, +) >= (try segmentBytes()) - 4)
    try rings.forget(["v0"])
    _ = try rings.collect()
    let after = try own()
    #expect(after.map(\.revision) == ["v1", "v2", "v3"])
    #expect(after[0].chunks == (try reader.resolve(SnapshotName(revision: "v1")).chunks))
    let chunks = after.map(\.chunks).reduce(0, +)
    #expect(chunks == (try rings.collect().chunks.kept))
    #expect(after.map(\.bytes).reduce(0, +) >= (try segmentBytes()) - 3)
  }

  /// Copied into a new file, damage would look whole.
  @Test func damageIsNotCopied() async throws {
    let rings = try await Rings(seed: 9, count: 3)
    try rings.forget(["v0", "v1"])
    let path = rings.home.path + "/segments/1.segment"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[40] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    #expect(throws: NenrinError.self) { try rings.collect() }
    #expect(try rings.files.contains("1.segment"))
  }
}
