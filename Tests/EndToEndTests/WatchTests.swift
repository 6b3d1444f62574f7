// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import TestSupport
import Testing

/// `nenrin watch`, told by its lines.
struct WatchTests {
  @Test func onceIndexesTheBranchOfHead() throws {
    let repository = try RingProject.repository()
    let program = try Program()
    let commit = try repository.git(["rev-parse", "main"])
    let first = try program.run("watch", repository.path, "--name", "ring", "--once", "--json")
    #expect(first.status == 0, "\(first.error)")
    #expect(first.json["collection"].text == "ring")
    #expect(first.json["snapshots"][0]["revision"].text == "main")
    #expect(first.json["snapshots"][0]["commit"].text == commit)
    #expect(withoutTime(first.error).hasPrefix("indexed ring@main \(commit.prefix(12)): 4 of 4 blobs new, "))
    let second = try program.run("watch", repository.path, "--name", "ring", "--once", "--json")
    #expect(second.status == 0)
    #expect(second.output == "")
    #expect(withoutTime(second.error) == "ring@main \(commit.prefix(12)) is indexed already\n")
  }

  @Test func onceSaysWhatFailsAndEndsWithTwo() throws {
    let repository = try RingProject.repository()
    let program = try Program()
    let outcome = try program.run("watch", repository.path, "--tags", "v9*", "--once")
    #expect(outcome.status == 2)
    #expect(
      withoutTime(outcome.error) == """
        no tag matches 'v9*' in \(repository.path)
          Run `git -C \(repository.path) tag` for the list; quote the pattern, so that the shell leaves it alone.

        """)
    let nowhere = try program.run("watch", "\(program.folder)/nowhere")
    #expect(nowhere.status == 2)
    #expect(nowhere.error.hasPrefix("nenrin: "))
    #expect(try program.run("watch", repository.path, "--interval", "0").status == 64)
  }

  /// A commit that comes later is indexed without a restart; either signal ends it as it should.
  @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(0))]) func newTagsAreNoticed(
    signal: Int32, status: Int32
  ) throws {
    let repository = try RingProject.repository()
    let program = try Program()
    let pipe = "\(program.folder)/documents"
    try #require(mkfifo(pipe, 0o600) == 0)
    let running = try program.start(
      [
        "-c",
        "exec '\(Program.path)' watch '\(repository.path)' --tags 'v1.*' --name ring --interval 1 --json > '\(pipe)'",
      ], executable: "/bin/bash")
    // Reading waits until the program has said something, or has ended.
    let documents = Lines(try FileHandle(forReadingFrom: URL(fileURLWithPath: pipe)))
    defer { kill(running.process.processIdentifier, SIGKILL) }
    #expect(documents.next()["snapshots"][0]["revision"].text == "v1.0.1", "\(running.error)")
    #expect(documents.next()["snapshots"][0]["revision"].text == "v1.0.2")
    try repository.commit(["lib/spool.c": "int spool_wind(void) { return 1; }\n"], tag: "v1.0.3")
    #expect(documents.next()["snapshots"][0]["revision"].text == "v1.0.3")
    kill(running.process.processIdentifier, signal)
    #expect(running.outcome().status == status)
    #expect(withoutTime(running.error).hasPrefix("watching \(repository.path), every 1 s\n"))
    #expect(try program.run("snapshots", "--json").json.list.count == 3)
  }

  /// The first line without its time stamp, and all that follows.
  private func withoutTime(_ text: String) -> String {
    let stamp = "2023-11-14T22:14:20Z  "
    return text.count > stamp.count && text.dropFirst(stamp.count - 3).hasPrefix("Z  ")
      ? String(text.dropFirst(stamp.count)) : text
  }

  /// JSON documents, a line each, as they come.
  private final class Lines {
    private let handle: FileHandle
    private var rest = Data()

    init(_ handle: FileHandle) { self.handle = handle }

    /// Null at the end.
    func next() -> JSON {
      while true {
        if let end = rest.firstIndex(of: 10) {
          let line = String(decoding: rest[..<end], as: UTF8.self)
          rest = Data(rest[(end + 1)...])
          return JSON(parsing: line)
        }
        let data = handle.availableData
        if data.isEmpty { return .null }
        rest += data
      }
    }
  }
}
