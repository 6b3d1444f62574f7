// SPDX-License-Identifier: Apache-2.0
import Answering
import Glossary
import Inference

/// What a chat asks: the last user message, without the template that Open WebUI wraps it in when knowledge is
/// attached.
enum ChatQuestion {
  /// Throws `questionEmpty`, `questionTooLong`.
  static func question(in messages: [ChatRequest.Message], byteLimit: Int) throws -> String {
    guard let index = messages.lastIndex(where: { $0.role == "user" }) else {
      throw RequestFailure(
        NenrinError(
          .questionEmpty, "question is missing", reason: "no message has the role user",
          remedies: ["Send a message with the role user."]), param: "messages")
    }
    let param = "messages[\(index)].content"
    let question = trimmed(unwrapped(messages[index].text))
    guard !question.isEmpty else {
      throw RequestFailure(
        NenrinError(
          .questionEmpty, "question is empty", reason: "the last user message holds no text",
          remedies: ["Ask something."]), param: param)
    }
    guard question.utf8.count <= byteLimit else {
      throw RequestFailure(
        NenrinError(
          .questionTooLong, "question is too long",
          reason: "it has \(question.utf8.count) bytes, \(byteLimit) are the limit",
          remedies: ["Ask in fewer words, or quote less."]), param: param)
    }
    return question
  }

  /// What was said before the question, oldest first.
  static func history(in messages: [ChatRequest.Message]) -> [ChatMessage] {
    guard let last = messages.lastIndex(where: { $0.role == "user" }) else { return [] }
    return messages[..<last].compactMap { message in
      let text = trimmed(message.role == "user" ? unwrapped(message.text) : message.text)
      guard let role = ChatMessage.Role(rawValue: message.role), role != .system, !text.isEmpty else { return nil }
      return ChatMessage(role, text)
    }
  }

  /// What the client asks of the model beside: its system messages.
  static func instructions(in messages: [ChatRequest.Message]) -> String {
    messages.filter { $0.role == "system" || $0.role == "developer" }.map { trimmed($0.text) }
      .filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  /// Open WebUI's own retrieval writes `### Task:`, guidelines, `<context>…</context>` and then what the user said.
  static let retrievalTemplatePrefix = "### Task:\nRespond to the user query"

  /// The knowledge that Open WebUI attached to the question, which it shows as sources before ours: one text for each of
  /// its numbers, in their order.
  static func attachments(in messages: [ChatRequest.Message]) -> [AttachedText] {
    guard let text = messages.last(where: { $0.role == "user" })?.text, text.hasPrefix(retrievalTemplatePrefix),
      let end = ByteSearch.last("</context>", in: text)
    else { return [] }
    var found: [Int: AttachedText] = [:]
    var rest = String(text[..<end])
    while let start = ByteSearch.first("<source id=\"", in: rest), found.count < mostAttachments {
      rest = String(rest[start.upperBound...])
      guard let close = ByteSearch.first(">", in: rest) else { break }
      let tag = rest[..<close.lowerBound]
      rest = String(rest[close.upperBound...])
      guard let id = Int(tag.prefix { $0.isASCII && $0.isNumber }), let stop = ByteSearch.first("</source>", in: rest)
      else { continue }
      // A tag that its template only speaks of is closed by nothing before the next.
      if let next = ByteSearch.first("<source id=\"", in: rest), next.lowerBound < stop.lowerBound { continue }
      var attached = found[id] ?? AttachedText(id: id, name: name(in: tag), text: "")
      attached.text += (attached.text.isEmpty ? "" : "\n…\n") + trimmed(String(rest[..<stop.lowerBound]))
      found[id] = attached
      rest = String(rest[stop.upperBound...])
    }
    return found.values.sorted { $0.id < $1.id }
  }

  private static let mostAttachments = 200

  /// `1" name="plan.txt"`.
  private static func name(in tag: Substring) -> String {
    guard let start = ByteSearch.first("name=\"", in: String(tag)) else { return "" }
    return String(String(tag)[start.upperBound...].prefix { $0 != "\"" })
  }

  private static func unwrapped(_ text: String) -> String {
    guard text.hasPrefix(retrievalTemplatePrefix), let end = ByteSearch.last("</context>", in: text) else {
      return text
    }
    var rest = String(text[end...])
    for tag in ["<user_query>", "</user_query>"] {
      if let range = ByteSearch.first(tag, in: rest) { rest.removeSubrange(range) }
    }
    return rest
  }

  static func trimmed(_ text: String) -> String {
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0d).contains($0) }
    let bytes = text.utf8.drop(while: isSpace)
    guard let end = bytes.lastIndex(where: { !isSpace($0) }) else { return "" }
    return String(Substring(bytes[...end]))
  }
}

/// Searches text by its bytes, which is many times faster than by characters.
enum ByteSearch {
  /// Where the needle first stands.
  static func first(_ needle: String, in text: String) -> Range<String.Index>? {
    find(needle, in: text).first
  }

  /// The index after the needle's last place.
  static func last(_ needle: String, in text: String) -> String.Index? {
    find(needle, in: text, all: true).last?.upperBound
  }

  static func contains(_ needle: String, in text: String) -> Bool { first(needle, in: text) != nil }

  private static func find(_ needle: String, in text: String, all: Bool = false) -> [Range<String.Index>] {
    var found: [Range<String.Index>] = []
    let pattern = Array(needle.utf8)
    let bytes = Array(text.utf8)
    guard let head = pattern.first, bytes.count >= pattern.count else { return [] }
    var offset = 0
    while offset <= bytes.count - pattern.count {
      if bytes[offset] == head, bytes[offset..<(offset + pattern.count)].elementsEqual(pattern) {
        let start = text.utf8.index(text.utf8.startIndex, offsetBy: offset)
        found.append(start..<text.utf8.index(start, offsetBy: pattern.count))
        if !all { return found }
        offset += pattern.count
      } else {
        offset += 1
      }
    }
    return found
  }
}
