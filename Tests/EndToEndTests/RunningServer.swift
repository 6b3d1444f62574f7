// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import TestSupport
import Testing

/// `nenrin serve` while a test lasts.
final class RunningServer {
  let address: String
  private let process: Process
  private let log: FileHandle
  private var logged = ""

  fileprivate init(address: String, process: Process, log: FileHandle) {
    self.address = address
    self.process = process
    self.log = log
  }

  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Reads the log on until it holds the words; gives what came up to there. Waits as long as the server runs.
  func log(until words: String) -> String {
    while !logged.contains(words) {
      let more = log.availableData
      if more.isEmpty { break }
      logged += String(decoding: more, as: UTF8.self)
    }
    defer { logged = "" }
    return logged
  }
}

extension Program {
  /// Starts a server on a free port, runs the body, and stops the server as a service manager does.
  func serving(
    _ options: String = "", environment: [String: String] = [:], stoppedBy signal: Int32 = SIGTERM,
    _ body: (_ server: RunningServer) async throws -> Void
  ) async throws {
    let pipes = ["address", "log"].map { "\(folder)/\($0)-\(UUID().uuidString)" }
    for pipe in pipes { try #require(mkfifo(pipe, 0o600) == 0) }
    let running = try start(
      ["-c", "exec '\(Program.path)' serve --port 0 --json \(options) > '\(pipes[0])' 2> '\(pipes[1])'"],
      executable: "/bin/bash", environment: environment)
    let output = try FileHandle(forReadingFrom: URL(fileURLWithPath: pipes[0]))
    let log = try FileHandle(forReadingFrom: URL(fileURLWithPath: pipes[1]))
    // Reading the pipe waits until the server has said where it listens, or has ended.
    let said = String(decoding: output.availableData, as: UTF8.self)
    defer {
      kill(running.process.processIdentifier, signal)
      #expect(running.outcome().status == (signal == SIGINT ? 130 : 0))
      // A server whose log nobody reads any more would be ended by that.
      withExtendedLifetime((output, log)) {}
    }
    let address = try #require(
      JSON(parsing: said)["address"].text, "\(String(decoding: log.availableData, as: UTF8.self))")
    try await body(RunningServer(address: address, process: running.process, log: log))
  }

  func curl(_ arguments: String) throws -> Outcome {
    try shell("curl -sS --noproxy '*' --max-time 30 " + arguments)
  }
}
