// SPDX-License-Identifier: Apache-2.0
import Glossary

/// What one request, or all of them together, may take.
package struct ServerLimits: Sendable {
  /// Bytes of a request's body; beyond them 413.
  package var bodyByteCount = 12 << 20
  /// Bytes of one header field and of all of them; beyond them 431 or a closed connection.
  package var headerByteCount = 64 << 10
  package var headerCount = 200
  /// UTF-8 bytes of a question; beyond them `question_too_long`.
  package var questionByteCount = 100_000
  /// Messages of one chat; beyond them `invalid_argument`.
  package var messageCount = 10_000
  /// Nesting of a JSON body.
  package var jsonDepth = 64
  /// Requests that ask the index at the same time.
  package var concurrentRequests = 16
  /// Requests that wait for their turn; beyond them 429.
  package var queuedRequests = 128
  /// Answers that a chat model writes at the same time; beyond them 429.
  package var concurrentAnswers = 256
  /// Texts of one request for embeddings.
  package var embeddingCount = 2_048
  /// From a request's turn to its last byte; a stream that is cut off says so.
  package var requestDuration: Duration = .seconds(120)
  /// The same where a chat model writes the answer.
  package var answerDuration: Duration = .seconds(600)
  /// How long a body may be on its way; beyond it 408.
  package var bodyDuration: Duration = .seconds(60)
  /// How long a client may take nothing of what was sent to it before its connection is closed.
  package var stallDuration: Duration = .seconds(60)
  /// Silence in a stream after which a comment line shows that it is alive.
  package var heartbeatInterval: Duration = .seconds(10)
  /// Seconds that a connection may stand without a byte.
  package var idleSeconds = 300

  package init() {}
}

/// How `nenrin serve` stands towards its clients.
package struct ServerConfiguration: Sendable {
  /// Whether streams carry Open WebUI's `event` lines (status and sources) beside OpenAI's annotations.
  package enum OpenWebUIEvents: String, CaseIterable, Sendable {
    /// Where the request looks like Open WebUI's: any `X-OpenWebUI-…` or `X-OWUI-…` header, or its HTTP client's
    /// user agent (`Python/3.11 aiohttp/3.12.15`). OpenAI's own clients send neither.
    case auto
    case always
    case never
  }

  /// The address to bind; loopback unless told otherwise.
  package var host = "127.0.0.1"
  /// 0 lets the system choose, see `Server.run`.
  package var port = 8471
  /// What links begin with, without a `/` at its end. Nil: the address that the client itself asked.
  package var publicURL: String?
  /// Empty: no key is asked for.
  package var apiKeys: [APIKeyHash] = []
  /// Signs the links to source pages, which then want that signature or a key. Nil: those pages are open.
  package var pageSigner: PageSigner?
  package var openWebUIEvents = OpenWebUIEvents.auto
  /// Pairs of snapshots that are listed among the models: `linux@v6.1.192..v6.12.117`.
  package var comparisons: [String] = []
  /// How often a chat model is asked which tools it wants before it writes an answer; 0: it is given none.
  package var chatToolTurns = 0
  /// Nothing that a request can ask for writes; shown by `/readyz`.
  package var readOnly = false
  package var limits = ServerLimits()
  /// Nenrin's version, for `/openapi.json` and `/metrics`.
  package var version = "0"

  package init() {}
}

/// The SHA-256 of an API key, which is all that the server knows of it.
package struct APIKeyHash: Hashable, Sendable {
  package let digest: [UInt8]

  /// Of the key itself, as it comes from an environment variable.
  package init(of key: String) {
    digest = SHA256.digest(of: Array(key.utf8))
  }

  /// Reads `sha256:` and 64 hexadecimal digits. Throws `configurationInvalid`, without repeating the text.
  package init(configured text: String) throws {
    let prefix = "sha256:"
    let digits = text.utf8.dropFirst(prefix.utf8.count).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    guard text.hasPrefix(prefix), text.utf8.count == prefix.utf8.count + 64, digits.count == 64 else {
      throw NenrinError(
        .configurationInvalid, "API key is not a hash", reason: "api_keys takes sha256:<64 hexadecimal digits>",
        remedies: ["Write the output of: printf %s \"$KEY\" | sha256sum"])
    }
    digest = stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  /// Whether the key hashes to this; takes as long for a wrong key as for the right one.
  package func matches(_ key: some Sequence<UInt8>) -> Bool {
    SHA256.isEqual(digest, SHA256.digest(of: Array(key)))
  }
}
