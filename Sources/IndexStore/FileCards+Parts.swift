// SPDX-License-Identifier: Apache-2.0

extension SnapshotView {
  /// For each of some files the chunk that says most in a field of its card; none where nothing is said there.
  package func mostTelling(_ field: CardField, of files: Set<Int>) -> [Int: UInt32] {
    cards.heaviest(field, of: files)
  }
}

extension FileCards {
  fileprivate func heaviest(_ field: CardField, of files: Set<Int>) -> [Int: UInt32] {
    var best: [Int: (chunk: UInt32, units: UInt16)] = [:]
    let first = UInt32(field.rawValue * fileCount)
    let wanted = files.reduce(into: [UInt32: Int]()) { $0[first + UInt32($1)] = $1 }
    for chunk in 0..<(starts.count - 1) {
      for link in Int(starts[chunk])..<Int(starts[chunk + 1]) {
        guard let file = wanted[slots[link]], best[file].map({ units[link] > $0.units }) ?? true else { continue }
        best[file] = (UInt32(chunk), units[link])
      }
    }
    return best.mapValues(\.chunk)
  }
}
