// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Glibc
import Glossary
import HTTPAPI

struct MCPCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mcp",
    abstract: "Serve the index to coding agents over standard input and output: the Model Context Protocol.",
    discussion: """
      An agent starts this command itself: name it in the agent's settings as a server of the type stdio. A running
      `nenrin serve` speaks the same at /mcp.

      EXAMPLES:
        nenrin mcp
        claude mcp add nenrin -- nenrin mcp --home ~/.local/share/nenrin
      """)

  @OptionGroup var models: ModelOptions
  @OptionGroup var options: ProgramOptions

  func run() async throws {
    let home = try options.openHome(models)
    let spoken = ToolProtocol(knowledge: ServedKnowledge(home: home), version: programVersion)
    await MessageLoop(spoken: spoken).run()
  }
}

/// Reads messages, a line each, and writes their answers as they are ready; a message may cancel one before it.
private struct MessageLoop {
  let spoken: ToolProtocol

  /// Bytes of one message.
  private static let longest = 12 << 20

  func run() async {
    let calls = CallTable()
    await withTaskGroup(of: Void.self) { group in
      for await message in MessageLoop.lines() {
        switch ToolProtocol.kind(of: message) {
        case .request(let id):
          let task = Task { await spoken.answer(message) }
          await calls.add(id, task)
          group.addTask {
            if let answer = await task.value, !task.isCancelled { await calls.write(answer) }
            await calls.remove(id, task)
          }
        case .cancellation(let id): await calls.cancel(id)
        case .notification: break
        case .other: if let answer = await spoken.answer(message) { await calls.write(answer) }
        }
      }
    }
  }

  /// The lines of standard input, read on a thread that may block.
  private static func lines() -> AsyncStream<[UInt8]> {
    AsyncStream { continuation in
      let reader = Thread {
        var pending: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
          let count = read(STDIN_FILENO, &buffer, buffer.count)
          if count < 0, errno == EINTR { continue }
          guard count > 0 else { break }
          pending.append(contentsOf: buffer[..<count])
          while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
            let line = Array(pending[..<end])
            pending.removeSubrange(...end)
            if line.contains(where: { $0 > 0x20 }) { continuation.yield(line) }
          }
          if pending.count > longest { break }
        }
        continuation.finish()
      }
      reader.start()
    }
  }
}

/// The calls that are running, and the one door to standard output.
private actor CallTable {
  private var tasks: [String: Task<[UInt8]?, Never>] = [:]

  func add(_ id: String, _ task: Task<[UInt8]?, Never>) { tasks[id] = task }

  func remove(_ id: String, _ task: Task<[UInt8]?, Never>) {
    if tasks[id] == task { tasks[id] = nil }
  }

  func cancel(_ id: String) { tasks.removeValue(forKey: id)?.cancel() }

  /// Where nobody reads any more there is nothing left to do: the end of input follows.
  func write(_ answer: [UInt8]) { try? Console.write(String(decoding: answer, as: UTF8.self) + "\n") }
}
