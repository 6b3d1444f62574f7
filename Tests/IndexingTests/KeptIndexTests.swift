// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glossary
import IndexStore
import Indexing
import TestSupport
import Testing

/// Homes as each format version wrote them, made by `tools/kept-index`: today's is read, an older one says what to do.
@Suite struct KeptIndexTests {
  /// The formats that there is a home of.
  static let versions: [UInt32] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: TestHome.checkout + "/Tests/Kept")) ?? []
    return names.compactMap { UInt32($0.dropFirst("format-".count).prefix { $0 != "." }) }.sorted()
  }()

  @Test func thereIsOneOfEachVersion() {
    #expect(Self.versions == Array(1...StoreFormat.version), "run tools/kept-index for the newest")
  }

  @Test(arguments: versions) func aKeptHomeIsReadOrRefused(version: UInt32) async throws {
    let folder = try TestRepository.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let tar = Process()
    tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    tar.arguments = ["tar", "-C", folder, "-xJf", "\(TestHome.checkout)/Tests/Kept/format-\(version).tar.xz"]
    try tar.run()
    tar.waitUntilExit()
    #expect(tar.terminationStatus == 0)
    if version == StoreFormat.version {
      try await check(folder + "/home")
    } else {
      try checkRefusal(folder + "/home", version)
    }
  }

  private func check(_ path: String) async throws {
    let home = try Home(reading: path)
    #expect(try home.snapshots().map(\.revision) == ["v2", "v1"])
    let view = try home.view(of: home.resolve(SnapshotName(revision: "v1")))
    #expect((0..<view.fileCount).map { view.path(at: $0).text } == ["doc/ring.rst", "lib/ring.c"])
    #expect(view.chunks(withTerm: "slot").count > 0)
    // It was written before the names that a blob uses were kept: then any may be used, and every file is read.
    #expect((0..<view.fileCount).allSatisfy { !view.knowsUses(ofFile: $0) && view.mayUse([1], file: $0) })
    let indexer = Indexer(home: path, grammars: "/nowhere", queries: TestHome.checkout + "/grammars")
    #expect(try await Verifier(indexer).run(quick: true).problems == [])
  }

  /// An older format is neither read wrongly nor written to.
  private func checkRefusal(_ path: String, _ version: UInt32) throws {
    let words = " has index format \(version), this program reads format \(StoreFormat.version)\n"
    let remedy = "  Index again into another home with --home DIR; the repository still has everything."
    for open in [{ _ = try Home(reading: path) }, { _ = try HomeWriter(home: path) }] {
      let error = try #require(throws: NenrinError.self) { try open() }
      #expect(error.code == .formatMismatch)
      #expect(error.description.hasSuffix(words + remedy), "\(error)")
    }
  }
}
