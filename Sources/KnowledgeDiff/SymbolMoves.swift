// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// Joins what one file lost with what another gained under the same name.
struct SymbolMoves {
  let from: SnapshotView
  let to: SnapshotView

  /// Names that are lost or gained so often say nothing of where one went.
  private static let mostPlaces = 16

  /// Makes one `moved` of a `removed` and an `added`, where they are taken for the same symbol.
  func joined(_ changes: [SymbolChange]) -> [SymbolChange] {
    var gone: [UInt64: [Int]] = [:]
    for (place, change) in changes.enumerated() {
      if change.status == .removed, let record = change.from?.record, SymbolMoves.canMove(record.kind) {
        gone[SymbolMoves.key(record), default: []].append(place)
      }
    }
    guard !gone.isEmpty else { return changes }
    var came: [UInt64: [Int]] = [:]
    for (place, change) in changes.enumerated() {
      if change.status == .added, let record = change.to?.record, SymbolMoves.canMove(record.kind),
        gone[SymbolMoves.key(record)] != nil
      {
        came[SymbolMoves.key(record), default: []].append(place)
      }
    }
    var moved: [Int: Int] = [:]
    for (key, news) in came {
      let olds = gone[key] ?? []
      guard olds.count <= SymbolMoves.mostPlaces, news.count <= SymbolMoves.mostPlaces else { continue }
      for (old, new) in matches(olds, news, changes) { moved[new] = old }
    }
    let used = Set(moved.values)
    var result: [SymbolChange] = []
    result.reserveCapacity(changes.count - moved.count)
    for (place, change) in changes.enumerated() where !used.contains(place) {
      if let old = moved[place] {
        result.append(SymbolChange(status: .moved, from: changes[old].from, to: change.to))
      } else {
        result.append(change)
      }
    }
    return result
  }

  private static func key(_ record: DefinitionRecord) -> UInt64 {
    record.nameHash &+ UInt64(record.kind.rawValue) &* 0x9e37_79b9_7f4a_7c15
  }

  private static func canMove(_ kind: SymbolKind) -> Bool {
    switch kind {
    case .label, .node, .target: false
    default: true
    }
  }

  /// Equal definitions first, the likest paths among them; then, where one is left on each side, what may be the same.
  private func matches(_ olds: [Int], _ news: [Int], _ changes: [SymbolChange]) -> [(old: Int, new: Int)] {
    var matches: [(Int, Int)] = []
    var (oldLeft, newLeft) = (olds, news)
    var pairs: [(likeness: Int, old: Int, new: Int)] = []
    for old in olds {
      for new in news {
        guard let a = changes[old].from, let b = changes[new].to, a.record.bodyHash == b.record.bodyHash,
          a.record.bodyHash != 0
        else { continue }
        pairs.append((likeness(a, b), old, new))
      }
    }
    pairs.sort { ($1.likeness, $0.new, $0.old) < ($0.likeness, $1.new, $1.old) }
    for pair in pairs where oldLeft.contains(pair.old) && newLeft.contains(pair.new) {
      oldLeft.removeAll { $0 == pair.old }
      newLeft.removeAll { $0 == pair.new }
      matches.append((pair.old, pair.new))
    }
    guard oldLeft.count == 1, newLeft.count == 1, let a = changes[oldLeft[0]].from, let b = changes[newLeft[0]].to,
      isSame(a, b)
    else { return matches }
    return matches + [(oldLeft[0], newLeft[0])]
  }

  private func likeness(_ old: SymbolSide, _ new: SymbolSide) -> Int {
    PathLikeness.score(from.path(at: old.file), to.path(at: new.file))
  }

  /// Whether the only one of its name that went and the only one that came are the same, though the body differs.
  private func isSame(_ old: SymbolSide, _ new: SymbolSide) -> Bool {
    let (a, b) = (old.record, new.record)
    switch a.kind {
    case .function:
      // A name that is not static is the only one of its kind in a program.
      return !a.isStatic && !b.isStatic || a.signatureHash == b.signatureHash && likeness(old, new) >= 3
    case .config, .syscall, .tracepoint, .enumerator: return true
    case .struct, .union, .enum, .typedef, .trait, .type: return likeness(old, new) >= 2
    default: return false
    }
  }
}
