// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import TestSupport
import Testing

/// What SIGHUP does to a server.
@Suite(.timeLimit(.minutes(10))) struct ReloadTests {
  private func configuration(_ upstream: ScriptedServer, key: String, more: String = "") -> String {
    """
    [server]
    api_keys = ["env:\(key)"]
    \(more)
    [chat]
    base_urls = ["\(upstream.baseURL)"]
    model = "m"

    """
  }

  private func ask(_ key: String, _ address: String, streamed: Bool = false) -> String {
    let body =
      #"{"model":"ring","stream":\#(streamed),"messages":[{"role":"user","content":"which file is the ring buffer"}]}"#
    return "-N -H 'Authorization: Bearer \(key)' -d '\(body)' \(address)/v1/chat/completions"
  }

  @Test func theConfigurationIsReadAgainAndRunningAnswersGoOn() async throws {
    let (program, _) = try RingProject.indexed()
    let gate = ScriptedServer.Gate()
    let first = try ScriptedServer { _, _ in
      [
        ScriptedServer.streamHead, ScriptedServer.chunk("It is "), .wait(gate), ScriptedServer.chunk("there [1]."),
        ScriptedServer.chatEnd,
      ]
    }
    let second = try ScriptedServer { _, _ in ScriptedServer.chat("By the second [1].") }
    let file = try program.write(configuration(first, key: "KEY_ONE"), to: "nenrin.toml")
    let keys = ["KEY_ONE": "one", "KEY_TWO": "two"]
    try await program.serving("--config '\(file)'", environment: keys) { server in
      let running = try program.start(
        ["-c", "curl -sS --noproxy '*' --max-time 60 " + ask("one", server.address, streamed: true)],
        executable: "/bin/bash")
      await first.hasRequest()
      let more = "public_url = \"http://elsewhere\""
      _ = try program.write(configuration(second, key: "KEY_TWO", more: more), to: "nenrin.toml")
      server.signal(SIGHUP)
      #expect(server.log(until: "configuration is read again").contains("configuration is read again"))
      #expect(try program.curl("-o /dev/null -w '%{http_code}' \(ask("one", server.address))").output == "401")
      let answer = try program.curl(ask("two", server.address)).output
      #expect(answer.contains("By the second [1]."))
      #expect(answer.contains("http://elsewhere/source/ring@v1.0.2/lib/ring.c"))
      gate.open()
      let text = running.outcome().output
      #expect(text.contains("there [1].") && text.contains("[DONE]") && !text.contains("\"error\""))
      #expect(first.requests.count == 1 && second.requests.count == 1)
    }
  }

  @Test func aWrongConfigurationIsRefusedAndTheOldStays() async throws {
    let (program, _) = try RingProject.indexed()
    let upstream = try ScriptedServer { _, _ in ScriptedServer.chat("Here [1].") }
    let file = try program.write(configuration(upstream, key: "KEY_ONE"), to: "nenrin.toml")
    try await program.serving("--config '\(file)'", environment: ["KEY_ONE": "one"]) { server in
      let wrong = [
        ("[server]\nprot = 1\n", "nenrin.toml:2: no key 'prot' in [server]"),
        ("[server\n", "nenrin.toml:1: not TOML"),
        ("[server]\napi_keys = [\"env:KEY_NINE\"]\n", "KEY_NINE: an API key is to be read from it"),
        ("[server]\nprivate_pages = true\n", "private_pages: set without api_keys"),
        ("[chat]\nbase_urls = [\"localhost\"]\n", "no address of a server, in [chat] base_urls"),
      ]
      for (text, words) in wrong {
        _ = try program.write(text, to: "nenrin.toml")
        server.signal(SIGHUP)
        #expect(server.log(until: words).contains("configuration is refused, the old one stays"))
        #expect(try program.curl(ask("one", server.address)).output.contains("Here [1]."))
      }
      // Mended, it is taken; the model's section is as it was.
      _ = try program.write(configuration(upstream, key: "KEY_ONE", more: "host = \"127.0.0.2\""), to: "nenrin.toml")
      server.signal(SIGHUP)
      #expect(server.log(until: "restart to listen elsewhere").contains("configuration is read again"))
      #expect(try program.curl(ask("one", server.address)).output.contains("Here [1]."))
    }
  }

  @Test func linksToPrivatePagesOutliveTheServer() async throws {
    let (program, _) = try RingProject.indexed()
    let environment = [
      "NENRIN_SERVER_API_KEYS": "env:KEY_ONE", "KEY_ONE": "one", "NENRIN_SERVER_PRIVATE_PAGES": "true",
    ]
    var path = ""
    try await program.serving(environment: environment) { server in
      let answer = try program.curl(ask("one", server.address)).json
      let link = try #require(
        answer["choices"][0]["message"]["annotations"][0]["url_citation"]["url"].text)
      path = String(link.dropFirst(server.address.count).prefix { $0 != "#" })
      #expect(path.hasPrefix("/source/ring@v1.0.2/lib/ring.c?until="))
    }
    #expect(try program.shell("stat -c %a '\(program.home)/page-secret'").output == "600\n")
    try await program.serving("--read-only", environment: environment) { server in
      let codes = try [path, String(path.prefix { $0 != "?" })].map {
        try program.curl("-o /dev/null -w '%{http_code}' '\(server.address)\($0)'").output
      }
      #expect(codes == ["200", "401"])
    }
    _ = try program.shell("chmod 644 '\(program.home)/page-secret'")
    let open = try program.run("serve", "--port", "0", environment: environment)
    #expect(open.status == 2)
    #expect(open.error.hasPrefix("nenrin: \(program.home)/page-secret: others may read it: who knows it can forge"))
    _ = try program.shell("rm '\(program.home)/page-secret'")
    let without = try program.run("serve", "--port", "0", "--read-only", environment: environment)
    #expect(without.status == 2)
    #expect(
      without.error == """
        nenrin: private_pages: nothing to sign links with: \(program.home)/page-secret is not there, and cannot be made \
        or read here
          Set [server] page_secret to env:NAME, the same for all servers of this home.

        """)
    let short = try program.run(
      "serve", "--port", "0", "--read-only",
      environment: environment.merging(["NENRIN_SERVER_PAGE_SECRET": "env:S", "S": "hush"]) { $1 })
    #expect(short.status == 2)
    #expect(short.error.hasPrefix("nenrin: [server] page_secret: too short") && !short.error.contains("hush"))
  }

  /// The signal itself decides what the program ends with, however soon the server is done.
  @Test func controlCIsAlwaysAnInterruption() async throws {
    let (program, _) = try RingProject.indexed()
    for _ in 0..<5 { try await program.serving(stoppedBy: SIGINT) { _ in } }
  }
}
