// SPDX-License-Identifier: Apache-2.0
import Glossary
import KnowledgeDiff

/// A history for a person: a line for each snapshot that shows a change, and what changed below it.
struct HistoryRendering {
  let style: Style

  func text(_ events: [HistoryEvent], _ snapshots: [SnapshotInfo]) -> String {
    var lines: [String] = []
    var last: SnapshotInfo?
    for event in events {
      if event.snapshot != last {
        let before = event.previous.map { " since \($0.revision)" } ?? ", the first that is indexed"
        lines.append(style.bold(event.snapshot.revision) + style.faint(before))
        last = event.snapshot
      }
      switch event.change {
      case .symbol(let entry):
        var rows = DiffRendering(style: style).lines(entry)
        let place = entry.to ?? entry.from
        if !rows.isEmpty, let place { rows[0] += "  " + style.path("\(place.path.text):\(place.line)") }
        lines += rows
      case .file(let entry): lines.append("    " + DiffRendering(style: style).line(entry))
      }
    }
    let range = [snapshots.first?.revision, snapshots.last?.revision].compactMap(\.self).joined(separator: " to ")
    lines.append(style.faint("\(Figures.counted(snapshots.count, "snapshot")) looked at, \(range)"))
    return lines.joined(separator: "\n") + "\n"
  }
}
