// SPDX-License-Identifier: Apache-2.0
import Glossary
import Retrieval

/// A search result for a person: the files in order, and under each its best passages.
struct SearchRendering {
  /// Passages shown under one file.
  private static let passagesPerFile = 3

  let explains: Bool
  let style: Style

  func text(_ result: SearchResult) -> String {
    let passages = Dictionary(grouping: result.passages, by: \.path)
    let width = String(result.files.count).count
    var lines = explains ? [style.faint("asked for \(result.ideas.joined(separator: "; "))")] : []
    if explains, !result.plan.isEmpty {
      lines.append(style.faint("planned by the chat model: \(result.plan.joined(separator: "; "))"))
    }
    for file in result.files {
      let rank = String(file.rank)
      let padding = String(repeating: " ", count: max(0, width - rank.count))
      lines.append("\(padding)\(rank)  \(style.path(file.path.text))")
      let indent = String(repeating: " ", count: width + 4)
      if explains {
        lines.append(indent + style.faint("score \(Figures.fixed(file.score, 4))"))
        lines += file.reasons.map { indent + style.faint($0.text) }
      }
      let best = (passages[file.path] ?? []).prefix(SearchRendering.passagesPerFile)
      lines += table(best.sorted { $0.lines.lowerBound < $1.lines.lowerBound }).lines(indent: indent)
    }
    lines.append(style.faint("\(result.snapshot.name), \(milliseconds(result.elapsed)) ms"))
    return lines.joined(separator: "\n") + "\n"
  }

  private func table(_ passages: [Passage]) -> Table {
    var table = Table([.left, .left])
    for passage in passages {
      table.add([
        "\(passage.lines.lowerBound)-\(passage.lines.upperBound)",
        [passage.kind?.name, passage.symbol ?? firstWords(passage.text)].compactMap(\.self).joined(separator: " "),
      ])
    }
    return table
  }

  /// The first line with something on it, for a passage without a symbol.
  private func firstWords(_ text: String) -> String {
    let lines = text.split(separator: "\n").lazy.map { $0.drop { " \t/*#".contains($0) } }
    guard let line = lines.first(where: { !$0.isEmpty }) else { return "" }
    return line.count > 72 ? line.prefix(71) + "…" : String(line)
  }

  private func milliseconds(_ duration: Duration) -> String {
    let value = duration / .milliseconds(1)
    return Figures.fixed(value, value < 10 ? 1 : 0)
  }
}
