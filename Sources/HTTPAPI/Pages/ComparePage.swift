// SPDX-License-Identifier: Apache-2.0
import Glossary
import KnowledgeDiff

/// What the form of the compare page holds.
struct CompareForm {
  var from: String?
  var to: String?
  var path: String?
  var symbol: String?
  var about: String?
  /// Anything: the lines of the files are shown, too.
  var patch: String?
  var offset: String?

  /// The names of its fields in a query.
  static var fields: [(String, WritableKeyPath<CompareForm, String?>)] {
    [
      ("from", \.from), ("to", \.to), ("path", \.path), ("symbol", \.symbol), ("about", \.about), ("patch", \.patch),
      ("offset", \.offset),
    ]
  }

  /// The query with some fields set anew.
  func query(path: String? = nil, offset: Int? = nil) -> String {
    var form = self
    if let path { form.path = path }
    form.offset = offset.map(String.init)
    let parts = CompareForm.fields.compactMap { name, place in
      form[keyPath: place].map { "\(name)=\(PercentCoding.encode($0.utf8))" }
    }
    return "/compare?" + parts.joined(separator: "&amp;")
  }
}

/// The page that compares two snapshots: a form, and below it the sums, the directories, the files and symbols.
struct ComparePage {
  /// Files and symbols on one page.
  static let pageSize = 60

  private let form: CompareForm
  private let words: PageWords

  static func page(
    _ form: CompareForm, _ words: PageWords, snapshots: [SnapshotInfo], result: DiffResult?, offset: Int = 0
  ) -> Page {
    let page = ComparePage(form: form, words: words)
    var body = "<main>\n<p><a href=\"/\">Nenrin</a></p>\n<h1>\(words.compareSnapshots)</h1>\n" + page.inputs(snapshots)
    if let result { body += page.result(result, offset) }
    body += "</main>"
    let title = result.map { MarkupText.escaped("\($0.from.name) → \($0.to.name)") } ?? words.compare
    return Page(
      title: "\(title) · Nenrin", language: words.language, style: style, body: Array(body.utf8), submits: true)
  }

  private func inputs(_ snapshots: [SnapshotInfo]) -> String {
    // The first form is the longest way through one collection, from old to new.
    let one = snapshots.filter { $0.collection == snapshots.first?.collection }
    func select(_ name: String, _ label: String, _ chosen: String?, _ standard: SnapshotInfo?) -> String {
      let options = snapshots.map { snapshot in
        let isChosen = chosen.map { $0 == snapshot.name || $0 == snapshot.revision } ?? (snapshot.id == standard?.id)
        let text = MarkupText.escaped(snapshot.name)
        return "<option value=\"\(text)\"\(isChosen ? " selected" : "")>\(text)</option>"
      }
      return "<label>\(label) <select name=\"\(name)\">\(options.joined())</select></label>"
    }
    func input(_ name: String, _ label: String, _ value: String?, _ hint: String) -> String {
      "<label>\(label) <input name=\"\(name)\" value=\"\(MarkupText.escaped(value ?? ""))\" placeholder=\"\(hint)\"></label>"
    }
    return """
      <form action="/compare" method="get">
      \(select("from", words.from, form.from, one.min { $0.isOlder(than: $1) }))
      \(select("to", words.to, form.to, one.max { $0.isOlder(than: $1) }))
      \(input("path", words.path, form.path, "fs/btrfs"))
      \(input("symbol", words.symbol, form.symbol, "vfs_mkdir"))
      \(input("about", words.question, form.about, words.changeHint))
      <label class="check"><input type="checkbox" name="patch" value="1"\(form.patch == nil ? "" : " checked")> \(words.withLines)</label>
      <button type="submit">\(words.compare)</button>
      </form>

      """
  }

  private func result(_ result: DiffResult, _ offset: Int) -> String {
    let links = Links(result: result)
    var html = summary(result)
    if !result.directoryChanges.isEmpty {
      html += "<ul>" + result.directoryChanges.map { "<li>\(directory($0))</li>" }.joined() + "</ul>\n"
    }
    if result.directories.count > 1 { html += directories(result.directories) }
    let symbols = Dictionary(grouping: result.symbols, by: \.path)
    if result.isAboutQuestion {
      html +=
        "<h2>\(words.symbols)</h2>\n<ul>" + result.symbols.map { symbol($0, links, isAlone: true) }.joined() + "</ul>\n"
      html +=
        "<h2>\(words.files)</h2>\n<ul>" + result.files.map { "<li>\(file($0, links))</li>" }.joined(separator: "\n")
        + "</ul>\n"
    } else {
      var shown = Set<TreePath>()
      html += "<h2>\(words.files)</h2>\n<ul>"
      for entry in result.files {
        shown.insert(entry.path)
        let inside = (symbols[entry.path] ?? []).map { symbol($0, links, isAlone: false) }.joined()
        html += "<li>\(file(entry, links))\(inside.isEmpty ? "" : "<ul>\(inside)</ul>")</li>\n"
      }
      html += "</ul>\n"
      let rest = result.symbols.filter { !shown.contains($0.path) }
      if !rest.isEmpty {
        html += "<h2>\(words.symbols)</h2>\n<ul>" + rest.map { symbol($0, links, isAlone: true) }.joined() + "</ul>\n"
      }
    }
    html += patches(result) + commits(result)
    let next = offset + ComparePage.pageSize
    if next < max(result.fileCount, result.symbolCount) {
      let text = words.further(files: result.fileCount, symbols: result.symbolCount)
      html += "<p><a href=\"\(form.query(offset: next))\">\(text)</a></p>\n"
    }
    return html
  }

  private func summary(_ result: DiffResult) -> String {
    let files = result.fileSummary
    let fileSums = [
      (files.added, FileStatus.added), (files.removed, .removed), (files.modified, .modified),
      (files.renamed, .renamed),
    ].map { ($0, words.change($1)) }
    let symbolSums = SymbolStatus.allCases.filter { $0 != .unchanged }.map { status in
      (result.symbolSummary[status], words.change(status))
    }
    func told(_ what: String, _ sums: [(Int, String)]) -> String {
      words.sums(what, sums.filter { $0.0 > 0 }.map { words.sum($0.0, $0.1) })
    }
    let name = "\(MarkupText.escaped(result.from.name)) → \(MarkupText.escaped(result.to.name))"
    let tables = result.uncomparedTables > 0 ? words.registerTables(result.uncomparedTables) : ""
    return "<p class=\"sum\"><b>\(name)</b><br>\(told(words.files, fileSums))<br>\(told(words.symbols, symbolSums))"
      + "\(tables)\(result.isBackward ? words.backward : "")</p>\n"
  }

  private func directories(_ entries: [DirectorySummary]) -> String {
    let rows = entries.map { entry in
      let path = entry.path.isEmpty ? "./" : entry.path
      let changed = entry.symbols.filter { $0.key != .added && $0.key != .removed }.values.reduce(0, +)
      let counts = [
        entry.files.added, entry.files.removed, entry.files.modified, entry.files.renamed, entry.symbols[.added] ?? 0,
        entry.symbols[.removed] ?? 0, changed,
      ]
      return "<tr><td><a href=\"\(form.query(path: entry.path))\">\(MarkupText.escaped(path))</a></td>"
        + counts.map { "<td>\($0 == 0 ? "" : MarkupText.count($0))</td>" }.joined() + "</tr>"
    }
    let heads =
      [FileStatus.added, .removed, .modified, .renamed].map(words.change)
      + [SymbolStatus.added, .removed].map(words.change) + [words.changedOrMoved]
    return """
      <div class="wide"><table><thead><tr><th rowspan="2">\(words.directory)</th><th colspan="4">\(words.files)</th>\
      <th colspan="3">\(words.symbols)</th></tr><tr>\(heads.map { "<th>\($0)</th>" }.joined())</tr></thead><tbody>\(rows.joined(separator: "\n"))</tbody></table></div>

      """
  }

  private func directory(_ change: DirectoryChange) -> String {
    let from = change.fromPath.map { " " + words.from(MarkupText.escaped($0)) } ?? ""
    return "\(mark(change.status.rawValue, words.change(change.status))) \(words.directoryWord) "
      + "<a href=\"\(form.query(path: change.path))\">\(MarkupText.escaped(change.path))</a>\(from)\(words.comma)"
      + words.files(change.files)
  }

  /// What became of something, in its colour.
  private func mark(_ name: String, _ text: String) -> String { "<span class=\"\(name)\">\(text)</span>" }

  /// The source pages of either side.
  private struct Links {
    let result: DiffResult

    /// `isShort`: where the path was said just before.
    func link(_ side: DiffSide, _ path: TreePath, _ line: Int?, isShort: Bool = false) -> String {
      let snapshot = side == .from ? result.from : result.to
      let url = SourceLink.url(base: "", snapshot: snapshot, path: path, lines: (line ?? 1)...(line ?? 1))
      let text = (isShort ? "" : path.text) + (line.map { ":\($0)" } ?? "")
      return "<a href=\"\(MarkupText.escaped(url))\">\(MarkupText.escaped(text))</a>"
    }
  }

  private func file(_ entry: FileEntry, _ links: Links) -> String {
    let side: DiffSide = entry.status == .removed ? .from : .to
    var html =
      mark(entry.status.rawValue, words.change(entry.status)) + " " + links.link(side, entry.path, nil)
    if let from = entry.fromPath {
      html += " " + words.from(links.link(.from, from, nil)) + (entry.similarity.map(words.similarity) ?? "")
    }
    if let nature = entry.nature.flatMap(words.nature) { html += " " + nature }
    return html
  }

  private func symbol(_ entry: SymbolEntry, _ links: Links, isAlone: Bool) -> String {
    var html = "<li>\(mark(entry.status.rawValue, words.change(entry.status))) \(words.kind(entry.kind)) "
    html += "<b>\(MarkupText.escaped(entry.name))</b>"
    if let name = entry.fromName { html += words.was(MarkupText.escaped(name)) }
    if let to = entry.to { html += " " + links.link(.to, to.path, to.line) }
    if let from = entry.from, entry.to == nil || entry.status != .added {
      html += entry.to == nil ? " " : " ← "
      html += links.link(.from, from.path, from.line, isShort: from.path == entry.to?.path)
    }
    var lines: [(String, String)] = []
    func add(_ old: String?, _ new: String?, _ name: String = "") {
      let (old, new) = ComparePage.shortened(old, new)
      if let old { lines.append(("−", name + old)) }
      if let new { lines.append(("+", name + new)) }
    }
    if entry.from?.signature != entry.to?.signature { add(entry.from?.signature, entry.to?.signature) }
    for member in entry.members { add(member.fromText, member.toText) }
    for property in entry.properties { add(property.from, property.to, "\(property.property): ") }
    if !lines.isEmpty {
      let text = lines.map { mark, text in
        "<span class=\"\(mark == "+" ? "added" : "removed")\">\(mark) \(MarkupText.escaped(text))</span>"
      }.joined(separator: "\n")
      html += "<pre>\(text)</pre>"
    }
    return html + "</li>\n"
  }

  /// Both texts, bounded; of long ones what they share at their beginning is left out but for the end of it.
  private static func shortened(_ old: String?, _ new: String?) -> (old: String?, new: String?) {
    let (longest, context) = (400, 80)
    var shared = 0
    if let old, let new, max(old.count, new.count) > longest {
      shared = max(0, zip(old, new).prefix { $0 == $1 }.count - context)
    }
    let bounded = { (text: String) -> String in
      let rest = text.dropFirst(shared)
      return (shared > 0 ? "…" : "") + (rest.count > longest ? rest.prefix(longest) + "…" : rest)
    }
    return (old.map(bounded), new.map(bounded))
  }

  // MARK: Lines and commits

  private func patches(_ result: DiffResult) -> String {
    zip(result.files, result.hunks).filter { !$1.isEmpty }.map { file, hunks in
      let text = hunks.map { hunk in
        let lines = hunk.lines.map { line -> String in
          let text = MarkupText.escaped("\(line.mark.rawValue)\(line.text)")
          switch line.mark {
          case .both: return text
          case .old: return "<span class=\"removed\">\(text)</span>"
          case .new: return "<span class=\"added\">\(text)</span>"
          }
        }
        return ([#"<span class="renamed">\#(MarkupText.escaped(hunk.header))</span>"#] + lines).joined(separator: "\n")
      }.joined(separator: "\n")
      return "<h2>\(MarkupText.escaped(file.path.text))</h2>\n<pre class=\"lines\">\(text)</pre>\n"
    }.joined()
  }

  private func commits(_ result: DiffResult) -> String {
    guard !result.commits.isEmpty else { return "" }
    let items = result.commits.map { commit in
      let id = "<code>\(commit.id.hex.prefix(12))</code>"
      let url = MarkupText.escaped(SourceLink.url(base: "", snapshot: result.to, commit: commit.id))
      return "<li>\(commit.isKept ? "<a href=\"\(url)\">\(id)</a>" : id) \(MarkupText.escaped(commit.subject))</li>"
    }
    return "<h2>\(words.commits)</h2>\n<ul>\(items.joined(separator: "\n"))</ul>\n"
  }

  private static let style = """
    main { max-width: 72rem; margin: 0 auto; padding: 1rem 1rem 4rem; }
    h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin-top: 2rem; }
    form { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; }
    label { color: var(--soft); font-size: .85rem; }
    input, select, button { display: block; font: inherit; color: var(--ink); background: var(--ground);
      border: 1px solid var(--line); border-radius: .4rem; padding: .35rem .6rem; max-width: 100%; }
    input, select, button { box-sizing: border-box; height: 2.4rem; }
    .check { align-self: end; line-height: 2.4rem; } .check input { display: inline; height: auto; vertical-align: middle; }
    @media (max-width: 40rem) { form label { flex: 1 1 100%; } form input:not([type=checkbox]), form select { width: 100%; } }
    .wide { overflow-x: auto; } .lines { white-space: pre; overflow-x: auto; }
    button { cursor: pointer; background: var(--accent); color: var(--ground); }
    ul { list-style: none; padding-left: 0; } ul ul { padding-left: 1.5rem; } li { margin: .2rem 0; overflow-wrap: anywhere; }
    pre { margin: .2rem 0 .5rem 1rem; padding: .4rem .6rem; background: var(--panel); border-radius: .4rem;
      white-space: pre-wrap; }
    table { border-collapse: collapse; font-size: .9rem; } th, td { padding: .15rem .6rem; text-align: right;
      border-bottom: 1px solid var(--line); white-space: nowrap; } th { font-weight: 600; vertical-align: bottom; }
    th[colspan] { text-align: center; border-left: 1px solid var(--line); } th[rowspan], td:first-child { text-align: left; }
    .added { color: #1d7a46; } .removed { color: #c0392b; } .renamed, .moved { color: #9a6700; }
    .modified, .changed, .signature, .linkage, .unchanged { color: var(--soft); }
    @media (prefers-color-scheme: dark) { .added { color: #7fd4a0; } .removed { color: #f08a7d; }
      .renamed, .moved { color: #e5c07b; } }

    """
}
