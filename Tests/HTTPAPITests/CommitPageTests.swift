// SPDX-License-Identifier: Apache-2.0
import Glossary
import HTTPAPI
import Testing

/// The pages that citations of commits lead to, and the links there.
@Suite struct CommitPageTests {
  private static let id = FakeKnowledge.commitIDs[0].hex
  private static let page = "/commit/tree@v2.0/\(id)"

  @Test func aCommitPageShowsItsMessageAndPaths() async throws {
    try await withServer { client in
      let reply = try await client.get(Self.page)
      #expect(reply.status == 200)
      #expect(reply.headers["content-type"] == "text/html; charset=utf-8")
      #expect(reply.headers["cache-control"] == "private, max-age=300")
      let policy = try #require(reply.headers["content-security-policy"])
      #expect(policy.hasPrefix("default-src 'none'; style-src 'nonce-"))
      #expect(policy.hasSuffix("; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"))
      let text = reply.text
      #expect(text.contains("<title>abcdef012345 lock: hold &lt;it&gt; · tree@v2.0</title>"))
      #expect(text.contains("<h1>lock: hold &lt;it&gt;</h1>"))
      #expect(text.contains("<p>tree@v2.0 · commit <code>\(Self.id)</code></p>"))
      #expect(
        text.contains(
          "A Tester &lt;a@example.org&gt; · <span class=\"when\">authored 2023-11-14T22:13:20Z</span> · <span class=\"when\">committed 2023-11-14T22:14:20Z</span>"
        ))
      #expect(
        text.contains(
          "<pre>The &quot;tree&quot; &amp; its &lt;script&gt;alert(1)&lt;/script&gt; were left open.\n</pre>"))
      #expect(text.contains("<p class=\"note\">its message is cut</p>") && !text.contains("<script"))
      #expect(text.contains("<h2>12,003 paths</h2>") && text.contains("and 12,000 more"))
      #expect(
        text.contains(
          "<span class=\"modified\">modified</span> <a href=\"/source/tree@v2.0/fs/tree/lock.c#L1\">fs/tree/lock.c</a>")
      )
      #expect(
        text.contains(
          "<a href=\"/source/tree@v2.0/docs/a%20b%3C%26%3E%25.txt#L1\">docs/a b&lt;&amp;&gt;%.txt</a>"))
      #expect(text.contains("<li><span class=\"removed\">removed</span> fs/tree/&lt;old&gt;.c</li>"))
    }
  }

  @Test(arguments: ["abcdef0", "ABCDEF01", "abcdef012345"]) func theBeginningOfAnIDIsEnough(digits: String) async throws
  {
    try await withServer { client in
      let reply = try await client.get("/commit/tree%40v2.0/\(digits)")
      #expect(reply.status == 200 && reply.text.contains("<code>\(Self.id)</code>"))
    }
  }

  @Test(arguments: [
    ("tree@v2.0/0123456789", "commit 0123456789 is not in the history of tree that was read"),
    ("tree@v2.0/abcdef", "no commit &#39;abcdef&#39;: an id is 7 to 40 hexadecimal digits"),
    ("tree@v2.0/main%3Cb%3E", "no commit &#39;main&lt;b&gt;&#39;"), ("tree@v2.0/abcdef0/x", "no commit"),
    ("tree@v2.0/abcdef012345678900000000000000000000000000", "no commit"),
    ("tree@v2.0/7777777", "&#39;7777777&#39; begins 2 commits of tree: 77777771"),
    ("tree@v1.0/abcdef0", "history of tree@v1.0: not read"), ("tree@v9/abcdef0", "no snapshot &#39;tree@v9&#39;"),
  ])
  func whatIsNotThereIsNotFound(target: String, words: String) async throws {
    try await withServer { client in
      let reply = try await client.get("/commit/" + target)
      #expect(reply.status == 404)
      #expect(reply.headers["content-type"] == "text/html; charset=utf-8")
      #expect(reply.text.contains("<h1>404</h1>") && reply.text.contains(words), "\(reply.text)")
      // The remedy.
      #expect(reply.text.components("<p>") == 2, "\(reply.text)")
    }
  }

  @Test(arguments: [
    #"{"model":"tree@v1.0..v2.0","messages":[{"role":"user","content":"which commit changed tree_lock?"}]}"#,
    #"{"model":"tree@v1.0..v2.0","stream":true,"messages":[{"role":"user","content":"which commit changed tree_lock?"}]}"#,
  ])
  func aCitationOfACommitLeadsToItsPage(body: String) async throws {
    var configuration = ServerConfiguration()
    configuration.publicURL = "http://host/"
    configuration.openWebUIEvents = .always
    try await withServer(configuration) { client in
      let reply = try await client.post("/v1/chat/completions", body)
      #expect(
        reply.text.contains(
          #""title":"commit abcdef012345: lock: <tree> & branch","url":"http://host\#(Self.page)""#), "\(reply.text)")
      if body.contains("stream") {
        #expect(
          reply.text.contains(#""metadata":[{"external":true,"name":"commit abcdef012345","source":"http://host"#))
      }
    }
  }

  @Test func listedCommitsHaveTheirPages() async throws {
    var configuration = ServerConfiguration()
    configuration.publicURL = "http://host"
    try await withServer(configuration) { client in
      let diff = try await client.post("/api/diff", #"{"from":"v1.0","to":"v2.0","path":"fs"}"#)
      let url = try #require(diff.text.firstMatch(of: /"commit":"abcdef[^}]*"url":"([^"]+)"/)).1
      #expect(url == "http://host\(Self.page)")
      let unread = try await client.post("/api/diff", #"{"from":"v1.0","to":"v2.0","path":"unread"}"#)
      #expect(unread.status == 200 && !unread.text.contains("/commit/"))
      #expect(diff.text.contains(#""url":"http://host/source/tree@v2.0/fs/tree/lock.c#L2""#), "\(diff.text)")
      #expect(diff.text.contains(#""url":"http://host/source/tree@v2.0/fs/tree/new%3C1%3E.c#L1""#), "\(diff.text)")
      let log = try await client.post("/api/log", #"{"query":"lock","at":"v2.0"}"#)
      let id = FakeKnowledge.snapshot("v2.0").commit.hex
      #expect(log.text.firstMatch(of: /"url":"http:\/\/host\/commit\/tree@v2\.0\/([0-9a-f]+)"/)?.1 == id[...])
    }
  }

  @Test(arguments: [
    (#"{"name":"log","arguments":{"query":"lock","at":"v2.0"}}"#, "http://host/commit/tree@v2.0/"),
    (#"{"name":"diff","arguments":{"from":"v1.0","to":"v2.0","path":"fs"}}"#, "http://host\(page)"),
    (
      #"{"name":"diff","arguments":{"from":"v1.0","to":"v2.0"}}"#, "http://host/source/tree@v2.0/fs/tree/lock.c#L2"
    ),
  ])
  func toolsGiveThePagesOfTheirServer(call: String, url: String) async throws {
    var configuration = ServerConfiguration()
    configuration.publicURL = "http://host"
    try await withServer(configuration) { client in
      let reply = try await client.post("/mcp", #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":\#(call)}"#)
      #expect(reply.text.contains(#"\"url\":\"\#(url)"#), "\(reply.text)")
    }
  }
}

extension String {
  /// How often a text stands in it.
  fileprivate func components(_ text: String) -> Int { ranges(of: text).count }
}
