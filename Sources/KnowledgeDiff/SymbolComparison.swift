// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// Compares what files define. Chunks that both sides of a file hold are passed over before any definition is read.
struct SymbolComparison: Sendable {
  let from: SnapshotView
  let to: SnapshotView
  let names: NameHashes

  /// Of a file.
  func changes(_ change: FileChange) -> [SymbolChange] {
    switch (change.from, change.to) {
    case (let old?, let new?): changes(from: old, to: new)
    case (let old?, nil): changes(.from, only: old)
    case (nil, let new?): changes(.to, only: new)
    case (nil, nil): []
    }
  }

  /// Of a file that both snapshots have (maybe under another path).
  func changes(from old: Int, to new: Int) -> [SymbolChange] {
    let chunks = ChunkDifference(from.chunkNumbers(inFile: old), to.chunkNumbers(inFile: new))
    var olds = records(.from, old) { chunks.isOnlyOld($0) }
    var news = records(.to, new) { chunks.isOnlyNew($0) }
    var changes: [SymbolChange] = []
    olds.sort(by: SymbolComparison.isBefore)
    news.sort(by: SymbolComparison.isBefore)
    var (gone, came): ([DefinitionRecord], [DefinitionRecord]) = ([], [])
    var (i, j) = (0, 0)
    while i < olds.count || j < news.count {
      let isOld = i < olds.count && (j == news.count || !SymbolComparison.isKeyBefore(news[j], olds[i]))
      let isNew = j < news.count && (i == olds.count || !SymbolComparison.isKeyBefore(olds[i], news[j]))
      let oldRun = isOld ? SymbolComparison.run(olds, i) : i..<i
      let newRun = isNew ? SymbolComparison.run(news, j) : j..<j
      if isOld, isNew {
        if let change = compare(olds[oldRun], news[newRun], old, new) { changes.append(change) }
      } else if isOld {
        gone.append(olds[i])
      } else {
        came.append(news[j])
      }
      i = oldRun.upperBound
      j = newRun.upperBound
    }
    keepVariants(&gone, &came, &changes, old, new) {
      !chunks.isOnlyOld($0)
    } isSharedNew: {
      !chunks.isOnlyNew($0)
    }
    changes += renames(&gone, &came, old, new)
    changes += gone.map { SymbolChange(status: .removed, from: SymbolSide(file: old, record: $0), to: nil) }
    changes += came.map { SymbolChange(status: .added, from: nil, to: SymbolSide(file: new, record: $0)) }
    return changes
  }

  /// Of a file that one snapshot alone has.
  func changes(_ side: DiffSide, only file: Int) -> [SymbolChange] {
    var seen = Set<Key>()
    return records(side, file) { _ in true }.filter { seen.insert(Key($0)).inserted }.map { record in
      let place = SymbolSide(file: file, record: record)
      return side == .from
        ? SymbolChange(status: .removed, from: place, to: nil) : SymbolChange(status: .added, from: nil, to: place)
    }
  }

  /// What two definitions of one name differ in; nil where they do not.
  static func status(_ old: DefinitionRecord, _ new: DefinitionRecord) -> SymbolStatus? {
    if old.signatureHash != new.signatureHash { return .signature }
    if old.bodyHash != new.bodyHash { return .changed }
    return old.isStatic != new.isStatic || old.isExported != new.isExported ? .linkage : nil
  }

  // MARK: Parts

  private struct Key: Hashable {
    var name: UInt64
    var kind: UInt8

    init(_ record: DefinitionRecord) {
      name = record.nameHash
      kind = record.kind.rawValue
    }
  }

  private func records(_ side: DiffSide, _ file: Int, where isWanted: (UInt32) -> Bool) -> [DefinitionRecord] {
    var records: [DefinitionRecord] = []
    (side == .from ? from : to).forEachDefinition(inFile: file, names: names, where: isWanted) { records.append($0) }
    return records
  }

  private static func isKeyBefore(_ left: DefinitionRecord, _ right: DefinitionRecord) -> Bool {
    (left.nameHash, left.kind.rawValue) < (right.nameHash, right.kind.rawValue)
  }

  private static func isBefore(_ left: DefinitionRecord, _ right: DefinitionRecord) -> Bool {
    (left.nameHash, left.kind.rawValue, left.line) < (right.nameHash, right.kind.rawValue, right.line)
  }

  /// The records from a place on that have the same key.
  private static func run(_ records: [DefinitionRecord], _ start: Int) -> Range<Int> {
    var end = start + 1
    while end < records.count, !isKeyBefore(records[start], records[end]) { end += 1 }
    return start..<end
  }

  /// A name may be defined several times, behind `#if`: what both sides have is set aside, and the first that is left
  /// on each side is compared.
  private func compare(
    _ olds: ArraySlice<DefinitionRecord>, _ news: ArraySlice<DefinitionRecord>, _ oldFile: Int, _ newFile: Int
  ) -> SymbolChange? {
    var rest = Array(news)
    let leftOld = olds.filter { old in
      guard let match = rest.firstIndex(where: { SymbolComparison.status(old, $0) == nil }) else { return true }
      rest.remove(at: match)
      return false
    }
    guard !leftOld.isEmpty || !rest.isEmpty, let old = leftOld.first ?? olds.first, let new = rest.first ?? news.first
    else { return nil }
    return SymbolChange(
      status: SymbolComparison.status(old, new) ?? .changed, from: SymbolSide(file: oldFile, record: old),
      to: SymbolSide(file: newFile, record: new))
  }

  /// What looks gone or come may be one of several definitions of its name, another of which both sides hold.
  private func keepVariants(
    _ gone: inout [DefinitionRecord], _ came: inout [DefinitionRecord], _ changes: inout [SymbolChange], _ old: Int,
    _ new: Int, isSharedOld: (UInt32) -> Bool, isSharedNew: (UInt32) -> Bool
  ) {
    if !gone.isEmpty {
      let wanted = Set(gone.map(Key.init))
      var kept: [Key: DefinitionRecord] = [:]
      for record in records(.to, new, where: isSharedNew) where wanted.contains(Key(record)) {
        kept[Key(record)] = record
      }
      gone.removeAll { record in
        guard let other = kept[Key(record)] else { return false }
        changes.append(change(record, other, old, new))
        return true
      }
    }
    if !came.isEmpty {
      let wanted = Set(came.map(Key.init))
      var kept: [Key: DefinitionRecord] = [:]
      for record in records(.from, old, where: isSharedOld) where wanted.contains(Key(record)) {
        kept[Key(record)] = record
      }
      came.removeAll { record in
        guard let other = kept[Key(record)] else { return false }
        changes.append(change(other, record, old, new))
        return true
      }
    }
  }

  private func change(_ old: DefinitionRecord, _ new: DefinitionRecord, _ oldFile: Int, _ newFile: Int) -> SymbolChange
  {
    SymbolChange(
      status: SymbolComparison.status(old, new) ?? .changed, from: SymbolSide(file: oldFile, record: old),
      to: SymbolSide(file: newFile, record: new))
  }

  // MARK: Renamed with the body kept

  private func renames(
    _ gone: inout [DefinitionRecord], _ came: inout [DefinitionRecord], _ old: Int, _ new: Int
  ) -> [SymbolChange] {
    guard !gone.isEmpty, !came.isEmpty else { return [] }
    let olds = Dictionary(grouping: gone.filter(SymbolComparison.hasTellingBody)) { $0.bodyHash }
    let news = Dictionary(grouping: came.filter(SymbolComparison.hasTellingBody)) { $0.bodyHash }
    var changes: [SymbolChange] = []
    for (hash, records) in olds {
      guard records.count == 1, let others = news[hash], others.count == 1, records[0].kind == others[0].kind,
        NameWords.areRelated(from.name(of: records[0]), to.name(of: others[0]))
      else { continue }
      gone.removeAll { $0.line == records[0].line && $0.nameHash == records[0].nameHash }
      came.removeAll { $0.line == others[0].line && $0.nameHash == others[0].nameHash }
      changes.append(
        SymbolChange(
          status: .renamed, from: SymbolSide(file: old, record: records[0]),
          to: SymbolSide(file: new, record: others[0])))
    }
    return changes
  }

  private static func hasTellingBody(_ record: DefinitionRecord) -> Bool {
    guard record.bodyHash != 0 else { return false }
    switch record.kind {
    case .function, .syscall, .struct, .union, .enum, .config, .tracepoint: return true
    default: return false
    }
  }
}

/// Which chunks of a file one side has and the other does not, or not as often.
struct ChunkDifference {
  private var onlyOld = Set<UInt32>()
  private var onlyNew = Set<UInt32>()

  init(_ olds: [UInt32], _ news: [UInt32]) {
    let (a, b) = (olds.sorted(), news.sorted())
    var (i, j) = (0, 0)
    while i < a.count || j < b.count {
      if j == b.count || (i < a.count && a[i] < b[j]) {
        onlyOld.insert(a[i])
        i += 1
      } else if i == a.count || b[j] < a[i] {
        onlyNew.insert(b[j])
        j += 1
      } else {
        i += 1
        j += 1
      }
    }
  }

  func isOnlyOld(_ chunk: UInt32) -> Bool { onlyOld.contains(chunk) }
  func isOnlyNew(_ chunk: UInt32) -> Bool { onlyNew.contains(chunk) }
}

/// The words of a name.
enum NameWords {
  /// Lower-case words: split at `_`, `-`, `.`, and before a capital that follows a small letter.
  static func words(_ name: String) -> Set<String> {
    var words = Set<String>()
    var word: [UInt8] = []
    func close() {
      if !word.isEmpty { words.insert(String(decoding: word, as: UTF8.self)) }
      word = []
    }
    var wasSmall = false
    for byte in name.utf8 {
      let isCapital = (0x41...0x5A).contains(byte)
      let isWord = isCapital || (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte >= 0x80
      if !isWord || (isCapital && wasSmall) { close() }
      if isWord { word.append(isCapital ? byte | 0x20 : byte) }
      wasSmall = (0x61...0x7A).contains(byte)
    }
    close()
    return words
  }

  /// Whether half of the shorter name's words are the other's, too.
  static func areRelated(_ left: String, _ right: String) -> Bool {
    let (a, b) = (words(left), words(right))
    return a.intersection(b).count * 2 >= max(1, min(a.count, b.count))
  }
}
