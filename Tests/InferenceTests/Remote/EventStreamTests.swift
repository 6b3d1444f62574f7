// SPDX-License-Identifier: Apache-2.0
import Inference
import Testing

@Suite struct EventStreamTests {
  private func read(_ pieces: [String], limit: Int = 1_000) throws -> [String] {
    var reader = EventStreamReader(limit: limit)
    var events: [[UInt8]] = []
    for piece in pieces { try reader.add(Array(piece.utf8)) { events.append($0) } }
    if let last = reader.finish() { events.append(last) }
    return events.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test(arguments: [
    ("data: a\n\ndata: b\n\n", ["a", "b"]),
    ("data:a\r\n\r\ndata:  b\r\n\r\n", ["a", " b"]),
    ("data: a\rdata: b\r\rdata: c\r\r", ["a\nb", "c"]),
    (": comment\n\ndata: a\n: comment\ndata: b\n\n", ["a\nb"]),
    ("event: x\nid: 1\nretry: 5\ndata: a\n\n", ["a"]),
    ("event: x\n\n\n\ndata\n\n", [""]),
    ("data: a", ["a"]), ("data: a\n", ["a"]), ("data: a\n\n", ["a"]), ("", []), ("\n\n", []),
    ("\u{FEFF}data: a\n\n", ["a"]), ("database: a\n\n", []), ("data : a\n\n", []),
    ("data: 語\n\n", ["語"]),
  ]) func eventsAreTakenApart(text: String, events: [String]) throws {
    #expect(try read([text]) == events)
    // However the bytes arrive.
    var reader = EventStreamReader(limit: 100)
    var found: [[UInt8]] = []
    for byte in text.utf8 { try reader.add([byte]) { found.append($0) } }
    if let last = reader.finish() { found.append(last) }
    #expect(found.map { String(decoding: $0, as: UTF8.self) } == events)
  }

  @Test func aLongEventIsAnErrorNotMemory() throws {
    #expect(try read(["data: " + String(repeating: "x", count: 94) + "\n\n"], limit: 100).first?.count == 94)
    let failure = RemoteFailure(.tooLarge, "an event of the stream has more than 100 bytes")
    #expect(throws: failure) { try read(["data: " + String(repeating: "x", count: 95)], limit: 100) }
    #expect(throws: failure) { try read(Array(repeating: "data: 0123456789\n", count: 10), limit: 100) }
    #expect(throws: failure) { try read(Array(repeating: "x", count: 101), limit: 100) }
  }
}
