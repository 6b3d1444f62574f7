// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glossary
import HTTPAPI
import IndexStore
import Retrieval

/// Hidden: how near the nearest heads are to the questions of a quiz, by their codes and by the vectors themselves, as
/// JSON lines of which `tools/doc-eval --exact` tells what the codes cost.
struct MeaningDumpCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "meaning-dump",
    abstract: "Print the cosines of the nearest heads to the questions of a quiz, by code and exact, as JSON lines.",
    shouldDisplay: false)

  @Argument(help: ArgumentHelp("JSON lines of questions.", valueName: "quiz.jsonl"))
  var quiz: String

  @Option(help: ArgumentHelp("How many heads to print.", valueName: "count"))
  var depth = 500

  @OptionGroup var snapshot: SnapshotOption
  @OptionGroup var options: ProgramOptions

  private struct Line: Encodable {
    struct Hit: Encodable {
      var paths: [String]
      var code: Float
      var exact: Float
    }

    var id: String
    var gold: [String]
    /// Nearest first by code.
    var hits: [Hit]
    /// What reading and embedding the heads took.
    var exactMilliseconds: Double
  }

  func run() async throws {
    let home = try options.openHome()
    for (question, view) in try home.questions(ofQuiz: quiz, at: snapshot.at) {
      let request = try await home.understanding(SearchRequest(question: question.question), in: view)
      guard let meaning = request.meaning, !meaning.hasOwnScale else {
        throw NenrinError(
          .unsupported, "[embedding] embedder: not the built-in one",
          reason: "only its vectors can be had again without asking a server")
      }
      guard let matches = view.meaning(of: meaning, limit: depth) else {
        throw NenrinError(
          .unsupported, "\(view.info.name) has not all its vectors of '\(meaning.space.name)'",
          remedies: ["Run `nenrin index` of it again."])
      }
      let start = ContinuousClock.now
      let exact = try home.withSource(of: view) { source in
        try matches.chunks.map { try Self.cosine(of: $0.chunk, to: meaning, in: view, source) }
      }
      let elapsed = start.duration(to: .now)
      let hits = zip(matches.chunks, exact).map { hit, exact in
        Line.Hit(
          paths: view.files(holding: [hit.chunk]).map { view.path(at: $0).text }, code: hit.cosine, exact: exact)
      }
      let line = Line(
        id: question.id, gold: question.gold.map(\.text), hits: hits, exactMilliseconds: elapsed / .milliseconds(1))
      try Console.write(JSONDocument.text(line) + "\n")
    }
  }

  /// By the vector made anew of the head's text.
  private static func cosine(
    of chunk: UInt32, to question: QuestionVector, in view: SnapshotView, _ source: any BlobSource
  ) throws -> Float {
    guard let head = view.head(ofChunk: chunk) else { return 0 }
    let bytes = try source.bytes(of: head.blob)
    return question.likeness(of: String(decoding: bytes[head.bytes.clamped(to: 0..<bytes.count)], as: UTF8.self))
  }
}
