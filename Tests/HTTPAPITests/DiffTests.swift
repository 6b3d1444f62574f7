// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glossary
import HTTPAPI
import Testing

@Suite struct DiffTests {
  private struct Page: Decodable {
    struct Reference: Decodable { var revision: String }
    struct File: Decodable {
      var status: String
      var path: String
      var fromPath: String?
      var score: Double?
    }
    struct Symbol: Decodable {
      var status: String
      var name: String
      var signature: String?
      var fromSignature: String?
      var linkage: String?
    }

    var from: Reference
    var to: Reference
    var files: [File]
    var symbols: [Symbol]
    var filesTotal: Int
    var offset: Int?
    var nextOffset: Int?
    var elapsedMs: Double
  }

  @Test func pagesFollowEachOther() async throws {
    try await withServer { client in
      let first = try await client.post("/api/diff", #"{"from":"tree@v1.0","to":"v2.0","k":2}"#)
      #expect(first.status == 200, "\(first.text)")
      let page = try decodeSnakeCase(Page.self, from: first.body)
      #expect(page.from.revision == "v1.0" && page.to.revision == "v2.0")
      #expect(page.files.map(\.status) == ["added", "modified"])
      #expect(page.filesTotal == 3 && page.offset == 0 && page.nextOffset == 2)
      #expect(
        page.symbols.map(\.name) == ["tree_lock"] && page.symbols[0].fromSignature == "void tree_lock(struct tree *)")
      let second = try await client.post("/api/diff", #"{"range":"tree@v1.0..v2.0","k":2,"offset":2}"#)
      let rest = try decodeSnakeCase(Page.self, from: second.body)
      #expect(rest.files.map(\.fromPath) == ["tree.h"] && rest.files[0].score == 0.75 && rest.nextOffset == nil)
      #expect(rest.symbols.isEmpty)
    }
  }

  @Test(arguments: [
    (#"{}"#, 400, "from is missing", "from"),
    (#"{"range":"v1.0"}"#, 400, "'v1.0' is no pair of snapshots: A..B is wanted", "range"),
    (#"{"from":"v1.0","k":0}"#, 400, "k is 0: 1 to 1000", "k"),
    (#"{"from":"v1.0","offset":-1}"#, 400, "offset is -1: 0 or more", "offset"),
    (
      #"{"from":"v1.0","symbol":"a","about":"b"}"#, 400, "symbol and about are both given: one narrows the other out",
      "about"
    ),
  ])
  func whatIsWrongIsSaid(body: String, status: Int, message: String, param: String) async throws {
    try await withServer { client in
      let reply = try await client.post("/api/diff", body)
      #expect(reply.status == status)
      let error = try failure(reply)
      #expect(error.message == message && error.param == param)
    }
  }

  @Test func linesComeWhereTheyAreAskedFor() async throws {
    try await withServer { client in
      let plain = try await client.post("/api/diff", #"{"from":"v1.0","to":"v2.0"}"#)
      #expect(!plain.text.contains("\"patch\""))
      let reply = try await client.post("/api/diff", #"{"from":"v1.0","to":"v2.0","patch":true}"#)
      #expect(reply.text.contains(#""patch":"@@ -1,2 +1,2 @@\n-a <b>\n+a & b\n same\n""#))
    }
  }

  @Test func anUnknownSnapshotIsNotFound() async throws {
    try await withServer { client in
      let reply = try await client.post("/api/diff", #"{"from":"v9","to":"v2.0"}"#)
      #expect(reply.status == 404)
      #expect(try failure(reply).code == "snapshot_not_found")
    }
  }

  @Test func theComparePageEscapesAndLinks() async throws {
    try await withServer { client in
      let empty = try await client.get("/compare")
      #expect(empty.status == 200 && empty.text.contains("<form action=\"/compare\" method=\"get\">"))
      #expect(empty.headers["content-security-policy"]?.contains("form-action 'self'") == true)
      let page = try await client.get("/compare?from=tree%40v1.0&to=v2.0&path=%3Cb%3E")
      #expect(page.text.contains("fs/tree/new&lt;1&gt;.c") && !page.text.contains("new<1>"))
      #expect(page.text.contains("value=\"&lt;b&gt;\""))
      #expect(page.text.contains("href=\"/source/tree@v2.0/fs/tree/lock.c#L2\""))
      #expect(page.text.contains("href=\"/source/tree@v1.0/fs/tree/lock.c#L2\""))
      #expect(page.text.contains("− void tree_lock(struct tree *)"))
      let id = FakeKnowledge.commitIDs[0].hex
      #expect(
        page.text.contains(
          "<a href=\"/commit/tree@v2.0/\(id)\"><code>abcdef012345</code></a> lock: &lt;tree&gt; &amp; branch"))
      let unread = try await client.get("/compare?from=tree%40v1.0&to=v2.0&path=unread")
      #expect(unread.text.contains("<li><code>abcdef012345</code> lock:"))
      #expect(!page.text.contains("class=\"lines\""))
      let lines = try await client.get("/compare?from=tree%40v1.0&to=v2.0&patch=1")
      #expect(lines.text.contains("value=\"1\" checked>"))
      #expect(
        lines.text.contains(
          """
          <pre class="lines"><span class="renamed">@@ -1,2 +1,2 @@</span>
          <span class="removed">-a &lt;b&gt;</span>
          <span class="added">+a &amp; b</span>
           same</pre>
          """))
      let start = try await client.get("/")
      #expect(start.text.contains("href=\"/compare\""))
    }
  }

  @Test func aPairIsAModel() async throws {
    var configuration = ServerConfiguration()
    configuration.comparisons = ["tree@v1.0..v2.0", "tree@v1.0..v9"]
    try await withServer(configuration) { client in
      let list = try await client.get("/v1/models")
      #expect(list.text.contains(#""id":"tree@v1.0..v2.0""#) && !list.text.contains("v9"))
      let one = try await client.get("/v1/models/tree%40v1.0..v2.0")
      #expect(one.status == 200 && one.text.contains("Tells what changed from `tree@v1.0` to `tree@v2.0`"))
      let missing = try await client.get("/v1/models/tree%40v1.0..v9")
      #expect(missing.status == 404)
      #expect(try failure(missing).code == "model_not_found")
    }
  }

  @Test(arguments: [false, true]) func aPairAnswersChats(isStreamed: Bool) async throws {
    try await withServer { client in
      let reply = try await client.post(
        "/v1/chat/completions",
        #"{"model":"tree@v1.0..v2.0","stream":\#(isStreamed),"messages":[{"role":"user","content":"what became of tree_lock?"}]}"#
      )
      #expect(reply.status == 200)
      #expect(reply.text.contains("declared anew") || reply.text.contains("Declared anew"))
      #expect(reply.text.contains(#""title":"v1.0:fs/tree/lock.c#L2""#))
      #expect(reply.text.contains(#""title":"v2.0:fs/tree/lock.c#L2-L6""#))
    }
  }
}
