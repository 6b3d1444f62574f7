// SPDX-License-Identifier: Apache-2.0
import Foundation

@testable import Inference

/// A table of a few words and pieces, written as `StaticTable` says, gone with the object.
final class TableFixture {
  let path = FileManager.default.temporaryDirectory.path + "/table-\(UUID().uuidString)"

  struct Entry {
    var key: String
    /// Nil: a whole word, never a piece.
    var score: Float?
    var scale: Float = 1
    /// Which of the sixteen numbers are 100.
    var axes: [Int]
  }

  static let entries = [
    Entry(key: "▁lock", score: -9, axes: [0]),
    Entry(key: "▁mutex", axes: [0, 1]),
    Entry(key: "▁page", axes: [2]),
    Entry(key: "▁tg3", axes: [3]),
    Entry(key: "▁tg", axes: [4]),
    Entry(key: "▁network", axes: [3]),
    Entry(key: "▁un", score: -6, axes: [5]),
    Entry(key: "lock", score: -8, axes: [0]),
    Entry(key: "ed", score: -5, axes: [6]),
    Entry(key: "ロック", score: -7, axes: [0]),
    Entry(key: "機構", score: -8, scale: 0.5, axes: [7]),
    Entry(key: "の", score: -3, scale: 0, axes: [8]),
    Entry(key: "▁naïve", axes: [9]),
  ]

  init(_ entries: [Entry] = TableFixture.entries) throws {
    try Data(TableFixture.bytes(entries)).write(to: URL(fileURLWithPath: path))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  static func bytes(_ entries: [Entry]) -> [UInt8] {
    let keys = entries.map { Array($0.key.utf8) }
    var slots = [UInt32](repeating: 0, count: 64)
    for (index, key) in keys.enumerated() {
      var slot = Int(key.withUnsafeBufferPointer { StaticTable.hash($0) }) & 63
      while slots[slot] != 0 { slot = (slot + 1) & 63 }
      slots[slot] = UInt32(index + 1)
    }
    let starts = keys.reduce(into: [UInt32(0)]) { $0.append($0.last! + UInt32($1.count)) }
    let rows = entries.flatMap { entry in (0..<16).map { Int8(entry.axes.contains($0) ? 100 : 0) } }
    let sections: [[UInt8]] = [
      raw(slots), raw(starts), keys.flatMap { $0 }, raw(entries.map { $0.score ?? .nan }),
      raw(entries.map(\.scale)), raw(rows),
    ].map { $0 + Array(repeating: 0, count: (8 - $0.count % 8) % 8) }
    let places = sections.reduce(into: [UInt64(112)]) { $0.append($0.last! + UInt64($1.count)) }
    let numbers: [UInt32] = [2, 16, UInt32(entries.count), 64, UInt32(keys.map(\.count).max() ?? 0), 0]
    return Array("NENRINET".utf8) + raw(numbers) + Array("0123456789abcdef".utf8) + raw(places + [0])
      + sections.flatMap { $0 }
  }

  private static func raw<T>(_ values: [T]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }
}
