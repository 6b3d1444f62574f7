// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
package import Glossary

/// One line of a quiz: a question and the paths that answer it.
package struct QuizQuestion: Hashable, Sendable {
  package var id: String
  /// What kind of question it is; `-` where the line does not say.
  package var family: String
  /// The snapshot it is asked of, `[COLLECTION@]REVISION`; nil: the newest.
  package var snapshot: String?
  package var question: String
  package var gold: [TreePath]
  /// Whether every gold path must be found, not just one.
  package var needsAll: Bool
  /// The two snapshots, where the line asks what changed between them (it has `from` and `to`).
  package var comparison: SnapshotRange?
  /// Of such a line: whether the answer is a statement, which no list of places can hold.
  package var asksForFact: Bool

  /// Whether the line asks what changed between two snapshots.
  package var isComparison: Bool { comparison != nil }

  package init(
    id: String, family: String = "-", snapshot: String? = nil, question: String, gold: [TreePath],
    needsAll: Bool = false, comparison: SnapshotRange? = nil, asksForFact: Bool = false
  ) {
    self.id = id
    self.family = family
    self.snapshot = snapshot
    self.question = question
    self.gold = gold
    self.needsAll = needsAll
    self.comparison = comparison
    self.asksForFact = asksForFact
  }
}

/// A file of questions, one JSON object a line.
package struct Quiz: Sendable {
  package var questions: [QuizQuestion]

  /// Reads JSON lines; blank lines and fields it does not know are passed over. Throws `invalidArgument` that names
  /// the file and the line.
  package init(jsonLines: [UInt8], fileName: String) throws {
    var questions: [QuizQuestion] = []
    let decoder = JSONDecoder()
    let content = jsonLines.starts(with: [0xEF, 0xBB, 0xBF]) ? jsonLines.dropFirst(3) : jsonLines[...]
    let lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) {
      do {
        questions.append(try decoder.decode(QuizLine.self, from: Data(line)).asked())
      } catch {
        throw NenrinError(
          .invalidArgument, "\(fileName):\(index + 1): not a quiz line", reason: Quiz.explanation(of: error),
          remedies: [#"Write one JSON object a line, like {"id":"q1","question":"which file …","gold":["fs/open.c"]}."#]
        )
      }
    }
    guard !questions.isEmpty else {
      throw NenrinError(.invalidArgument, "\(fileName): no quiz line in it", remedies: ["Name a file of JSON lines."])
    }
    self.questions = questions
  }

  private static func explanation(of error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "it has no \"\(key.stringValue)\""
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      context.codingPath.isEmpty
        ? "it is not a JSON object"
        : "\"\(context.codingPath[0].stringValue)\" is of the wrong type"
    case let fault as QuizLine.Fault: fault.explanation
    default: "it is not JSON"
    }
  }
}

/// The fields of a line, as JSON has them.
private struct QuizLine: Decodable {
  struct Fault: Error { var explanation: String }

  var id: String
  var family: String?
  var snapshot: String?
  var question: String
  var gold: [String]?
  var all: Bool?
  var from: String?
  var to: String?
  var goldKind: String?

  private enum CodingKeys: String, CodingKey {
    case id, family, snapshot, question, gold, all, from, to
    case goldKind = "gold_kind"
  }

  func asked() throws -> QuizQuestion {
    let range = from.flatMap { from in to.flatMap { SnapshotRange("\(from)..\($0)") } }
    if from != nil, to != nil, range == nil { throw Fault(explanation: "\"from\" and \"to\" are no snapshots") }
    if range == nil, gold?.isEmpty ?? true { throw Fault(explanation: "it has no \"gold\" path") }
    return QuizQuestion(
      id: id, family: family ?? "-", snapshot: snapshot, question: question,
      gold: (gold ?? []).map { TreePath(text: $0) }, needsAll: all ?? false, comparison: range,
      asksForFact: goldKind == "fact")
  }
}
