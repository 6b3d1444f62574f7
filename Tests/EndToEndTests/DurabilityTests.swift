// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// The program is killed at any moment, and others read meanwhile: what was published is whole all the time.
@Suite struct DurabilityTests {
  private static let tags = 60

  /// Some forty files that change a little with each of the tags `v0`, `v1`, ….
  private static func history() throws -> TestRepository {
    let repository = try TestRepository()
    var script = ""
    for step in 0..<tags {
      script += "commit refs/heads/main\ncommitter T <t@example.org> \(1_700_000_000 + step * 60) +0000\ndata 0\n"
      for file in 0..<40 where step == 0 || file % 13 == step % 13 {
        let functions = (0..<12).map { number in
          "int ring_\(file)_\(number)(int value)\n{\n\treturn value + \(number == step % 12 ? step : number);\n}\n\n"
        }
        let text = functions.joined()
        script += "M 100644 inline lib/file\(file).c\ndata \(text.utf8.count)\n\(text)\n"
      }
      script += "reset refs/tags/v\(step)\nfrom refs/heads/main\n\n"
    }
    try repository.git(["fast-import", "--quiet", "--done"], input: Array((script + "done\n").utf8))
    return repository
  }

  /// Numbers that look random and are the same in every run.
  private struct Moments {
    var state: UInt64 = 0x2545_f491_4f6c_dd1d

    /// Between 0 and `bound`, in thousandths of a second.
    mutating func next(_ bound: Int) -> String {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      let milliseconds = Int(state % UInt64(bound))
      return "\(milliseconds / 1_000).\(String(1_000 + milliseconds % 1_000).dropFirst())"
    }
  }

  @Test func killedAtFiftyMomentsItLosesNothing() throws {
    let repository = try Self.history()
    let program = try Program()
    program.repository = repository
    let index = "index '\(repository.path)' --tags 'v*' --name ring"
    var moments = Moments()
    var published: Set<String> = []
    var (killed, finished) = (0, 0)
    while killed < 50 {
      let line =
        killed % 10 == 9 && published.count > 2
        ? "'\(Program.path)' forget v0 v1; timeout -s KILL \(moments.next(60)) '\(Program.path)' gc"
        : "timeout -s KILL \(moments.next(400)) '\(Program.path)' \(index)"
      if line.contains("forget") { published.subtract(["v0", "v1"]) }
      let outcome = try program.shell(line)
      if outcome.status == 137 { killed += 1 } else { #expect(outcome.status == 0, "\(outcome.error)") }
      let listed = Set(try program.run("snapshots", "--json").json.list.compactMap { $0["revision"].text })
      #expect(listed.isSuperset(of: published), "after \(killed): \(published.subtracting(listed)) are gone")
      published = listed
      let verified = try program.run("verify", "--quick")
      #expect(verified.status == 0 || listed.isEmpty, "after \(killed): \(verified.output)\(verified.error)")
      guard listed.count == Self.tags else { continue }
      // It came to its end before it was killed often enough: from the beginning.
      finished += 1
      _ = try program.shell("rm -r '\(program.home)'")
      published = []
    }
    #expect(try program.shell("nenrin \(index)").status == 0)
    #expect(try program.run("verify").status == 0)
    let fresh = try Program()
    #expect(try fresh.run("index", repository.path, "v31", "--name", "ring").status == 0)
    for question in ["ring value", "ring_7_3"] {
      let answers = try [program, fresh].map { try $0.run("search", question, "--at", "v31", "--json").json }
      #expect(answers[0]["files"] == answers[1]["files"] && answers[0]["passages"] == answers[1]["passages"])
      #expect(answers[0]["files"].list.count > 0)
    }
  }

  /// One process indexes, forgets and frees; others ask all the while and are told the same every time.
  @Test func readersAreNeverDisturbed() throws {
    let repository = try Self.history()
    let program = try Program()
    program.repository = repository
    let index = "index '\(repository.path)' --name ring"
    #expect(try program.shell("nenrin \(index) v0").status == 0)
    func ask() throws -> [JSON] {
      let outcome = try program.run("search", "ring_7_3 value", "--at", "v0", "--json")
      #expect(outcome.status == 0, "\(outcome.error)")
      return [outcome.json["files"], outcome.json["passages"]]
    }
    let expected = try ask()
    let writer = try program.start(
      [
        "-c",
        """
        set -e
        nenrin() { '\(Program.path)' "$@"; }
        for round in 1 2 3; do
          nenrin \(index) v0..v12 v20 v30
          nenrin forget v1 v2 v5 v20
          nenrin gc
        done
        """,
      ], executable: "/bin/bash")
    var asked = 0
    while writer.process.isRunning {
      #expect(try ask() == expected)
      asked += 1
    }
    let outcome = writer.outcome()
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(asked > 3)
    #expect(try ask() == expected)
    #expect(try program.run("verify").status == 0)
  }

  @Test func aSecondWriterIsTurnedAway() throws {
    let (program, repository) = try RingProject.indexed()
    let outcome = try program.shell(
      "flock '\(program.home)/write.lock' '\(Program.path)' index '\(repository.path)' v1.0.1 --name ring")
    #expect(outcome.status == 2)
    #expect(outcome.output == "")
    #expect(outcome.error.hasPrefix("nenrin: another process"))
    #expect(outcome.error.contains(" is writing to this home: \(program.home)/write.lock\n"))
    #expect(try program.run("search", "ring").status == 0)
  }
}
