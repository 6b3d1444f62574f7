// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc

/// One request to `/v1/embeddings` and what is checked of its answer.
struct EmbeddingEndpoint: Sendable {
  private struct Body: Encodable {
    var model: String
    var input: [String]
    var encodingFormat = "float"

    private enum CodingKeys: String, CodingKey {
      case model, input
      case encodingFormat = "encoding_format"
    }
  }

  private let settings: RemoteEmbedder.Settings
  private let transport: Transport

  init(_ settings: RemoteEmbedder.Settings, _ transport: Transport) {
    self.settings = settings
    self.transport = transport
  }

  /// A vector of unit length for each text. Throws `UpstreamFailure`, `CancellationError`.
  func embed(_ texts: [String], as role: EmbeddingRole, _ upstream: Upstream) async throws -> [[Float]] {
    do {
      let model = role == .query && !settings.queryModel.isEmpty ? settings.queryModel : settings.model
      let body = try JSONEncoder().encode(Body(model: model, input: texts))
      let response = try await transport.send(
        .post(upstream.baseURL + "/embeddings", json: Array(body), key: upstream.key, timeouts: settings.timeouts))
      guard response.status == 200 else { throw await UpstreamFailure(refusal: response) }
      // A number takes up to some 25 bytes.
      let limit = (1 << 20) + texts.count * max(settings.dimensions, 16_384) * 32
      return try check(EmbeddingReader.vectors(in: try await response.body(limit: limit)), texts.count)
    } catch let failure as RemoteFailure {
      throw UpstreamFailure(failure)
    }
  }

  private func check(_ vectors: [[Float]], _ count: Int) throws(UpstreamFailure) -> [[Float]] {
    guard vectors.count == count else {
      throw UpstreamFailure("it gave \(vectors.count) vectors for \(count) texts", isPassing: false, kind: .miscounted)
    }
    var checked: [[Float]] = []
    for vector in vectors {
      guard settings.dimensions == 0 || vector.count == settings.dimensions, !vector.isEmpty else {
        throw UpstreamFailure(
          "its vectors have \(vector.count) numbers, not \(settings.dimensions): it is another model", isPassing: false,
          kind: .dimensions(vector.count))
      }
      let square = vector.reduce(Float(0)) { $0 + $1 * $1 }
      guard square.isFinite else {
        throw UpstreamFailure(
          "a vector holds numbers that are none (NaN or infinite)", isPassing: false, kind: .notNumbers)
      }
      let scale = square > 0 ? 1 / square.squareRoot() : 0
      checked.append(vector.map { $0 * scale })
    }
    return checked
  }
}

/// Reads the vectors of an answer, on bytes: a general decoder takes tens of times as long for numbers by the million.
/// It knows the shape `{"data":[{"index":0,"embedding":[…]},…]}` in any order of keys; other members are passed over.
struct EmbeddingReader {
  private var bytes: UnsafeBufferPointer<UInt8>
  private var place = 0
  private var depth = 0
  private var vectors: [[Float]] = []
  private var isOrdered = true
  private var indices: [Int] = []

  private static let deepest = 64
  private static let malformed = UpstreamFailure(
    "its answer is not what /v1/embeddings answers", isPassing: false, kind: .malformed)

  /// In order of their `index`. Throws `UpstreamFailure`.
  static func vectors(in body: [UInt8]) throws -> [[Float]] {
    // The zero behind the last byte is where reading of numbers ends in any case.
    try (body + [0]).withUnsafeBufferPointer { bytes in
      var reader = EmbeddingReader(bytes: bytes)
      return try reader.read()
    }
  }

  private init(bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
  }

  private mutating func read() throws -> [[Float]] {
    var hasData = false
    var error: String?
    let start = place
    try members { reader, key in
      if key == "data" {
        hasData = true
        try reader.elements { try $0.entry() }
      } else {
        if key == "error" { error = ErrorText.message(in: Array(reader.bytes[start...].dropLast())) }
        try reader.skip()
      }
    }
    if let error { throw UpstreamFailure("the server says: \(error)", isPassing: true) }
    guard hasData else { throw EmbeddingReader.malformed }
    guard Set(indices).count == indices.count, indices.allSatisfy({ vectors.indices.contains($0) }) else {
      throw UpstreamFailure("it numbers its vectors \(indices.prefix(5)) …", isPassing: false, kind: .miscounted)
    }
    var ordered = vectors
    for (vector, index) in zip(vectors, indices) { ordered[index] = vector }
    return ordered
  }

  private mutating func entry() throws {
    var vector: [Float]?
    var index = vectors.count
    try members { reader, key in
      switch key {
      case "embedding": vector = try reader.numbers()
      case "index": index = Int(try reader.number())
      default: try reader.skip()
      }
    }
    guard let vector else { throw EmbeddingReader.malformed }
    vectors.append(vector)
    indices.append(index)
  }

  private mutating func numbers() throws -> [Float] {
    var numbers: [Float] = []
    numbers.reserveCapacity(vectors.last?.count ?? 1_024)
    try elements { reader in
      // Embeddings that are lists of lists are one vector for each token, which is no embedding of a text.
      if reader.next() == UInt8(ascii: "[") {
        throw UpstreamFailure(
          "it gives a vector for each token: its pooling is off", isPassing: false, kind: .malformed)
      }
      numbers.append(Float(try reader.number()))
    }
    return numbers
  }

  /// A number. `NaN` and `Infinity`, which are no JSON but which some servers write, are taken for what they are;
  /// `null`, which others write for them, is `NaN`.
  private mutating func number() throws -> Double {
    if next() == UInt8(ascii: "n") {
      word()
      return .nan
    }
    guard let base = bytes.baseAddress else { throw EmbeddingReader.malformed }
    let start = UnsafeRawPointer(base + place).assumingMemoryBound(to: CChar.self)
    var end: UnsafeMutablePointer<CChar>?
    let value = strtod(start, &end)
    let count = end.map { UnsafePointer($0) - start } ?? 0
    guard count > 0 else { throw EmbeddingReader.malformed }
    place += count
    return value
  }

  // JSON's own forms.

  private mutating func next() -> UInt8 {
    while place < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[place]) { place += 1 }
    return place < bytes.count ? bytes[place] : 0
  }

  private mutating func expect(_ byte: Character) throws {
    guard next() == byte.asciiValue else { throw EmbeddingReader.malformed }
    place += 1
  }

  private mutating func members(_ body: (inout EmbeddingReader, String) throws -> Void) throws {
    try expect("{")
    if next() == UInt8(ascii: "}") {
      place += 1
      return
    }
    while true {
      let key = try string()
      try expect(":")
      try body(&self, key)
      if next() == UInt8(ascii: ",") { place += 1 } else { break }
    }
    try expect("}")
  }

  private mutating func elements(_ body: (inout EmbeddingReader) throws -> Void) throws {
    guard next() == UInt8(ascii: "[") else { throw EmbeddingReader.malformed }
    place += 1
    if next() == UInt8(ascii: "]") {
      place += 1
      return
    }
    while true {
      try body(&self)
      if next() == UInt8(ascii: ",") { place += 1 } else { break }
    }
    try expect("]")
  }

  /// Escapes stay as they are: the keys that matter have none.
  private mutating func string() throws -> String {
    try expect("\"")
    let start = place
    while place < bytes.count - 1, bytes[place] != UInt8(ascii: "\"") {
      place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard place < bytes.count - 1 else { throw EmbeddingReader.malformed }
    defer { place += 1 }
    return String(decoding: bytes[start..<place], as: UTF8.self)
  }

  private mutating func word() {
    while place < bytes.count, bytes[place] | 0x20 >= UInt8(ascii: "a"), bytes[place] | 0x20 <= UInt8(ascii: "z") {
      place += 1
    }
  }

  private mutating func skip() throws {
    depth += 1
    defer { depth -= 1 }
    guard depth <= EmbeddingReader.deepest else { throw EmbeddingReader.malformed }
    switch next() {
    case UInt8(ascii: "{"): try members { reader, _ in try reader.skip() }
    case UInt8(ascii: "["): try elements { try $0.skip() }
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): word()
    default: _ = try number()
    }
  }
}
