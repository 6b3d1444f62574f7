// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glossary
import HTTPAPI
import TestSupport
import Testing

/// Source pages that want a key or the signature of the link.
@Suite struct PrivatePageTests {
  private static let page = "/source/tree@v2.0/fs/tree/lock.c"

  /// A server with the key `k` whose links serve so many days.
  private func withPrivatePages(
    secret: String = "0123456789abcdef", days: Int = 1, _ test: (HTTPClient) async throws -> Void
  ) async throws {
    var configuration = ServerConfiguration()
    configuration.apiKeys = [APIKeyHash(of: "k")]
    configuration.pageSigner = PageSigner(secret: Array(secret.utf8), days: days)
    configuration.publicURL = "http://host"
    try await withServer(configuration) { try await test($0) }
  }

  /// The target that the first citation of an answer leads to, without its fragment.
  private func citedTarget(_ client: HTTPClient) async throws -> String {
    let body = #"{"model":"tree@v2.0","messages":[{"role":"user","content":"Which file locks a tree?"}]}"#
    let reply = try await client.post("/v1/chat/completions", body, headers: ["Authorization: Bearer k"])
    let link = try #require(reply.text.firstMatch(of: /"url":"http:\/\/host([^"#]+)#L2-L6"/)).1
    return String(link)
  }

  /// Seconds since 1970.
  private func until(_ query: String) throws -> Int64 {
    let digits = try #require(query.firstMatch(of: /until=([0-9]+)/)).1
    return try #require(Int64(digits))
  }

  @Test func whoFollowsACitationNeedsNoKey() async throws {
    try await withPrivatePages { client in
      let target = try await citedTarget(client)
      #expect(target.hasPrefix(Self.page + "?until="))
      let open = try await client.get(target)
      #expect(open.status == 200)
      #expect(open.text.contains("tree_lock"))
      // The ways to the other lines of the file are signed like the link.
      let part = try await client.get(target + "&lines=3-4")
      #expect(part.status == 200)
      let query = target.dropFirst(Self.page.count + 1).replacing("&", with: "&amp;")
      #expect(part.text.contains("<a href=\"?lines=1-2&amp;\(query)\">earlier lines</a>"))
      let closed = try await client.get(Self.page)
      #expect(closed.status == 401)
      #expect(closed.headers["www-authenticate"] == "Basic realm=\"Nenrin\"")
      #expect(!closed.text.contains("tree_lock"))
      let keyed = try await client.get(Self.page, headers: ["Authorization: Bearer k"])
      #expect(keyed.status == 200)
    }
  }

  @Test func aLinkOpensItsOwnFileAlone() async throws {
    try await withPrivatePages { client in
      let target = try await citedTarget(client)
      let query = String(target.dropFirst(Self.page.count))
      let sign = String(try #require(query.firstMatch(of: /sign=([0-9a-f]{64})$/)).1)
      let until = try until(query)
      let other = sign.hasPrefix("0") ? "1" : "0"
      let forged = [
        "/source/tree@v2.0/fs/tree/tree.h\(query)", "/source/tree@v1.0/fs/tree/lock.c\(query)",
        "/source/tree/fs/tree/lock.c\(query)", "\(Self.page)?until=\(until + 86_400)&sign=\(sign)",
        "\(Self.page)?until=0&sign=\(sign)", "\(Self.page)?until=\(until)", "\(Self.page)?sign=\(sign)",
        "\(Self.page)?until=\(until)&sign=", "\(Self.page)?until=\(until)&sign=\(sign)00",
        "\(Self.page)?until=\(until)&sign=\(sign.dropLast())",
        "\(Self.page)?until=\(until)&sign=\(other)\(sign.dropFirst())",
        "\(Self.page)?until=\(until)&sign=%zz", "\(Self.page)?until=x&sign=\(sign)",
        // What was checked first is what counts, wherever the true one stands.
        "\(Self.page)?until=\(until)&sign=0&sign=\(sign)",
      ]
      for target in forged {
        let reply = try await client.get(target)
        #expect(reply.status == 401, "\(target)")
        #expect(!reply.text.contains("tree_lock"))
      }
      // A signature opens pages and nothing else.
      for route in ["/api/source?at=tree@v2.0&path=fs/tree/lock.c&", "/v1/models?", "/compare?", "/metrics?"] {
        let reply = try await client.get(route + query.dropFirst())
        #expect(reply.status == 401, "\(route)")
      }
    }
  }

  @Test func aCommitIsSignedForItselfAlone() async throws {
    try await withPrivatePages { client in
      let body = #"{"from":"v1.0","to":"v2.0","path":"fs"}"#
      let reply = try await client.post("/api/diff", body, headers: ["Authorization: Bearer k"])
      let target = String(try #require(reply.text.firstMatch(of: /"url":"http:\/\/host([^"]+)"/)).1)
      let commit = "/commit/tree@v2.0/\(FakeKnowledge.commitIDs[0].hex)"
      #expect(target.hasPrefix(commit + "?until="))
      let open = try await client.get(target)
      #expect(open.status == 200 && open.text.contains("lock: hold"))
      // Its links to files are not signed.
      #expect(!open.text.contains("sign="))
      let query = target.dropFirst(commit.count)
      let source = try await citedTarget(client)
      let refused = [
        commit, "\(commit.dropLast())\(query)",
        "/commit/tree@v1.0/\(FakeKnowledge.commitIDs[0].hex)\(query)",
        "/commit/tree@v2.0/\(FakeKnowledge.commitIDs[1].hex)\(query)", Self.page + query,
        "/source/tree@v2.0/\(FakeKnowledge.commitIDs[0].hex)\(query)", commit + source.dropFirst(Self.page.count),
        "/commit/tree@v2.0/fs/tree/lock.c" + source.dropFirst(Self.page.count),
      ]
      for target in refused {
        let reply = try await client.get(target)
        #expect(!reply.text.contains("lock: hold") && !reply.text.contains("tree_lock"))
        #expect(reply.status == 401, "\(target)")
      }
      let keyed = try await client.get(commit, headers: ["Authorization: Bearer k"])
      #expect(keyed.status == 200)
    }
  }

  @Test func aLinkOfAnotherSecretIsRefused() async throws {
    var target = ""
    try await withPrivatePages(secret: "another secret of the kind") { target = try await citedTarget($0) }
    try await withPrivatePages { client in
      let reply = try await client.get(target)
      #expect(reply.status == 401)
    }
  }

  @Test func aLinkEndsWithItsDay() async throws {
    // Signed by a server whose links ended before this one looks.
    try await withPrivatePages(days: -30) { client in
      let reply = try await client.get(try await citedTarget(client))
      #expect(reply.status == 401)
    }
    try await withPrivatePages(days: 0) { client in
      let target = try await citedTarget(client)
      #expect(target.contains("?until=0&sign="))
      let reply = try await client.get(target)
      #expect(reply.status == 200)
    }
    // A day more or less is the same link all day long.
    try await withPrivatePages(days: 90) { client in
      let until = try until(try await citedTarget(client))
      let now = Int64(Date().timeIntervalSince1970)
      #expect(until % 86_400 == 0)
      #expect((now + 90 * 86_400...now + 91 * 86_400).contains(until))
    }
  }
}
