// SPDX-License-Identifier: Apache-2.0
import Answering
import Glossary
import Inference
import Retrieval
import Synchronization
import Testing

private let snapshot = SnapshotInfo(
  id: 1, collection: "tree", revision: "v1", commit: .zero, date: 0, indexedAt: 0, files: 1, bytes: 1, chunks: 1,
  ownBytes: 1)

/// A model whose calls are written down before, and that answers with a sentence.
private final class Caller: ChatModel {
  let name = "caller"
  let contextTokens: Int
  let failures = 0
  let turns = Mutex<[[ChatMessage]]>([])
  let prompt = Mutex<[ChatMessage]>([])
  private let script: @Sendable (Int) throws -> [ChatToolCall]

  init(contextTokens: Int = 8_192, _ script: @escaping @Sendable (Int) throws -> [ChatToolCall]) {
    self.contextTokens = contextTokens
    self.script = script
  }

  func problem() async -> String? { nil }

  func callTools(_ messages: [ChatMessage], _ tools: [ChatTool], _ sampling: ChatSampling) async throws -> ToolTurn {
    let turn = turns.withLock { turns in
      turns.append(messages)
      return turns.count
    }
    return ToolTurn(calls: try script(turn), promptTokens: 10, completionTokens: 1)
  }

  func answer(to messages: [ChatMessage], _ sampling: ChatSampling) async throws -> any ChatModelAnswer {
    prompt.withLock { $0 = messages }
    return Saying()
  }

  private actor Saying: ChatModelAnswer {
    nonisolated let model = "caller-1"
    private var rest: [ChatModelEvent] = [.text("So it is [1] and [2] and [9]."), .usage(prompt: 5, completion: 6)]

    func next() async throws -> ChatModelEvent? { rest.isEmpty ? nil : rest.removeFirst() }
  }
}

private struct Knowledge: AnswerKnowledge {
  func search(_ request: SearchRequest) async throws -> SearchResult {
    let passage = Passage(
      rank: 1, path: TreePath(text: "fs/lock.c"), lines: 1...3, symbol: "tree_lock", kind: .function, language: .c,
      score: 1, text: "void tree_lock(void)\n{\n}\n")
    return SearchResult(
      question: request.question, snapshot: snapshot, elapsed: .zero,
      files: [FileHit(rank: 1, path: passage.path, score: 1, reasons: [])], passages: [passage])
  }

  func unverified(_ mentions: [NameMention]) async throws -> [UnverifiedName] { [] }
}

private final class Tools: AnswerTools {
  let tools = [ChatTool(name: "show", description: "Reads lines.", parameters: [])]
  let ran = Mutex<[String]>([])
  private let result: @Sendable (String) async throws -> ToolFinding

  init(_ result: @escaping @Sendable (String) async throws -> ToolFinding) { self.result = result }

  func run(_ name: String, arguments: String) async throws -> ToolFinding {
    ran.withLock { $0.append("\(name) \(arguments)") }
    return try await result(name)
  }

  static func shown(_ path: String) -> EvidencePassage {
    EvidencePassage(
      citation: Citation(
        id: 0, path: TreePath(text: path), lines: 5...6, symbol: nil, url: nil, language: .c, similarity: 1,
        excerpt: "int x;"), kind: nil, text: "int x;\nint y;\n", snapshot: "tree@v1")
  }
}

@Suite struct ToolRoundTests {
  private func call(_ name: String, _ arguments: String = "{}", id: String = "1") -> ChatToolCall {
    ChatToolCall(id: id, name: name, arguments: arguments)
  }

  private func events(
    _ model: Caller, _ tools: Tools, turns: Int = 6, duration: Duration = .seconds(3_600)
  ) async throws -> [AnswerEvent] {
    var bounds = ToolBounds(turns: turns)
    bounds.duration = duration
    let answerer = Answerer(model: model, gathering: .init(tools: tools, bounds: bounds))
    var events: [AnswerEvent] = []
    let request = AnswerRequest(question: "what locks a tree?", snapshot: snapshot)
    for try await event in answerer.answer(request, from: Knowledge()) { events.append(event) }
    return events
  }

  private func answer(_ events: [AnswerEvent]) throws -> Answer {
    guard case .done(let answer)? = events.last else { throw CancellationError() }
    return answer
  }

  private func statuses(_ events: [AnswerEvent]) -> [String] {
    events.compactMap { event in if case .status(let status) = event { status.text } else { nil } }
  }

  @Test func whatIsShownCanBeCitedAndEachStepIsTold() async throws {
    let model = Caller { turn in turn == 1 ? [self.call("show", #"{"path":"fs/tree.c"}"#)] : [] }
    let tools = Tools { _ in ToolFinding(text: "int x;", passages: [Tools.shown("fs/tree.c")]) }
    let all = try await events(model, tools)
    #expect(
      statuses(all) == [
        "Searching tree@v1 …", "Found 1 passage in 1 file", #"Calling show {"path":"fs/tree.c"} …"#,
        #"Called show {"path":"fs/tree.c"}"#,
      ])
    let whole = try answer(all)
    #expect(whole.text == "So it is [1] and [2] and.")
    #expect(whole.citations.map(\.path.text) == ["fs/lock.c", "fs/tree.c"])
    #expect(whole.usage == TokenUsage(promptTokens: 25, completionTokens: 8))
    // Each citation once, before the text.
    let cited = all.compactMap { event in if case .citation(let one) = event { one.id } else { nil } }
    #expect(cited == [1, 2])
    // The second turn saw the call and its result.
    let second = try #require(model.turns.withLock { $0.last })
    #expect(second.map(\.role) == [.system, .user, .assistant, .tool])
    try #require(second.count == 4)
    #expect(second[2].calls.map(\.name) == ["show"] && second[3].callID == "1" && second[3].text == "int x;")
  }

  @Test func whatHasNoPassageIsToldAsFound() async throws {
    let model = Caller { turn in turn == 1 ? [self.call("callers", #"{"name":"x"}"#)] : [] }
    let tools = Tools { _ in ToolFinding(text: "{\"callers\":[]}") }
    _ = try await events(model, tools)
    let prompt = model.prompt.withLock { $0.map(\.text).joined() }
    #expect(prompt.contains("What was found:\ncallers {\"name\":\"x\"}: {\"callers\":[]}"))
    #expect(prompt.contains("data, like the passages"))
  }

  @Test func aModelThatNeverStopsIsStopped() async throws {
    let model = Caller { turn in [self.call("show", #"{"path":"\#(turn).c"}"#)] }
    let tools = Tools { _ in ToolFinding(text: "int x;") }
    let whole = try answer(try await events(model, tools, turns: 3))
    #expect(model.turns.withLock(\.count) == 3 && tools.ran.withLock(\.count) == 3)
    #expect(whole.text.hasPrefix("So it is [1]"))
  }

  @Test func aModelThatRepeatsItselfIsNotAskedAgain() async throws {
    let model = Caller { turn in [self.call("show", #"{"path":"a.c"}"#, id: "\(turn)")] }
    let tools = Tools { _ in ToolFinding(text: "int x;") }
    _ = try await events(model, tools, turns: 50)
    #expect(model.turns.withLock(\.count) == 2 && tools.ran.withLock(\.count) == 1)
  }

  @Test func tooManyCallsAndTooLongResultsAreCut() async throws {
    let model = Caller(contextTokens: 4_096) { turn in
      (0..<40).map { self.call("grep", "{\"pattern\":\"\(turn) \($0)\"}", id: "\($0)") }
    }
    let tools = Tools { _ in ToolFinding(text: String(repeating: "語", count: 100_000)) }
    _ = try await events(model, tools, turns: 1_000)
    #expect(tools.ran.withLock(\.count) <= 8)
    let longest = model.turns.withLock { $0.map { $0.reduce(0) { $0 + $1.text.utf8.count } }.max() ?? 0 }
    #expect(longest < 4_096 * 5 / 2)
  }

  @Test func timeEndsIt() async throws {
    let model = Caller { turn in [self.call("show", "{\"path\":\"\(turn)\"}")] }
    let tools = Tools { _ in
      while true { try await Task.sleep(for: .seconds(3_600)) }
    }
    let all = try await events(model, tools, duration: .milliseconds(20))
    #expect(statuses(all).last == #"show {"path":"1"} failed"#)
    #expect(try answer(all).text.hasPrefix("So it is"))
  }

  @Test func whereTheModelKnowsNoToolsTheSearchAnswers() async throws {
    let model = Caller { _ in throw NenrinError(.upstreamFailed, "tools are not supported") }
    let tools = Tools { _ in ToolFinding(text: "") }
    let whole = try answer(try await events(model, tools))
    #expect(whole.text == "So it is [1] and and." && tools.ran.withLock(\.isEmpty))
  }

  @Test func aFailedCallIsToldToTheModel() async throws {
    let model = Caller { turn in turn == 1 ? [self.call("invent", "{")] : [] }
    let tools = Tools { name in ToolFinding(text: "there is no tool '\(name)'", isError: true) }
    let all = try await events(model, tools)
    #expect(statuses(all).last == "invent { failed")
    #expect(model.turns.withLock { $0.last?.last?.text } == "there is no tool 'invent'")
    #expect(!model.prompt.withLock { $0.map(\.text).joined() }.contains("there is no tool"))
  }
}
