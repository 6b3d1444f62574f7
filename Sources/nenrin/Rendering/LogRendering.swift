// SPDX-License-Identifier: Apache-2.0
import CommitSearch
import Glossary
import HTTPAPI

/// Commits for a person: a line that says which, and below it why.
struct LogRendering {
  let style: Style
  /// Lines are wrapped to these.
  let columns: Int

  func text(_ result: CommitResult, _ request: CommitRequest) -> String {
    var lines: [String] = []
    if let introduction = result.introduction { lines += text(introduction) }
    for hit in result.hits { lines += text(hit) }
    let shown = result.hits.count
    let range = result.after.map { "\($0.hex.prefix(12))..\(result.upTo.hex.prefix(12))" } ?? result.snapshot.name
    if shown > 0 {
      let more = result.total > request.offset + shown ? "; --offset \(request.offset + shown) goes on" : ""
      lines.append(
        style.faint(
          "\(Figures.count(shown)) of \(Figures.counted(result.total, "commit")), of \(Figures.count(result.considered)) in "
            + "\(range), \(Int(DocumentFormat.milliseconds(result.elapsed).rounded())) ms\(more)"))
    } else if result.introduction == nil {
      lines.append(style.faint("no commit of the \(Figures.count(result.considered)) in \(range) matches"))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func text(_ introduction: Introduction) -> [String] {
    let commit = introduction.commit
    let head =
      "'\(introduction.name)' came with \(style.path(String(commit.id.hex.prefix(12)))), "
      + "\(LogRendering.day(commit.date)), in \(introduction.path.text) (\(introduction.certainty.rawValue)):"
    return [head] + wrapped(LogRendering.subject(commit), indent: 4)
      + wrapped(introduction.why, indent: 4).map(style.faint) + [""]
  }

  /// `12 digits  date  author` and the subject; then the words and paths by which it was found.
  private func text(_ hit: CommitHit) -> [String] {
    let commit = hit.commit
    let rank = String(hit.rank)
    let indent = rank.count + 2
    let author = commit.author.split(separator: "<").first.map { $0.drop { $0 == " " } } ?? ""
    let merge = commit.isMerge ? style.faint("  merge of \(commit.parents.count)") : ""
    var lines = [
      "\(rank)  \(style.path(String(commit.id.hex.prefix(12))))  \(LogRendering.day(commit.authorDate))  "
        + "\(author.isEmpty ? "(no author)" : LogRendering.trimmed(String(author)))\(merge)"
    ]
    lines += wrapped(LogRendering.subject(commit), indent: indent).map(style.bold)
    var reasons: [String] = []
    if !hit.subjectWords.isEmpty { reasons.append("subject: \(hit.subjectWords.joined(separator: ", "))") }
    if !hit.messageWords.isEmpty { reasons.append("message: \(hit.messageWords.prefix(8).joined(separator: ", "))") }
    let paths = hit.paths.map { change in
      switch change.status {
      case .added: "+" + change.path.text
      case .removed: "-" + change.path.text
      case .modified: change.path.text
      }
    }
    if !paths.isEmpty {
      let more = commit.changeCount > paths.count ? " and \(Figures.count(commit.changeCount - paths.count)) more" : ""
      reasons.append("paths: \(paths.joined(separator: ", "))\(more)")
    }
    for reason in reasons { lines += wrapped(reason, indent: indent, hanging: 2).map(style.faint) }
    for note in commit.notes.sentences { lines += wrapped("note: " + note, indent: indent).map(style.faint) }
    return lines
  }

  static func subject(_ commit: CommitRecord) -> String {
    let subject = commit.subject
    return subject.isEmpty ? "(no message)" : subject
  }

  static func day(_ seconds: Int64) -> String { String(DocumentFormat.timestamp(seconds).prefix(10)) }

  private static func trimmed(_ text: String) -> String {
    var text = text[...]
    while text.last == " " { text = text.dropLast() }
    return String(text)
  }

  /// Broken at spaces; a word longer than a line stands alone.
  private func wrapped(_ text: String, indent: Int, hanging: Int = 0) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      let room = columns - indent - (lines.isEmpty ? 0 : hanging)
      if !line.isEmpty, line.count + 1 + word.count > room {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    if !line.isEmpty { lines.append(line) }
    return lines.enumerated().map { String(repeating: " ", count: indent + ($0 > 0 ? hanging : 0)) + $1 }
  }
}
