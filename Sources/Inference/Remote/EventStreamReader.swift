// SPDX-License-Identifier: Apache-2.0

/// Takes a stream of server-sent events apart (WHATWG HTML, 9.2.6), byte by byte as they come: lines end with LF, CR or
/// CRLF, `data` lines of one event are joined, comments and other fields are left out. Bounded: a longer event than the
/// limit is an error, not memory.
package struct EventStreamReader: Sendable {
  private let limit: Int
  private var line: [UInt8] = []
  private var data: [UInt8] = []
  private var hasData = false
  private var lastWasReturn = false
  private var isAtStart = true

  /// `limit` is the most bytes that one event's lines may hold.
  package init(limit: Int) {
    self.limit = limit
  }

  /// Takes bytes; gives the data of the events that they complete to `body`, one by one. Throws
  /// `RemoteFailure.tooLarge`.
  package mutating func add(_ bytes: [UInt8], _ body: ([UInt8]) -> Void) throws(RemoteFailure) {
    var start = bytes.startIndex
    while start < bytes.endIndex {
      if lastWasReturn, bytes[start] == 0x0a {
        lastWasReturn = false
        start += 1
        continue
      }
      let end = bytes[start...].firstIndex { $0 == 0x0a || $0 == 0x0d }
      guard line.count + data.count + (end ?? bytes.endIndex) - start <= limit else {
        throw RemoteFailure(.tooLarge, "an event of the stream has more than \(limit) bytes")
      }
      line += bytes[start..<(end ?? bytes.endIndex)]
      guard let end else {
        lastWasReturn = false
        break
      }
      lastWasReturn = bytes[end] == 0x0d
      if let event = endLine() { body(event) }
      start = end + 1
    }
  }

  /// What an event that was not ended holds, where the stream ends: an event only where an empty line ends it, but
  /// servers forget the last one.
  package mutating func finish() -> [UInt8]? {
    if !line.isEmpty, let event = endLine() { return event }
    return endLine()
  }

  private mutating func endLine() -> [UInt8]? {
    defer { line.removeAll(keepingCapacity: true) }
    if isAtStart {
      isAtStart = false
      if line.starts(with: [0xef, 0xbb, 0xbf]) { line.removeFirst(3) }
    }
    guard !line.isEmpty else {
      defer {
        data = []
        hasData = false
      }
      return hasData ? data : nil
    }
    let name = Array("data".utf8)
    guard line.starts(with: name), line.count == 4 || line[4] == UInt8(ascii: ":") else { return nil }
    var value = line.dropFirst(min(5, line.count))
    if value.first == 0x20 { value = value.dropFirst() }
    if hasData { data.append(0x0a) }
    data += value
    hasData = true
    return nil
  }
}
