// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

extension KnowledgeComparer {
  /// What became of one name: every definition of it on either side, `unchanged` ones included. A name that only one
  /// side has is followed to another file, and to another name with the same body. Throws `invalidArgument` with near
  /// misses where neither side defines it, `objectUnreadable`.
  package func changes(ofSymbol text: String, under scope: PathScope? = nil) throws -> KnowledgeChanges {
    let names = NameHashes([], isComplete: false)
    var found: (name: String, olds: [SymbolSide], news: [SymbolSide])?
    for variant in KnowledgeComparer.variants(of: text) {
      let olds = sides(.from, variant, names, scope)
      let news = sides(.to, variant, names, scope)
      if !olds.isEmpty || !news.isEmpty {
        found = (variant.name, olds, news)
        break
      }
    }
    guard let found else { throw unknown(text) }
    var symbols = paired(found.olds, found.news)
    symbols = try SymbolMoves(from: pair.from, to: pair.to).joined(symbols).flatMap { change in
      try followed(change, names)
    }
    var changes = KnowledgeChanges(files: try files(of: symbols), symbols: symbols)
    for symbol in symbols where symbol.status != .unchanged { changes.symbolSummary.count(symbol) }
    for file in changes.files { changes.fileSummary.count(file.status) }
    return changes
  }

  /// A name as it may be written, and the kinds that it then can mean.
  private struct Variant {
    var name: String
    var kinds: Set<SymbolKind>?
  }

  private static func variants(of text: String) -> [Variant] {
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    var name = words.last ?? ""
    if name.hasSuffix("()") { name = String(name.dropLast(2)) }
    var kinds: Set<SymbolKind>?
    if words.count == 2, let kind = SymbolKind.allCases.first(where: { $0.name == words[0] }) { kinds = [kind] }
    var variants = [Variant(name: name, kinds: kinds)]
    func add(_ prefix: String, _ kinds: Set<SymbolKind>) {
      if name.hasPrefix(prefix) { variants.append(Variant(name: String(name.dropFirst(prefix.count)), kinds: kinds)) }
    }
    add("CONFIG_", [.config])
    add("trace_", [.tracepoint])
    for prefix in ["sys_", "__x64_sys_", "__se_sys_", "__do_sys_", "compat_sys_"] { add(prefix, [.syscall]) }
    return variants.filter { !$0.name.isEmpty }
  }

  private func sides(_ side: DiffSide, _ variant: Variant, _ names: NameHashes, _ scope: PathScope?) -> [SymbolSide] {
    let view = pair.view(side)
    let hash = NameHashes.hash(Array(variant.name.utf8))
    var sides: [SymbolSide] = []
    for file in view.files(defining: variant.name, limit: .max) where scope?.contains(side, file) ?? true {
      view.forEachDefinition(inFile: file, names: names) { record in
        guard record.nameHash == hash, variant.kinds?.contains(record.kind) ?? true else { return }
        sides.append(SymbolSide(file: file, record: record))
      }
    }
    return sides
  }

  private func unknown(_ name: String) -> NenrinError {
    let bare = KnowledgeComparer.variants(of: name).first?.name ?? name
    let near = NearMiss.rank(
      Set(pair.to.nearNames(bare, limit: 4) + pair.from.nearNames(bare, limit: 4)).sorted(), like: bare, limit: 5)
    return NenrinError(
      .symbolNotFound, "no symbol '\(name)' in \(pair.from.info.name) or \(pair.to.info.name)",
      reason: near.isEmpty ? "" : "near it are \(near.joined(separator: ", "))",
      remedies: ["Name a function, type, macro or option as it is written; `--about` takes a question."])
  }

  /// Definitions at the same path are compared with each other; the rest is gone or came.
  private func paired(_ olds: [SymbolSide], _ news: [SymbolSide]) -> [SymbolChange] {
    var left = news
    var changes: [SymbolChange] = []
    var gone: [SymbolSide] = []
    for old in olds {
      let path = pair.from.path(at: old.file)
      let places = left.indices.filter {
        left[$0].record.kind == old.record.kind && pair.to.path(at: left[$0].file) == path
      }
      let match = places.first { SymbolComparison.status(old.record, left[$0].record) == nil } ?? places.first
      guard let match else {
        gone.append(old)
        continue
      }
      let new = left.remove(at: match)
      let status = SymbolComparison.status(old.record, new.record) ?? .unchanged
      changes.append(SymbolChange(status: status, from: old, to: new))
    }
    return changes + gone.map { SymbolChange(status: .removed, from: $0, to: nil) }
      + left.map { SymbolChange(status: .added, from: nil, to: $0) }
  }

  /// A definition that one side lacks may have changed its name, or have gone with its file.
  private func followed(_ change: SymbolChange, _ names: NameHashes) throws -> [SymbolChange] {
    let side: DiffSide
    switch change.status {
    case .removed: side = .from
    case .added: side = .to
    default: return [change]
    }
    guard let place = side == .from ? change.from : change.to else { return [change] }
    guard let other = try counterpart(of: place.file, side) else { return [change] }
    let (old, new) = side == .from ? (place.file, other) : (other, place.file)
    let comparison = SymbolComparison(from: pair.from, to: pair.to, names: names)
    let renamed = comparison.changes(from: old, to: new).first { found in
      guard found.status == .renamed, let mine = side == .from ? found.from : found.to else { return false }
      return mine.record.nameHash == place.record.nameHash && mine.record.line == place.record.line
    }
    return [renamed ?? change]
  }

  /// The file of the other side that a file is, under the same path or another. Throws `objectUnreadable`.
  package func counterpart(of file: Int, _ side: DiffSide) throws -> Int? {
    let (view, other) = (pair.view(side), pair.view(side.other))
    if let same = other.file(view.path(at: file)) { return same.index }
    let all = pair.from.changedFiles(to: pair.to)
    let names = NameHashes([], isComplete: false)
    let renames = try RenameDetector(pair: pair, names: names).renames(
      removed: all.compactMap { $0.to == nil ? $0.from : nil }, added: all.compactMap { $0.from == nil ? $0.to : nil }
    ) { $0 == side && $1 == file }
    return renames.first.map { side == .from ? $0.to : $0.from }
  }

  /// The files that hold the changes.
  private func files(of symbols: [SymbolChange]) throws -> [FileChange] {
    var seen = Set<FilePair>()
    var files: [FileChange] = []
    func add(_ from: Int?, _ to: Int?) {
      let old = from ?? to.flatMap { pair.from.file(pair.to.path(at: $0))?.index }
      let new = to ?? from.flatMap { pair.to.file(pair.from.path(at: $0))?.index }
      if let old, let new, pair.from.object(at: old) == pair.to.object(at: new) { return }
      guard seen.insert(FilePair(from: old, to: new)).inserted else { return }
      let status: FileStatus = old == nil ? .added : new == nil ? .removed : .modified
      files.append(FileChange(status: status, from: old, to: new))
    }
    for change in symbols where change.status != .unchanged {
      let isOneFile = change.from.flatMap { old in
        change.to.map { pair.from.path(at: old.file) == pair.to.path(at: $0.file) }
      }
      if isOneFile == true {
        add(change.from?.file, change.to?.file)
      } else {
        if let old = change.from?.file { add(old, nil) }
        if let new = change.to?.file { add(nil, new) }
      }
    }
    return files.sorted { path($0) < path($1) }
  }
}
