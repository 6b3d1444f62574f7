// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// What a run of the program came to.
struct Outcome {
  var status: Int32
  var output: String
  var error: String

  /// Standard output as JSON.
  var json: JSON { JSON(parsing: output) }
}

/// The built program, with a home and a folder of its own that go with the object.
final class Program {
  let folder: String
  let home: String
  /// What the home was made from, which must last as long as it.
  var repository: TestRepository?

  init() throws {
    folder = try TestRepository.temporaryFolder()
    home = folder + "/home"
  }

  deinit {
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// The program lies beside the test bundle, wherever that was built.
  static let path: String = {
    let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let candidates = [(bundle as NSString).deletingLastPathComponent, ".build/debug", ".build/release"]
    return candidates.map { $0 + "/nenrin" }.first { FileManager.default.isExecutableFile(atPath: $0) } ?? "nenrin"
  }()

  /// Runs it to its end. `NENRIN_HOME` is the object's home; nothing else of the caller's environment gets in.
  func run(
    _ arguments: String..., in directory: String? = nil, input: [UInt8] = [], environment: [String: String] = [:]
  ) throws -> Outcome {
    try start(arguments, in: directory, environment: environment, input: input).outcome()
  }

  /// Runs a line of bash in which `nenrin` is the program.
  func shell(_ line: String) throws -> Outcome {
    let function = "nenrin() { '\(Program.path)' \"$@\"; }\n"
    return try execute("/bin/bash", ["-c", function + line], input: [], environment: [:])
  }

  /// Writes a file into the folder; gives its path.
  func write(_ text: String, to name: String) throws -> String {
    let path = "\(folder)/\(name)"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// Starts it, with standard output and standard error in files.
  func start(
    _ arguments: [String], in directory: String? = nil, executable: String = Program.path,
    environment: [String: String] = [:], input: [UInt8] = []
  )
    throws -> RunningProgram
  {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: directory ?? folder)
    process.environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder, "NENRIN_HOME": home,
    ].merging(environment) { $1 }
    let name = "\(folder)/run-\(UUID().uuidString)"
    try Data(input).write(to: URL(fileURLWithPath: name + ".in"))
    for end in [".out", ".err"] { try Data().write(to: URL(fileURLWithPath: name + end)) }
    process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: name + ".in"))
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: name + ".out"))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: name + ".err"))
    try process.run()
    return RunningProgram(process: process, files: name)
  }

  private func execute(
    _ executable: String, _ arguments: [String], input: [UInt8], environment: [String: String]
  ) throws -> Outcome {
    try start(arguments, executable: executable, environment: environment, input: input).outcome()
  }
}

/// A run that is not over.
struct RunningProgram {
  let process: Process
  fileprivate let files: String

  var error: String { text(".err") }

  /// Waits for the end.
  func outcome() -> Outcome {
    process.waitUntilExit()
    let status = process.terminationStatus
    return Outcome(
      status: process.terminationReason == .uncaughtSignal ? 128 + status : status, output: text(".out"),
      error: text(".err"))
  }

  private func text(_ end: String) -> String {
    String(decoding: (try? Data(contentsOf: URL(fileURLWithPath: files + end))) ?? Data(), as: UTF8.self)
  }
}
