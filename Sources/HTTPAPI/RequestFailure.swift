// SPDX-License-Identifier: Apache-2.0
import Glossary

/// A request that is answered with an error.
struct RequestFailure: Error {
  var status: Int
  var document: ErrorDocument
  /// For 429 and 503.
  var retryAfterSeconds: Int?
  /// For 405: the methods the route takes.
  var allow: [String] = []
  /// For the log: what a client is not told.
  var detail: String?

  init(status: Int, document: ErrorDocument) {
    self.status = status
    self.document = document
  }

  init(_ failure: NenrinError, param: String? = nil) {
    status = RequestFailure.status(of: failure.code)
    document = ErrorDocument(failure, param: param)
    if status == 429 { retryAfterSeconds = 2 }
    if status == 503 { retryAfterSeconds = 10 }
  }

  /// Any error; one that nobody foresaw tells the client nothing of its inside.
  init(any error: any Error) {
    switch error {
    case let failure as RequestFailure: self = failure
    case let failure as NenrinError: self.init(failure)
    default:
      self.init(
        NenrinError(
          .internalFailure, "internal failure", reason: "the server met an error that it did not expect",
          remedies: ["Look for the request id in the server's log."]))
      detail = "\(error)"
    }
  }

  static func notFound(_ path: String) -> RequestFailure {
    RequestFailure(
      status: 404,
      document: ErrorDocument(
        message: "no route '\(path.prefix(200))': see /openapi.json and /v1/models", type: "invalid_request_error",
        code: "not_found"))
  }

  static func methodNotAllowed(_ method: String, _ endpoint: Endpoint) -> RequestFailure {
    let methods = endpoint.methods.joined(separator: " or ")
    var failure = RequestFailure(
      status: 405,
      document: ErrorDocument(
        message: "\(method.prefix(20)) is not a method of \(endpoint.route): use \(methods)",
        type: "invalid_request_error", code: "method_not_allowed"))
    failure.allow = endpoint.methods
    return failure
  }

  static func invalid(_ summary: String, reason: String = "", param: String? = nil) -> RequestFailure {
    RequestFailure(NenrinError(.invalidArgument, summary, reason: reason), param: param)
  }

  private static func status(of code: NenrinError.Code) -> Int {
    switch code {
    case .questionEmpty, .questionTooLong, .invalidArgument, .unsupported: 400
    case .unauthorized: 401
    case .revisionNotFound, .snapshotNotFound, .collectionNotFound, .pathNotFound, .symbolNotFound,
      .historyNotRead:
      404
    case .requestTooLarge: 413
    case .overloaded: 429
    case .homeNotFound, .indexBusy, .formatMismatch: 503
    case .upstreamFailed: 502
    case .timedOut: 504
    case .notARepository, .repositoryRefused, .objectUnreadable, .emptyTree, .homeNotWritable, .diskFull,
      .indexDamaged, .configurationInvalid, .grammarUnusable, .fileUnreadable, .internalFailure:
      500
    }
  }
}
