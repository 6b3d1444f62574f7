// SPDX-License-Identifier: Apache-2.0
import CIndexKernels
import CVectorKernels
import Glossary

/// The codes of some chunks of one segment, mapped. Write-once; a segment may have several such files in a space, each
/// with chunks that the others lack.
///
/// Layout, little-endian: magic `NENRINVC`; UInt32 version, numbers in a code, chunks of the segment, rows; UInt64
/// checksum of what follows; 32 bytes of 0. Then, each padded to eight bytes: a bit for each chunk that was looked at
/// (not all have a vector), the chunks of the rows (UInt32, ascending, from the segment's first), the products
/// (UInt16, see `VectorCode`), the codes; in version 2 for each row the hash of the text that it was made of (UInt64, 0
/// where it is not known).
struct VectorFile: Sendable {
  static let magic = Array("NENRINVC".utf8)
  static let version: UInt32 = 1
  static let versionWithInputs: UInt32 = 2
  private static let headerSize = 64

  let file: MappedFile
  let chunkCount: Int
  let rowCount: Int
  let code: VectorCode
  private let looked: Column<UInt8>
  private let rows: Column<UInt32>
  private let products: Column<UInt16>
  private let codes: Column<UInt8>
  private let inputs: Column<UInt64>?
  private let checksum: UInt64

  /// Throws `indexDamaged` where it is not such a file.
  init(path: String, chunkCount: Int) throws {
    let file = try MappedFile(path: path)
    self.file = file
    self.chunkCount = chunkCount
    guard file.count >= VectorFile.headerSize, file.withBytes({ $0.prefix(8).elementsEqual(VectorFile.magic) }) else {
      throw Segment.damage(path, "it is no file of vectors")
    }
    let header = (0..<4).map { file.load(UInt32.self, at: 8 + 4 * $0) }
    guard [VectorFile.version, VectorFile.versionWithInputs].contains(header[0]), header[1] > 0, header[1] <= 1 << 16,
      header[1] % 128 == 0,
      Int(header[2]) == chunkCount
    else { throw Segment.damage(path, "its header is not the one of its segment") }
    code = VectorCode(length: Int(header[1]))
    rowCount = Int(header[3])
    checksum = file.load(UInt64.self, at: 24)
    var place = VectorFile.headerSize
    func section(_ count: Int) -> Range<Int> {
      defer { place += (count + 7) / 8 * 8 }
      return place..<(place + count)
    }
    let ranges = [
      section((chunkCount + 7) / 8), section(rowCount * 4), section(rowCount * 2), section(rowCount * code.byteCount),
      section(header[0] == VectorFile.versionWithInputs ? rowCount * 8 : 0),
    ]
    guard place == file.count else { throw Segment.damage(path, "it was cut short") }
    looked = Column(file, ranges[0])
    rows = Column(file, ranges[1])
    products = Column(file, ranges[2])
    codes = Column(file, ranges[3])
    inputs = header[0] == VectorFile.versionWithInputs ? Column(file, ranges[4]) : nil
  }

  /// Writes a file; returns its size. `rows` are ascending. Throws `diskFull`.
  static func write(_ batch: VectorBatch, into path: String) throws -> Int {
    let order = batch.rows.indices.sorted { batch.rows[$0] < batch.rows[$1] }
    let size = batch.code.byteCount
    var body = batch.looked
    body.padToEight()
    for index in order { body.appendRaw(batch.rows[index]) }
    body.padToEight()
    for index in order { body.appendRaw(batch.products[index]) }
    body.padToEight()
    body.reserveCapacity(body.count + batch.codes.count)
    for index in order { body.append(contentsOf: batch.codes[(index * size)..<((index + 1) * size)]) }
    body.padToEight()
    let hasInputs = batch.inputs.contains { $0 != 0 }
    if hasInputs {
      for index in order { body.appendRaw(batch.inputs[index]) }
    }
    var header = magic
    for number in [
      hasInputs ? versionWithInputs : version, UInt32(batch.code.length), UInt32(batch.chunkCount), UInt32(order.count),
    ] {
      header.appendRaw(number)
    }
    header.appendRaw(body.withUnsafeBufferPointer { nenrin_checksum($0.baseAddress, $0.count) })
    header.append(contentsOf: repeatElement(0, count: headerSize - header.count))
    let file = try DurableFile(path: path)
    try file.write(header)
    try file.write(body)
    try file.commit()
    return file.byteCount
  }

  var isWhole: Bool { file.checksum(VectorFile.headerSize..<file.count) == checksum }

  /// Adds the chunks that were looked at to a set of bits over the segment's chunks.
  func addLooked(to bits: inout [UInt8]) {
    looked.withBuffer { looked in
      for index in bits.indices { bits[index] |= looked[index] }
    }
  }

  /// The rows as they can be copied into another segment's file.
  func forEachRow(_ body: (_ chunk: UInt32, _ vector: StoredVector) -> Void) {
    for row in 0..<rowCount { body(rows[row], vector(at: row)) }
  }

  func vector(at row: Int) -> StoredVector {
    let place = row * code.byteCount
    return StoredVector(
      input: inputs?[row] ?? 0, product: products[row],
      code: codes.withBuffer { Array($0[place..<(place + code.byteCount)]) })
  }

  /// The hash of the text that each row was made of; empty where none is known.
  var inputHashes: [UInt64] { inputs.map { inputs in (0..<rowCount).map { inputs[$0] } } ?? [] }

  /// The cosine of each row of a range with a query; below -1 for chunks that are not in the view. `files` is
  /// `chunkFile` from the segment's first chunk on.
  func scan(
    _ range: Range<Int>, _ query: [Int8], unit: Float, files: UnsafeBufferPointer<Int32>,
    _ body: (_ chunk: UInt32, _ cosine: Float) -> Void
  ) {
    guard !range.isEmpty else { return }
    let scores = [Int32](unsafeUninitializedCapacity: range.count) { scores, count in
      rows.withBuffer { rows in
        codes.withBuffer { codes in
          // A damaged row must not read beyond the view.
          let isSound = rows[range].allSatisfy { Int($0) < files.count }
          count = range.count
          guard isSound else {
            scores.initialize(repeating: .min)
            return
          }
          nenrin_code_scan(
            codes.baseAddress! + range.lowerBound * code.byteCount, rows.baseAddress! + range.lowerBound, range.count,
            code.length, query, files.baseAddress, scores.baseAddress)
        }
      }
    }
    rows.withBuffer { rows in
      products.withBuffer { products in
        for (offset, row) in range.enumerated() where scores[offset] != .min {
          body(rows[row], Float(scores[offset]) * unit * 256 / Float(max(1, products[row])))
        }
      }
    }
  }
}

/// A vector as a file holds it.
package struct StoredVector: Sendable {
  /// The hash of the text that it was made of, 0 where it is not known.
  let input: UInt64
  let product: UInt16
  let code: [UInt8]
}

/// Vectors of chunks of one segment on their way into a file.
package struct VectorBatch: Sendable {
  let chunkCount: Int
  let code: VectorCode
  private(set) var looked: [UInt8]
  private(set) var rows: [UInt32] = []
  private(set) var products: [UInt16] = []
  private(set) var codes: [UInt8] = []
  private(set) var inputs: [UInt64] = []

  init(codeLength: Int, chunkCount: Int) {
    self.chunkCount = chunkCount
    code = VectorCode(length: codeLength)
    looked = Array(repeating: 0, count: (chunkCount + 7) / 8)
  }

  /// Chunks that got a vector.
  package var count: Int { rows.count }

  /// Notes that a chunk (from the segment's first) was looked at.
  mutating func look(_ chunk: UInt32) { looked[Int(chunk) / 8] |= 1 << UInt8(chunk % 8) }

  /// Takes a chunk's vector; one of zeros is none. `input` is the hash of its text, 0 where nobody will ask for it.
  mutating func add(_ chunk: UInt32, _ vector: [Float], input: UInt64 = 0) {
    look(chunk)
    guard let product = code.append(vector, to: &codes) else { return }
    rows.append(chunk)
    products.append(product)
    inputs.append(input)
  }

  /// Takes a vector as another file holds it.
  mutating func add(_ chunk: UInt32, _ vector: StoredVector) {
    look(chunk)
    rows.append(chunk)
    products.append(vector.product)
    inputs.append(vector.input)
    codes.append(contentsOf: vector.code)
  }
}
