// SPDX-License-Identifier: Apache-2.0
import Answering
import ArgumentParser
import Glossary
import HTTPAPI
import IndexStore
import Inference
import KnowledgeDiff

struct AskCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ask",
    abstract: "Answer a question, with citations of the lines that the answer stands on.",
    discussion: """
      A chat model writes the answer where the configuration names one ([chat] in docs/CONFIGURATION.md). Without one the
      answer is made of the best passages themselves, and says so.

      EXAMPLES:
        nenrin ask how does the kernel merge identical memory pages
        nenrin ask "which lock protects the dentry hash table?" --at v6.12.117
        nenrin ask "what became of the shrinker interface?" --between v6.1.192..v6.12.117
        git log -1 --format=%B | nenrin ask - --path fs/ --json
      """)

  @OptionGroup var question: QuestionArgument
  @OptionGroup var snapshot: SnapshotOption

  @Option(help: ArgumentHelp("Ask what changed between these two snapshots.", valueName: "a..b"))
  var between: SnapshotRange?

  @Option(name: .customShort("k"), help: ArgumentHelp("How many passages may be cited.", valueName: "n"))
  var limit = 6

  @Option(help: ArgumentHelp("Only paths that match; a directory stands for all below it.", valueName: "glob"))
  var path: String?

  @Flag(help: "Ask no chat model, even where one is configured.")
  var extractive = false

  @OptionGroup var models: ModelOptions
  @OptionGroup var options: ProgramOptions

  func validate() throws {
    guard (1...100).contains(limit) else { throw ValidationError("-k can be 1 to 100, not \(limit).") }
    if snapshot.at != nil, between != nil { throw ValidationError("--at and --between exclude each other.") }
  }

  func run() async throws {
    let text = try question.text()
    let configuration = try options.configuration().configuration
    let model = extractive ? nil : try ConfiguredModels.chat(configuration.chat)
    let home = try options.openHome(models)
    let older = try between.map { try home.resolve($0.from) }
    let info = try between.map { try home.resolve($0.to) } ?? home.view(at: snapshot.at).info
    let clock = ContinuousClock()
    let start = clock.now
    let knowledge = ServedKnowledge(home: home)
    let turns = configuration.chat.tools && model != nil && older == nil ? configuration.chat.toolTurns : 0
    let gathering =
      turns > 0
      ? Answerer.Gathering(
        tools: ChatTools(knowledge: knowledge, snapshot: info, link: { _, _ in nil }),
        bounds: ToolBounds(turns: turns))
      : nil
    let request = AnswerRequest(question: text, snapshot: info, passageLimit: limit, pathGlob: path)
    let stream = AnswerRun(knowledge, model: model, gathering: gathering).stream(request, since: older)
    var endsLine = true
    var answer: Answer?
    for try await event in stream {
      switch event {
      case .status(let status): show(status)
      case .citation, .reasoning: break
      case .text(let piece):
        guard !options.json, !piece.isEmpty else { continue }
        try Console.write(piece)
        endsLine = piece.hasSuffix("\n")
      case .done(let whole): answer = whole
      }
    }
    guard let answer else { throw NenrinError(.internalFailure, "the answer ended before it was whole") }
    if options.json {
      try options.print(
        AskDocument(question: text, answer: answer, snapshot: info, from: older, elapsed: start.duration(to: clock.now))
      )
    } else {
      try Console.write((endsLine ? "\n" : "\n\n") + sources(answer))
    }
    if answer.citations.isEmpty { throw Ending.nothingFound }
  }

  /// On a terminal alone: a program that reads standard error has no use for it.
  private func show(_ status: AnswerStatus) {
    if Console.errorIsTerminal && !options.json { Console.notice(Style.error.faint(status.text)) }
  }

  private func sources(_ answer: Answer) -> String {
    var table = Table([.right, .left, .left])
    for citation in answer.citations {
      if let commit = citation.commit {
        table.add(["[\(citation.id)]", "commit \(commit.hex.prefix(12))", citation.symbol ?? ""])
        continue
      }
      let lines = "\(citation.lines.lowerBound)-\(citation.lines.upperBound)"
      table.add([
        "[\(citation.id)]", "\(citation.revision.map { $0 + ":" } ?? "")\(citation.path.text):\(lines)",
        citation.symbol ?? "",
      ])
    }
    var lines = table.lines()
    if !answer.unverified.isEmpty {
      let names = answer.unverified.map { name in
        name.nearest.map { "\(name.name) (near it: \($0))" } ?? name.name
      }
      lines += ["", "Not in the snapshot: \(names.joined(separator: ", "))"]
    }
    return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
  }
}
