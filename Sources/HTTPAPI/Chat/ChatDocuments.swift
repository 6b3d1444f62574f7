// SPDX-License-Identifier: Apache-2.0
import Answering
import Glossary

/// `chat.completion`, the whole answer.
struct ChatCompletionDocument: Encodable {
  struct Choice: Encodable {
    struct Message: Encodable {
      var role = "assistant"
      var content: String
      var annotations: [URLCitationDocument]?
    }

    var index = 0
    var message: Message
    var finishReason: String

    private enum CodingKeys: String, CodingKey {
      case index, message
      case finishReason = "finish_reason"
    }
  }

  var id: String
  var object = "chat.completion"
  var created: Int64
  var model: String
  var choices: [Choice]
  var usage: AskDocument.Usage
}

/// `chat.completion.chunk`, a piece of the answer.
struct ChatChunkDocument: Encodable {
  struct Delta: Encodable {
    var role: String?
    var content: String?
    /// What a model thinks before it answers; clients show it apart.
    var reasoningContent: String?
    var annotations: [URLCitationDocument]?

    private enum CodingKeys: String, CodingKey {
      case role, content, annotations
      case reasoningContent = "reasoning_content"
    }
  }

  struct Choice: Encodable {
    var index = 0
    var delta: Delta
    var finishReason: String?

    private enum CodingKeys: String, CodingKey {
      case index, delta
      case finishReason = "finish_reason"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(index, forKey: .index)
      try container.encode(delta, forKey: .delta)
      try container.encode(finishReason, forKey: .finishReason)
    }
  }

  var id: String
  var object = "chat.completion.chunk"
  var created: Int64
  var model: String
  var choices: [Choice]
  var usage: AskDocument.Usage?
}

/// OpenAI's annotation of an answer: which page a piece of its text leads to.
struct URLCitationDocument: Encodable {
  struct Target: Encodable {
    /// Where `[n]` first stands in the text, in Unicode scalars; the end is exclusive.
    var startIndex: Int
    var endIndex: Int
    var title: String
    var url: String

    private enum CodingKeys: String, CodingKey {
      case title, url
      case startIndex = "start_index"
      case endIndex = "end_index"
    }
  }

  var type = "url_citation"
  var target: Target

  private enum CodingKeys: String, CodingKey {
    case type
    case target = "url_citation"
  }

  /// One for each citation that has a page, in order.
  static func annotations(of answer: Answer, revision: String) -> [URLCitationDocument] {
    answer.citations.compactMap { citation in
      guard let url = citation.url else { return nil }
      let mark = "[\(citation.id)]"
      let start = ByteSearch.first(mark, in: answer.text).map { range in
        answer.text.unicodeScalars.distance(from: answer.text.startIndex, to: range.lowerBound)
      }
      return URLCitationDocument(
        target: Target(
          startIndex: start ?? 0, endIndex: (start ?? -mark.utf8.count) + mark.utf8.count,
          title: citation.place(in: revision), url: url))
    }
  }
}

extension Citation {
  /// `v6.12.117:fs/btrfs/ctree.c#L12-L40`.
  func place(in revision: String) -> String {
    if let commit { return "commit \(commit.hex.prefix(12)): \(symbol ?? "")" }
    return "\(self.revision ?? revision):\(path.text)#\(SourceLink.fragment(lines))"
  }

  /// What Open WebUI writes on the chip of a citation, which cuts the middle out of a name beyond 30 characters:
  /// `btrfs/ctree.c:12-40`, with as many directories as there is room for; of two snapshots which one it is goes first.
  var label: String {
    if let commit { return "commit \(commit.hex.prefix(12))" }
    let span = lines.count == 1 ? "\(lines.lowerBound)" : "\(lines.lowerBound)-\(lines.upperBound)"
    let side = revision.map { "\($0) " } ?? ""
    let parts = path.text.split(separator: "/")
    var label = "\(side)\(parts.last ?? ""):\(span)"
    for start in parts.indices.reversed() {
      let longer = "\(side)\(parts[start...].joined(separator: "/")):\(span)"
      guard longer.count <= 30 else { break }
      label = longer
    }
    return label
  }
}

/// A line of Open WebUI's own in a stream.
struct OpenWebUIEventDocument: Encodable {
  private struct Event: Encodable {
    var type: String
    var data: Payload
  }

  private enum Payload: Encodable {
    case status(Status)
    case source(Source)

    func encode(to encoder: any Encoder) throws {
      switch self {
      case .status(let status): try status.encode(to: encoder)
      case .source(let source): try source.encode(to: encoder)
      }
    }
  }

  private struct Status: Encodable {
    var action: String
    var description: String
    var done: Bool
  }

  private struct Source: Encodable {
    struct Name: Encodable {
      var id: String
      var name: String
      var url: String?
    }

    struct Metadata: Encodable {
      var source: String
      var name: String
      var external = true
    }

    var source: Name
    var document: [String]
    var metadata: [Metadata]
    var distances: [Double]
  }

  private var event: Event

  init(_ status: AnswerStatus) {
    event = Event(
      type: "status",
      data: .status(Status(action: "search", description: status.text, done: status.isDone)))
  }

  /// A source stands in the list that "N Sources" opens at the place it arrives at, so they are sent in order of id.
  /// Open WebUI puts sources together by `metadata.source`, which is why that holds the lines.
  init(_ citation: Citation, revision: String) {
    let name = citation.place(in: revision)
    event = Event(
      type: "source",
      data: .source(
        Source(
          source: Source.Name(id: citation.path.text, name: name, url: citation.url),
          document: [Markdown.fence(around: citation.excerpt, language: citation.language)],
          metadata: [Source.Metadata(source: citation.url ?? name, name: citation.label)],
          distances: [DocumentFormat.rounded(citation.similarity)])))
  }
}

/// The pages that citations lead to.
enum SourceLink {
  /// Lines beyond which a link asks for a window of the file, because its page shows no more from the top.
  static let pageLineLimit = 20_000

  /// `L12-L40`, or `L12` for a single line.
  static func fragment(_ lines: ClosedRange<Int>) -> String {
    lines.count == 1 ? "L\(lines.lowerBound)" : "L\(lines.lowerBound)-L\(lines.upperBound)"
  }

  /// `signature` is the query of a `PageSigner`; nil where pages are open.
  static func url(
    base: String, snapshot: SnapshotInfo, path: TreePath, lines: ClosedRange<Int>, signature: String? = nil
  ) -> String {
    let window =
      lines.upperBound > pageLineLimit
      ? "lines=\(max(1, lines.lowerBound - pageLineLimit / 4))-\(lines.upperBound + pageLineLimit / 4)" : nil
    let query = [window, signature].compactMap { $0 }.joined(separator: "&")
    let file = PercentCoding.encode(path.bytes, keepingSlashes: true)
    return "\(base)/source/\(name(snapshot))/\(file)\(query.isEmpty ? "" : "?" + query)#\(fragment(lines))"
  }

  /// The page of a commit.
  static func url(base: String, snapshot: SnapshotInfo, commit: ObjectID, signature: String? = nil) -> String {
    "\(base)/commit/\(name(snapshot))/\(commit.hex)\(signature.map { "?" + $0 } ?? "")"
  }

  private static func name(_ snapshot: SnapshotInfo) -> String {
    PercentCoding.encode(snapshot.collection.utf8) + "@" + PercentCoding.encode(snapshot.revision.utf8)
  }
}
