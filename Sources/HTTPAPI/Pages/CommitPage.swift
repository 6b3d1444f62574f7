// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// A commit of the history behind a snapshot, as its page shows it.
package struct CommitExcerpt: Sendable {
  /// More paths than these are counted, not shown.
  package static let mostPaths = 500

  package var snapshot: SnapshotInfo
  package var commit: CommitRecord
  /// Those of the paths shown that the snapshot has a file at.
  package var present: Set<TreePath>

  package init(snapshot: SnapshotInfo, commit: CommitRecord, present: Set<TreePath>) {
    self.snapshot = snapshot
    self.commit = commit
    self.present = present
  }
}

/// The page that citations of a commit's message lead to.
enum CommitPage {
  static func page(_ excerpt: CommitExcerpt, _ words: PageWords) -> Page {
    let (commit, id) = (excerpt.commit, excerpt.commit.id.hex)
    let name = MarkupText.escaped(excerpt.snapshot.name)
    let subject = MarkupText.escaped(commit.subject)
    let body = """
      <header>
      <h1>\(subject.isEmpty ? words.noMessage : subject)</h1>
      <p>\(name) · \(words.commit) <code>\(id)</code></p>
      <p>\(people(commit, words))</p>
      </header>
      <main>
      \(words.sentences(commit.notes).map { "<p class=\"note\">\($0)</p>\n" }.joined())\(message(commit))\(paths(excerpt, words))</main>
      """
    return Page(
      title: "\(id.prefix(12)) \(subject) · \(name)", language: words.language, style: style,
      body: Array(body.utf8))
  }

  private static func people(_ commit: CommitRecord, _ words: PageWords) -> String {
    let written = DocumentFormat.timestamp(commit.authorDate)
    let kept = DocumentFormat.timestamp(commit.date)
    let times = [words.authored(written)] + (kept == written ? [] : [words.committed(kept)])
    let parts =
      (commit.author.isEmpty ? [] : [MarkupText.escaped(commit.author)])
      + times.map { "<span class=\"when\">\($0)</span>" }
    return parts.joined(separator: " · ")
  }

  /// What follows the subject, as it stands there.
  private static func message(_ commit: CommitRecord) -> String {
    let lines = commit.message.split(separator: "\n", omittingEmptySubsequences: false)
    let isBlank: (Substring) -> Bool = { $0.allSatisfy(\.isWhitespace) }
    let rest = lines.drop(while: isBlank).dropFirst().drop(while: isBlank)
    guard !rest.isEmpty else { return "" }
    return "<pre>\(MarkupText.escaped(rest.joined(separator: "\n")))</pre>\n"
  }

  private static func paths(_ excerpt: CommitExcerpt, _ words: PageWords) -> String {
    let commit = excerpt.commit
    let shown = commit.changes.prefix(CommitExcerpt.mostPaths)
    let items = shown.map { change in
      let text = MarkupText.escaped(change.path.text)
      let url = SourceLink.url(base: "", snapshot: excerpt.snapshot, path: change.path, lines: 1...1)
      let path =
        excerpt.present.contains(change.path) ? "<a href=\"\(MarkupText.escaped(url))\">\(text)</a>" : text
      return "<li><span class=\"\(change.status.name)\">\(words.change(change.status))</span> \(path)</li>\n"
    }
    let rest = commit.changeCount - shown.count
    return "<h2>\(words.paths(commit.changeCount, isMerge: commit.isMerge))</h2>\n<ul>\n\(items.joined())</ul>\n"
      + (rest > 0 ? "<p class=\"note\">\(words.more(rest))</p>\n" : "")
  }

  private static let style = """
    header { padding: .75rem 1rem; background: var(--panel); border-bottom: 1px solid var(--line); }
    h1 { font-size: 1.15rem; margin: 0; overflow-wrap: anywhere; } h2 { font-size: 1rem; margin-top: 2rem; }
    header p, .note { margin: .25rem 0 0; color: var(--soft); font-size: .85rem; overflow-wrap: anywhere; }
    main { padding: 1rem 1rem 4rem; max-width: 72rem; }
    .when { white-space: nowrap; }
    pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 8; }
    ul { list-style: none; padding-left: 0; } li { overflow-wrap: anywhere; font: .875rem var(--mono); margin: .2rem 0; }
    .added { color: #1d7a46; } .removed { color: #c0392b; } .modified { color: var(--soft); }
    @media (prefers-color-scheme: dark) { .added { color: #7fd4a0; } .removed { color: #f08a7d; } }

    """
}
