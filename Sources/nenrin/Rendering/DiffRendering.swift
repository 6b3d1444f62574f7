// SPDX-License-Identifier: Apache-2.0
import Glossary
import KnowledgeDiff

/// A diff for a person: the sums first, then directory by directory, then files with what changed in them.
struct DiffRendering {
  let style: Style

  func text(_ result: DiffResult) -> String {
    var lines = summary(result)
    if result.directories.count > 1 { lines += [""] + directories(result.directories) }
    if !result.directoryChanges.isEmpty { lines += [""] + result.directoryChanges.map(line) }
    if result.isAboutQuestion {
      lines += [""] + result.files.map(line) + [""] + result.symbols.flatMap(ranked)
    } else if !result.files.isEmpty || !result.symbols.isEmpty {
      lines += [""] + files(result)
    }
    for (file, hunks) in zip(result.files, result.hunks) where !hunks.isEmpty { lines += [""] + patch(file, hunks) }
    if !result.commits.isEmpty {
      lines += ["", style.bold(Figures.counted(result.commits.count, "commit"))]
      lines += result.commits.map { "    \(style.path(String($0.id.hex.prefix(12))))  \($0.subject)" }
    }
    let unshown = DiffRendering.rest(result)
    if !unshown.isEmpty { lines += ["", style.faint(unshown)] }
    lines.append(
      style.faint(
        "\(result.from.name) → \(result.to.name), \(Figures.fixed(result.elapsed / .milliseconds(1), 0)) ms"))
    return lines.joined(separator: "\n") + "\n"
  }

  private func summary(_ result: DiffResult) -> [String] {
    var lines = DiffRendering.sums(result).map {
      style.bold($0.label) + String(repeating: " ", count: 9 - $0.label.count) + $0.text
    }
    if let tables = DiffRendering.tables(result) { lines.append(style.faint("         \(tables)")) }
    return lines
  }

  /// How many files and symbols, by what became of them.
  static func sums(_ result: DiffResult) -> [(label: String, text: String)] {
    let files = result.fileSummary
    let symbols = SymbolStatus.allCases.filter { $0 != .unchanged }.map { (result.symbolSummary[$0], word($0)) }
    return [
      (
        "files",
        counts([
          (files.added, "added"), (files.removed, "removed"), (files.modified, "modified"), (files.renamed, "renamed"),
        ])
      ),
      ("symbols", counts(symbols)),
    ]
  }

  /// Says what was not compared; nil where everything was.
  static func tables(_ result: DiffResult) -> String? {
    guard result.uncomparedTables > 0 else { return nil }
    let isOne = result.uncomparedTables == 1
    return "\(Figures.counted(result.uncomparedTables, "register table")) among the files \(isOne ? "is" : "are") "
      + "not compared by symbol: --path FILE compares one"
  }

  static func word(_ status: SymbolStatus) -> String {
    switch status {
    case .added: "added"
    case .removed: "removed"
    case .changed: "changed"
    case .signature: "declared anew"
    case .moved: "moved"
    case .renamed: "renamed"
    case .linkage: "with another linkage"
    case .unchanged: "unchanged"
    }
  }

  static func counts(_ counts: [(Int, String)]) -> String {
    let told = counts.filter { $0.0 > 0 }.map { "\(Figures.count($0.0)) \($0.1)" }
    return told.isEmpty ? "nothing" : told.joined(separator: ", ")
  }

  private func directories(_ summaries: [DirectorySummary]) -> [String] {
    var table = Table([.left, .right, .right, .right, .right, .right, .right, .right])
    table.add(["directory", "files +", "−", "~", "→", "symbols +", "−", "~"])
    for entry in summaries {
      let counts = DiffRendering.counts(of: entry).map { $0 == 0 ? "·" : Figures.count($0) }
      table.add([entry.path.isEmpty ? "./" : entry.path] + counts)
    }
    var lines = table.lines()
    lines[0] = style.faint(lines[0])
    return lines
  }

  /// Files added, removed, modified, renamed; symbols added, removed, changed in any way.
  static func counts(of entry: DirectorySummary) -> [Int] {
    let symbols = entry.symbols
    let changed = [.changed, .signature, .moved, .renamed, .linkage].reduce(0) { $0 + (symbols[$1] ?? 0) }
    return [
      entry.files.added, entry.files.removed, entry.files.modified, entry.files.renamed, symbols[.added] ?? 0,
      symbols[.removed] ?? 0, changed,
    ]
  }

  /// Says how much is not listed; empty where all is.
  static func rest(_ result: DiffResult) -> String {
    let files = result.fileCount - result.files.count
    let symbols = result.symbolCount - result.symbols.count
    guard files > 0 || symbols > 0 else { return "" }
    let parts = [(files, "file"), (symbols, "symbol")].filter { $0.0 > 0 }.map { Figures.counted($0.0, "more \($0.1)") }
    return "and \(parts.joined(separator: ", ")): -k 0 lists all"
  }

  // MARK: Files

  private func files(_ result: DiffResult) -> [String] {
    let symbols = Dictionary(grouping: result.symbols, by: \.path)
    var lines: [String] = []
    var shown = Set<TreePath>()
    for file in result.files {
      lines.append(line(file))
      lines += (symbols[file.path] ?? []).flatMap(self.lines)
      shown.insert(file.path)
    }
    for symbol in result.symbols where !shown.contains(symbol.path) {
      lines.append(style.path(symbol.path.text))
      lines += (symbols[symbol.path] ?? []).flatMap(self.lines)
      shown.insert(symbol.path)
    }
    return lines
  }

  private func patch(_ file: FileEntry, _ hunks: [Hunk]) -> [String] {
    let old = file.status == .added ? "/dev/null" : "a/\((file.fromPath ?? file.path).text)"
    let new = file.status == .removed ? "/dev/null" : "b/\(file.path.text)"
    var lines = [style.bold("--- \(old)"), style.bold("+++ \(new)")]
    for hunk in hunks {
      lines.append(style.path(hunk.header))
      for line in hunk.lines {
        let text = "\(line.mark.rawValue)\(line.text)"
        switch line.mark {
        case .both: lines.append(text)
        case .old: lines.append(style.failure(text))
        case .new: lines.append(style.added(text))
        }
      }
    }
    return lines
  }

  private func line(_ change: DirectoryChange) -> String {
    let from = change.fromPath.map { " from \($0)" } ?? ""
    return "\(change.status.rawValue) directory \(style.path(change.path))\(from)  "
      + style.faint(Figures.counted(change.files, "file"))
  }

  /// A symbol with its place, which no file above it tells.
  private func ranked(_ symbol: SymbolEntry) -> [String] {
    var lines = lines(symbol)
    let line = (symbol.to ?? symbol.from)?.line ?? 1
    if !lines.isEmpty { lines[0] += "  " + style.path("\(symbol.path.text):\(line)") }
    return lines
  }

  func line(_ file: FileEntry) -> String {
    let mark =
      switch file.status {
      case .added: style.added("added     ")
      case .removed: style.failure("removed   ")
      case .modified: style.faint("modified  ")
      case .renamed: style.warning("renamed   ")
      }
    var line = mark + style.path(file.path.text)
    if let from = file.fromPath {
      let share = file.similarity.map { " (\(Figures.fixed($0 * 100, 0)) % the same)" } ?? ""
      line += style.faint("  from \(from.text)\(share)")
    }
    if let nature = file.nature, nature != .code { line += style.faint("  \(nature.rawValue) only") }
    return line
  }

  func lines(_ symbol: SymbolEntry) -> [String] {
    let indent = "            "
    let name = "\(symbol.kind.name) \(style.bold(symbol.name))"
    var lines: [String] = []
    switch symbol.status {
    case .added:
      lines.append("    \(style.added("+"))  \(name)  \(style.faint(DiffRendering.short(symbol.to?.signature)))")
    case .removed:
      lines.append("    \(style.failure("−"))  \(name)  \(style.faint(DiffRendering.short(symbol.from?.signature)))")
    case .changed: lines.append("    ~  \(name)")
    case .signature: lines.append("    ~  \(name)  declared anew" + (symbol.isBodyChanged ? ", body changed" : ""))
    case .moved:
      lines.append(
        "    →  \(name)  moved from \(symbol.from?.path.text ?? "")" + (symbol.isBodyChanged ? ", body changed" : ""))
    case .renamed: lines.append("    →  \(name)  was \(symbol.fromName ?? ""), the same body")
    case .linkage:
      let (old, new) = (symbol.from?.linkage?.rawValue ?? "", symbol.to?.linkage?.rawValue ?? "")
      lines.append("    ~  \(name)  \(old) → \(new)")
    case .unchanged: lines.append("    =  \(name)  unchanged")
    }
    if let old = symbol.from?.signature, let new = symbol.to?.signature, old != new, symbol.status != .renamed {
      lines += [
        indent + style.failure("- \(DiffRendering.short(old))"), indent + style.added("+ \(DiffRendering.short(new))"),
      ]
    }
    for member in symbol.members {
      if let text = member.fromText { lines.append(indent + style.failure("- \(DiffRendering.short(text))")) }
      if let text = member.toText { lines.append(indent + style.added("+ \(DiffRendering.short(text))")) }
    }
    for property in symbol.properties {
      let (old, new) = (
        property.from.map(DiffRendering.short) ?? "none", property.to.map(DiffRendering.short) ?? "none"
      )
      lines.append("\(indent)\(property.property): \(style.failure(old)) → \(style.added(new))")
    }
    return lines
  }

  /// What fits a line.
  static func short(_ text: String?) -> String {
    guard let text else { return "" }
    return text.count > 160 ? text.prefix(159) + "…" : text
  }
}

extension Style {
  func added(_ text: String) -> String { paint(text, "32") }
}
