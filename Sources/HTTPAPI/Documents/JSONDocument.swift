// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// The one door from documents to JSON bytes and back, for the command line and HTTP alike.
///
/// Keys come sorted, so that the same document is the same bytes in every run; slashes are not escaped, so that paths
/// can be searched for in the output.
package enum JSONDocument {
  /// The document as UTF-8 JSON on one line, or indented for a person. Throws where a number is not finite.
  package static func encode(_ document: some Encodable, pretty: Bool = false) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    return Array(try encoder.encode(document))
  }

  /// `encode` as text.
  package static func text(_ document: some Encodable, pretty: Bool = false) throws -> String {
    String(decoding: try encode(document, pretty: pretty), as: UTF8.self)
  }

  /// Reads a document. Throws `DecodingError`; check untrusted bytes with `JSONBounds` before.
  package static func decode<Document: Decodable>(_ type: Document.Type, from bytes: [UInt8]) throws -> Document {
    try JSONDecoder().decode(type, from: Data(bytes))
  }
}

/// How quantities look in documents.
package enum DocumentFormat {
  /// Seconds since 1970 as `2026-11-22T15:04:05Z`.
  package static func timestamp(_ seconds: Int64) -> String {
    let (days, second) = seconds.quotientAndRemainder(dividingBy: 86_400)
    let day = second < 0 ? days - 1 : days
    let secondOfDay = second < 0 ? second + 86_400 : second
    let date = civilDate(day)
    let time = "\(padded(secondOfDay / 3_600)):\(padded(secondOfDay / 60 % 60)):\(padded(secondOfDay % 60))"
    return "\(padded(date.year, to: 4))-\(padded(date.month))-\(padded(date.day))T\(time)Z"
  }

  /// A duration in milliseconds, to the microsecond.
  package static func milliseconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return (Double(seconds) * 1_000_000 + Double(attoseconds) / 1e12).rounded() / 1_000
  }

  /// A score or share to six decimals, which is more than a reader needs and less than a Double prints.
  package static func rounded(_ value: Double) -> Double {
    value.isFinite ? (value * 1_000_000).rounded() / 1_000_000 : 0
  }

  /// Days since 1970 as a date, after Howard Hinnant's "chrono-compatible low-level date algorithms".
  private static func civilDate(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private static func padded(_ value: Int64, to width: Int = 2) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
