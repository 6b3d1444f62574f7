// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import Glossary

/// How the program ends; the numbers are part of the contract.
enum Ending {
  static let nothingFound = ExitCode(1)
  static let failure = ExitCode(2)
  static let interrupted = ExitCode(130)
}

/// `nenrin`: parses the command, runs it, and turns what went wrong into words and an exit code.
@main
struct Nenrin: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nenrin",
    abstract: "Keeps the knowledge of a source tree, commit by commit, and answers with the right file and lines.",
    discussion: """
      EXAMPLES:
        nenrin index ~/src/linux v6.12
        nenrin search which file implements the btrfs extent tree locking
        nenrin ask how does a page fault reach the file system
        nenrin symbol openat2 --references
        nenrin diff v6.1.192..v6.12.117 --path fs/btrfs

      Completions for your shell: nenrin --generate-completion-script bash (or zsh, fish).
      Exit codes: 0 done or found, 1 nothing found, 2 error, 64 wrong usage, 130 interrupted.
      """,
    version: programVersion,
    subcommands: [
      IndexCommand.self, SnapshotsCommand.self, SearchCommand.self, SymbolCommand.self, CallChainCommand.self,
      GrepCommand.self, ShowCommand.self,
      AskCommand.self, DiffCommand.self, HistoryCommand.self, LogCommand.self, ServeCommand.self, MCPCommand.self,
      WatchCommand.self,
      ForgetCommand.self,
      GcCommand.self,
      EvalCommand.self,
      VerifyCommand.self, DoctorCommand.self, DefinitionsDumpCommand.self,
      RankingDumpCommand.self, MeaningDumpCommand.self, ScanTimesCommand.self,
    ])

  static func main() async {
    // Written to a pipe that nobody reads, the program sees an error instead of being killed.
    signal(SIGPIPE, SIG_IGN)
    // So does one that meets a limit of file size.
    signal(SIGXFSZ, SIG_IGN)
    Interruption.endProgram()
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      Glibc.exit(report(error))
    }
  }

  /// Says what went wrong on standard error, and gives the exit code.
  private static func report(_ error: any Error) -> Int32 {
    switch error {
    case is OutputClosed: return ExitCode.success.rawValue
    case is CancellationError: return Ending.interrupted.rawValue
    case let error as NenrinError:
      Console.notice("nenrin: \(error)")
      return Ending.failure.rawValue
    case let code as ExitCode: return code.rawValue
    default: return reportParsing(error)
    }
  }

  /// Help and version are answers; everything else that parsing throws is wrong usage.
  private static func reportParsing(_ error: any Error) -> Int32 {
    let code = exitCode(for: error)
    let message = fullMessage(for: error)
    guard !code.isSuccess else {
      _ = try? Console.write(message + "\n")
      return code.rawValue
    }
    if code == .validationFailure {
      let prefix = "Error: "
      Console.notice("nenrin: " + (message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : message))
      return code.rawValue
    }
    Console.notice("nenrin: \(error)")
    return Ending.failure.rawValue
  }
}
