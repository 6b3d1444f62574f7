// SPDX-License-Identifier: Apache-2.0

/// `[COLLECTION@]A..[COLLECTION@]B`: a pair of snapshots, what was and what is.
package struct SnapshotRange: Hashable, Sendable, CustomStringConvertible {
  package var from: SnapshotName
  package var to: SnapshotName

  package init(from: SnapshotName, to: SnapshotName) {
    self.from = from
    self.to = to
  }

  /// Reads `v6.1.192..v6.12.117`, `linux@v6.1.192..v6.12.117`; a collection before the dots holds behind them, too.
  /// An empty right side is the newest snapshot. Nil where there are no two dots, three, or nothing before them.
  package init?(_ text: String) {
    guard let dots = SnapshotRange.dots(text) else { return nil }
    let left = SnapshotName(String(text[..<dots.lowerBound]))
    var right = String(text[dots.upperBound...])
    guard !right.hasPrefix("."), left.revision?.isEmpty == false, !right.contains("..") else { return nil }
    if let collection = left.collection, !right.contains("@") { right = "\(collection)@\(right)" }
    var to = right.isEmpty ? SnapshotName() : SnapshotName(right)
    if to.revision?.isEmpty == true { to.revision = nil }
    self.init(from: left, to: to)
  }

  private static func dots(_ text: String) -> Range<String.Index>? {
    let dot = UInt8(ascii: ".")
    for place in text.utf8.indices where text.utf8[place] == dot {
      let next = text.utf8.index(after: place)
      if next < text.utf8.endIndex, text.utf8[next] == dot { return place..<text.utf8.index(after: next) }
    }
    return nil
  }

  package var description: String {
    let right = to.collection == from.collection ? SnapshotName(revision: to.revision) : to
    return "\(from)..\(right)"
  }
}
