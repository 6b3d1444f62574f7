// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Indexing

struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check the index against itself and against the git objects.",
    discussion: """
      Reads everything and changes nothing: every file's checksums; every manifest against git's tree; every blob, read
      from git and chunked again, against what is stored of it. The last takes as long as indexing did. Exit code 2 and
      a list, each with its remedy, where something is wrong.

      EXAMPLES:
        nenrin verify
        nenrin verify --quick
        nenrin verify --home /srv/nenrin --json
      """)

  @Flag(help: "Leave out reading the blobs again.")
  var quick = false

  @Option(help: ArgumentHelp("The folder of compiled grammars.", visibility: .hidden))
  var grammars: String?

  @OptionGroup var options: ProgramOptions

  func run() async throws {
    let settings = try options.configuration().configuration.index
    let indexer = Indexer(
      home: try options.homePath(), grammars: Locations.grammars(option: grammars, configured: settings.grammars),
      queries: Locations.queries(), workers: settings.workers)
    let display = VerifyDisplay(isTerminal: Console.errorIsTerminal)
    let report = try await Verifier(indexer).run(quick: quick) { display.show($0) }
    display.clear()
    let problems = report.problems.map { Problem(what: $0.what, place: $0.where, remedy: $0.remedy) }
    if options.json {
      try options.print(Document(isWhole: problems.isEmpty, checked: report.checked, problems: problems))
    } else {
      try Console.write(text(problems, checked: report.checked))
    }
    if !problems.isEmpty { throw Ending.failure }
  }

  private func text(_ problems: [Problem], checked: [String: Int]) -> String {
    let counts = checked.sorted { $0.key < $1.key }.map { "\(Figures.count($0.value)) \($0.key)" }
    var lines = ["checked \(counts.joined(separator: ", "))"]
    for problem in problems {
      lines.append("\(Style.output.failure(problem.place)): \(problem.what)")
      if !problem.remedy.isEmpty { lines.append("  \(problem.remedy)") }
    }
    lines.append(problems.isEmpty ? "nothing is wrong" : Figures.counted(problems.count, "problem"))
    return lines.joined(separator: "\n") + "\n"
  }

  private struct Problem: Encodable {
    private enum CodingKeys: String, CodingKey {
      case what, remedy
      case place = "where"
    }

    var what: String
    var place: String
    var remedy: String
  }

  private struct Document: Encodable {
    private enum CodingKeys: String, CodingKey {
      case checked, problems
      case isWhole = "ok"
    }

    var isWhole: Bool
    var checked: [String: Int]
    var problems: [Problem]
  }
}
