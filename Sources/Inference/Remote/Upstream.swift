// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// A server of OpenAI's API.
package struct Upstream: Hashable, Sendable {
  /// Up to and with `/v1`, without a `/` at its end.
  package let baseURL: String
  /// Empty where none is wanted.
  package let key: String

  package init(baseURL: String, key: String) {
    self.baseURL = String(baseURL.reversed().drop { $0 == "/" }.reversed())
    self.key = key
  }

  /// As it may be shown.
  package var shown: String { RemoteAddress(baseURL).shown }
}

/// Why one server did not do what it was asked.
package struct UpstreamFailure: Error, Hashable, Sendable {
  /// What kind of thing went wrong, for those who say what to do about it.
  package enum Kind: Hashable, Sendable {
    /// Nobody answered, or not to the end.
    case unanswered
    /// A status that is no success.
    case status(Int)
    /// An answer that is not of the API.
    case malformed
    /// Fewer or more results than texts.
    case miscounted
    /// Numbers that are none.
    case notNumbers
    /// Vectors of this many numbers, where another count was wanted.
    case dimensions(Int)
  }

  /// For a person: "503 Service Unavailable: model is loading".
  package var reason: String
  /// Whether the same request may well succeed later.
  package var isPassing: Bool
  /// What the server asked to wait.
  package var retryAfter: Duration?
  package var kind: Kind
  /// Where the server refused a prompt as too long for its model: how many tokens it takes, 0 where it does not say.
  package var contextTokens: Int?

  package init(_ reason: String, isPassing: Bool, retryAfter: Duration? = nil, kind: Kind = .unanswered) {
    self.reason = reason
    self.isPassing = isPassing
    self.retryAfter = retryAfter
    self.kind = kind
  }

  package init(_ failure: RemoteFailure) {
    let isPassing =
      switch failure.kind {
      case .unreachable, .timedOut, .broken: true
      case .untrusted, .tooLarge, .badAddress: false
      }
    self.init(failure.reason, isPassing: isPassing)
  }

  /// A status that is no success, with what the server says about it.
  package init(refusal response: RemoteResponse) async {
    let text = await response.beginning(limit: 4_096)
    let status = response.status
    var reason = "HTTP \(status)"
    let said = ErrorText.message(in: text)
    if !said.isEmpty { reason += ": \(said)" }
    if status == 404, said.isEmpty || said.contains("page not found") || said.contains("Not Found") {
      reason += " (an address of OpenAI's API ends with /v1)"
    }
    if let target = response.header("location") { reason += " (it points to \(RemoteAddress(target).shown))" }
    self.init(
      reason, isPassing: status == 408 || status == 425 || status == 429 || status >= 500,
      retryAfter: response.retryAfter, kind: .status(status))
    if [400, 413, 422, 500].contains(status) { contextTokens = ErrorText.contextTokens(in: said) }
  }
}

/// What an error's body says, in whichever of the usual shapes.
enum ErrorText {
  private struct Shape: Decodable {
    enum Detail: Decodable {
      case text(String)
      case object(String?)

      private struct Message: Decodable { var message: String? }

      init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
          self = .text(text)
        } else {
          self = .object(try Message(from: decoder).message)
        }
      }

      var message: String? {
        switch self {
        case .text(let text): text
        case .object(let text): text
        }
      }
    }

    var error: Detail?
    var detail: Detail?
    var message: String?
  }

  /// One line, cut to what a person reads; empty where nothing is said.
  static func message(in body: [UInt8]) -> String {
    let shape = try? JSONDecoder().decode(Shape.self, from: Data(body))
    let text = shape?.error?.message ?? shape?.message ?? shape?.detail?.message
    return line(text ?? (body.first == UInt8(ascii: "<") ? "" : String(decoding: body, as: UTF8.self)))
  }

  /// The tokens of a context that a prompt did not fit into, as vLLM, llama.cpp and OpenAI say it ("maximum context
  /// length is 4096 tokens", "exceeds the available context size (4096 tokens)"); 0 where there is no number, nil where
  /// the message says something else.
  static func contextTokens(in message: String) -> Int? {
    let text = message.lowercased()
    for phrase in ["context length", "context size", "context window"] {
      guard let found = text.utf8.firstRange(of: phrase.utf8) else { continue }
      let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
      let number = text.utf8[found.upperBound...].prefix(40).drop { !digits.contains($0) }.prefix(
        while: digits.contains)
      return Int(String(decoding: number, as: UTF8.self)) ?? 0
    }
    return nil
  }

  static func line(_ text: String) -> String {
    let words = text.split { $0.isWhitespace || $0.unicodeScalars.contains { $0.value < 0x20 } }
    let line = words.joined(separator: " ")
    return line.count > 300 ? line.prefix(300) + " …" : line
  }
}
