// SPDX-License-Identifier: Apache-2.0
import Foundation
import GitStore
import Glossary
import IndexStore
import Inference
import TestSupport
import Testing

@testable import Indexing

/// Uncommitted changes are answered as the same files are once they are committed and indexed, scores included.
@Suite struct WorkTreeOverlayTests {
  /// The overlay of a checkout over one of a home's snapshots.
  private func overlay(_ checkout: TestCheckout, over tag: String, in home: TestHome) throws -> WorkTreeOverlay {
    let opened = try Home(reading: home.path)
    let tree = try #require(try WorkTree(holding: checkout.path))
    return try WorkTreeOverlay(
      tree, state: try tree.state(), over: try opened.resolve(SnapshotName(revision: tag)), in: opened, id: -1,
      grammars: home.indexer.grammars, queries: home.indexer.queries)
  }

  private func commitAll(_ checkout: TestCheckout, tag: String) throws {
    try checkout.git("add", "--all")
    try checkout.git("commit", "-qm", tag, "--allow-empty")
    try checkout.git("tag", tag)
  }

  @Test(arguments: 0..<10) func anOverlayIsAsItsCommit(seed: Int) async throws {
    var script = EditScript(seed: UInt64(seed) &* 104_729 &+ 3)
    let checkout = try TestCheckout(script.next().files, tag: "v0")
    let home = try TestHome()
    try await home.index(checkout.repository, "v0")
    for step in 1...3 {
      let tree = script.next()
      for path in tree.removed { try checkout.remove(path) }
      for (path, file) in tree.files { try checkout.put(path, file) }
      // Now and then part of it is staged, or committed and not indexed.
      if seed % 3 == 1 { try checkout.git("add", "fs", "mm") }
      if seed % 3 == 2, step == 2 { try commitAll(checkout, tag: "between") }
      let overlay = try overlay(checkout, over: step == 1 || seed % 2 == 0 ? "v0" : "v\(step - 1)", in: home)
      try commitAll(checkout, tag: "v\(step)")
      let fresh = try TestHome()
      try await fresh.index(checkout.repository, "v\(step)")
      let expected = try EquivalenceTests.answers(try fresh.view("v\(step)"), checkout.repository)
      #expect(try EquivalenceTests.answers(overlay.view, checkout.repository) == expected, "step \(step) of \(seed)")
      #expect(overlay.view.info.name == "project@worktree")
      if seed % 2 == 1 { try await home.index(checkout.repository, "v\(step)") }
    }
    #expect(try await home.verify(quick: true) == [])
  }

  @Test func nothingIsWritten() async throws {
    let checkout = try TestCheckout(["a.c": "int first(void)\n{\n\treturn 1;\n}\n"], tag: "v0")
    let home = try TestHome()
    try await home.index(checkout.repository, "v0")
    let index = try Data(contentsOf: URL(fileURLWithPath: checkout.path + "/.git/index"))
    let before = try Self.files(below: home.path)
    let objects = try Self.files(below: checkout.path + "/.git")
    try checkout.write("a.c", "int second(void)\n{\n\treturn 2;\n}\n")
    let overlay = try overlay(checkout, over: "v0", in: home)
    #expect(overlay.view.definitions(named: "second").count == 1 && overlay.view.definitions(named: "first").isEmpty)
    #expect(overlay.state.changedCount == 1)
    #expect(try Self.files(below: home.path) == before)
    #expect(try Self.files(below: checkout.path + "/.git") == objects)
    #expect(try Data(contentsOf: URL(fileURLWithPath: checkout.path + "/.git/index")) == index)
    #expect(try home.view("v0").definitions(named: "first").count == 1)
  }

  private static func files(below folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
  }

  @Test func vectorsAreMadeAsTheyAreForACommit() async throws {
    let checkout = try TestCheckout(
      [
        "docs/lock.txt": "Spinning locks keep others out while a counter changes.\n",
        "docs/page.txt": "Pages of memory are given back when nobody needs them.\n",
      ], tag: "v0")
    let (home, fresh, embedder) = (try TestHome(), try TestHome(), CountingEmbedder())
    func index(_ tag: String, _ home: TestHome) async throws {
      let indexer = Indexer(
        home: home.path, grammars: home.indexer.grammars, queries: home.indexer.queries, workers: 2, embedder: embedder)
      _ = try await indexer.index(
        IndexRequest(source: checkout.path, revisions: [tag], collection: "project"))
    }
    try await index("v0", home)
    try checkout.write("docs/clock.txt", "The clock ticks a thousand times each second.\n")
    try checkout.write("docs/page.txt", "Pages of memory are written back each second.\n")
    let overlay = try overlay(checkout, over: "v0", in: home)
    let question = try await embedder.question("ticks of a second")
    #expect(overlay.view.meaning(of: question, limit: 10) == nil)
    let asked = embedder.count
    async let first: Void = overlay.embed(embedder)
    async let second: Void = overlay.embed(embedder)
    _ = try await (first, second)
    #expect(embedder.count == asked + 2)
    try commitAll(checkout, tag: "v1")
    try await index("v1", fresh)
    func nearest(_ view: SnapshotView) -> [String]? {
      view.meaning(of: question, limit: 10)?.chunks.map { hit in
        "\(view.locations(ofChunk: hit.chunk).map { view.path(at: $0.file).text }) \(hit.cosine)"
      }
    }
    let expected = try #require(nearest(try fresh.view("v1")))
    #expect(expected.count == 3 && nearest(overlay.view) == expected)
    #expect(try await home.verify(quick: true) == [])
  }
}

extension TestCheckout {
  func put(_ path: String, _ file: TestFile) throws {
    switch file {
    case .text(let text):
      try write(path, text)
      try permissions(path, 0o644)
    case .executable(let text):
      try write(path, text)
      try permissions(path, 0o755)
    case .symlink(let target): try link(path, to: target)
    default: throw TestFailure(description: "no such file in these tests")
    }
  }
}
