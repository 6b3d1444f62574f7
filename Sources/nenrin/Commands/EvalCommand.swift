// SPDX-License-Identifier: Apache-2.0
import Answering
import ArgumentParser
import FoundationEssentials
import Glossary
import HTTPAPI
import IndexStore
import KnowledgeDiff
import Retrieval

struct EvalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Measure how well questions with known answers are answered.",
    discussion: """
      A quiz has one JSON object a line: {"id","family","snapshot","question","gold":[paths],"all":true?}. A question
      counts at k when one gold path (with "all": every one) is among the first k files. A line with "from" and "to" is
      asked of `nenrin diff --about`: a gold path, a directory or a symbol among the first k counts. With --ask every line
      is answered as `nenrin ask` does without a chat model, and what the answer cites counts, first to last.

      EXAMPLES:
        nenrin eval kernel.jsonl
        nenrin eval kernel.jsonl --at v6.12.117 --per-question ranks.jsonl
        nenrin eval kernel.jsonl --json | jq '."hit@10"'
        nenrin eval kernel.jsonl --no-rerank --per-question plain.jsonl
        nenrin eval kernel.jsonl --rerank --against plain.jsonl
        nenrin eval kernel-diff.jsonl --ask
      """)

  @Argument(
    help: ArgumentHelp("JSON lines of questions; `-` for standard input.", valueName: "quiz.jsonl"),
    completion: .file(extensions: ["jsonl"]))
  var quiz: String

  @Option(help: ArgumentHelp("Ask this snapshot, whatever the lines say.", valueName: "[collection@]revision"))
  var at: String?

  @Option(
    help: ArgumentHelp("Write the rank and the first 20 paths of each question.", valueName: "file"),
    completion: .file())
  var perQuestion: String?

  @Option(
    help: ArgumentHelp(
      "Compare with what another run wrote by --per-question: better, worse, and the odds of chance.",
      valueName: "file"),
    completion: .file())
  var against: String?

  @Option(
    help: ArgumentHelp(
      "Leave a signal out, to see what it gives: 'path words', 'card', 'meaning', … as --explain names them, or "
        + "'thesaurus'.", valueName: "signal"))
  var without: [String] = []

  @Flag(name: .customLong("ask"), help: "Count what whole answers cite instead of the files that are found.")
  var countsCitations = false

  @OptionGroup var models: ModelOptions
  @OptionGroup var options: ProgramOptions

  func validate() throws {
    if countsCitations, !without.isEmpty { throw ValidationError("--ask and --without exclude each other.") }
  }

  func run() async throws {
    let questions = try Quiz(jsonLines: FileAccess.read(quiz), fileName: quiz).questions
    let others = try against.map { try PerQuestionFile.ranks(in: FileAccess.read($0), file: $0) }
    let home = try options.openHome(models)
    // Every snapshot is opened before the first question, so that one that is missing costs no time.
    var views: [String?: SnapshotView] = [:]
    for name in Set(questions.filter { !$0.isComparison }.map { at ?? $0.snapshot }) {
      views[name] = try home.view(at: name)
    }
    for range in Set(questions.compactMap(\.comparison)) { try home.withComparer(range) { _ in } }
    var evaluation = Evaluation()
    var notes = Set<String>()
    var display = CountDisplay(total: questions.count, noun: "questions")
    for question in questions {
      if let range = question.comparison {
        try await compare(question, range, home, &evaluation)
      } else {
        let found = try await ask(question, of: views[at ?? question.snapshot], home, &evaluation)
        for note in found where notes.insert(note).inserted { Console.notice("nenrin: \(note)") }
      }
      display.advance()
    }
    display.finish()
    if let perQuestion { try write(evaluation.outcomes, to: perQuestion) }
    if options.json {
      try options.print(EvaluationDocument(evaluation: evaluation, pairs: others.map(evaluation.pairs)))
    } else {
      try Console.write(
        EvaluationRendering.text(evaluation) + (others.map { EvaluationRendering.text(evaluation.pairs($0)) } ?? ""))
    }
    if evaluation.outcomes.isEmpty { throw Ending.nothingFound }
  }

  /// Gives back what a person should know.
  private func ask(
    _ question: QuizQuestion, of view: SnapshotView?, _ home: LocalHome, _ evaluation: inout Evaluation
  ) async throws -> [String] {
    let answerable = Evaluation.answerable(question) { view?.file($0) != nil }
    guard let view, case .success(let gold) = answerable else {
      if case .failure(let skipped) = answerable { evaluation.skip(skipped.reason) }
      return []
    }
    let clock = ContinuousClock()
    let start = clock.now
    if countsCitations {
      let cited = try await citations(question, of: view.info, since: nil, home)
      evaluation.record(
        question, gold: gold, files: distinct(cited.map(\.path)), elapsed: start.duration(to: clock.now))
      return []
    }
    var request = SearchRequest(question: question.question, limit: Evaluation.depth)
    request.without = without
    let result = try await home.search(request, in: view)
    evaluation.record(
      question, gold: gold, files: result.files.map(\.path), elapsed: start.duration(to: clock.now))
    return result.notes
  }

  private func compare(
    _ question: QuizQuestion, _ range: SnapshotRange, _ home: LocalHome, _ evaluation: inout Evaluation
  ) async throws {
    guard !question.asksForFact else {
      evaluation.skip(.fact)
      return
    }
    if countsCitations {
      let clock = ContinuousClock()
      let start = clock.now
      let cited = try await citations(question, of: home.resolve(range.to), since: home.resolve(range.from), home)
      evaluation.record(
        question, files: cited.map(\.path), symbols: cited.map { [$0.symbol].compactMap(\.self) },
        elapsed: start.duration(to: clock.now))
      return
    }
    let request = DiffRequest(question: question.question, limit: Evaluation.depth)
    let result = try home.withComparer(range) { try $0.diff(request) }
    let names = result.symbols.map { symbol in [symbol.name] + symbol.members.map(\.name) }
    evaluation.record(question, files: result.files.map(\.path), symbols: names, elapsed: result.elapsed)
  }

  /// What the answer cites, first to last.
  private func citations(
    _ question: QuizQuestion, of info: SnapshotInfo, since older: SnapshotInfo?, _ home: LocalHome
  ) async throws -> [Citation] {
    let request = AnswerRequest(question: question.question, snapshot: info, passageLimit: Evaluation.depth)
    for try await event in AnswerRun(ServedKnowledge(home: home)).stream(request, since: older) {
      if case .done(let answer) = event { return answer.citations }
    }
    return []
  }

  private func distinct(_ paths: [TreePath]) -> [TreePath] {
    var seen = Set<TreePath>()
    return paths.filter { seen.insert($0).inserted }
  }

  private func write(_ outcomes: [QuizOutcome], to file: String) throws {
    var text = ""
    for outcome in outcomes {
      let document = EvalQuestionDocument(id: outcome.id, rank: outcome.rank, files: outcome.files.map(\.text))
      text += try JSONDocument.text(document) + "\n"
    }
    try FileAccess.write(text, to: file)
  }
}

/// What `--per-question` wrote, read again.
private enum PerQuestionFile {
  /// The rank of each question, nil where it was missed. Throws `fileUnreadable`.
  static func ranks(in bytes: [UInt8], file: String) throws -> [String: Int?] {
    var ranks: [String: Int?] = [:]
    for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
      guard let entry = try? JSONDecoder().decode(EvalQuestionDocument.self, from: Data(line)) else {
        throw NenrinError(
          .fileUnreadable, "\(file):\(index + 1): not a line of `nenrin eval --per-question`",
          remedies: ["Write the file by `nenrin eval QUIZ.jsonl --per-question FILE`."])
      }
      ranks[entry.id] = .some(entry.rank)
    }
    return ranks
  }
}
