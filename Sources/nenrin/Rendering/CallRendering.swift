// SPDX-License-Identifier: Apache-2.0
import Glossary
import Retrieval

/// Callers, callees and paths of calls for a person.
struct CallRendering {
  private let style = Style.output

  func callers(_ result: CallersResult) -> [String] {
    var lines: [String] = []
    let least = result.isComplete ? "" : "at least "
    lines.append(style.faint(least + Figures.counted(result.callers.count, "caller")))
    lines += table(result.callers, result)
    if !result.uses.isEmpty {
      lines += ["", style.faint("its address, exports and registrations")]
      lines += table(result.uses, result)
    }
    if !result.possible.isEmpty {
      let more = result.isPossibleComplete ? "" : "at least "
      lines += [
        "",
        style.faint("\(more)\(Figures.counted(result.possible.count, "possible caller")), through a field of a table"),
      ]
      lines += table(result.possible, result)
    }
    return lines
  }

  private func table(_ hits: [CallerHit], _ result: CallersResult) -> [String] {
    var table = Table([.left, .left, .left])
    for hit in hits {
      var text = hit.text
      if let via = hit.via, hit.kind == .table || hit.kind == .possible { text += "   (\(via))" }
      if hit.lines.count > 1 { text += "   (+\(hit.lines.count - 1): \(lineList(hit.lines.dropFirst())))" }
      if result.definitions.count > 1, hit.targets.count < result.definitions.count, let target = hit.targets.first {
        text += "   → \(target.path.text):\(target.line)"
      }
      table.add(["\(hit.path.text):\(hit.lines[0])", hit.symbol ?? "(file level)", text])
    }
    return table.lines()
  }

  private func lineList(_ lines: ArraySlice<Int>) -> String {
    lines.prefix(6).map(String.init).joined(separator: ", ") + (lines.count > 6 ? " …" : "")
  }

  func callees(_ result: CalleesResult) -> [String] {
    var lines: [String] = []
    for definition in result.definitions {
      let place = definition.definition
      lines += lines.isEmpty ? [] : [""]
      lines.append(style.faint("called by \(result.name), \(place.path.text):\(place.line)"))
      var table = Table([.right, .left, .left])
      for callee in definition.callees {
        let name = callee.isIndirect ? "->\(callee.name)" : callee.name
        guard let first = callee.targets.first else {
          table.add([String(callee.lines[0]), name, callee.isIndirect ? "no table binds it" : "not defined here"])
          continue
        }
        table.add([String(callee.lines[0]), name, target(first, callee)])
        for other in callee.targets.dropFirst() { table.add(["", "", target(other, callee)]) }
        if callee.areTargetsTruncated { table.add(["", "", "…"]) }
      }
      lines += table.lines()
    }
    return lines
  }

  private func target(_ target: CalleeTarget, _ callee: CalleeHit) -> String {
    let place = "\(target.definition.path.text):\(target.definition.line)"
    guard callee.isIndirect else { return place }
    return "possibly \(target.name), \(place)" + (target.table.map { " (\($0))" } ?? "")
  }

  func chain(_ result: ChainResult) -> [String] {
    if result.request.to == nil {
      return result.tree.map { step in
        String(repeating: "  ", count: step.depth) + self.step(step) + (step.isRepeated ? style.faint(" (above)") : "")
      }
    }
    var lines: [String] = []
    for path in result.paths {
      if !lines.isEmpty { lines.append("") }
      lines += path.enumerated().map { ($0 == 0 ? "" : "  → ") + step($1) }
    }
    return lines
  }

  private func step(_ step: ChainStep) -> String {
    let call = step.callLine > 0 ? ", called on line \(step.callLine)" : ""
    return "\(step.name)  " + style.faint("\(step.path.text):\(step.line)\(call)\(step.isPossible ? ", possibly" : "")")
  }
}
