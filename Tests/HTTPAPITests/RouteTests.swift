// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glossary
import Testing

@testable import HTTPAPI

/// `{"error":…}` as it came.
func failure(_ reply: HTTPReply) throws -> ErrorDocument.Body {
  try JSONDocument.decode(ErrorDocument.self, from: reply.body).error
}

/// Reads keys such as `owned_by` into members such as `ownedBy`.
func decodeSnakeCase<Document: Decodable>(_ type: Document.Type, from bytes: [UInt8]) throws -> Document {
  let decoder = JSONDecoder()
  decoder.keyDecodingStrategy = .convertFromSnakeCase
  return try decoder.decode(type, from: Data(bytes))
}

@Suite struct RouteTests {
  @Test func healthAnswersWhateverElseIsWrong() async throws {
    var knowledge = FakeKnowledge()
    knowledge.known = []
    try await withServer(ServerConfiguration(), knowledge) { client in
      let health = try await client.get("/healthz")
      #expect(health.status == 200)
      #expect(health.text == #"{"status":"ok"}"#)
      #expect(health.headers["content-type"] == "application/json; charset=utf-8")
      let ready = try await client.get("/readyz")
      #expect(ready.status == 503)
      #expect(ready.headers["retry-after"] == "10")
      #expect(
        try failure(ready)
          == ErrorDocument(
            message: "no snapshot is indexed\n  Index one: nenrin index SOURCE REVISION", type: "server_error",
            code: "home_not_found"
          ).error)
    }
  }

  @Test func readinessCountsSnapshots() async throws {
    try await withServer { client in
      let reply = try await client.get("/readyz")
      #expect(
        reply.text
          == #"{"chat_model":{"state":"none"},"embedding_models":[],"read_only":false,"snapshots":2,"status":"ready"}"#)
    }
  }

  @Test func everyAnswerCarriesARequestID() async throws {
    try await withServer { client in
      let own = try await client.get("/healthz", headers: ["X-Request-Id: abc-1_2"])
      #expect(own.headers["x-request-id"] == "abc-1_2")
      #expect(own.headers["x-content-type-options"] == "nosniff")
      #expect(own.headers["cache-control"] == "no-store")
      let strange = try await client.get("/nothing", headers: ["X-Request-Id: a b<c>"])
      let id = try #require(strange.headers["x-request-id"])
      #expect(id.count >= 16 && id.allSatisfy(\.isHexDigit))
    }
  }

  @Test func unknownRoutesAndMethodsAnswerInOpenAIsShape() async throws {
    try await withServer { client in
      let missing = try await client.get("/v1/nothing?key=secret")
      #expect(missing.status == 404)
      #expect(
        missing.text
          == #"{"error":{"code":"not_found","message":"no route '/v1/nothing': see /openapi.json and /v1/models","param":null,"type":"invalid_request_error"}}"#
      )
      let wrong = try await client.get("/v1/chat/completions")
      #expect(wrong.status == 405)
      #expect(wrong.headers["allow"] == "POST")
      #expect(try failure(wrong).message == "GET is not a method of /v1/chat/completions: use POST")
      let other = try await client.send("DELETE", "/v1/models")
      #expect(other.status == 405)
      #expect(other.headers["allow"] == "GET, HEAD")
    }
  }

  @Test func headGivesTheHeadOfGet() async throws {
    try await withServer { client in
      let get = try await client.get("/api/snapshots")
      let head = try await client.send("HEAD", "/api/snapshots")
      #expect(head.status == 200)
      #expect(head.body.isEmpty)
      #expect(head.headers["content-length"] == "\(get.body.count)")
      let missing = try await client.send("HEAD", "/nothing")
      #expect(missing.status == 404)
      #expect(missing.body.isEmpty)
    }
  }

  @Test func snapshotsAreListed() async throws {
    try await withServer { client in
      let reply = try await client.get("/api/snapshots")
      #expect(
        reply.text.hasPrefix(
          #"[{"bytes":200,"chunks":4,"collection":"tree","commit":"0123456789abcdef000000000000000100000004","#
            + #""date":"2023-11-14T22:13:20Z","files":3,"indexed_at":"2023-11-14T22:15:00Z","own_bytes":50,"revision":"v2.0"},"#
        ))
    }
  }

  @Test func modelsAreSnapshotsAndCollections() async throws {
    struct List: Decodable {
      struct Model: Decodable {
        struct Info: Decodable {
          struct Meta: Decodable {
            struct Prompt: Decodable {
              var title: [String]
              var content: String
            }
            var description: String
            var suggestionPrompts: [Prompt]
            var capabilities: [String: Bool]
          }
          var meta: Meta
        }
        var id: String
        var object: String
        var name: String
        var created: Int
        var ownedBy: String
        var info: Info
      }
      var object: String
      var data: [Model]
    }
    try await withServer { client in
      let list = try decodeSnakeCase(List.self, from: try await client.get("/v1/models").body)
      #expect(list.object == "list")
      #expect(list.data.map(\.id) == ["tree", "tree@v2.0", "tree@v1.0"])
      #expect(list.data.allSatisfy { $0.object == "model" && $0.ownedBy == "nenrin" && $0.created == 1_700_000_100 })
      #expect(
        list.data[0].info.meta.description
          == "Answers from newest snapshot: `tree@v2.0` (0123456789ab, 2023-11-14, 3 files), with sources.")
      #expect(list.data[0].info.meta.capabilities == ["builtin_tools": false, "usage": true, "citations": true])
      #expect(list.data[0].info.meta.suggestionPrompts.allSatisfy { $0.title.count == 2 && !$0.content.isEmpty })
      let one = try decodeSnakeCase(List.Model.self, from: try await client.get("/v1/models/tree%40v1.0").body)
      #expect(one.id == "tree@v1.0")
      #expect(try await client.get("/v1/models/tree").status == 200)
      let missing = try await client.get("/v1/models/tree@v2.1")
      #expect(missing.status == 404)
      #expect(
        try failure(missing)
          == ErrorDocument(
            message: "no model 'tree@v2.1': there is tree@v2.0, tree@v1.0, tree", type: "invalid_request_error",
            code: "model_not_found", param: "model"
          ).error)
    }
  }

  @Test func searchAnswersInTheContractsShape() async throws {
    try await withServer { client in
      let reply = try await client.post("/api/search", #"{"query":"lock a tree","at":"tree@v1.0","k":2}"#)
      #expect(reply.status == 200)
      #expect(
        reply.text
          == #"{"elapsed_ms":1.5,"files":[{"path":"fs/tree/lock.c","rank":1,"reasons":["path #1 (lock) +0.2500"],"score":0.5},"#
          + #"{"path":"fs/tree/tree.h","rank":2,"reasons":[],"score":0.25}],"passages":[{"end_line":6,"kind":"function","language":"c","#
          + #""path":"fs/tree/lock.c","rank":1,"score":0.5,"start_line":2,"symbol":"tree_lock","#
          + #""text":"void tree_lock(struct tree *t)\n{\n\tif (a < b && c > d)\n\t\tspin(&t->lock);\n}\n"},"#
          + #"{"end_line":3,"kind":null,"language":"c","path":"fs/tree/tree.h","rank":2,"score":0.25,"start_line":1,"symbol":null,"#
          + #""text":"struct tree {\n\tint lock;\n};\n"}],"query":"lock a tree","#
          + #""snapshot":{"collection":"tree","commit":"0123456789abcdef000000000000000100000004","revision":"v1.0"}}"#)
    }
  }

  @Test(
    arguments: [
      (#"{"query":"  "}"#, 400, "question_empty", "query", "query is empty\n  Ask something."),
      (#"{"at":"v1.0"}"#, 400, "invalid_argument", "query", "query is missing"),
      (#"{"query":7}"#, 400, "invalid_argument", "query", "query is not a string"),
      (#"{"query":"a","k":0}"#, 400, "invalid_argument", "k", "k is 0: 1 to 100"),
      (#"{"query":"a","k":"many"}"#, 400, "invalid_argument", "k", "k is not a whole number"),
      (
        #"{"query":"a","at":"v9"}"#, 404, "snapshot_not_found", nil,
        "no snapshot 'v9': indexed here are v2.0, v1.0\n  Ask for one of these."
      ),
      ("{", 400, "invalid_argument", nil, "JSON body is not valid: it must be one JSON object in UTF-8"),
      ("", 400, "invalid_argument", nil, "JSON body is not valid: it must be one JSON object in UTF-8"),
      ("[]", 400, "invalid_argument", nil, "JSON body is not an object"),
      (
        String(repeating: "[", count: 100_000), 400, "invalid_argument", nil,
        "JSON body is nested too deeply: 64 levels are the limit"
      ),
    ] as [(String, Int, String, String?, String)])
  func searchSaysWhatIsWrong(body: String, status: Int, code: String, param: String?, message: String) async throws {
    try await withServer { client in
      let reply = try await client.post("/api/search", body)
      #expect(reply.status == status)
      let error = try failure(reply)
      #expect(error.code == code)
      #expect(error.param == param)
      #expect(error.message == message)
      #expect(error.type == "invalid_request_error")
    }
  }

  @Test func searchRefusesALanguageItDoesNotKnow() async throws {
    try await withServer { client in
      let error = try failure(try await client.post("/api/search", #"{"query":"a","language":"cobol"}"#))
      #expect(error.message.hasPrefix("no language 'cobol': there are unknown, c, rust, python"))
      #expect(error.param == "language")
    }
  }

  @Test func symbolAnswersDefinitionsAndReferences() async throws {
    try await withServer { client in
      let plain = try await client.post("/api/symbol", #"{"name":"tree_lock"}"#)
      #expect(
        plain.text
          == #"{"definitions":[{"end_line":6,"kind":"function","path":"fs/tree/lock.c","#
          + #""signature":"void tree_lock(struct tree *t)","start_line":2}],"members":[],"name":"tree_lock","#
          + #""near_misses":[],"references":[],"references_truncated":false,"#
          + #""snapshot":{"collection":"tree","commit":"0123456789abcdef000000000000000100000004","revision":"v2.0"}}"#)
      for wanted in ["true", "5"] {
        let reply = try await client.post("/api/symbol", #"{"name":"tree_lock","references":\#(wanted)}"#)
        #expect(
          reply.text.contains(
            #""references":[{"in_symbol":null,"line":1,"path":"docs/a b<&>%.txt","text":"tree_lock(t);"}]"#))
      }
      let near = try await client.post("/api/symbol", #"{"name":"tree_lok"}"#)
      #expect(near.status == 200)
      #expect(near.text.contains(#""near_misses":["tree_lock"]"#))
      let error = try failure(try await client.post("/api/symbol", #"{"name":"a","references":-1}"#))
      #expect(error.message == "references is -1: 0 to 10000")
    }
  }

  @Test func sourceGivesLines() async throws {
    try await withServer { client in
      let reply = try await client.get("/api/source?at=tree%40v1.0&path=fs%2Ftree%2Flock.c&lines=2-3")
      #expect(
        reply.text
          == #"{"binary":false,"blob":"0000000000000007000000000000000700000007","end_line":3,"language":"c","lines":6,"#
          + #""path":"fs/tree/lock.c","snapshot":{"collection":"tree","commit":"0123456789abcdef000000000000000100000004","#
          + #""revision":"v1.0"},"start_line":2,"symbols":[{"end_line":6,"kind":"function","name":"tree_lock","start_line":2}],"#
          + #""text":"void tree_lock(struct tree *t)\n{\n"}"#)
      #expect(
        try await client.get("/api/source?path=docs/a+b%3C%26%3E%25.txt").text.contains(#""text":"one\r\ntwo\n""#))
    }
  }

  @Test(arguments: [
    ("", 400, "path is missing"),
    ("?path=", 400, "path is missing"),
    ("?path=%zz", 400, "path is not percent-encoded UTF-8"),
    ("?path=%ff", 400, "path is not percent-encoded UTF-8"),
    ("?path=fs/tree/lock.c&lines=0", 400, "lines is not a range of lines: write 12 or 12-40"),
    ("?path=fs/tree/lock.c&lines=9-2", 400, "lines is not a range of lines: write 12 or 12-40"),
    ("?path=fs/tree/lock.c&lines=1-2-3", 400, "lines is not a range of lines: write 12 or 12-40"),
    ("?path=fs/tree/lock.c&lines=99999999999999999999", 400, "lines is not a range of lines: write 12 or 12-40"),
    (
      "?path=../../etc/passwd", 404,
      "no path '../../etc/passwd' in tree@v2.0: there is fs/tree/lock.c\n  Check the spelling."
    ),
    ("?path=/etc/passwd", 404, "no path '/etc/passwd' in tree@v2.0: there is fs/tree/lock.c\n  Check the spelling."),
  ]) func sourceSaysWhatIsWrong(query: String, status: Int, message: String) async throws {
    try await withServer { client in
      let reply = try await client.get("/api/source\(query)")
      #expect(reply.status == status)
      #expect(try failure(reply).message == message)
    }
  }

  @Test func anUnforeseenErrorTellsNothingOfItsInside() async throws {
    struct Secret: Error {}
    var knowledge = FakeKnowledge()
    knowledge.onSearch = { throw Secret() }
    try await withServer(ServerConfiguration(), knowledge) { client in
      let reply = try await client.post("/api/search", #"{"query":"a"}"#)
      #expect(reply.status == 500)
      #expect(!reply.text.contains("Secret"))
      #expect(try failure(reply).code == "internal_failure")
      #expect(try failure(reply).type == "server_error")
    }
  }

  @Test func openAPIDescribesTheRoutesBelowAPI() async throws {
    struct Description: Decodable {
      struct Operation: Decodable { var operationId: String }
      struct Server: Decodable { var url: String }
      var openapi: String
      var servers: [Server]
      var paths: [String: [String: Operation]]
    }
    var configuration = ServerConfiguration()
    configuration.publicURL = "https://nenrin.example/"
    try await withServer(configuration) { client in
      let description = try JSONDocument.decode(Description.self, from: try await client.get("/openapi.json").body)
      #expect(description.openapi == "3.1.0")
      #expect(description.servers.map(\.url) == ["https://nenrin.example"])
      #expect(
        description.paths.mapValues { $0.mapValues(\.operationId) } == [
          "/api/snapshots": ["get": "snapshots"], "/api/search": ["post": "search"],
          "/api/symbol": ["post": "symbol"], "/api/callers": ["post": "callers"],
          "/api/callees": ["post": "callees"], "/api/callchain": ["post": "callchain"],
          "/api/grep": ["post": "grep"], "/api/log": ["post": "log"], "/api/diff": ["post": "diff"],
          "/api/source": ["get": "show"],
        ])
    }
  }

  @Test func operationsAndToolsHaveTheSameNames() async throws {
    struct Description: Decodable {
      struct Operation: Decodable { var operationId: String }
      var paths: [String: [String: Operation]]
    }
    try await withServer { client in
      let description = try JSONDocument.decode(Description.self, from: try await client.get("/openapi.json").body)
      let operations = description.paths.values.flatMap(\.values).map(\.operationId)
      #expect(operations.sorted() == Tool.all.map(\.name).sorted())
    }
  }

  @Test func metricsCountWhatWasAnswered() async throws {
    try await withServer { client in
      _ = try await client.get("/healthz")
      _ = try await client.get("/nothing")
      _ = try await client.post("/api/search", #"{"query":"a"}"#)
      let reply = try await client.get("/metrics")
      #expect(reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
      let lines = Set(reply.text.split(separator: "\n").map(String.init))
      #expect(lines.contains(#"nenrin_http_requests_total{route="/healthz",method="GET",status="200"} 1"#))
      #expect(lines.contains(#"nenrin_http_requests_total{route="unknown",method="GET",status="404"} 1"#))
      #expect(lines.contains(#"nenrin_http_requests_total{route="/api/search",method="POST",status="200"} 1"#))
      #expect(lines.contains(#"nenrin_http_request_seconds_bucket{route="/api/search",le="+Inf"} 1"#))
      #expect(lines.contains(#"nenrin_http_requests_in_flight 1"#))
      #expect(lines.contains(#"nenrin_index_requests_running 0"#))
      #expect(lines.contains(#"nenrin_snapshot_files{collection="tree",revision="v2.0"} 3"#))
      #expect(lines.contains(#"nenrin_snapshots 2"#))
    }
  }
}
