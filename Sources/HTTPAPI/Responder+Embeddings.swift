// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glossary
import Hummingbird
import HummingbirdCore
import Inference

/// The body of `POST /v1/embeddings`. Other members (`user`, `dimensions` where it is the embedder's own) are accepted.
struct EmbeddingsBody: Decodable {
  var model: String
  var input: [String]
  var encodingFormat: String
  var dimensions: Int?
  var role: EmbeddingRole

  private enum CodingKeys: String, CodingKey {
    case model, input, dimensions
    case encodingFormat = "encoding_format"
    case inputType = "input_type"
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    model = try container.decode(String.self, forKey: .model)
    if let text = try? container.decode(String.self, forKey: .input) {
      input = [text]
    } else if let texts = try? container.decode([String].self, forKey: .input) {
      input = texts
    } else if (try? container.decode([Int].self, forKey: .input)) != nil
      || (try? container.decode([[Int]].self, forKey: .input)) != nil
    {
      throw RequestFailure.invalid(
        "input is tokens", reason: "only the embedder itself knows its tokens", param: "input")
    } else {
      input = try container.decode([String].self, forKey: .input)
    }
    encodingFormat = try container.decodeIfPresent(String.self, forKey: .encodingFormat) ?? "float"
    dimensions = try container.decodeIfPresent(Int.self, forKey: .dimensions)
    let type = try container.decodeIfPresent(String.self, forKey: .inputType) ?? "passage"
    guard let role = EmbeddingRole(rawValue: type) ?? (type == "document" ? .passage : nil) else {
      throw RequestFailure.invalid(
        "input_type is '\(type.prefix(40))'", reason: "query or passage", param: "input_type")
    }
    self.role = role
  }

  /// Throws a failure with status 400.
  func validate(_ limits: ServerLimits) throws {
    guard !input.isEmpty else { throw RequestFailure.invalid("input is empty", param: "input") }
    guard input.count <= limits.embeddingCount else {
      throw RequestFailure.invalid(
        "input is too many texts", reason: "\(limits.embeddingCount) are the limit", param: "input")
    }
    if let index = input.firstIndex(where: { $0.utf8.count > limits.questionByteCount }) {
      throw RequestFailure.invalid(
        "input[\(index)] is too long", reason: "\(limits.questionByteCount) bytes are the limit",
        param: "input[\(index)]")
    }
    guard ["float", "base64"].contains(encodingFormat) else {
      throw RequestFailure.invalid(
        "encoding_format is '\(encodingFormat.prefix(40))'", reason: "float or base64", param: "encoding_format")
    }
  }
}

/// What `POST /v1/embeddings` answers.
struct EmbeddingsDocument: Encodable {
  enum Vector: Encodable {
    case numbers([Float])
    /// 32-bit floats, the lowest byte first.
    case base64(String)

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .numbers(let numbers): try container.encode(numbers)
      case .base64(let text): try container.encode(text)
      }
    }
  }

  struct Entry: Encodable {
    var object = "embedding"
    var index: Int
    var embedding: Vector
  }

  struct Usage: Encodable {
    var promptTokens: Int
    var totalTokens: Int

    private enum CodingKeys: String, CodingKey {
      case promptTokens = "prompt_tokens"
      case totalTokens = "total_tokens"
    }
  }

  var object = "list"
  var data: [Entry]
  var model: String
  var usage: Usage

  init(_ vectors: [[Float]], of body: EmbeddingsBody, model: String) {
    let isBase64 = body.encodingFormat == "base64"
    data = vectors.enumerated().map { index, vector in
      Entry(index: index, embedding: isBase64 ? .base64(EmbeddingsDocument.base64(vector)) : .numbers(vector))
    }
    self.model = model
    let tokens = body.input.reduce(0) { $0 + ($1.utf8.count + 3) / 4 }
    usage = Usage(promptTokens: tokens, totalTokens: tokens)
  }

  private static func base64(_ vector: [Float]) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(vector.count * 4)
    for number in vector { withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += $0 } }
    return Data(bytes).base64EncodedString()
  }
}

extension Responder {
  func embeddings(_ client: ClientRequest) async throws -> Response {
    let body: EmbeddingsBody = try await document(client)
    try body.validate(configuration.limits)
    guard let embedder = models.embedders.first(where: { $0.identity.name == body.model }) else {
      let names = models.embedders.map(\.identity.name).joined(separator: ", ")
      throw RequestFailure(
        status: 404,
        document: ErrorDocument(
          message: "no embedding model '\(body.model.prefix(100))': "
            + (names.isEmpty ? "none is configured here" : "there is \(names)"),
          type: "invalid_request_error", code: "model_not_found", param: "model"))
    }
    if let dimensions = body.dimensions, dimensions != embedder.identity.dimensions {
      throw RequestFailure.invalid(
        "dimensions is \(dimensions)", reason: "\(body.model) has \(embedder.identity.dimensions)", param: "dimensions")
    }
    let vectors = try await admitted { try await embedder.embed(body.input, as: body.role) }
    return try .document(EmbeddingsDocument(vectors, of: body, model: body.model))
  }
}
