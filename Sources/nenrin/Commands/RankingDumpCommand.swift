// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glossary
import HTTPAPI
import IndexStore
import Retrieval

/// Hidden: what ranking knows of each candidate for each question of a quiz, as JSON lines from which `tools/rank-train`
/// learns.
struct RankingDumpCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ranking-dump",
    abstract: "Print the features of the best candidates for the questions of a quiz, as JSON lines.",
    shouldDisplay: false)

  @Argument(help: ArgumentHelp("JSON lines of questions.", valueName: "quiz.jsonl"))
  var quiz: String

  @Option(help: ArgumentHelp("Leave out signals whose name begins so; may be given again.", valueName: "signal"))
  var without: [String] = []

  @OptionGroup var snapshot: SnapshotOption
  @OptionGroup var options: ProgramOptions

  private struct Line: Encodable {
    var id: String
    var family: String
    /// The names of the features; on the first line only.
    var names: [String]?
    /// For each candidate: its path, whether it is gold, its features.
    var paths: [String]
    var gold: [Bool]
    var rows: [[Float]]
  }

  func run() async throws {
    let home = try options.openHome()
    var isFirst = true
    for (question, view) in try home.questions(ofQuiz: quiz, at: snapshot.at) {
      var request = SearchRequest(question: question.question)
      request.without = without
      request = try await home.understanding(request, in: view)
      let found = try FileRanker(view: view, lexicons: home.lexicons).candidates(request)
      let features = found.features
      let paths = features.files.map { view.path(at: $0) }
      let gold = paths.map(question.gold.contains)
      let line = Line(
        id: question.id, family: question.family, names: isFirst ? features.names : nil,
        paths: paths.map(\.text), gold: gold, rows: features.rows)
      isFirst = false
      try Console.write(JSONDocument.text(line) + "\n")
    }
  }
}
