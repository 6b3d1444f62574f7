// SPDX-License-Identifier: Apache-2.0
import Glossary

/// The page that citations lead to: a file of a snapshot, a line each with its number as an anchor.
enum SourcePage {
  /// `signature` is what the links to other lines of the file must carry where pages are private.
  static func page(_ excerpt: SourceExcerpt, _ words: PageWords, signature: String? = nil) -> Page {
    let path = MarkupText.escaped(excerpt.path.text)
    let name = MarkupText.escaped(excerpt.snapshot.name)
    let lines = sourceLines(excerpt)
    let last = excerpt.firstLine + lines.count - 1
    let isPart = excerpt.firstLine > 1 || last < excerpt.lineCount
    let span =
      isPart ? words.lines(excerpt.firstLine, last, of: excerpt.lineCount) : words.lines(excerpt.lineCount)
    let header = """
      <header>
      <h1>\(path)</h1>
      <p>\(name) · \(words.commit) <code>\(excerpt.snapshot.commit.hex.prefix(12))</code> · blob \
      <code>\(excerpt.blob.hex.prefix(12))</code> · \(MarkupText.escaped(excerpt.language.name)) · \(span)</p>
      \(windowLinks(excerpt, last: last, signature, words))</header>

      """
    var body = Array(header.utf8)
    if excerpt.isBinary {
      body += Array("<p class=\"note\">\(words.binary)</p>".utf8)
    } else {
      append(lines, from: excerpt.firstLine, to: &body)
    }
    return Page(title: "\(path) · \(name)", language: words.language, style: style, script: script, body: body)
  }

  private static func sourceLines(_ excerpt: SourceExcerpt) -> [Substring.UTF8View] {
    var lines = excerpt.text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  private static func append(_ lines: [Substring.UTF8View], from first: Int, to body: inout [UInt8]) {
    body += Array("<pre>".utf8)
    for (offset, line) in lines.enumerated() {
      let number = first + offset
      body += Array("<span class=\"l\" id=\"L\(number)\"><a href=\"#L\(number)\">\(number)</a>".utf8)
      // A carriage return before the line's end would break the line twice.
      MarkupText.append(line.last == UInt8(ascii: "\r") ? line.dropLast() : line, to: &body)
      body += Array("\n</span>".utf8)
    }
    body += Array("</pre>".utf8)
  }

  /// Ways to the lines before and after, where the page shows a part.
  private static func windowLinks(
    _ excerpt: SourceExcerpt, last: Int, _ signature: String?, _ words: PageWords
  ) -> String {
    var links: [String] = []
    let key = signature.map { MarkupText.escaped("&" + $0) } ?? ""
    let size = SourceLink.pageLineLimit
    if excerpt.firstLine > 1 {
      links.append(
        "<a href=\"?lines=\(max(1, excerpt.firstLine - size))-\(excerpt.firstLine - 1)\(key)\">\(words.earlierLines)</a>"
      )
    }
    if last < excerpt.lineCount, last >= excerpt.firstLine {
      links.append(
        "<a href=\"?lines=\(last + 1)-\(min(excerpt.lineCount, last + size))\(key)\">\(words.laterLines)</a>")
    }
    return links.isEmpty ? "" : "<p>\(links.joined(separator: " · "))</p>\n"
  }

  private static let style = """
    header { padding: .75rem 1rem; background: var(--panel); border-bottom: 1px solid var(--line); position: sticky;
      top: 0; z-index: 1; }
    h1 { font: 600 1.05rem var(--mono); margin: 0; overflow-wrap: anywhere; }
    header p { margin: .25rem 0 0; color: var(--soft); font-size: .85rem; overflow-wrap: anywhere; }
    .note { padding: 1rem; }
    pre { margin: 0; padding: .5rem 0 40vh; overflow-x: auto; tab-size: 8; line-height: 1.4; }
    .l { display: block; position: relative; padding: 0 1rem 0 4.5rem; scroll-margin-top: 20vh; }
    .l > a { position: absolute; left: 0; width: 3.75rem; text-align: right; color: var(--soft);
      text-decoration: none; user-select: none; }
    .l.on, .l:target { background: var(--mark); }

    """

  /// Marks the lines of `#L12-L40`, which no element has as its id, and brings them into sight.
  private static let script = """
    function mark() {
      for (const line of document.querySelectorAll('.l.on')) line.classList.remove('on');
      // Open WebUI appends `#:~:text=…` to a link that has a fragment already; a browser leaves the `#` of it.
      const range = /^#L([0-9]+)(?:-L?([0-9]+))?#?$/.exec(location.hash);
      if (!range) return;
      const first = Number(range[1]), last = Math.min(Number(range[2] || range[1]), first + 100000);
      for (let number = first; number <= last; number++) {
        const line = document.getElementById('L' + number);
        if (!line) break;
        line.classList.add('on');
      }
      const start = document.getElementById('L' + first);
      if (start) start.scrollIntoView({ block: 'start' });
    }
    addEventListener('hashchange', mark);
    mark();

    """
}
