// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore
import TestSupport
import Testing

@testable import Retrieval

@Suite struct ExactTextTests {
  @Test(arguments: [
    (#"Where does "port is full, dropping packets" come from?"#, ["quoted port is full, dropping packets"]),
    ("「port is full, dropping」はどこで出力されますか？", ["quoted port is full, dropping"]),
    ("Which driver binds to acme,moon-2.1?", ["token acme,moon-2.1"]),
    ("Who claims (platform:moon-phase)?", ["token platform:moon-phase"]),
    ("[  12.345678] moon moon0: phase 3 is stuck", ["logLine moon moon0: phase 3 is stuck"]),
    ("What does `tree_lock` do, and \"lock\"?", []),
    ("Why is fs/tree/lock.c:42 wrong, at 12:30, in 6.1,6.12 or on http://host:80/?", []),
    ("Which file implements the scheduler: the fair one?", []),
    ("locking, sorting and searching", []),
  ])
  func whatIsGivenWordForWord(_ question: String, _ phrases: [String]) {
    let found = VerbatimPhrase.phrases(in: question).map { "\($0.kind) \(String(decoding: $0.bytes, as: UTF8.self))" }
    #expect(found == phrases)
  }

  @Test(arguments: [
    ("stuck for 22s!", "x stuck for %us! stuck", "stuck for "), ("abc", "xyz", ""), ("abab", "zzbab", "bab"),
    ("", "abc", ""), ("abc", "", ""),
  ])
  func theLongestRunIsFound(_ phrase: String, _ text: String, _ run: String) {
    let bytes = Array(phrase.utf8)
    #expect(String(decoding: bytes[LongestRun.of(bytes, in: Array(text.utf8)[...])], as: UTF8.self) == run)
  }

  private static let files: [String: TestFile] = [
    "net/port.c":
      "/* Ports. */\nint port_full(struct port *p)\n{\n\treturn p->full;\n}\n\nvoid port_warn(struct port *p)\n{\n\tpr_warn(\"port %d: port is full, dropping packets\\n\", p->id);\n}\n",
    "net/dropping.c":
      "/* Dropping packets where a port is full: packets of a full port, dropping of packets. */\nint dropping_packets(struct port *port)\n{\n\treturn port_is_full(port) && packets(port);\n}\n",
    "drivers/moon/phase.c":
      "/* Phases. */\nstatic const struct of_device_id table[] = {\n\t{ .compatible = \"acme,moon-2.1\" },\n\t{ .compatible = \"acme,moon-2\" },\n};\n",
    "drivers/moon/acme.c":
      "/* The moon by acme: moon 2, acme moon 1. */\nint acme_moon(void)\n{\n\treturn moon(2, 1);\n}\n",
    "boot/moon.dts": "/ {\n\tmoon@0 {\n\t\tcompatible = \"acme,moon-2\";\n\t};\n};\n",
  ]

  private func search(_ request: SearchRequest) async throws -> SearchResult {
    let repository = try TestRepository()
    try repository.commit(Self.files, tag: "v1")
    let home = try TestHome()
    try await home.index(repository, "v1")
    return try Retriever(view: try home.view("v1"), source: try Repository(opening: repository.path)).search(request)
  }

  @Test(arguments: [
    (#"Which file says "port is full, dropping packets"?"#, "net/port.c", "port is full, dropping packets"),
    ("port 7: port is full, dropping packets", "net/port.c", ": port is full, dropping packets"),
    ("Which driver binds to acme,moon-2.1?", "drivers/moon/phase.c", "acme,moon-2.1"),
    ("acme,moon-2", "drivers/moon/phase.c", "acme,moon-2"),
    ("port lan0: port is full again", "net/port.c", ": port is full"),
  ])
  func whatSaysItWordForWordComesFirst(_ question: String, _ path: String, _ text: String) async throws {
    let result = try await search(SearchRequest(question: question))
    let first = try #require(result.files.first)
    #expect(first.path.text == path)
    #expect(first.reasons.first { $0.signal == "exact text" }?.matched == text)
    #expect(result.passages.first { $0.path.text == path }?.text.contains(text) == true)
    var without = SearchRequest(question: question)
    without.without = ["exact text"]
    let plain = try await search(without)
    #expect(!plain.files.contains { $0.reasons.contains { $0.signal == "exact text" } })
  }

  @Test func aFilterKeepsOthersOut() async throws {
    let result = try await search(SearchRequest(question: "Who binds to acme,moon-2?", pathGlob: "boot"))
    #expect(result.files.map(\.path.text) == ["boot/moon.dts"])
  }

  /// A source that has nothing: whoever asks it, fails.
  private final class Nothing: BlobSource {
    func bytes(of blob: ObjectID) throws -> [UInt8] { throw NenrinError(.objectUnreadable, "read") }
  }

  @Test func aQuestionInItsOwnWordsReadsNothing() async throws {
    let repository = try TestRepository()
    try repository.commit(Self.files, tag: "v1")
    let home = try TestHome()
    try await home.index(repository, "v1")
    let ranker = FileRanker(view: try home.view("v1"))
    let exact = ExactText(ranker: ranker, source: Nothing())
    #expect(try exact.matches("Which file warns that a port is full?").isEmpty)
    #expect(throws: NenrinError.self) { try exact.matches(#"Which file says "port is full, dropping"?"#) }
  }
}
