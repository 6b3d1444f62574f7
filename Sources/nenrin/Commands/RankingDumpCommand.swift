// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FoundationEssentials
import Glossary
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

  /// The places of the candidates that the model ranks, and of the gold ones.
  private func kept(_ features: CandidateFeatures, _ gold: [Bool]) -> [Int] {
    guard let fused = features.names.firstIndex(of: "fused") else { return Array(features.rows.indices) }
    let order = features.rows.indices.sorted { (-features.rows[$0][fused], $0) < (-features.rows[$1][fused], $1) }
    return Set(order.prefix(CandidateFeatures.looked)).union(gold.indices.filter { gold[$0] }).sorted()
  }

  func run() async throws {
    let questions = try Quiz(jsonLines: FileAccess.read(quiz), fileName: quiz).questions
    let home = try options.openHome()
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    var views: [String?: SnapshotView] = [:]
    var isFirst = true
    for question in questions where !question.isComparison {
      let name = snapshot.at ?? question.snapshot
      let view = try views[name] ?? home.view(at: name)
      views[name] = view
      let request = try await home.understanding(SearchRequest(question: question.question), in: view)
      let found = try home.withRetriever(view) { $0.candidates(request) }
      let features = found.features
      let paths = features.files.map { view.path(at: $0) }
      let gold = paths.map(question.gold.contains)
      let kept = kept(features, gold)
      let line = Line(
        id: question.id, family: question.family, names: isFirst ? features.names : nil,
        paths: kept.map { paths[$0].text }, gold: kept.map { gold[$0] }, rows: kept.map { features.rows[$0] })
      isFirst = false
      try Console.write(String(decoding: encoder.encode(line), as: UTF8.self) + "\n")
    }
  }
}
