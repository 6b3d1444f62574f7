// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// An error in OpenAI's shape: `{"error":{"message","type","code","param"}}`.
package struct ErrorDocument: Codable, Hashable, Sendable {
  /// What stands under `error`.
  package struct Body: Codable, Hashable, Sendable {
    /// What happened, why, and what to do next.
    package var message: String
    /// `invalid_request_error`, `authentication_error`, `rate_limit_error` or `server_error`.
    package var type: String
    /// `NenrinError.Code`'s raw value, or a name of OpenAI's own (`model_not_found`).
    package var code: String
    /// The parameter at fault; null where it is none.
    package var param: String?

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(message, forKey: .message)
      try container.encode(type, forKey: .type)
      try container.encode(code, forKey: .code)
      try container.encode(param, forKey: .param)
    }
  }

  package var error: Body

  package init(message: String, type: String, code: String, param: String? = nil) {
    error = Body(message: message, type: type, code: code, param: param)
  }

  /// The error on as many lines as `NenrinError.description` has.
  package init(_ failure: NenrinError, param: String? = nil) {
    self.init(
      message: failure.description, type: ErrorDocument.type(of: failure.code), code: failure.code.rawValue,
      param: param)
  }

  private static func type(of code: NenrinError.Code) -> String {
    switch code {
    case .unauthorized: "authentication_error"
    case .overloaded: "rate_limit_error"
    case .revisionNotFound, .snapshotNotFound, .collectionNotFound, .pathNotFound, .symbolNotFound, .historyNotRead,
      .questionEmpty,
      .questionTooLong,
      .invalidArgument, .unsupported, .requestTooLarge:
      "invalid_request_error"
    case .notARepository, .repositoryRefused, .objectUnreadable, .emptyTree, .homeNotWritable, .homeNotFound,
      .diskFull, .formatMismatch, .indexBusy, .indexDamaged, .configurationInvalid, .grammarUnusable,
      .fileUnreadable, .timedOut, .upstreamFailed, .internalFailure:
      "server_error"
    }
  }
}
