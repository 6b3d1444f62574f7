// SPDX-License-Identifier: Apache-2.0
import HTTPAPI
import Testing

@Suite struct PageTests {
  @Test func aSourcePageShowsItsLines() async throws {
    try await withServer { client in
      let reply = try await client.get("/source/tree@v2.0/fs/tree/lock.c")
      #expect(reply.status == 200)
      #expect(reply.headers["content-type"] == "text/html; charset=utf-8")
      #expect(reply.headers["x-frame-options"] == "DENY")
      #expect(reply.headers["x-content-type-options"] == "nosniff")
      #expect(reply.headers["referrer-policy"] == "no-referrer")
      #expect(reply.text.contains("<h1>fs/tree/lock.c</h1>"))
      #expect(reply.text.contains("<span class=\"l\" id=\"L1\"><a href=\"#L1\">1</a>// SPDX\n</span>"))
      #expect(reply.text.contains("<a href=\"#L4\">4</a>\tif (a &lt; b &amp;&amp; c &gt; d)\n</span>"))
      #expect(reply.text.contains("<a href=\"#L6\">6</a>}\n</span></pre>"))
      #expect(reply.text.contains("· 6 lines</p>"))
      #expect(!reply.text.contains("later lines"))
    }
  }

  @Test func aPageRunsAndLoadsNothingButItself() async throws {
    try await withServer { client in
      for path in ["/", "/source/tree@v2.0/fs/tree/lock.c", "/source/tree@v2.0/none"] {
        let reply = try await client.get(path)
        let policy = try #require(reply.headers["content-security-policy"])
        let nonce = try #require(policy.firstMatch(of: /script-src 'nonce-([a-z0-9]+)'/)).1
        #expect(
          policy.hasPrefix("default-src 'none'; style-src 'nonce-\(nonce)'; script-src 'nonce-\(nonce)'; img-src data:")
        )
        #expect(policy.hasSuffix("; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"))
        #expect(reply.text.contains("<style nonce=\"\(nonce)\">"))
        #expect(!reply.text.contains("<script>"))
        #expect(!reply.text.contains("src="))
        #expect(reply.text.matches(of: /https?:/).isEmpty)
        let again = try await client.get(path)
        #expect(again.headers["content-security-policy"] != policy)
      }
    }
  }

  @Test func namesAreEscapedAndDecoded() async throws {
    try await withServer { client in
      let reply = try await client.get("/source/tree%40v2.0/docs/a%20b%3C%26%3E%25.txt")
      #expect(reply.status == 200)
      #expect(reply.text.contains("<h1>docs/a b&lt;&amp;&gt;%.txt</h1>"))
      #expect(reply.text.contains("<a href=\"#L1\">1</a>one\n</span>"))
      let missing = try await client.get("/source/tree@v2.0/%3Cscript%3Ealert(1)%3C/script%3E")
      #expect(missing.status == 404)
      #expect(!missing.text.contains("<script>alert"))
      #expect(missing.text.contains("no path &#39;&lt;script&gt;alert(1)&lt;/script&gt;&#39; in tree@v2.0"))
    }
  }

  @Test func aPartOfAFileSaysSo() async throws {
    try await withServer { client in
      let reply = try await client.get("/source/tree@v2.0/fs/tree/lock.c?lines=3-4")
      #expect(reply.text.contains("· lines 3–4 of 6</p>"))
      #expect(reply.text.contains("<a href=\"?lines=1-2\">earlier lines</a> · <a href=\"?lines=5-6\">later lines</a>"))
      #expect(!reply.text.contains("id=\"L2\""))
      let wrong = try await client.get("/source/tree@v2.0/fs/tree/lock.c?lines=x")
      #expect(wrong.status == 400)
      #expect(wrong.headers["content-type"] == "text/html; charset=utf-8")
    }
  }

  @Test(arguments: [
    "/source/tree@v2.0/../../etc/passwd", "/source/tree@v2.0/%2e%2e/%2e%2e/etc/passwd",
    "/source/tree@v2.0/..%2f..%2fetc%2fpasswd", "/source/tree@v2.0//etc/passwd", "/source/tree@v2.0/%2Fetc%2Fpasswd",
    "/source/tree@v2.0/fs/tree/../tree/lock.c", "/source/tree@v2.0/fs//tree/lock.c",
    "/source/tree@v2.0/fs/tree/lock.c%00", "/source/tree@v2.0/fs/tree/lock.c/", "/source/tree@v2.0/fs/tree",
    "/source/tree@v2.0/fs%5Ctree%5Clock.c", "/source/other@v2.0/fs/tree/lock.c", "/source/tree@v9/fs/tree/lock.c",
    "/source/../../etc/passwd", "/source/%2e%2e/passwd", "/source/tree@v2.0/%c0%af%c0%af",
  ]) func noPathLeavesTheSnapshot(target: String) async throws {
    try await withServer { client in
      let reply = try await client.get(target)
      #expect(reply.status == 404)
      #expect(!reply.text.contains("root:"))
      #expect(!reply.text.contains("tree_lock"))
    }
  }

  @Test(arguments: ["/source/tree@v2.0/%", "/source/tree@v2.0/%4", "/source/%zz/a", "/source/tree@v2.0", "/source//a"])
  func aBrokenTargetIsNoRoute(target: String) async throws {
    try await withServer { client in
      let reply = try await client.get(target)
      #expect(reply.status == 404)
      #expect(try failure(reply).code == "not_found")
    }
  }

  @Test func theStartPageAsksAndSearches() async throws {
    try await withServer { client in
      let reply = try await client.get("/")
      #expect(reply.status == 200)
      #expect(reply.headers["content-security-policy"]?.contains("connect-src 'self'") == true)
      #expect(reply.text.contains("<select id=\"snapshot\""))
      #expect(reply.text.contains("/v1/chat/completions"))
      #expect(reply.text.contains("/api/search"))
      #expect(!reply.text.contains("innerHTML"))
    }
  }
}
