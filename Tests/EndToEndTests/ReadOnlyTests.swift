// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import TestSupport
import Testing

/// A home that is mounted read-only, as a node does that serves what another one indexes.
@Suite struct ReadOnlyTests {
  /// Runs the rest of a command line where `home` is mounted read-only.
  private static func mounted(_ home: String, _ line: String) -> String {
    "unshare -rm bash -c 'mount --bind \(home) \(home) && mount -o remount,bind,ro \(home) && \(line)'"
  }

  /// Some containers allow no mounts.
  static let canMount: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", mounted("/tmp", "true") + " 2>/dev/null"]
    try? process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  @Test(.enabled(if: canMount)) func everythingThatReadsNeedsNoWriting() throws {
    let (program, _) = try RingProject.indexed()
    for command in ["snapshots", "symbol ring_push", "show v1.0.1:lib/ring.c", "ask ring", "verify", "verify --quick"] {
      let expected = try program.shell("nenrin \(command)")
      let outcome = try program.shell(Self.mounted(program.home, "\(Program.path) \(command)"))
      #expect(outcome.status == 0, "\(command): \(outcome.error)")
      #expect(outcome.output == expected.output)
    }
    let outcome = try program.shell(Self.mounted(program.home, "\(Program.path) gc"))
    #expect(outcome.status == 2)
    #expect(outcome.error.contains("Read-only file system"), "\(outcome.error)")
  }

  /// What the writer publishes on the other side of the mount is served without a restart.
  @Test(.enabled(if: canMount)) func aServerPicksUpTheNextGeneration() throws {
    let (program, repository) = try RingProject.indexed()
    let pipe = "\(program.folder)/address"
    try #require(mkfifo(pipe, 0o600) == 0)
    let line = Self.mounted(program.home, "exec \(Program.path) serve --read-only --port 0 --json > \(pipe)")
    let server = try program.start(["-c", "exec " + line], executable: "/bin/bash")
    // Reading the pipe waits until the server has said where it listens, or has ended.
    let said = try FileHandle(forReadingFrom: URL(fileURLWithPath: pipe)).availableData
    defer { kill(server.process.processIdentifier, SIGKILL) }
    let address = try #require(JSON(parsing: String(decoding: said, as: UTF8.self))["address"].text, "\(server.error)")
    func ask(_ rest: String) throws -> JSON {
      try program.shell("curl -sS --noproxy '*' --max-time 30 -H 'Content-Type: application/json' \(address)\(rest)")
        .json
    }
    func served() throws -> [String?] { try ask("/api/snapshots").list.map { $0["revision"].text } }
    #expect(try served() == ["v1.0.2", "v1.0.1"])
    let before = try ask("/api/search -d '{\"query\":\"ring buffer\",\"at\":\"v1.0.2\"}'")
    try repository.commit(["lib/spool.c": "int spool_wind(void) { return 1; }\n"], tag: "v1.0.3")
    #expect(try program.run("index", repository.path, "v1.0.3", "--name", "ring").status == 0)
    #expect(try served() == ["v1.0.3", "v1.0.2", "v1.0.1"])
    #expect(try program.run("forget", "v1.0.1").status == 0)
    #expect(try program.run("gc").status == 0)
    #expect(try served() == ["v1.0.3", "v1.0.2"])
    #expect(try ask("/api/search -d '{\"query\":\"spool_wind\"}'")["files"][0]["path"].text == "lib/spool.c")
    let after = try ask("/api/search -d '{\"query\":\"ring buffer\",\"at\":\"v1.0.2\"}'")
    #expect(after["files"] == before["files"] && after["passages"] == before["passages"])
  }

  /// Servers that share a home need nothing of each other: all answer alike, what is published meanwhile too.
  @Test func severalServersShareAHome() async throws {
    let (program, repository) = try RingProject.indexed()
    try await program.serving("--read-only") { first in
      try await program.serving("--read-only") { second in
        try await program.serving { third in
          let addresses = [first, second, third].map(\.address)
          #expect(Set(addresses).count == 3)
          func answers(_ question: String) throws -> [JSON] {
            try addresses.map {
              try program.curl("-d '{\"query\":\"\(question)\"}' \($0)/api/search").json["files"]
            }
          }
          let before = try answers("ring buffer")
          #expect(before[0].list.isEmpty == false && before[1] == before[0] && before[2] == before[0])
          try repository.commit(["lib/spool.c": "int spool_wind(void) { return 1; }\n"], tag: "v1.0.3")
          #expect(try program.run("index", repository.path, "v1.0.3", "--name", "ring").status == 0)
          for files in try answers("spool_wind") { #expect(files[0]["path"].text == "lib/spool.c") }
        }
      }
    }
  }
}
