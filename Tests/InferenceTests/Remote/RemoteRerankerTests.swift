// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glossary
import Inference
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct RemoteRerankerTests {
  private func reranker(_ servers: [ScriptedServer], timeout: Duration = .seconds(3_600)) -> RemoteReranker {
    RemoteReranker(
      RemoteReranker.Settings(
        upstreams: servers.map { Upstream(baseURL: $0.baseURL, key: "s3cret") }, model: "bge-reranker", timeout: timeout
      ), transport: Transport())
  }

  private static let jina =
    #"{"model":"m","results":[{"index":1,"relevance_score":2.5},{"index":0,"relevance_score":-1}]}"#
  private static let tei = #"[{"index":1,"score":2.5},{"index":0,"score":-1.0}]"#

  @Test func scoresComeInOrderOfTheTexts() async throws {
    let server = try ScriptedServer { _, _ in ScriptedServer.reply(Self.jina) }
    #expect(try await reranker([server]).scores(of: ["a", "b"], for: "q") == [-1, 2.5])
    let request = try #require(server.requests.first)
    #expect(request.target == "/v1/rerank" && request.headers["authorization"] == "Bearer s3cret")
    for part in [#""documents":["a","b"]"#, #""query":"q""#, #""top_n":2"#, #""model":"bge-reranker""#] {
      #expect(request.text.contains(part))
    }
    #expect(try await reranker([server]).scores(of: [], for: "q").isEmpty)
    #expect(server.requests.count == 1)
  }

  @Test func aServerOfTheOtherDialectIsUnderstoodAndRemembered() async throws {
    let server = try ScriptedServer { request, _ in
      request.text.contains(#""texts":["#)
        ? ScriptedServer.reply(Self.tei) : ScriptedServer.reply(422, #"{"error":"missing field `texts`"}"#)
    }
    let reranker = reranker([server])
    #expect(try await reranker.scores(of: ["a", "b"], for: "q") == [-1, 2.5])
    #expect(try await reranker.scores(of: ["a", "b"], for: "q") == [-1, 2.5])
    #expect(server.requests.count == 3)
    #expect(server.requests.last?.text.contains(#""truncate":true"#) == true)
  }

  @Test func manyTextsGoInSeveralRequests() async throws {
    let server = try ScriptedServer { request, _ in
      struct Body: Decodable { var documents: [String] }
      let texts = (try? JSONDecoder().decode(Body.self, from: Data(request.body)).documents) ?? []
      let entries = texts.enumerated().map { #"{"index":\#($0),"relevance_score":\#($1)}"# }
      return ScriptedServer.reply(#"{"results":[\#(entries.joined(separator: ","))]}"#)
    }
    let scores = try await reranker([server]).scores(of: (0..<70).map(String.init), for: "q")
    #expect(scores == (0..<70).map(Double.init))
    #expect(server.requests.count == 3)
  }

  @Test func theNextServerIsAskedAndWhoFailedRests() async throws {
    let broken = try ScriptedServer { _, _ in ScriptedServer.reply(503, "") }
    let good = try ScriptedServer { _, _ in ScriptedServer.reply(Self.jina) }
    let reranker = reranker([broken, good])
    for _ in 0..<3 { #expect(try await reranker.scores(of: ["a", "b"], for: "q") == [-1, 2.5]) }
    #expect(broken.requests.count == 1 && good.requests.count == 3)
  }

  @Test func whatGoesWrongIsSaidInWords() async throws {
    let odd = "does not answer as /rerank does"
    let cases: [([ScriptedServer.Step], String, String)] = [
      (ScriptedServer.reply(401, "no"), "refuses the key", "HTTP 401: no"),
      (
        ScriptedServer.reply(404, "File Not Found"), "is not there",
        "HTTP 404: File Not Found (an address of OpenAI's API ends with /v1)"
      ),
      (ScriptedServer.reply(400, "too long"), "refuses the texts", "HTTP 400: too long"),
      (ScriptedServer.reply(500, "out"), "does not answer in time", "HTTP 500: out"),
      (ScriptedServer.reply("<html>"), odd, "its answer is not what /rerank answers"),
      (ScriptedServer.reply(#"{"results":[]}"#), odd, "it gave 0 scores for 2 texts"),
      (ScriptedServer.reply(#"[{"index":7,"score":1}]"#), odd, "it scores text 7 of 2"),
      (ScriptedServer.reply(#"[{"index":0}]"#), odd, "a score is no number"),
    ]
    for (steps, words, reason) in cases {
      let server = try ScriptedServer { _, _ in steps }
      let error = await #expect(throws: NenrinError.self) {
        _ = try await reranker([server]).scores(of: ["a", "b"], for: "q")
      }
      #expect(error?.summary == "the reranker 'bge-reranker' at \(server.baseURL) \(words)")
      #expect(error?.reason == reason && error?.remedies.count == 1)
    }
    let silent = try ScriptedServer { _, _ in [.hold] }
    let error = await #expect(throws: NenrinError.self) {
      _ = try await reranker([silent], timeout: .milliseconds(50)).scores(of: ["a", "b"], for: "q")
    }
    #expect(error?.remedies == ["Start or mend the server, or raise [rerank] timeout."])
  }
}
