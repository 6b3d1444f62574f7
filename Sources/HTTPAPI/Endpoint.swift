// SPDX-License-Identifier: Apache-2.0

/// What a request's path asks for. Pure: nothing here touches a file system, and a path that is not listed is nothing.
enum Endpoint: Hashable {
  case startPage
  case comparePage
  case health
  case readiness
  case metrics
  case models
  case model(id: String)
  case chatCompletions
  case embeddings
  case snapshots
  case search
  case symbol
  case callers
  case callees
  case callChain
  case grep
  case log
  case mcp
  case diff
  case source
  case openAPI
  /// A file's page; the path is what the snapshot's own paths are compared with, byte by byte.
  case sourcePage(snapshot: String, path: [UInt8])
  /// A commit's page; the id may be the beginning of one.
  case commitPage(snapshot: String, id: String)

  /// Reads the path of a request target, still percent-encoded and without its query.
  init?(path: String) {
    switch path {
    case "/": self = .startPage
    case "/compare": self = .comparePage
    case "/healthz": self = .health
    case "/readyz": self = .readiness
    case "/metrics": self = .metrics
    case "/v1/models", "/v1/models/": self = .models
    case "/v1/chat/completions": self = .chatCompletions
    case "/v1/embeddings": self = .embeddings
    case "/api/snapshots": self = .snapshots
    case "/api/search": self = .search
    case "/api/symbol": self = .symbol
    case "/api/callers": self = .callers
    case "/api/callees": self = .callees
    case "/api/callchain": self = .callChain
    case "/api/grep": self = .grep
    case "/api/log": self = .log
    case "/api/diff": self = .diff
    case "/api/source": self = .source
    case "/openapi.json": self = .openAPI
    case "/mcp": self = .mcp
    default:
      guard let endpoint = Endpoint.model(path) ?? Endpoint.sourcePage(path) ?? Endpoint.commitPage(path)
      else { return nil }
      self = endpoint
    }
  }

  /// The route as metrics and logs name it: few values, none of a client's own.
  var route: String {
    switch self {
    case .startPage: "/"
    case .comparePage: "/compare"
    case .health: "/healthz"
    case .readiness: "/readyz"
    case .metrics: "/metrics"
    case .models: "/v1/models"
    case .model: "/v1/models/{id}"
    case .chatCompletions: "/v1/chat/completions"
    case .embeddings: "/v1/embeddings"
    case .snapshots: "/api/snapshots"
    case .search: "/api/search"
    case .symbol: "/api/symbol"
    case .callers: "/api/callers"
    case .callees: "/api/callees"
    case .callChain: "/api/callchain"
    case .grep: "/api/grep"
    case .log: "/api/log"
    case .mcp: "/mcp"
    case .diff: "/api/diff"
    case .source: "/api/source"
    case .openAPI: "/openapi.json"
    case .sourcePage: "/source/{snapshot}/{path}"
    case .commitPage: "/commit/{snapshot}/{id}"
    }
  }

  /// The methods it takes; HEAD goes with GET.
  var methods: [String] {
    switch self {
    case .chatCompletions, .embeddings, .search, .symbol, .callers, .callees, .callChain, .grep, .log, .diff, .mcp:
      ["POST"]
    default: ["GET", "HEAD"]
    }
  }

  /// Whether a person's browser shows what it answers, errors included.
  var isPage: Bool {
    switch self {
    case .startPage, .comparePage, .sourcePage, .commitPage: true
    default: false
    }
  }

  private static func model(_ path: String) -> Endpoint? {
    guard let rest = path.afterPrefix("/v1/models/"), let id = PercentCoding.decode(rest) else { return nil }
    return String(validating: id, as: UTF8.self).map { .model(id: $0) }
  }

  private static func sourcePage(_ path: String) -> Endpoint? {
    below("/source/", path).map { .sourcePage(snapshot: $0, path: $1) }
  }

  private static func commitPage(_ path: String) -> Endpoint? {
    guard let (snapshot, bytes) = below("/commit/", path), let id = String(validating: bytes, as: UTF8.self) else {
      return nil
    }
    return .commitPage(snapshot: snapshot, id: id)
  }

  /// The snapshot that a path names behind the prefix, and all that follows its slash; neither is empty.
  private static func below(_ prefix: String, _ path: String) -> (snapshot: String, rest: [UInt8])? {
    guard let rest = path.afterPrefix(prefix), let slash = rest.firstIndex(of: "/"),
      let name = PercentCoding.decode(rest[..<slash]), let snapshot = String(validating: name, as: UTF8.self),
      let tail = PercentCoding.decode(rest[rest.index(after: slash)...]), !snapshot.isEmpty, !tail.isEmpty
    else { return nil }
    return (snapshot, tail)
  }
}

/// Percent-encoding after RFC 3986.
enum PercentCoding {
  /// The bytes that encoded text stands for; nil where a `%` is not followed by two hexadecimal digits.
  static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  /// The bytes with all but RFC 3986's unreserved characters encoded; `/` too unless it is kept.
  static func encode(_ bytes: some Sequence<UInt8>, keepingSlashes: Bool = false) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var text: [UInt8] = []
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        text.append(byte)
      case UInt8(ascii: "/") where keepingSlashes: text.append(byte)
      default: text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

extension String {
  fileprivate func afterPrefix(_ prefix: String) -> Substring? {
    hasPrefix(prefix) ? self[index(startIndex, offsetBy: prefix.count)...] : nil
  }
}
