// SPDX-License-Identifier: Apache-2.0
import CZlib
import Glossary

/// One commit of a segment.
struct CommitRow: BitwiseCopyable {
  var key: CommitKey
  /// A row of the authors.
  var author: UInt32
  var authorDate: Int64
  /// Where its changes begin in the section.
  var changeStart: UInt32
  /// How many there are, kept or not.
  var changeCount: UInt32
  /// Its message: the block, the place in it, and the byte count.
  var block: UInt32
  var messageStart: UInt32
  var messageCount: UInt32
  /// `CommitNotes`.
  var notes: UInt8
}

/// A commit's id as it is stored.
struct CommitKey: BitwiseCopyable {
  var high: UInt64
  var middle: UInt64
  var low: UInt32

  init(_ id: ObjectID) { (high, middle, low) = (id.high, id.middle, id.low) }

  var id: ObjectID { ObjectID(high: high, middle: middle, low: low) }
}

/// How often a term stands in the parts of a commit, in one byte, each part's count bounded by its bits.
struct FieldCounts: Hashable {
  var rawValue: UInt8 = 0

  enum Field: Int, CaseIterable { case subject, body, path, trailer }

  private static let shifts: [UInt8] = [0, 2, 5, 7]
  private static let most: [UInt8] = [3, 7, 3, 1]

  subscript(field: Field) -> Int {
    Int(rawValue >> FieldCounts.shifts[field.rawValue] & FieldCounts.most[field.rawValue])
  }

  mutating func add(_ count: Int, to field: Field) {
    let sum = UInt8(min(Int(FieldCounts.most[field.rawValue]), self[field] + count))
    let shift = FieldCounts.shifts[field.rawValue]
    rawValue = rawValue & ~(FieldCounts.most[field.rawValue] << shift) | sum << shift
  }
}

/// A zlib stream of its own.
enum DeflatedBlock {
  static func deflate(_ bytes: [UInt8]) -> [UInt8] {
    var count = compressBound(uLong(bytes.count))
    var output = [UInt8](repeating: 0, count: Int(count))
    // It can fail only for want of room or memory, and there is as much room as zlib asked for.
    guard compress2(&output, &count, bytes, uLong(bytes.count), 6) == Z_OK else { preconditionFailure("zlib failed") }
    return Array(output[..<Int(count)])
  }

  /// Nil where the bytes are no whole stream of at most so many bytes.
  static func inflate(_ bytes: UnsafeRawBufferPointer, atMost room: Int) -> [UInt8]? {
    var count = uLong(room)
    let output = [UInt8](unsafeUninitializedCapacity: room) { output, written in
      let status = uncompress(
        output.baseAddress, &count, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, uLong(bytes.count))
      written = status == Z_OK ? Int(count) : 0
    }
    return output.isEmpty ? nil : output
  }
}
