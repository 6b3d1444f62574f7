// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import TestSupport
import Testing

/// What holds for every command: exit codes, the two outputs, help, the configuration.
struct ConventionTests {
  private static let commands = [
    "index", "snapshots", "search", "symbol", "show", "ask", "serve", "eval", "verify", "doctor",
  ]

  @Test(arguments: commands)
  func helpTeachesByExample(command: String) throws {
    let outcome = try Program().run(command, "--help")
    #expect(outcome.status == 0)
    #expect(outcome.error == "")
    let examples = outcome.output.split(separator: "\n").filter {
      $0.hasPrefix("  nenrin ") || $0.contains("| nenrin ")
    }
    #expect(examples.count >= 2)
    #expect(examples.allSatisfy { $0.contains("nenrin \(command)") })
    for option in ["--home", "--config", "--json"] { #expect(outcome.output.contains(option)) }
  }

  @Test func theVersionIsPrinted() throws {
    let outcome = try Program().run("--version")
    #expect(outcome.status == 0)
    #expect(outcome.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionsKnowTheCommands(shell: String) throws {
    let outcome = try Program().run("--generate-completion-script", shell)
    #expect(outcome.status == 0)
    for command in Self.commands { #expect(outcome.output.contains(command)) }
  }

  @Test func wrongUsageIs64() throws {
    let program = try Program()
    let outcome = try program.run("search", "ring", "-k", "0")
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
    #expect(outcome.error.hasPrefix("nenrin: -k can be 1 to 1000, not 0.\nUsage: nenrin search "))
    #expect(try program.run("search").error.hasPrefix("nenrin: Missing expected argument '<question> ...'\n"))
    #expect(try program.run("bogus").error.hasPrefix("nenrin: Unexpected argument 'bogus'\n"))
    for arguments in ["search", "bogus", "show nowhere", "serve --port 70000", "index", "search x --language klingon"] {
      #expect(try program.shell("nenrin " + arguments).status == 64, "\(arguments)")
    }
  }

  /// The configuration is a pipe, so that the program waits in its first step for as long as the test likes.
  @Test func interruptedIs130() throws {
    let program = try Program()
    let pipe = "\(program.folder)/pipe"
    try #require(mkfifo(pipe, 0o600) == 0)
    let running = try program.start(["search", "ring", "--config", pipe])
    let descriptor = open(pipe, O_WRONLY)
    defer { close(descriptor) }
    kill(running.process.processIdentifier, SIGINT)
    #expect(running.outcome().status == 130)
  }

  /// The file is larger than a pipe holds, so the program is still writing when its reader goes.
  @Test func aReaderThatHasSeenEnoughEndsItQuietly() throws {
    let repository = try TestRepository()
    try repository.commit(["big.txt": .text(String(repeating: "a line of the file\n", count: 20_000))], tag: "v1")
    let program = try Program()
    #expect(try program.run("index", repository.path, "v1", "--name", "big").status == 0)
    let outcome = try program.shell("nenrin show v1:big.txt | head -n 1; echo ${PIPESTATUS[0]}")
    #expect(outcome.output == "a line of the file\n0\n")
    #expect(outcome.error == "")
  }

  @Test func aConfigurationKeyThatIsUnknownIsNamed() throws {
    let program = try Program()
    let file = try program.write("# mine\n[server]\nprot = 8000\n", to: "nenrin.toml")
    let outcome = try program.run("snapshots", "--config", file)
    #expect(outcome.status == 2)
    #expect(
      outcome.error == """
        nenrin: \(file):3: no key 'prot' in [server]: there are host, port, public_url, api_keys, private_pages, \
        page_link_days, page_secret, open_webui_events, comparisons, worktree, concurrent_requests, queued_requests, \
        concurrent_answers, request_timeout
          Did you mean 'port'?

        """)
  }

  @Test func aConfigurationValueOfTheWrongTypeIsNamed() throws {
    let program = try Program()
    let file = try program.write("[server]\nport = \"high\"\n", to: "nenrin.toml")
    let outcome = try program.run("doctor", "--config", file)
    #expect(outcome.status == 2)
    #expect(outcome.output.contains("\(file):2: not a value for 'port': it wants a whole number, not a string\n"))
  }

  @Test func theEnvironmentOverridesEveryKey() throws {
    let program = try Program()
    let wrong = try program.run("snapshots", environment: ["NENRIN_SERVER_PORT": "high"])
    #expect(
      wrong.error == """
        nenrin: NENRIN_SERVER_PORT: not a value for server.port: it wants a whole number, not a string
          Set it as docs/CONFIGURATION.md shows.

        """)
    let unknown = try program.run("snapshots", environment: ["NENRIN_SERVER_PROT": "1"])
    #expect(
      unknown.error == """
        nenrin: NENRIN_SERVER_PROT: no configuration key has this environment variable
          Did you mean NENRIN_SERVER_PORT?
          Unset it, or see docs/CONFIGURATION.md for those there are.

        """)
    let right = try program.run("doctor", "--json", environment: ["NENRIN_INDEX_WORKERS": "2"])
    let check = right.json["checks"].list.first { $0["name"].text == "configuration" }
    #expect(check?["detail"].text == "no file, all at its default; from the environment: NENRIN_INDEX_WORKERS")
  }

  @Test func aConfigurationThatIsAskedForMustBeThere() throws {
    let program = try Program()
    let outcome = try program.run("snapshots", "--config", "nowhere.toml")
    #expect(outcome.error == "nenrin: nowhere.toml: cannot be read: No such file or directory\n")
  }
}
