// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import Glossary
import IndexStore
import Retrieval

/// Hidden: how long the scan of a snapshot's vectors takes, for `tools/bench --only scan`.
struct ScanTimesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan-times", abstract: "Scan all vectors of a snapshot again and again, and print what it took.",
    shouldDisplay: false)

  @Option(help: ArgumentHelp("How often, with one thread and with two.", valueName: "count"))
  var rounds = 21

  @OptionGroup var snapshot: SnapshotOption
  @OptionGroup var options: ProgramOptions

  private struct Document: Encodable {
    struct Scans: Encodable {
      var threads: Int
      /// In milliseconds, each scan on its own.
      var elapsed: [Double] = []
      /// User and system time of all threads, likewise.
      var cpu: [Double] = []
    }

    var vectors: Int
    var dimensions: Int
    var scans: [Scans]
  }

  private static let question = "where are dirty pages written back to disk"

  func run() async throws {
    let home = try options.openHome()
    let view = try home.view(at: snapshot.at)
    let request = try await home.understanding(SearchRequest(question: Self.question), in: view)
    guard let meaning = request.meaning, let count = view.scan(meaning, threads: 1) else {
      throw NenrinError(
        .unsupported, "\(view.info.name) has not all its vectors", remedies: ["Run `nenrin index` of it again."])
    }
    var scans = [1, 2].map { Document.Scans(threads: $0) }
    for _ in 0..<max(1, rounds) {
      for index in scans.indices {
        let (wall, cpu) = (Self.milliseconds(CLOCK_MONOTONIC), Self.milliseconds(CLOCK_PROCESS_CPUTIME_ID))
        _ = view.scan(meaning, threads: scans[index].threads)
        scans[index].elapsed.append(Self.milliseconds(CLOCK_MONOTONIC) - wall)
        scans[index].cpu.append(Self.milliseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu)
      }
    }
    try options.print(Document(vectors: count, dimensions: meaning.space.dimensions, scans: scans))
  }

  private static func milliseconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
  }
}
