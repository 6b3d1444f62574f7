// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glossary
import HTTPAPI
import Inference
import Testing

/// Counts letters, and knows questions from passages.
private struct Counter: Embedder {
  let identity = EmbedderIdentity(name: "counter", dimensions: 2, fingerprint: "1")

  func embed(_ texts: [String], as role: EmbeddingRole) async throws -> [[Float]] {
    if texts.contains("break") { throw NenrinError(.upstreamFailed, "the embedder does not answer") }
    return texts.map { [Float($0.utf8.count), role == .query ? 1 : 0] }
  }
}

@Suite(.timeLimit(.minutes(10))) struct EmbeddingTests {
  private let models = ServedModels(embedders: [Counter()])

  @Test func textsBecomeVectors() async throws {
    try await withServer(models: models) { client in
      let reply = try await client.post("/v1/embeddings", #"{"model":"counter","input":["a","abcde"]}"#)
      #expect(reply.status == 200)
      #expect(
        reply.text
          == #"{"data":[{"embedding":[1,0],"index":0,"object":"embedding"},{"embedding":[5,0],"index":1,"object":"embedding"}],"#
          + #""model":"counter","object":"list","usage":{"prompt_tokens":3,"total_tokens":3}}"#)
      let query = try await client.post(
        "/v1/embeddings", #"{"model":"counter","input":"ab","input_type":"query","dimensions":2,"user":"x"}"#)
      #expect(query.text.contains(#""embedding":[2,1]"#))
    }
  }

  @Test func base64IsLittleEndianFloats() async throws {
    try await withServer(models: models) { client in
      let reply = try await client.post(
        "/v1/embeddings", #"{"model":"counter","input":"ab","encoding_format":"base64"}"#)
      let text = try #require(reply.text.firstMatch(of: /"embedding":"([^"]+)"/)).1
      #expect(Data(base64Encoded: String(text)) == Data([0, 0, 0, 0x40, 0, 0, 0, 0]))
    }
  }

  @Test(arguments: [
    (#"{"model":"other","input":"a"}"#, 404, "no embedding model 'other': there is counter", "model"),
    (#"{"model":"counter","input":[]}"#, 400, "input is empty", "input"),
    (#"{"model":"counter","input":[1,2]}"#, 400, "input is tokens: only the embedder itself knows its tokens", "input"),
    (#"{"model":"counter","input":{}}"#, 400, "input is not a list", "input"),
    (#"{"model":"counter"}"#, 400, "input is missing", "input"),
    (
      #"{"model":"counter","input":"a","encoding_format":"int8"}"#, 400, "encoding_format is 'int8': float or base64",
      "encoding_format"
    ),
    (#"{"model":"counter","input":"a","dimensions":3}"#, 400, "dimensions is 3: counter has 2", "dimensions"),
    (
      #"{"model":"counter","input":"a","input_type":"x"}"#, 400, "input_type is 'x': query or passage", "input_type"
    ),
  ]) func errorsAreOpenAIs(body: String, status: Int, message: String, param: String) async throws {
    try await withServer(models: models) { client in
      let reply = try await client.post("/v1/embeddings", body)
      #expect(reply.status == status)
      #expect(try failure(reply).message == message)
      #expect(try failure(reply).param == param)
    }
  }

  @Test func anEmbedderThatFailsIsSaid() async throws {
    try await withServer(models: models) { client in
      let reply = try await client.post("/v1/embeddings", #"{"model":"counter","input":"break"}"#)
      #expect(reply.status == 502)
      #expect(try failure(reply).message == "the embedder does not answer")
    }
  }

  @Test func limitsHold() async throws {
    var configuration = ServerConfiguration()
    configuration.limits.embeddingCount = 2
    configuration.limits.questionByteCount = 4
    try await withServer(configuration, models: models) { client in
      let many = try await client.post("/v1/embeddings", #"{"model":"counter","input":["a","b","c"]}"#)
      #expect(try failure(many).message == "input is too many texts: 2 are the limit")
      let long = try await client.post("/v1/embeddings", #"{"model":"counter","input":["a","bcdef"]}"#)
      #expect(try failure(long).message == "input[1] is too long: 4 bytes are the limit")
    }
  }
}
