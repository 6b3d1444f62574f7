// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import TestSupport
import Testing

/// `nenrin serve`, asked by the curl program as any client would.
struct ServeTests {
  @Test func theServerAnswersAsTheCommandLineDoes() async throws {
    let (program, _) = try RingProject.indexed()
    try await program.serving { server in
      let address = server.address
      #expect(try program.curl("-o /dev/null -w '%{http_code}' \(address)/healthz").output == "200")
      let models = try program.curl("\(address)/v1/models").json["data"].list.compactMap { $0["id"].text }
      #expect(Set(models) == ["ring", "ring@v1.0.1", "ring@v1.0.2"])
      let found = try program.curl(
        "-H 'Content-Type: application/json' -d '{\"query\":\"ring buffer\",\"at\":\"v1.0.1\"}' \(address)/api/search"
      ).json
      let line = try program.run("search", "ring", "buffer", "--at", "v1.0.1", "--json").json
      #expect(found["files"] == line["files"])
      #expect(found["passages"] == line["passages"])
      #expect(found["files"].list.isEmpty == false)
      let source = try program.curl("'\(address)/api/source?at=v1.0.1&path=lib/ring.c&lines=6-8'").json
      #expect(source == (try program.run("show", "v1.0.1:lib/ring.c:6-8", "--json").json))
    }
  }

  @Test func chatIsStreamedWithCitations() async throws {
    let (program, _) = try RingProject.indexed()
    let body =
      #"{"model":"ring","stream":true,"messages":[{"role":"user","content":"which file implements the ring buffer"}]}"#
    try await program.serving { server in
      let address = server.address
      let lines = try program.curl(
        "-N -H 'Content-Type: application/json' -d '\(body)' \(address)/v1/chat/completions"
      ).output.split(separator: "\n").filter { $0.hasPrefix("data: ") }.map { String($0.dropFirst(6)) }
      #expect(lines.last == "[DONE]")
      let text = lines.map { JSON(parsing: $0)["choices"][0]["delta"]["content"].text ?? "" }.joined()
      #expect(text.contains("lib/ring.c"))
      #expect(lines.contains { $0.contains("url_citation") })
    }
  }

  @Test func aSnapshotThatIsIndexedMeanwhileIsServed() async throws {
    let (program, repository) = try RingProject.indexed()
    try await program.serving(stoppedBy: SIGINT) { server in
      let address = server.address
      try repository.commit(["lib/spool.c": "int spool_wind(void) { return 1; }\n"], tag: "v1.0.3")
      #expect(try program.run("index", repository.path, "v1.0.3", "--name", "ring").status == 0)
      let revisions = try program.curl("\(address)/api/snapshots").json.list.map { $0["revision"].text }
      #expect(revisions == ["v1.0.3", "v1.0.2", "v1.0.1"])
      let found = try program.curl(
        "-H 'Content-Type: application/json' -d '{\"query\":\"spool_wind\"}' \(address)/api/search"
      ).json
      #expect(found["files"][0]["path"].text == "lib/spool.c")
    }
  }

  @Test func aKeyIsAskedForWhereOneIsSet() async throws {
    let (program, _) = try RingProject.indexed()
    let environment = ["NENRIN_SERVER_API_KEYS": "env:RING_KEY", "RING_KEY": "open sesame"]
    try await program.serving(environment: environment) { server in
      let address = server.address
      let requests = [
        "\(address)/v1/models", "-H 'Authorization: Bearer wrong' \(address)/v1/models",
        "-H 'Authorization: Bearer open sesame' \(address)/v1/models", "\(address)/healthz",
      ]
      let statuses = try requests.map { try program.curl("-o /dev/null -w '%{http_code}' \($0)").output }
      #expect(statuses == ["401", "401", "200", "200"])
    }
  }

  @Test func aKeyThatIsNotSetIsAnError() throws {
    let (program, _) = try RingProject.indexed()
    let outcome = try program.run(
      "serve", "--port", "0", environment: ["NENRIN_SERVER_API_KEYS": "env:RING_KEY"])
    #expect(outcome.status == 2)
    #expect(
      outcome.error == """
        nenrin: RING_KEY: an API key is to be read from it, and it is not set
          Set the variable where `nenrin serve` starts, or take 'env:RING_KEY' out of api_keys.

        """)
  }
}
