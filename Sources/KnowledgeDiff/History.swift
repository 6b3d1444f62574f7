// SPDX-License-Identifier: Apache-2.0
package import Glossary
import IndexStore

/// One step in a symbol's or a file's life: what became of it between one snapshot and the one before.
package struct HistoryEvent: Sendable {
  /// What happened.
  package enum Change: Sendable {
    /// A symbol; in the first snapshot of all, each of its definitions as `added`.
    case symbol(SymbolEntry)
    case file(FileEntry)
  }

  /// The snapshot that shows it.
  package var snapshot: SnapshotInfo
  /// The one before; nil where there is none, so that nobody knows what was.
  package var previous: SnapshotInfo?
  package var change: Change

  package init(snapshot: SnapshotInfo, previous: SnapshotInfo?, change: Change) {
    self.snapshot = snapshot
    self.previous = previous
    self.change = change
  }
}

/// Follows a name or a path from snapshot to snapshot, oldest first, under whatever name it then has.
package struct History: Sendable {
  /// The name, or the path, that it has now.
  package private(set) var name: String
  package private(set) var events: [HistoryEvent] = []
  private let isFile: Bool
  private let path: String?

  /// - Parameters:
  ///   - name: a symbol, or, where `isFile`, a path.
  ///   - path: for a symbol, the file or directory that it must stand in.
  package init(name: String, isFile: Bool, path: String? = nil) {
    self.name = name
    self.isFile = isFile
    self.path = path
  }

  /// Snapshots in the order in which a history tells them: by version where all names are versions, else by date.
  package static func ordered(_ snapshots: [SnapshotInfo]) -> [SnapshotInfo] {
    let versions = snapshots.map { Version($0.revision) }
    if !versions.contains(where: { $0 == nil }) {
      return zip(snapshots, versions.compactMap(\.self)).sorted { $0.1 < $1.1 }.map(\.0)
    }
    return snapshots.sorted { ($0.date, $0.indexedAt) < ($1.date, $1.indexedAt) }
  }

  /// The first snapshot: what stands there. `comparer` compares it with itself. Throws `objectUnreadable`.
  package mutating func begin(_ comparer: KnowledgeComparer) throws {
    let snapshot = comparer.pair.to.info
    if isFile {
      guard comparer.pair.to.file(TreePath(text: name)) != nil else { return }
      let entry = FileEntry(status: .added, path: TreePath(text: name))
      events.append(HistoryEvent(snapshot: snapshot, previous: nil, change: .file(entry)))
      return
    }
    for symbol in try found(comparer) {
      let change = SymbolChange(status: .added, from: nil, to: symbol.to)
      for entry in try comparer.describe([change]) {
        events.append(HistoryEvent(snapshot: snapshot, previous: nil, change: .symbol(entry)))
      }
    }
  }

  /// The next snapshot. Throws `objectUnreadable`.
  package mutating func go(_ comparer: KnowledgeComparer) throws {
    let (old, new) = (comparer.pair.from.info, comparer.pair.to.info)
    if isFile {
      if let entry = try fileEntry(comparer) {
        events.append(HistoryEvent(snapshot: new, previous: old, change: .file(entry)))
        if entry.status == .renamed { name = entry.path.text }
      }
      return
    }
    let changes = try found(comparer).filter { $0.status != .unchanged }
    for entry in try comparer.describe(changes) {
      events.append(HistoryEvent(snapshot: new, previous: old, change: .symbol(entry)))
      if entry.status == .renamed, entry.fromName == name { name = entry.name }
    }
  }

  private func found(_ comparer: KnowledgeComparer) throws -> [SymbolChange] {
    do {
      let symbols = try comparer.changes(ofSymbol: name).symbols
      guard let path else { return symbols }
      return symbols.filter { comparer.isIn($0, path) }
    } catch let error as NenrinError where error.code == .symbolNotFound { return [] }
  }

  private func fileEntry(_ comparer: KnowledgeComparer) throws -> FileEntry? {
    let path = TreePath(text: name)
    let old = comparer.pair.from.file(path)
    let new = comparer.pair.to.file(path)
    switch (old, new) {
    case (let old?, let new?):
      guard old.object != new.object || old.kind != new.kind else { return nil }
      let change = FileChange(status: .modified, from: old.index, to: new.index)
      return try comparer.describe(comparer.natures(of: [change], symbols: [])).first
    case (let old?, nil):
      guard let rename = try comparer.renames(olds: [old.index], news: []).first else {
        return FileEntry(status: .removed, path: path)
      }
      let change = FileChange(status: .renamed, from: rename.from, to: rename.to, similarity: rename.similarity)
      return comparer.describe([change]).first
    case (nil, let new?):
      guard let rename = try comparer.renames(olds: [], news: [new.index]).first else {
        return FileEntry(status: .added, path: path)
      }
      let change = FileChange(status: .renamed, from: rename.from, to: rename.to, similarity: rename.similarity)
      return comparer.describe([change]).first
    case (nil, nil): return nil
    }
  }
}

extension KnowledgeComparer {
  /// Whether a symbol stands in a file, or below a directory, on either side.
  fileprivate func isIn(_ change: SymbolChange, _ path: String) -> Bool {
    let wanted = TreePath(text: path.hasSuffix("/") ? String(path.dropLast()) : path)
    let paths = [change.from.map { pair.from.path(at: $0.file) }, change.to.map { pair.to.path(at: $0.file) }]
    return paths.compactMap(\.self).contains { path in
      path == wanted || path.bytes.starts(with: wanted.bytes + [UInt8(ascii: "/")])
    }
  }
}
