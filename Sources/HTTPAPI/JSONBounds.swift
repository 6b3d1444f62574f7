// SPDX-License-Identifier: Apache-2.0
import Glossary

/// Reads JSON that a client sent: its nesting is bounded before a decoder sees it, and what is wrong with it is said
/// in words that name the place.
enum ClientJSON {
  /// Throws a failure with status 400.
  static func decode<Document: Decodable>(
    _ type: Document.Type, from bytes: [UInt8], depthLimit: Int
  ) throws -> Document {
    guard depth(of: bytes) <= depthLimit else {
      throw RequestFailure.invalid("JSON body is nested too deeply", reason: "\(depthLimit) levels are the limit")
    }
    do {
      return try JSONDocument.decode(type, from: bytes)
    } catch let error as DecodingError {
      throw failure(error)
    }
  }

  /// The deepest nesting of objects and arrays; the text need not be valid.
  static func depth(of bytes: [UInt8]) -> Int {
    bytes.withUnsafeBufferPointer { bytes in
      var depth = 0
      var deepest = 0
      var isInString = false
      var index = 0
      while index < bytes.count {
        let byte = bytes[index]
        if isInString {
          if byte == UInt8(ascii: "\\") { index += 1 } else if byte == UInt8(ascii: "\"") { isInString = false }
        } else if byte == UInt8(ascii: "\"") {
          isInString = true
        } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
          depth += 1
          deepest = max(deepest, depth)
        } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
          depth -= 1
        }
        index += 1
      }
      return deepest
    }
  }

  private static func failure(_ error: DecodingError) -> RequestFailure {
    switch error {
    case .keyNotFound(let key, let context):
      let path = place(context.codingPath + [key])
      return .invalid("\(path) is missing", param: path)
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      let path = place(context.codingPath)
      return path.isEmpty
        ? .invalid("JSON body is not an object") : .invalid("\(path) is not \(name(of: type))", param: path)
    case .dataCorrupted(let context):
      let path = place(context.codingPath)
      return path.isEmpty
        ? .invalid("JSON body is not valid", reason: "it must be one JSON object in UTF-8")
        : .invalid("\(path) is not valid", reason: context.debugDescription, param: path)
    @unknown default:
      return .invalid("JSON body is not valid")
    }
  }

  /// `messages[0].content`.
  private static func place(_ path: [any CodingKey]) -> String {
    path.reduce(into: "") { text, key in
      if let index = key.intValue {
        text += "[\(index)]"
      } else {
        text += (text.isEmpty ? "" : ".") + key.stringValue
      }
    }
  }

  private static func name(of type: any Any.Type) -> String {
    switch type {
    case is String.Type: "a string"
    case is Bool.Type: "true or false"
    case is Int.Type: "a whole number"
    case is Double.Type: "a number"
    default: "\(type)".hasPrefix("Array") ? "a list" : "an object"
    }
  }
}
