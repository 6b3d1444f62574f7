// SPDX-License-Identifier: Apache-2.0
import Answering

/// What Open WebUI asks beside a chat: a title, tags, follow-up questions, search queries, the rest of a sentence.
/// They are answered from the chat's own text, without asking the index.
enum BackgroundTask: String, CaseIterable {
  case title
  case followUps = "follow_ups"
  case tags
  case queries
  case text

  /// Recognises a task: `header` (`X-OWUI-Task`, where the administrator forwards it) names it; else its shape does,
  /// one user message, not streamed, that begins with `### Task:` and holds the chat's history.
  init?(_ request: ChatRequest, header: String?) {
    if let header, !header.isEmpty {
      guard let task = BackgroundTask.named(header) else { return nil }
      self = task
      return
    }
    let users = request.messages.filter { $0.role == "user" }
    guard !request.isStreamed, users.count == 1, let text = users.first?.text, text.hasPrefix("### Task:\n"),
      !text.hasPrefix(ChatQuestion.retrievalTemplatePrefix), ByteSearch.contains("<chat_history>", in: text)
    else { return nil }
    // The template names the key in its JSON example, before the history, in which anything may stand.
    let history = ByteSearch.first("<chat_history>", in: text).map(\.lowerBound) ?? text.endIndex
    let template = String(text[..<history])
    guard let task = BackgroundTask.allCases.first(where: { ByteSearch.contains("\"\($0.rawValue)\"", in: template) })
    else { return nil }
    self = task
  }

  private static func named(_ header: String) -> BackgroundTask? {
    switch header {
    case "title_generation": .title
    case "follow_up_generation": .followUps
    case "tags_generation": .tags
    case "query_generation": .queries
    case "autocomplete_generation": .text
    default: nil
    }
  }

  /// The JSON that is wanted, and nothing else.
  func answer(_ request: ChatRequest, collection: String) throws -> String {
    let history = ChatHistory(request.messages.last { $0.role == "user" }?.text ?? "")
    let isJapanese = AnswerWords(for: history.question).isJapanese
    switch self {
    case .title: return try JSONDocument.text([rawValue: history.title])
    case .followUps: return try JSONDocument.text([rawValue: history.followUps(isJapanese: isJapanese)])
    case .tags:
      let subject = isJapanese ? "ソースコード" : "Source code"
      return try JSONDocument.text([rawValue: [subject, collection] + history.directories.prefix(2)])
    case .queries: return try JSONDocument.text([rawValue: history.question.isEmpty ? [] : [history.question]])
    case .text: return try JSONDocument.text([rawValue: ""])
    }
  }
}

/// The chat inside of a task's message: `USER: …` and `ASSISTANT: …` between `<chat_history>` tags.
struct ChatHistory {
  /// The last thing the user said.
  let question: String
  private let asked: Set<String>
  private let firstQuestion: String
  private let lastAnswer: String

  init(_ text: String) {
    var history = text
    if let start = ByteSearch.first("<chat_history>", in: text) { history = String(text[start.upperBound...]) }
    if let end = ByteSearch.last("</chat_history>", in: history) {
      history = String(history[..<history.utf8.index(end, offsetBy: -"</chat_history>".utf8.count)])
    }
    var turns: [(isUser: Bool, lines: [Substring])] = []
    for line in history.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("USER: ") {
        turns.append((true, [line.dropFirst("USER: ".count)]))
      } else if line.hasPrefix("ASSISTANT: ") {
        turns.append((false, [line.dropFirst("ASSISTANT: ".count)]))
      } else if !turns.isEmpty {
        turns[turns.count - 1].lines.append(line)
      }
    }
    func said(_ turn: (isUser: Bool, lines: [Substring])?) -> String {
      ChatQuestion.trimmed(turn?.lines.joined(separator: "\n") ?? "")
    }
    asked = Set(turns.filter(\.isUser).map { said($0) })
    firstQuestion = said(turns.first { $0.isUser })
    question = said(turns.last { $0.isUser })
    lastAnswer = said(turns.last { !$0.isUser })
  }

  /// The first question's first line, cut at a word where it has words.
  var title: String {
    let line = firstQuestion.split(separator: "\n").first.map(String.init) ?? ""
    // A kana or kanji is as wide as two letters and says as much.
    let limit = AnswerWords(for: line).isJapanese ? 30 : 50
    guard line.count > limit else { return line.isEmpty ? "Nenrin" : line }
    let cut = line.prefix(limit)
    let end = cut.lastIndex(of: " ").flatMap { cut.distance(from: cut.startIndex, to: $0) > limit / 2 ? $0 : nil }
    return String(end.map { cut[..<$0] } ?? cut) + "…"
  }

  /// Questions about the files and symbols that the last answer named, none that was asked already; plain text, which is
  /// how they are shown.
  func followUps(isJapanese: Bool) -> [String] {
    let names = names
    let paths = names.filter { $0.kind == .path }.map(\.name)
    func first(_ subjects: [String], _ question: (String) -> String) -> String? {
      subjects.lazy.map(question).first { !asked.contains($0) }
    }
    return [
      first(names.filter { $0.kind == .symbol }.map(\.name)) {
        isJapanese ? "\($0) はどこから呼ばれますか?" : "What calls \($0)?"
      },
      first(paths) { isJapanese ? "\($0) の役割は何ですか?" : "What is \($0) for?" },
      first(paths.compactMap(ChatHistory.directory)) {
        isJapanese ? "\($0) には他に何がありますか?" : "What else is in \($0)?"
      },
    ].compactMap(\.self)
  }

  /// Of the paths that the last answer named, each once.
  var directories: [String] {
    var seen: Set<String> = []
    return names.filter { $0.kind == .path }.compactMap { ChatHistory.directory($0.name) }
      .filter { seen.insert($0).inserted }
  }

  private var names: [NameMention] { Grounding.mentions(in: lastAnswer) }

  private static func directory(_ path: String) -> String? {
    path.lastIndex(of: "/").map { String(path[..<$0]) }
  }
}
