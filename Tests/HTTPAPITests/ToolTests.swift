// SPDX-License-Identifier: Apache-2.0
import Glossary
import HTTPAPI
import Testing

/// The Model Context Protocol, message by message.
@Suite struct ToolTests {
  private func answer(_ message: String, _ knowledge: FakeKnowledge = FakeKnowledge()) async -> String? {
    await ToolProtocol(knowledge: knowledge, version: "9").answer(Array(message.utf8))
      .map { String(decoding: $0, as: UTF8.self) }
  }

  private func call(_ tool: String, _ arguments: String) async throws -> String {
    try #require(
      await answer(
        #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\#(tool)","arguments":\#(arguments)}}"#))
  }

  @Test(arguments: [("2025-11-25", "2025-11-25"), ("2025-06-18", "2025-06-18"), ("2099-01-01", "2025-11-25")])
  func theNewestCommonVersionIsSpoken(asked: String, spoken: String) async throws {
    let reply = try #require(
      await answer(
        #"{"jsonrpc":"2.0","id":"a","method":"initialize","params":{"protocolVersion":"\#(asked)","capabilities":{}}}"#)
    )
    #expect(reply.contains(#""protocolVersion":"\#(spoken)""#) && reply.contains(#""id":"a""#))
    #expect(reply.contains(#""serverInfo":{"name":"nenrin","title":"Nenrin","version":"9"}"#))
    #expect(
      reply.contains(#""capabilities":{"resources":{},"tools":{}}"#) && reply.contains(#""instructions":"Nenrin "#))
  }

  @Test func pingIsAnsweredAndNotificationsAreNot() async {
    #expect(await answer(#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#) == #"{"id":7,"jsonrpc":"2.0","result":{}}"#)
    #expect(await answer(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#) == nil)
    #expect(await answer(#"{"jsonrpc":"2.0","id":1,"result":{}}"#) == nil)
  }

  @Test(arguments: [
    ("{", "null", -32700, "JSON body is not valid: it must be one JSON object in UTF-8"),
    ("[]", "null", -32600, "the message is not one JSON object"),
    (#"{"id":1,"method":"ping"}"#, "null", -32600, #"jsonrpc is not \"2.0\""#),
    (#"{"jsonrpc":"2.0","id":1}"#, "null", -32600, "the message has no method"),
    (#"{"jsonrpc":"2.0","id":[],"method":"ping"}"#, "null", -32600, "id is neither a string nor a number"),
    (#"{"jsonrpc":"2.0","id":1,"method":"pong"}"#, "1", -32601, "there is no method 'pong'"),
    (#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#, "1", -32602, "name is missing"),
    (
      #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"find"}}"#, "1", -32602,
      "there is no tool 'find': there are snapshots, search, symbol, callers, callees, callchain, grep, show, diff, log"
    ),
    (
      #"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///etc"}}"#, "1", -32002,
      "'file:///etc' is no resource: write nenrin:///{collection}@{revision}/{+path}"
    ),
  ])
  func whatIsWrongIsSaid(message: String, id: String, code: Int, words: String) async {
    #expect(
      await answer(message) == #"{"error":{"code":\#(code),"message":"\#(words)"},"id":\#(id),"jsonrpc":"2.0"}"#)
  }

  @Test func everyToolIsListedWithAStrictSchema() async throws {
    struct Listing: Decodable {
      struct Result: Decodable { var tools: [Tool] }
      struct Tool: Decodable {
        var name: String
        var description: String
        var inputSchema: Schema
      }
      struct Schema: Decodable {
        var type: String
        var additionalProperties: Bool
        var properties: [String: Property]
        var required: [String]?
      }
      struct Property: Decodable {
        var type: String
        var description: String
      }
      var result: Result
    }
    let text = try #require(await answer(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#))
    let tools = try JSONDocument.decode(Listing.self, from: Array(text.utf8)).result.tools
    #expect(
      tools.map(\.name) == [
        "snapshots", "search", "symbol", "callers", "callees", "callchain", "grep", "show", "diff", "log",
      ])
    for tool in tools where tool.name != "snapshots" {
      #expect(!tool.inputSchema.additionalProperties && tool.inputSchema.type == "object")
      #expect(tool.inputSchema.properties[tool.name == "diff" ? "from" : "at"]?.type == "string")
      #expect(Set(tool.inputSchema.required ?? []).isSubset(of: tool.inputSchema.properties.keys))
    }
  }

  @Test(arguments: [
    ("search", #"{}"#, "query is missing. The arguments are: query (required), at, path, language, limit."),
    ("search", #"{"query":"a","limit":21}"#, "limit is 21: 1 to 20."),
    ("search", #"{"query":"a","k":2}"#, "there is no argument 'k'."),
    ("search", #"{"query":"a","language":"cobol"}"#, "there is no language 'cobol'"),
    ("search", #"{"query":"a","at":"v9"}"#, "no snapshot 'v9': indexed here are v2.0, v1.0"),
    ("show", #"{"path":"fs/tree/lok.c"}"#, "no path 'fs/tree/lok.c'"),
    ("show", #"{"path":"fs/tree/lock.c","lines":"x"}"#, "lines is not a range of lines: write 12 or 12-40"),
    ("grep", #"{"pattern":"a","in":"x"}"#, "in is none of function, comment, string."),
    ("callchain", #"[]"#, "the arguments are not an object"),
    ("log", #"{"query":"a","from":"v1.0"}"#, "from and to belong together"),
    ("log", #"{"limit":51}"#, "limit is 51: 1 to 50."),
    ("diff", #"{"from":"v1.0","to":"v2.0","symbol":"a","about":"b"}"#, "symbol and about are both given"),
  ])
  func mistakesInArgumentsAreAnswersThatTeach(tool: String, arguments: String, words: String) async throws {
    let reply = try await call(tool, arguments)
    #expect(reply.contains(#""isError":true"#) && reply.contains(words), "\(reply)")
  }

  @Test func toolsAnswerWithTheDocumentsOfTheRoutes() async throws {
    for (tool, arguments, words) in [
      ("snapshots", "{}", #"\"revision\":\"v2.0\""#),
      ("search", #"{"query":"lock","at":"tree@v1.0"}"#, #"\"symbol\":\"tree_lock\""#),
      ("symbol", #"{"name":"tree_lock","references":3}"#, #"\"references\":[{"#),
      ("callers", #"{"name":"spin"}"#, #"\"in_symbol\":\"tree_lock\""#),
      ("callees", #"{"name":"tree_lock"}"#, #"\"definitions\":[]"#),
      ("callchain", #"{"from":"a","to":"b"}"#, #"\"paths\":[[{"#),
      ("callers", #"{"name":"spin","limit":1,"offset":4}"#, #"\"next_offset\":5"#),
      ("grep", #"{"pattern":"spin","offset":3}"#, #"\"next_offset\":4"#),
      (
        "show", #"{"path":"fs/tree/lock.c","lines":"2-3"}"#,
        #"tree@v2.0:fs/tree/lock.c, lines 2-3 of 6\n2\tvoid tree_lock"#
      ),
      ("diff", #"{"from":"v1.0","to":"v2.0"}"#, #"\"summary\":{"#),
      ("log", #"{"query":"lock","limit":1,"offset":2}"#, #"\"next_offset\":3"#),
    ] {
      let reply = try await call(tool, arguments)
      #expect(reply.contains(#""isError":false"#) && reply.contains(words), "\(tool): \(reply)")
    }
  }

  @Test func sourceFilesAreResources() async throws {
    let templates = try #require(await answer(#"{"jsonrpc":"2.0","id":1,"method":"resources/templates/list"}"#))
    #expect(templates.contains(#""uriTemplate":"nenrin:///{collection}@{revision}/{+path}""#))
    let uri = "nenrin:///tree@v1.0/fs/tree/lock.c#L2-L3"
    #expect(
      await answer(#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"\#(uri)"}}"#)
        == #"{"id":1,"jsonrpc":"2.0","result":{"contents":[{"mimeType":"text/plain","#
        + #""text":"void tree_lock(struct tree *t)\n{\n","uri":"\#(uri)"}]}}"#)
  }

  @Test func messagesAreToldApart() {
    func kind(_ text: String) -> ToolProtocol.Kind { ToolProtocol.kind(of: Array(text.utf8)) }
    #expect(kind(#"{"jsonrpc":"2.0","id":"x","method":"ping"}"#) == .request(id: #""x""#))
    #expect(kind(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#) == .notification)
    #expect(
      kind(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":3}}"#) == .cancellation(id: "3"))
    #expect(kind("nonsense") == .other)
  }

  @Test func theRouteAnswersInOneDocument() async throws {
    try await withServer { client in
      let ping = #"{"jsonrpc":"2.0","id":7,"method":"ping"}"#
      let reply = try await client.post("/mcp", ping, headers: ["Accept: application/json, text/event-stream"])
      #expect(reply.status == 200 && reply.text == #"{"id":7,"jsonrpc":"2.0","result":{}}"#)
      #expect(reply.headers["content-type"] == "application/json; charset=utf-8")
      let note = try await client.post("/mcp", #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
      #expect(note.status == 202 && note.body.isEmpty)
      #expect(try await client.post("/mcp", "{").status == 400)
      #expect(try await client.get("/mcp").status == 405)
      for (origin, status) in [
        ("http://localhost:3000", 200), ("http://127.0.0.1", 200), ("https://evil.example", 403),
        ("http://nenrin.test:8471", 403), ("null", 403),
      ] {
        #expect(try await client.post("/mcp", ping, headers: ["Origin: \(origin)"]).status == status, "\(origin)")
      }
      #expect(try await client.post("/mcp", ping, headers: ["MCP-Protocol-Version: 2025-11-25"]).status == 200)
      #expect(try await client.post("/mcp", ping, headers: ["MCP-Protocol-Version: 1999-01-01"]).status == 400)
    }
  }
}
