// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say what is installed, configured and reachable, and how to mend what is not.",
    discussion: """
      Exit code 2 where something is broken; what is only missing is said and is no error.

      EXAMPLES:
        nenrin doctor
        nenrin doctor --json | jq '.checks[] | select(.state != "ok")'
      """)

  @Option(help: ArgumentHelp("The folder of compiled grammars.", visibility: .hidden))
  var grammars: String?

  @OptionGroup var options: ProgramOptions

  func run() async throws {
    let checks = await Examination(options: options, grammars: grammars).checks()
    let isBroken = checks.contains { $0.state == .broken }
    if options.json {
      try options.print(Document(isWhole: !isBroken, version: programVersion, checks: checks))
    } else {
      try Console.write(text(checks))
    }
    if isBroken { throw Ending.failure }
  }

  private func text(_ checks: [Examination.Check]) -> String {
    let style = Style.output
    let width = checks.map(\.name.count).max() ?? 0
    var lines = ["nenrin \(programVersion)"]
    for check in checks {
      let name = check.name + String(repeating: " ", count: width - check.name.count)
      let state =
        switch check.state {
        case .ok: "ok      "
        case .missing: style.warning("missing ")
        case .broken: style.failure("broken  ")
        }
      lines.append("\(state)\(name)  \(check.detail)")
      if let remedy = check.remedy { lines.append(String(repeating: " ", count: width + 10) + remedy) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private struct Document: Encodable {
    private enum CodingKeys: String, CodingKey {
      case version, checks
      case isWhole = "ok"
    }

    var isWhole: Bool
    var version: String
    var checks: [Examination.Check]
  }
}
