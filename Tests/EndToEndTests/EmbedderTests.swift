// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import TestSupport
import Testing

/// An embedder behind a server, as the program meets it.
@Suite(.timeLimit(.minutes(10))) struct EmbedderTests {
  private struct Body: Decodable {
    var input: [String]
  }

  /// Answers each text with a vector of its letters.
  static func answer(_ request: ScriptedServer.Request) -> [ScriptedServer.Step] {
    let inputs = (try? JSONDecoder().decode(Body.self, from: Data(request.body)).input) ?? []
    let entries = inputs.enumerated().map { index, text in
      let numbers = "aeio".utf8.map { letter in "\(1 + text.utf8.count { $0 == letter })" }
      return #"{"index":\#(index),"embedding":[\#(numbers.joined(separator: ","))]}"#
    }
    return ScriptedServer.reply(#"{"data":[\#(entries.joined(separator: ","))]}"#)
  }

  static func configuration(_ server: ScriptedServer, more: String = "") -> String {
    """
    [embedding]
    embedder = "openai"
    base_urls = ["\(server.baseURL)"]
    model = "letters"
    dimensions = 4
    retries = 0
    \(more)
    """
  }

  private func inputs(_ server: ScriptedServer) -> Int {
    server.requests.reduce(0) { sum, request in
      sum + ((try? JSONDecoder().decode(Body.self, from: Data(request.body)).input.count) ?? 0)
    }
  }

  @Test func aServerThatFailsLeavesASnapshotThatAnswers() async throws {
    let repository = try RingProject.repository()
    let program = try Program()
    let isMended = Mutex(false)
    let server = try ScriptedServer { request, _ in
      isMended.withLock { $0 } ? Self.answer(request) : ScriptedServer.reply(401, #"{"error":{"message":"bad key"}}"#)
    }
    let file = try program.write(Self.configuration(server), to: "e.toml")
    let failed = try program.run("index", repository.path, "v1.0.2", "--name", "ring", "--config", file, "--json")
    #expect(failed.status == 2)
    #expect(failed.json["snapshots"][0]["embeddings"]["missing"].number == 3)
    #expect(
      failed.error == """
        nenrin: the embedder 'letters' at \(server.baseURL) refuses the key: HTTP 401: bad key
          Set [embedding] api_key to env:NAME, and the variable NAME to the server's key.
          Run the same command again: it makes the vectors that are missing, 3 at most. What was
          indexed is published, and answers without vectors meanwhile.

        """)
    let found = try program.run("search", "ring_push", "-k", "1", "--config", file)
    #expect(found.status == 0 && found.output.hasPrefix("1  lib/"))
    let without = "answered without vectors: the embedder 'letters' at \(server.baseURL) refuses the key"
    #expect(found.error == "nenrin: \(without)\n")
    #expect(try program.run("search", "ring_push", "--json", "--config", file).json["notes"][0].text == without)
    isMended.withLock { $0 = true }
    let note =
      "ring@v1.0.2 has not all its vectors of 'letters', and is asked without: run `nenrin index` of it again"
    let incomplete = try program.run("search", "ring_push", "--json", "--config", file)
    #expect(incomplete.error == "nenrin: \(note)\n" && incomplete.json["notes"][0].text == note)
    let mended = try program.run("index", repository.path, "v1.0.2", "--name", "ring", "--config", file)
    #expect(mended.status == 0)
    #expect(mended.output.contains("indexed already\n  vectors  3 new\n"))
    let complete = try program.run("search", "ring_push", "--json", "--config", file)
    #expect(complete.error.isEmpty && complete.json["notes"][0].text == nil)
    let sent = inputs(server)
    #expect(try program.run("index", repository.path, "v1.0.2", "--name", "ring", "--config", file).status == 0)
    #expect(inputs(server) == sent)
  }
  @Test func aDryRunSaysWhatWouldBeSentAndSendsNothing() async throws {
    let repository = try RingProject.repository()
    let program = try Program()
    let server = try ScriptedServer { request, _ in Self.answer(request) }
    let file = try program.write(Self.configuration(server), to: "e.toml")
    func plan(_ revision: String) throws -> Outcome {
      try program.run("index", repository.path, revision, "--name", "ring", "--config", file, "--dry-run", "--json")
    }
    func index(_ revision: String) throws {
      let outcome = try program.run("index", repository.path, revision, "--name", "ring", "--config", file)
      #expect(outcome.status == 0)
    }
    let first = try plan("v1.0.2").json["snapshots"][0]["embeddings"]
    #expect(inputs(server) == 0)
    let words = try program.run("index", repository.path, "v1.0.2", "--name", "ring", "--config", file, "--dry-run")
    let texts = Int(first["inputs"].number ?? 0)
    #expect(texts > 0 && words.output.contains("To the embedder: \(texts) texts at most, about "))
    try index("v1.0.2")
    #expect(inputs(server) == texts)
    #expect(try plan("v1.0.2").json["snapshots"][0]["embeddings"]["inputs"].number == 0)
    let second = Int(try plan("v1.0.1").json["snapshots"][0]["embeddings"]["inputs"].number ?? -1)
    try index("v1.0.1")
    #expect(inputs(server) == texts + second)
    // Another embedder's vectors are all missing.
    let other = try program.write(Self.configuration(server, more: "passage_prefix = \"p: \""), to: "other.toml")
    let before = inputs(server)
    let all = try program.run(
      "index", repository.path, "v1.0.1", "--name", "ring", "--config", other, "--dry-run", "--json")
    #expect((all.json["snapshots"][0]["embeddings"]["inputs"].number ?? 0) >= Double(texts))
    #expect(inputs(server) == before)
  }

  /// The commands that tools/bench and tools/doc-eval measure with.
  @Test func vectorsAreMeasured() async throws {
    let repository = try RingProject.repository()
    let program = try Program()
    let server = try ScriptedServer { request, _ in Self.answer(request) }
    let file = try program.write(Self.configuration(server), to: "e.toml")
    #expect(try program.run("index", repository.path, "v1.0.2", "--name", "ring", "--config", file).status == 0)
    let times = try program.run("scan-times", "--rounds", "2", "--config", file, "--json").json
    #expect(times["vectors"].number == 3 && times["dimensions"].number == 4)
    for (index, threads) in [1.0, 2].enumerated() {
      let scans = times["scans"][index]
      #expect(scans["threads"].number == threads)
      #expect(scans["elapsed"][1].number != nil && scans["cpu"][1].number != nil && scans["elapsed"][2].number == nil)
    }
    let quiz = try program.write(#"{"id":"1","question":"ring","gold":["lib/ring.c"]}"#, to: "quiz.jsonl")
    let dump = try program.run("meaning-dump", quiz, "--config", file)
    #expect(dump.status == 2 && dump.output.isEmpty)
    let reason = "only its vectors can be had again without asking a server"
    #expect(dump.error == "nenrin: [embedding] embedder: not the built-in one: \(reason)\n")
  }
}
