// SPDX-License-Identifier: Apache-2.0
import Glossary
import KnowledgeDiff

/// A diff as GitHub's Markdown: the sums, then by directory, then what changed in each file, in tables.
struct DiffMarkdown {
  let request: DiffRequest

  func text(_ result: DiffResult) -> String {
    var lines = summary(result)
    if result.directories.count > 1 { lines += directories(result.directories) }
    if !result.directoryChanges.isEmpty { lines += [""] + result.directoryChanges.map(item) }
    lines += result.isAboutQuestion ? ranked(result) : byDirectory(result)
    let patches = zip(result.files, result.hunks).filter { !$1.isEmpty }
    if !patches.isEmpty { lines += ["", "## Lines"] + patches.flatMap { patch($0, $1) } }
    if !result.commits.isEmpty {
      lines += ["", "## Commits", ""]
      lines += result.commits.map {
        "- \(MarkdownText.code($0.id.hex.prefix(12))) \(MarkdownText.escaped($0.subject))"
      }
    }
    let rest = DiffRendering.rest(result)
    if !rest.isEmpty { lines += ["", MarkdownText.escaped(rest)] }
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: Sums

  private func summary(_ result: DiffResult) -> [String] {
    let names = "\(MarkdownText.escaped(result.from.name)) → \(MarkdownText.escaped(result.to.name))"
    var lines = ["# What changed, \(names)", ""]
    if let path = request.path { lines += ["Below \(MarkdownText.code(path)).", ""] }
    if let symbol = request.symbol { lines += ["Of \(MarkdownText.code(symbol)).", ""] }
    if let question = request.question { lines += ["> \(MarkdownText.escaped(question))", ""] }
    lines += DiffRendering.sums(result).map { "- **\($0.label)**: \($0.text)" }
    if let tables = DiffRendering.tables(result) { lines.append("- \(MarkdownText.escaped(tables))") }
    return lines
  }

  private func directories(_ summaries: [DirectorySummary]) -> [String] {
    var lines = [
      "", "## By directory", "",
      "| Directory | Files added | removed | modified | renamed | Symbols added | removed | changed |",
      "|:--|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for entry in summaries {
      let counts = DiffRendering.counts(of: entry).map { $0 == 0 ? "" : Figures.count($0) }
      lines.append(DiffMarkdown.row([MarkdownText.cellCode(entry.path.isEmpty ? "./" : entry.path)] + counts))
    }
    return lines
  }

  private static func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

  // MARK: Files

  /// What is listed, each directory under its heading, and in it the files with what changed in them.
  private func byDirectory(_ result: DiffResult) -> [String] {
    let symbols = Dictionary(grouping: result.symbols, by: \.path)
    let entries = Dictionary(result.files.map { ($0.path, $0) }) { first, _ in first }
    let paths = Set(entries.keys).union(symbols.keys).sorted()
    var lines: [String] = []
    var open: String?
    var isInList = false
    for path in paths {
      let directory = String(path.text.dropLast(path.name.count))
      if directory != open {
        lines += ["", "## \(MarkdownText.code(directory.isEmpty ? "./" : directory))"]
        (open, isInList) = (directory, false)
      }
      let title = entries[path].map(title) ?? MarkdownText.code(path.text)
      if let symbols = symbols[path], !symbols.isEmpty {
        lines += ["", "### \(title)", ""] + DiffMarkdown.header(withPlace: false)
        lines += symbols.flatMap { rows($0, withPlace: false) }
        isInList = false
      } else {
        lines += (isInList ? [] : [""]) + ["- \(title)"]
        isInList = true
      }
    }
    return lines
  }

  private func ranked(_ result: DiffResult) -> [String] {
    var lines = ["", "## Files", ""] + result.files.map { "- \(title($0))" }
    if !result.symbols.isEmpty {
      lines += ["", "## Symbols", ""] + DiffMarkdown.header(withPlace: true)
      lines += result.symbols.flatMap { rows($0, withPlace: true) }
    }
    return lines
  }

  private func title(_ file: FileEntry) -> String {
    var text = "\(MarkdownText.code(file.path.text)) \(file.status.rawValue)"
    if let from = file.fromPath {
      text += " from \(MarkdownText.code(from.text))"
      if let share = file.similarity { text += ", \(Figures.fixed(share * 100, 0)) % the same" }
    }
    if let nature = file.nature, nature != .code { text += ", \(nature.rawValue) only" }
    return text
  }

  private func item(_ change: DirectoryChange) -> String {
    let from = change.fromPath.map { " from \(MarkdownText.code($0))" } ?? ""
    return "- directory \(MarkdownText.code(change.path)) \(change.status.rawValue)\(from), "
      + Figures.counted(change.files, "file")
  }

  private func patch(_ file: FileEntry, _ hunks: [Hunk]) -> [String] {
    let lines = hunks.flatMap { hunk in [hunk.header] + hunk.lines.map { "\($0.mark.rawValue)\($0.text)" } }
    return ["", "### \(MarkdownText.code(file.path.text))", ""] + MarkdownText.block(lines, language: "diff")
  }

  // MARK: Symbols

  private static func header(withPlace: Bool) -> [String] {
    [
      "| | Kind | Name | Before | Now |" + (withPlace ? " Where |" : ""),
      "|:--|:--|:--|:--|:--|" + (withPlace ? ":--|" : ""),
    ]
  }

  /// The symbol, then the members and properties that tell how it changed.
  private func rows(_ symbol: SymbolEntry, withPlace: Bool) -> [String] {
    var name = MarkdownText.cellCode(symbol.name)
    if let old = symbol.fromName { name += ", was \(MarkdownText.cellCode(old))" }
    let isSame = symbol.from?.signature == symbol.to?.signature
    var before = isSame ? "" : MarkdownText.cellCode(DiffRendering.short(symbol.from?.signature))
    if symbol.status == .moved { before += " in \(MarkdownText.cellCode(symbol.from?.path.text ?? ""))" }
    var now = isSame ? "" : MarkdownText.cellCode(DiffRendering.short(symbol.to?.signature))
    if symbol.status == .linkage {
      (before, now) = (symbol.from?.linkage?.rawValue ?? "", symbol.to?.linkage?.rawValue ?? "")
    }
    var status = DiffRendering.word(symbol.status)
    if symbol.isBodyChanged, [.signature, .moved].contains(symbol.status) { status += ", body changed" }
    let line = (symbol.to ?? symbol.from)?.line ?? 1
    let place = withPlace ? [MarkdownText.cellCode("\(symbol.path.text):\(line)")] : []
    let blank = withPlace ? [""] : []
    var rows = [DiffMarkdown.row([status, symbol.kind.name, name, before, now] + place)]
    for member in symbol.members {
      let texts = [member.fromText, member.toText].map { MarkdownText.cellCode(DiffRendering.short($0)) }
      rows.append(
        DiffMarkdown.row(
          [DiffRendering.word(member.status), "member", MarkdownText.cellCode(member.name)] + texts + blank))
    }
    for property in symbol.properties {
      let texts = [property.from, property.to].map { MarkdownText.cellCode(DiffRendering.short($0)) }
      rows.append(DiffMarkdown.row(["changed", "property", MarkdownText.cellCode(property.property)] + texts + blank))
    }
    return rows
  }
}
