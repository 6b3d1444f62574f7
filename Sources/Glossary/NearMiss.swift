// SPDX-License-Identifier: Apache-2.0

/// Names that a person may have meant.
package enum NearMiss {
  /// The candidates most like `name`, nearest first, then in the order given.
  package static func rank(_ candidates: [String], like name: String, limit: Int) -> [String] {
    let wanted = Array(name.lowercased().utf8)
    let scored = candidates.enumerated().map { (distance(wanted, Array($1.lowercased().utf8)), $0, $1) }
    return scored.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.prefix(limit).map(\.2)
  }

  /// The candidates within `limit` edits of `name`, nearest first.
  package static func near(_ candidates: [String], to name: String, within edits: Int, limit: Int) -> [String] {
    let wanted = Array(name.lowercased().utf8)
    let scored = candidates.map { (distance(wanted, Array($0.lowercased().utf8)), $0) }.filter { $0.0 <= edits }
    return scored.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.prefix(limit).map(\.1)
  }

  /// Levenshtein's distance in bytes, with a swap of neighbours as one edit; inputs are cut at 128 bytes.
  package static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    let (a, b) = (left.prefix(128), right.prefix(128))
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var row = [i + 1]
      for (j, y) in b.enumerated() {
        var best = min(last[j] + (x == y ? 0 : 1), last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, x == b[j - 1], a[i - 1] == y { best = min(best, beforeLast[j - 1] + 1) }
        row.append(best)
      }
      beforeLast = last
      last = row
    }
    return last[b.count]
  }
}
