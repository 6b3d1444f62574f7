// SPDX-License-Identifier: Apache-2.0
import CVectorKernels

/// Vectors as two bits for each number, after a rotation that spreads what they say evenly over all of them. The inner
/// product of a code with a vector, divided by that with the vector it was made of, estimates the cosine without bias
/// (Gao and Long, 2024); its error is about 0.015 at 512 numbers.
struct VectorCode {
  /// Numbers in a code, `VectorSpace.codeLength`.
  let length: Int

  var byteCount: Int { length / 4 }

  /// The rotated vector, padded with zeros to the code's length.
  private func rotated(_ vector: [Float]) -> [Float] {
    var padded = vector
    padded.append(contentsOf: repeatElement(0, count: max(0, length - vector.count)))
    padded.withUnsafeMutableBufferPointer { nenrin_vector_rotate($0.baseAddress, length) }
    return padded
  }

  /// Appends a vector's code; gives back the inner product of the two in 1/256, or nil (and appends nothing) where the
  /// vector is all zeros or no vector at all.
  func append(_ vector: [Float], to codes: inout [UInt8]) -> UInt16? {
    let rotated = rotated(vector)
    let start = codes.count
    codes.append(contentsOf: repeatElement(0, count: byteCount))
    let product = codes.withUnsafeMutableBufferPointer {
      nenrin_code_encode(rotated, length, $0.baseAddress! + start)
    }
    let scaled = (product * 256).rounded()
    guard scaled >= 1, scaled.isFinite, vector.contains(where: { $0 != 0 }) else {
      codes.removeLast(byteCount)
      return nil
    }
    return UInt16(clamping: Int(scaled))
  }

  /// A question's numbers as the scan wants them, and what one of them stands for.
  func query(_ vector: [Float]) -> (numbers: [Int8], unit: Float) {
    let rotated = rotated(vector)
    let largest = rotated.reduce(0) { max($0, abs($1)) }
    guard largest > 0, largest.isFinite else { return (Array(repeating: 0, count: length), 0) }
    return (rotated.map { Int8(($0 / largest * 127).rounded()) }, largest / 127)
  }
}
