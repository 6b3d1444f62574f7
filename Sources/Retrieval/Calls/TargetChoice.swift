// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// Tells which of a name's definitions a use in some file can mean: by file, by what the file includes, by the part of
/// the tree that is built together.
struct TargetChoice {
  private struct Candidate {
    var target: CallTarget
    var isHeader: Bool
    var isFree: Bool
    var domain: String
  }

  private let candidates: [Candidate]
  private let names: Set<String>

  var all: [CallTarget] { candidates.map(\.target) }

  init(_ targets: [CallTarget]) {
    candidates = targets.map { target in
      let path = target.path.text
      return Candidate(
        target: target, isHeader: path.hasSuffix(".h"),
        isFree: path.hasPrefix("include/") || path.contains("/include/"), domain: TargetChoice.domain(path))
    }
    names = Set(targets.map { String(decoding: $0.path.nameBytes, as: UTF8.self) })
  }

  /// - Parameter bytes: the using file's text, read for its `#include` lines where the names alone do not decide.
  func targets(from file: TreePath, bytes: [UInt8]) -> [CallTarget] {
    guard candidates.count > 1 || candidates.first?.target.isStatic == true else { return all }
    let same = candidates.filter { $0.target.path == file }
    if !same.isEmpty { return same.map(\.target) }
    let included = IncludedNames.names(in: bytes)
    let directory = TargetChoice.directory(file.text)
    let reached = candidates.filter { candidate in
      let path = candidate.target.path.text
      if included.contains(where: { path.hasSuffix($0) }) { return true }
      if candidate.isHeader {
        return candidate.isFree || directory.hasPrefix(TargetChoice.directory(path))
          || !candidate.target.isStatic
            && candidate.target.kind != .macro
      }
      return !(candidate.target.isStatic || candidate.target.kind == .macro)
    }
    if reached.isEmpty {
      // A source file that another one includes shares its static functions with it.
      let beside = candidates.filter { TargetChoice.directory($0.target.path.text) == directory }
      return (beside.isEmpty ? built(candidates, with: file.text) : beside).map(\.target)
    }
    let together = built(reached, with: file.text)
    let direct = together.filter { candidate in
      candidate.isHeader && included.contains { candidate.target.path.text.hasSuffix($0) }
    }
    guard !direct.isEmpty else { return together.map(\.target) }
    return together.filter { candidate in
      !candidate.isHeader || direct.contains { $0.target == candidate.target }
    }.map(\.target)
  }

  /// Those that are built into one program with a file: its own part of the tree before the rest.
  private func built(_ candidates: [Candidate], with path: String) -> [Candidate] {
    let domain = TargetChoice.domain(path)
    let own = candidates.filter { $0.domain == domain }
    if TargetChoice.isApart(domain) {
      guard !own.isEmpty else { return candidates }
      let shared = own.map { TargetChoice.sharedPrefix($0.target.path.text, path) }
      let most = shared.max() ?? 0
      return zip(own, shared).filter { $0.1 == most }.map(\.0)
    }
    if !domain.isEmpty, !own.isEmpty { return own }
    let kernel = candidates.filter { $0.domain.isEmpty }
    if !domain.isEmpty, !kernel.isEmpty { return kernel }
    let notApart = candidates.filter { !TargetChoice.isApart($0.domain) }
    return notApart.isEmpty ? candidates : notApart
  }

  /// The part of the tree that a path is built in: an architecture, its boot loader, the programs of `tools/`; empty for
  /// the rest.
  private static func domain(_ path: String) -> String {
    let parts = path.split(separator: "/", maxSplits: 3)
    guard parts.count > 1 else { return "" }
    switch parts[0] {
    case "tools", "scripts", "samples", "usr", "Documentation": return String(parts[0])
    case "arch" where parts.count > 2:
      return parts[2] == "boot" || parts[2] == "purgatory"
        ? "\(parts[0])/\(parts[1])/\(parts[2])" : "\(parts[0])/\(parts[1])"
    default: return ""
    }
  }

  private static func isApart(_ domain: String) -> Bool { !domain.isEmpty && !domain.hasPrefix("arch/") }

  private static func directory(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }

  /// How many directories two paths share.
  private static func sharedPrefix(_ left: String, _ right: String) -> Int {
    zip(left.split(separator: "/"), right.split(separator: "/")).prefix { $0 == $1 }.count
  }
}

/// The `#include` lines of a source.
enum IncludedNames {
  /// What they name, with `/` before it, `../` taken off.
  static func names(in bytes: [UInt8]) -> [String] {
    bytes.withUnsafeBufferPointer { text in
      var names: [String] = []
      var at = 0
      while at < text.count {
        if text[at] == UInt8(ascii: "#"), at == 0 || text[at - 1] == UInt8(ascii: "\n"), let name = name(text, at) {
          names.append(name)
        }
        while at < text.count, text[at] != UInt8(ascii: "\n") { at += 1 }
        at += 1
      }
      return names
    }
  }

  private static func name(_ text: UnsafeBufferPointer<UInt8>, _ hash: Int) -> String? {
    var at = hash + 1
    while at < text.count, text[at] == 0x20 || text[at] == 0x09 { at += 1 }
    let word = Array("include".utf8)
    guard at + word.count < text.count, text[at..<(at + word.count)].elementsEqual(word) else { return nil }
    at += word.count
    while at < text.count, text[at] == 0x20 || text[at] == 0x09 { at += 1 }
    guard at < text.count, text[at] == UInt8(ascii: "\"") || text[at] == UInt8(ascii: "<") else { return nil }
    let start = at + 1
    at = start
    while at < text.count, text[at] != UInt8(ascii: "\""), text[at] != UInt8(ascii: ">"), text[at] != UInt8(ascii: "\n")
    {
      at += 1
    }
    var name = String(decoding: text[start..<at], as: UTF8.self)[...]
    while name.hasPrefix("../") || name.hasPrefix("./") { name = name.drop { $0 != "/" }.dropFirst() }
    return name.isEmpty ? nil : "/" + name
  }
}
