// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glossary
import Testing

@testable import IndexStore

@Suite struct VectorCodeTests {
  /// Unit vectors of which some numbers are much larger than others, as embedders' are.
  private static func vectors(_ count: Int, dimensions: Int) -> [[Float]] {
    var state: UInt64 = 42
    func next() -> Float {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int64(bitPattern: state) >> 32) / Float(Int32.max)
    }
    return (0..<count).map { _ in
      let raw = (0..<dimensions).map { next() / Float(1 + $0 % 37) }
      let length = raw.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return raw.map { $0 / length }
    }
  }

  private static func cosine(_ left: [Float], _ right: [Float]) -> Float {
    zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private static func file(_ vectors: [[Float]], _ space: VectorSpace, at path: String) throws -> VectorFile {
    var batch = VectorBatch(codeLength: space.codeLength, chunkCount: vectors.count)
    for (chunk, vector) in vectors.enumerated().reversed() { batch.add(UInt32(chunk), vector) }
    _ = try VectorFile.write(batch, into: path)
    return try VectorFile(path: path, chunkCount: vectors.count)
  }

  private static func temporaryPath() -> String {
    FileManager.default.temporaryDirectory.path + "/vectors-\(UUID().uuidString)"
  }

  @Test(arguments: [100, 256, 512, 1000, 2048]) func codesEstimateTheCosine(dimensions: Int) throws {
    let path = Self.temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let space = VectorSpace(name: "test", dimensions: dimensions, fingerprint: "1")
    let vectors = Self.vectors(200, dimensions: dimensions)
    let file = try Self.file(vectors, space, at: path)
    #expect(file.rowCount == 200 && file.isWhole)
    let files = [Int32](repeating: 0, count: 200)
    var squares: Float = 0
    for query in 0..<20 {
      let (numbers, unit) = file.code.query(vectors[query])
      files.withUnsafeBufferPointer { files in
        file.scan(0..<200, numbers, unit: unit, files: files) { chunk, cosine in
          let error = cosine - Self.cosine(vectors[query], vectors[Int(chunk)])
          squares += error * error
        }
      }
    }
    // Two bits leave an error of about 0.35 / √length.
    let bound = 0.45 / Float(space.codeLength).squareRoot()
    #expect((squares / 4000).squareRoot() < bound)
  }

  @Test func chunksOutsideTheViewAreLeftOut() throws {
    let path = Self.temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let space = VectorSpace(name: "test", dimensions: 128, fingerprint: "1")
    let vectors = Self.vectors(10, dimensions: 128)
    let file = try Self.file(vectors, space, at: path)
    let (numbers, unit) = file.code.query(vectors[3])
    var seen: [UInt32] = []
    let files: [Int32] = [0, -1, 4, 7, -1, -1, 2, -1, -1, 1]
    files.withUnsafeBufferPointer { files in
      file.scan(1..<10, numbers, unit: unit, files: files) { chunk, _ in seen.append(chunk) }
    }
    #expect(seen == [2, 3, 6, 9])
  }

  @Test func whatHasNoVectorIsLookedAtAllTheSame() throws {
    let path = Self.temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    var vectors = Self.vectors(20, dimensions: 64)
    vectors[4] = Array(repeating: 0, count: 64)
    vectors[9][0] = .nan
    let file = try Self.file(vectors, VectorSpace(name: "t", dimensions: 64, fingerprint: "1"), at: path)
    #expect(file.rowCount == 18)
    var looked = [UInt8](repeating: 0, count: 3)
    file.addLooked(to: &looked)
    #expect(looked == [0xff, 0xff, 0x0f])
  }

  /// A file that was cut or changed is refused or found out, and never read beyond its end.
  @Test func damageIsFound() throws {
    let path = Self.temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let space = VectorSpace(name: "test", dimensions: 128, fingerprint: "1")
    let vectors = Self.vectors(5, dimensions: 128)
    _ = try Self.file(vectors, space, at: path)
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    for count in stride(from: 0, to: whole.count, by: 7) {
      try Data(whole[..<count]).write(to: URL(fileURLWithPath: path))
      #expect(throws: NenrinError.self) { try VectorFile(path: path, chunkCount: 5) }
    }
    for place in whole.indices where !(32..<64).contains(place) {
      var bytes = whole
      bytes[place] ^= 0x41
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      guard let file = try? VectorFile(path: path, chunkCount: 5) else { continue }
      #expect(!file.isWhole, "byte \(place)")
      let (numbers, unit) = file.code.query(vectors[0])
      [Int32](repeating: 0, count: 5).withUnsafeBufferPointer { files in
        file.scan(0..<file.rowCount, numbers, unit: unit, files: files) { chunk, _ in #expect(chunk < 5) }
      }
    }
  }
}
