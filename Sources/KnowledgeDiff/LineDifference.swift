// SPDX-License-Identifier: Apache-2.0

/// One run of lines that two texts do not share, with lines around it: a hunk of a unified diff.
package struct Hunk: Hashable, Sendable {
  /// What stands before a line of a hunk.
  package enum Mark: Character, Sendable {
    case both = " "
    case old = "-"
    case new = "+"
  }

  /// One line, without its end.
  package struct Line: Hashable, Sendable {
    package var mark: Mark
    package var text: String
  }

  /// 1-based; one before the hunk's place where it has no line of that side.
  package var oldStart: Int
  package var oldCount: Int
  package var newStart: Int
  package var newCount: Int
  package var lines: [Line]

  /// `@@ -12,7 +12,9 @@`, as git writes it.
  package var header: String {
    func range(_ start: Int, _ count: Int) -> String { count == 1 ? "\(start)" : "\(start),\(count)" }
    return "@@ -\(range(oldStart, oldCount)) +\(range(newStart, newCount)) @@"
  }
}

/// Compares two texts line by line: lines that each side has once, in the longest order that both keep, are fixed
/// points (Bram Cohen's patience diff); what lies between two of them is compared by Myers' algorithm (An O(ND)
/// Difference Algorithm, 1986), and taken as replaced where that would cost too much.
package struct LineDifference {
  private var olds: [Int32] = []
  private var news: [Int32] = []
  private var oldTexts: [ArraySlice<UInt8>]
  private var newTexts: [ArraySlice<UInt8>]
  /// Whether each line of a side has none like it on the other.
  private var isGone: [Bool]
  private var isNew: [Bool]
  /// Edits that Myers' algorithm looks for before it gives up.
  private static let mostEdits = 1_500

  /// Both texts whole.
  package init(_ old: [UInt8], _ new: [UInt8]) {
    oldTexts = LineDifference.lines(old)
    newTexts = LineDifference.lines(new)
    isGone = Array(repeating: false, count: oldTexts.count)
    isNew = Array(repeating: false, count: newTexts.count)
    var numbers: [ArraySlice<UInt8>: Int32] = [:]
    func number(_ line: ArraySlice<UInt8>) -> Int32 {
      if let known = numbers[line] { return known }
      let number = Int32(numbers.count)
      numbers[line] = number
      return number
    }
    olds = oldTexts.map(number)
    news = newTexts.map(number)
    compare(0..<olds.count, 0..<news.count)
  }

  private static func lines(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  // MARK: Comparing

  private mutating func compare(_ old: Range<Int>, _ new: Range<Int>) {
    var (a, b) = (old, new)
    while let x = a.first, let y = b.first, olds[x] == news[y] { (a, b) = (a.dropFirst(), b.dropFirst()) }
    while let x = a.last, let y = b.last, olds[x] == news[y] { (a, b) = (a.dropLast(), b.dropLast()) }
    guard !a.isEmpty, !b.isEmpty else {
      replace(a, b)
      return
    }
    let anchors = self.anchors(a, b)
    guard !anchors.isEmpty else {
      myers(a, b)
      return
    }
    var (x, y) = (a.lowerBound, b.lowerBound)
    for anchor in anchors {
      compare(x..<anchor.old, y..<anchor.new)
      (x, y) = (anchor.old + 1, anchor.new + 1)
    }
    compare(x..<a.upperBound, y..<b.upperBound)
  }

  private mutating func replace(_ old: Range<Int>, _ new: Range<Int>) {
    for line in old { isGone[line] = true }
    for line in new { isNew[line] = true }
  }

  /// Lines that stand once in each range, the longest run of them in the order of both.
  private func anchors(_ old: Range<Int>, _ new: Range<Int>) -> [(old: Int, new: Int)] {
    var places: [Int32: (old: Int, oldCount: Int, new: Int, newCount: Int)] = [:]
    for line in old {
      places[olds[line], default: (0, 0, 0, 0)].old = line
      places[olds[line], default: (0, 0, 0, 0)].oldCount += 1
    }
    for line in new {
      guard places[news[line]] != nil else { continue }
      places[news[line], default: (0, 0, 0, 0)].new = line
      places[news[line], default: (0, 0, 0, 0)].newCount += 1
    }
    let unique = places.values.filter { $0.oldCount == 1 && $0.newCount == 1 }.map { ($0.old, $0.new) }.sorted {
      $0.0 < $1.0
    }
    // The longest increasing run, by patience sorting.
    var piles: [Int] = []
    var before = [Int](repeating: -1, count: unique.count)
    for (place, pair) in unique.enumerated() {
      var (low, high) = (0, piles.count)
      while low < high {
        let middle = (low + high) / 2
        if unique[piles[middle]].1 < pair.1 { low = middle + 1 } else { high = middle }
      }
      before[place] = low > 0 ? piles[low - 1] : -1
      if low < piles.count { piles[low] = place } else { piles.append(place) }
    }
    var run: [(old: Int, new: Int)] = []
    var place = piles.last ?? -1
    while place >= 0 {
      run.append((unique[place].0, unique[place].1))
      place = before[place]
    }
    return run.reversed()
  }

  /// Walks the edit graph and keeps each step's frontier, to find the way back.
  private mutating func myers(_ old: Range<Int>, _ new: Range<Int>) {
    let (n, m) = (old.count, new.count)
    let limit = min(n + m, LineDifference.mostEdits)
    var frontier = [Int](repeating: 0, count: 2 * limit + 3)
    let middle = limit + 1
    var trace: [[Int]] = []
    for edits in 0...limit {
      trace.append(Array(frontier[(middle - edits - 1)...(middle + edits + 1)]))
      for diagonal in stride(from: -edits, through: edits, by: 2) {
        let isDown =
          diagonal == -edits
          || (diagonal != edits && frontier[middle + diagonal - 1] < frontier[middle + diagonal + 1])
        var x = isDown ? frontier[middle + diagonal + 1] : frontier[middle + diagonal - 1] + 1
        var y = x - diagonal
        while x < n, y < m, olds[old.lowerBound + x] == news[new.lowerBound + y] { (x, y) = (x + 1, y + 1) }
        frontier[middle + diagonal] = x
        if x >= n, y >= m {
          backtrack(trace, old, new)
          return
        }
      }
    }
    replace(old, new)
  }

  private mutating func backtrack(_ trace: [[Int]], _ old: Range<Int>, _ new: Range<Int>) {
    var (x, y) = (old.count, new.count)
    for edits in stride(from: trace.count - 1, to: 0, by: -1) {
      // The frontier before the step: places -edits-1 to edits+1.
      let frontier = trace[edits]
      let diagonal = x - y
      let at = { (diagonal: Int) in frontier[diagonal + edits + 1] }
      let isDown = diagonal == -edits || (diagonal != edits && at(diagonal - 1) < at(diagonal + 1))
      let previous = isDown ? diagonal + 1 : diagonal - 1
      let (px, py) = (at(previous), at(previous) - previous)
      if isDown { isNew[new.lowerBound + py] = true } else { isGone[old.lowerBound + px] = true }
      (x, y) = (px, py)
    }
  }

  // MARK: Hunks

  /// With so many shared lines around each change.
  package func hunks(context: Int = 3) -> [Hunk] {
    var hunks: [Hunk] = []
    var steps: [(mark: Hunk.Mark, old: Int, new: Int)] = []
    var (i, j) = (0, 0)
    while i < olds.count || j < news.count {
      if i < olds.count, isGone[i] {
        steps.append((.old, i, j))
        i += 1
      } else if j < news.count, isNew[j] {
        steps.append((.new, i, j))
        j += 1
      } else {
        steps.append((.both, i, j))
        (i, j) = (i + 1, j + 1)
      }
    }
    var place = 0
    while let first = steps[place...].firstIndex(where: { $0.mark != .both }) {
      var last = first
      while let next = steps[(last + 1)...].firstIndex(where: { $0.mark != .both }), next - last <= 2 * context + 1 {
        last = next
      }
      let range = max(place, first - context)..<min(steps.count, last + context + 1)
      hunks.append(hunk(steps[range]))
      place = range.upperBound
      if place >= steps.count { break }
    }
    return hunks
  }

  private func hunk(_ steps: ArraySlice<(mark: Hunk.Mark, old: Int, new: Int)>) -> Hunk {
    let oldCount = steps.count { $0.mark != .new }
    let newCount = steps.count { $0.mark != .old }
    let (old, new) = steps.first.map { ($0.old, $0.new) } ?? (0, 0)
    return Hunk(
      oldStart: oldCount == 0 ? old : old + 1, oldCount: oldCount, newStart: newCount == 0 ? new : new + 1,
      newCount: newCount,
      lines: steps.map { step in
        let text = step.mark == .new ? newTexts[step.new] : oldTexts[step.old]
        return Hunk.Line(mark: step.mark, text: String(decoding: text, as: UTF8.self))
      })
  }
}
