// SPDX-License-Identifier: Apache-2.0
import CPCRE2
import Glossary

/// A compiled regular expression over bytes. Not Sendable: it reuses its buffers.
final class Pattern {
  /// What one match came to.
  enum Outcome {
    case match(Range<Int>)
    case none
    /// It would have taken more steps than are allowed.
    case gaveUp
  }

  /// Steps of one match; a pattern that backtracks without end meets it in some milliseconds.
  private static let mostSteps: UInt32 = 1_000_000
  private static let jitStack = (first: 32 << 10, most: 1 << 20)

  private let code: OpaquePointer
  private let data: OpaquePointer
  private let context: OpaquePointer
  private let stack: OpaquePointer?

  /// Throws `invalidArgument` with the place where the expression goes wrong.
  init(_ expression: String, ignoresCase: Bool) throws {
    let bytes = Array(expression.utf8)
    var errorCode: Int32 = 0
    var errorOffset = 0
    let options = nenrin_pcre2_multiline | nenrin_pcre2_never_utf | (ignoresCase ? nenrin_pcre2_caseless : 0)
    let compiled = bytes.withUnsafeBufferPointer {
      pcre2_compile_8($0.baseAddress, $0.count, options, &errorCode, &errorOffset, nil)
    }
    guard let compiled else {
      throw NenrinError(
        .invalidArgument, "the pattern is no regular expression",
        reason: "\(Pattern.message(errorCode)) at character \(min(errorOffset, bytes.count) + 1) of '\(expression)'",
        remedies: [
          "Write a Perl-compatible expression; put \\ before ( [ { * + ? . | ^ $ where they stand for themselves."
        ])
    }
    // JIT may be missing on a machine; matching without it is the same, only slower.
    _ = pcre2_jit_compile_8(compiled, nenrin_pcre2_jit_complete)
    guard let data = pcre2_match_data_create_from_pattern_8(compiled, nil),
      let context = pcre2_match_context_create_8(nil)
    else { throw NenrinError(.internalFailure, "no memory for a pattern") }
    code = compiled
    self.data = data
    self.context = context
    stack = pcre2_jit_stack_create_8(Pattern.jitStack.first, Pattern.jitStack.most, nil)
    if let stack { pcre2_jit_stack_assign_8(context, nil, UnsafeMutableRawPointer(stack)) }
    pcre2_set_match_limit_8(context, Pattern.mostSteps)
  }

  deinit {
    pcre2_match_data_free_8(data)
    pcre2_match_context_free_8(context)
    if let stack { pcre2_jit_stack_free_8(stack) }
    pcre2_code_free_8(code)
  }

  /// The first match that begins in `range`, which is all that the expression sees.
  func match(in text: UnsafeBufferPointer<UInt8>, range: Range<Int>, from start: Int) -> Outcome {
    guard let base = text.baseAddress, !range.isEmpty else { return .none }
    let result = pcre2_match_8(code, base + range.lowerBound, range.count, start - range.lowerBound, 0, data, context)
    if result == PCRE2_ERROR_NOMATCH { return .none }
    guard result >= 0, let offsets = pcre2_get_ovector_pointer_8(data) else { return .gaveUp }
    let (first, last) = (Int(offsets[0]) + range.lowerBound, Int(offsets[1]) + range.lowerBound)
    // `\K` can put a match's begin behind its end.
    return .match(min(first, last)..<max(first, last))
  }

  private static func message(_ code: Int32) -> String {
    var text = [UInt8](repeating: 0, count: 256)
    let count = text.withUnsafeMutableBufferPointer { pcre2_get_error_message_8(code, $0.baseAddress, $0.count) }
    return String(decoding: text.prefix(max(0, Int(count))), as: UTF8.self)
  }
}
