// SPDX-License-Identifier: Apache-2.0
import Glossary
import Inference
import Synchronization
import Testing

@testable import Answering

/// Says one text to each question, or never says anything.
private final class Thinker: ChatModel {
  let name = "thinker"
  let contextTokens = 8_192
  let failures = 0
  let asked = Mutex<[[ChatMessage]]>([])
  let wanted = Mutex<[String]>([])
  private let text: String?

  init(_ text: String?) { self.text = text }

  func problem() async -> String? { nil }

  func answer(to messages: [ChatMessage], _ sampling: ChatSampling) async throws -> any ChatModelAnswer {
    asked.withLock { $0.append(messages) }
    wanted.withLock { $0 = sampling.lists }
    return Thought(text: text)
  }

  private actor Thought: ChatModelAnswer {
    nonisolated let model = "thinker"
    private var text: String?
    private let isSilent: Bool

    init(text: String?) {
      self.text = text
      isSilent = text == nil
    }

    func next() async throws -> ChatModelEvent? {
      if isSilent { try await Task.sleep(for: .seconds(600)) }
      defer { text = nil }
      return text.map(ChatModelEvent.text)
    }
  }
}

@Suite(.timeLimit(.minutes(10))) struct QueryPlannerTests {
  @Test func aPlanIsReadOnceAndRemembered() async throws {
    let model = Thinker(
      #" ```json\#n{"questions":["btrfs extent buffer lock"," "],"identifiers":["btrfs_tree_lock"],"x":1}\#n``` "#)
    let planner = QueryPlanner(model: model, timeout: .seconds(3_600))
    let plan = try await planner.plan("btrfs のロック機構は?")
    #expect(plan == QueryPlan(questions: ["btrfs extent buffer lock"], identifiers: ["btrfs_tree_lock"]))
    #expect(plan.searches == ["btrfs extent buffer lock", "btrfs_tree_lock"])
    #expect(try await planner.plan("btrfs のロック機構は?") == plan)
    #expect(model.asked.withLock { $0.count } == 1)
    let wanted = model.wanted.withLock { $0 }
    #expect(wanted == ["questions", "identifiers"])
    #expect(model.asked.withLock { $0[0].last } == ChatMessage(.user, "btrfs のロック機構は?"))
  }

  @Test func whatIsProposedIsBounded() throws {
    let many = (0..<20).map { "\"name\($0)\"" }.joined(separator: ",")
    let long = String(repeating: "x", count: 300)
    let plan = try QueryPlanner.read(
      #"{"questions":["q","a\n b","a b","\#(long)","c","d","e"],"identifiers":[\#(many)]}"#, for: "q")
    #expect(plan.questions == ["a b", "c", "d"])
    #expect(plan.identifiers == (0..<8).map { "name\($0)" })
    #expect(try QueryPlanner.read("{}", for: "q").searches.isEmpty)
  }

  @Test(arguments: [
    "Sure! {\"questions\":[]}", "[]", "{\"questions\":\"a\"}", "", "{\"questions\":[1]}", "{\"questions\":[\"a\"]} ok",
  ])
  func whatIsNotTheJSONIsNotUsed(text: String) async throws {
    let planner = QueryPlanner(model: Thinker(text), timeout: .seconds(3_600))
    let error = await #expect(throws: NenrinError.self) { _ = try await planner.plan("q") }
    #expect(error?.summary == "no plan: the chat model's is not the JSON that was asked for")
  }

  @Test func aSlowModelIsGivenUpAndLeftAlone() async throws {
    let model = Thinker(nil)
    let planner = QueryPlanner(model: model, timeout: .milliseconds(20))
    let slow = await #expect(throws: NenrinError.self) { _ = try await planner.plan("q") }
    #expect(slow?.summary == "no plan: the chat model took more than 0.02 seconds")
    let resting = await #expect(throws: NenrinError.self) { _ = try await planner.plan("another") }
    #expect(resting?.summary == "no plan: the chat model failed a moment ago")
    #expect(model.asked.withLock { $0.count } == 1)
  }
}
