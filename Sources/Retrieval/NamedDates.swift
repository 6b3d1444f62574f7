// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// A day, a month or a year that a question names; what is nil may be anything.
struct AskedDate: Hashable, Sendable {
  var year: Int?
  var month: Int?
  var day: Int?

  func contains(_ date: NamedDate) -> Bool {
    (year ?? date.year) == date.year && (month ?? date.month) == date.month && (day ?? date.day) == date.day
  }
}

/// A day that stands in a file's path: `2026-01-17_talk.txt`, `logs/2026/01/17.txt`, `20260117-notes.md`.
struct NamedDate: Hashable, Comparable, Sendable {
  var year: Int
  var month: Int
  var day: Int

  static func < (left: NamedDate, right: NamedDate) -> Bool {
    (left.year, left.month, left.day) < (right.year, right.month, right.day)
  }

  /// The last day in a path; nil where there is none.
  init?(path: [UInt8]) {
    var found: NamedDate?
    var index = 0
    while index < path.count {
      guard NamedDate.isDigit(path[index]) else {
        index += 1
        continue
      }
      var end = index
      while end < path.count, NamedDate.isDigit(path[end]) { end += 1 }
      let digits = end - index
      if digits == 8, let date = NamedDate(path[index..<end]) {
        found = date
      } else if digits == 4, end + 6 <= path.count, NamedDate.isBreak(path[end]), path[end + 3] == path[end],
        end + 6 == path.count || !NamedDate.isDigit(path[end + 6]),
        let date = NamedDate(path[index..<end] + path[(end + 1)..<(end + 3)] + path[(end + 4)..<(end + 6)])
      {
        found = date
        end += 6
      }
      index = end
    }
    guard let found else { return nil }
    self = found
  }

  /// Eight digits.
  private init?(_ digits: some Sequence<UInt8>) {
    var value = 0
    for digit in digits {
      guard NamedDate.isDigit(digit) else { return nil }
      value = value * 10 + Int(digit - UInt8(ascii: "0"))
    }
    (year, month, day) = (value / 10_000, value / 100 % 100, value % 100)
    guard (1900...2200).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func isBreak(_ byte: UInt8) -> Bool { "-_./".utf8.contains(byte) }
}

/// The files of a snapshot whose names have dates, where there are enough of them to be more than chance.
struct NamedDates {
  /// By the file's place.
  let dates: [Int: NamedDate]
  /// The newest: "last month" in a question is counted from it, so that an answer depends on the snapshot alone.
  let newest: NamedDate

  /// The share of files from which names with dates are a habit.
  private static let leastShare = 0.1

  init?(view: SnapshotView) {
    var dates: [Int: NamedDate] = [:]
    for index in 0..<view.fileCount {
      if let date = NamedDate(path: view.path(at: index).bytes) { dates[index] = date }
    }
    guard let newest = dates.values.max(), Double(dates.count) >= Self.leastShare * Double(view.fileCount) else {
      return nil
    }
    self.dates = dates
    self.newest = newest
  }

  /// The files that a question's dates mean; nil where it names none.
  func files(for question: String) -> Set<Int>? {
    let asked = AskedDates(newest: newest).dates(in: question)
    guard !asked.isEmpty else { return nil }
    return Set(dates.filter { entry in asked.contains { $0.contains(entry.value) } }.keys)
  }
}
