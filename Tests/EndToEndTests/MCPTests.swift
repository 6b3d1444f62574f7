// SPDX-License-Identifier: Apache-2.0
import Testing

/// `nenrin mcp`, as a coding agent starts it.
struct MCPTests {
  @Test func messagesAreAnsweredOnALineEach() throws {
    let (program, _) = try RingProject.indexed()
    let messages = [
      #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
      #"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#,
    ]
    let outcome = try program.run("mcp", input: Array((messages.joined(separator: "\n") + "\n").utf8))
    #expect(outcome.status == 0, "\(outcome.error)")
    let answers = outcome.output.split(separator: "\n").map { JSON(parsing: String($0)) }
    #expect(answers.count == 2)
    let listed = answers.flatMap { $0["result"]["tools"].list.compactMap { $0["name"].text } }
    #expect(listed.contains("callers") && listed.contains("show"))
  }
}
