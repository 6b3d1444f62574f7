// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// Rerankers and planning chat models, as the program meets them: a help, and never needed.
@Suite(.timeLimit(.minutes(10))) struct HelpingModelTests {
  private struct Body: Decodable {
    var documents: [String]
  }

  /// A reranker that likes texts with a word, and one that is scripted.
  private static func reranker(liking word: String) throws -> ScriptedServer {
    try ScriptedServer { request, _ in
      let texts = (try? JSONDecoder().decode(Body.self, from: Data(request.body)).documents) ?? []
      let entries = texts.enumerated().map { #"{"index":\#($0),"relevance_score":\#($1.contains(word) ? 9 : -9)}"# }
      return ScriptedServer.reply(#"{"results":[\#(entries.joined(separator: ","))]}"#)
    }
  }

  private static func rerank(_ server: ScriptedServer) -> String {
    "[rerank]\nbase_urls = [\"\(server.baseURL)\"]\nmodel = \"judge\"\nweight = 90\n"
  }

  private static func planning(_ server: ScriptedServer) -> String {
    "[chat]\nbase_urls = [\"\(server.baseURL)\"]\nmodel = \"m\"\nplanning = true\nretries = 0\n"
      // The built-in table may know what the question means without any plan.
      + "[embedding]\nembedder = \"none\"\n"
  }

  private static let question = "which file is the ring"

  private func paths(_ outcome: Outcome) -> [String] { outcome.json["files"].list.compactMap { $0["path"].text } }

  @Test func aRerankerHasASayAndCanBeLeftOut() throws {
    let (program, _) = try RingProject.indexed()
    let server = try Self.reranker(liking: "struct slots {")
    let file = try program.write(Self.rerank(server), to: "r.toml")
    func search(_ options: String) throws -> Outcome {
      try program.shell("nenrin search '\(Self.question)' --json --config '\(file)' \(options)")
    }
    let plain = try search("--no-rerank")
    #expect(server.requests.isEmpty)
    #expect(paths(plain).first == "lib/ring.c" && paths(plain).contains("lib/slots.h"))
    let ordered = try search("-k 2")
    #expect(paths(ordered).first == "lib/slots.h" && paths(ordered).count == 2)
    #expect(ordered.json["passages"][0]["path"].text == "lib/slots.h")
    let reasons = ordered.json["files"][0]["reasons"].list.compactMap(\.text)
    #expect(reasons.contains { $0.hasPrefix("reranker #1 (judge: 9.0) +") })
    // It reads the path, the head and the passage.
    let texts = try JSONDecoder().decode(Body.self, from: Data(try #require(server.requests.last).body)).documents
    #expect(texts.contains { $0.hasPrefix("lib/ring.c\n") && $0.contains("ring_push") })
    let without = try program.run("search", "ring", "--rerank")
    #expect(without.status == 2 && without.error.hasPrefix("nenrin: [rerank] base_urls: not set: --rerank wants"))
  }

  @Test func aRerankerThatFailsLeavesTheOrder() throws {
    let (program, _) = try RingProject.indexed()
    let server = try ScriptedServer { _, _ in ScriptedServer.reply(500, "no memory") }
    let file = try program.write(Self.rerank(server), to: "r.toml")
    let plain = try program.run("search", Self.question, "--json", "--no-rerank", "--config", file)
    let failed = try program.run("search", Self.question, "--json", "--config", file)
    #expect(failed.status == 0 && paths(failed) == paths(plain))
    let note = "not reranked: the reranker 'judge' at \(server.baseURL) does not answer in time: HTTP 500: no memory"
    #expect(failed.error == "nenrin: \(note)\n" && failed.json["notes"][0].text == note)
    let checks = try program.run("doctor", "--json", "--config", file).json["checks"].list
    #expect(checks.first { $0["name"].text == "reranker" }?["state"].text == "broken")
    let good = try Self.reranker(liking: "lock")
    let mended = try program.write(Self.rerank(good), to: "good.toml")
    let found = try program.run("doctor", "--json", "--config", mended).json["checks"].list
    #expect(
      found.first { $0["name"].text == "reranker" }?["detail"].text
        == "judge at \(good.baseURL), scores 9.000 and -9.000")
  }

  @Test func whatThePlannerProposesIsSearchedForToo() throws {
    let (program, _) = try RingProject.indexed()
    let server = try ScriptedServer { _, _ in
      ScriptedServer.chat(#"{"questions":["whistling kettle"],"identifiers":["ring_push"]}"#)
    }
    let file = try program.write(Self.planning(server), to: "p.toml")
    let plain = try program.run("search", "湯気の出る道具", "--json", "--no-plan", "--config", file)
    #expect(paths(plain).first != "doc/kettle.rst" && server.requests.isEmpty)
    let planned = try program.run("search", "湯気の出る道具", "--json", "--config", file)
    #expect(paths(planned).contains("doc/kettle.rst"))
    #expect(planned.json["plan"].list.compactMap(\.text) == ["whistling kettle", "ring_push"])
    #expect(server.requests.last?.text.contains(#""type":"json_schema""#) == true)
    let explained = try program.run("search", "湯気の出る道具", "--explain", "--config", file)
    #expect(explained.output.contains("planned by the chat model: whistling kettle; ring_push\n"))
    #expect(explained.output.contains("planned #1 (whistling kettle) +"))
    let broken = try ScriptedServer { _, _ in ScriptedServer.chat("I would look for kettles.") }
    let other = try program.write(Self.planning(broken), to: "b.toml")
    let without = try program.run("search", Self.question, "--json", "--config", other)
    #expect(without.status == 0 && paths(without).first == "lib/ring.c")
    #expect(
      without.json["notes"][0].text
        == "no plan: the chat model's is not the JSON that was asked for: I would look for kettles.")
  }

  @Test func twoRunsOfAQuizAreCompared() throws {
    let (program, _) = try RingProject.indexed()
    let server = try Self.reranker(liking: "struct slots {")
    let file = try program.write(Self.rerank(server), to: "r.toml")
    let quiz = try program.write(
      #"{"id":"a","question":"which file is the ring","gold":["lib/slots.h"]}"# + "\n", to: "quiz.jsonl")
    let ranks = program.folder + "/plain.jsonl"
    #expect(
      try program.run("eval", quiz, "--config", file, "--no-rerank", "--per-question", ranks).status == 0)
    let text = try program.run("eval", quiz, "--config", file, "--rerank", "--against", ranks)
    #expect(
      text.output.hasSuffix(
        "of 1 questions that both were asked 1 rank better, 0 worse; by chance alone with p = 1.000\n"))
    let json = try program.run("eval", quiz, "--config", file, "--against", ranks, "--json").json
    #expect(json["against"]["better"].number == 1 && json["hit@1"].number == 1)
  }

  @Test func modelsThatTheConfigurationChangesAreTaken() async throws {
    let (program, repository) = try RingProject.indexed()
    let reranker = try Self.reranker(liking: "struct slots {")
    let planner = try ScriptedServer { _, _ in ScriptedServer.chat(#"{"questions":["whistling kettle"]}"#) }
    let embedder = try ScriptedServer { request, _ in EmbedderTests.answer(request) }
    let file = try program.write("", to: "nenrin.toml")
    let embedding = EmbedderTests.configuration(embedder)
    let vectors = try program.write(embedding, to: "e.toml")
    #expect(
      try program.run("index", repository.path, "v1.0.1", "v1.0.2", "--name", "ring", "--config", vectors).status == 0)
    try await program.serving("--config '\(file)'") { server in
      func search() throws -> JSON {
        try program.curl("-d '{\"query\":\"\(Self.question)\"}' \(server.address)/api/search").json
      }
      func change(_ text: String) throws {
        _ = try program.write(text, to: "nenrin.toml")
        server.signal(SIGHUP)
        #expect(server.log(until: "configuration is read again").contains("configuration is read again"))
      }
      #expect(try search()["files"][0]["path"].text == "lib/ring.c")
      try change(Self.rerank(reranker))
      #expect(try search()["files"][0]["path"].text == "lib/slots.h")
      try change(Self.planning(planner))
      let planned = try search()
      #expect(planned["plan"][0].text == "whistling kettle" && planned["files"][0]["path"].text == "lib/ring.c")
      let models = try program.curl("\(server.address)/v1/models").json["data"].list.count
      #expect(models > 0 && planner.requests.count == 1)
      let before = embedder.requests.count
      try change(embedding)
      let meant = try search()
      #expect(embedder.requests.count == before + 1 && meant["plan"].list.isEmpty && meant["notes"].list.isEmpty)
      let reasons = meant["files"].list.flatMap { $0["reasons"].list.compactMap(\.text) }
      #expect(reasons.contains { $0.hasPrefix("meaning #") })
      let embedded = try program.curl("-d '{\"model\":\"letters\",\"input\":\"a\"}' \(server.address)/v1/embeddings")
      #expect(embedded.json["data"][0]["embedding"].list.count == 4)
      try change("")
      #expect(try search()["files"][0]["path"].text == "lib/ring.c")
      #expect(embedder.requests.count == before + 2)
    }
  }
}
