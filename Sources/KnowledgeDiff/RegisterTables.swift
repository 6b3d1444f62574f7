// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// The `#define` lines of a register table. The index holds a filter of its names alone, so its text is read when one
/// table, or one of its names, is asked for.
struct RegisterTableReader {
  struct Line {
    /// 1-based.
    var number: Int
    /// `#define NAME value`, runs of white space as one, without comments.
    var text: String
  }

  /// By name; of a name that is defined several times the first.
  private(set) var lines: [String: Line] = [:]

  /// - Parameter name: only lines that define it are kept; nil keeps all.
  init(_ bytes: [UInt8], name: String? = nil) {
    let wanted = name.map { Array($0.utf8) }
    var number = 0
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      guard let defined = RegisterTableReader.defined(line), wanted.map({ $0[...] == defined }) ?? true else {
        continue
      }
      let name = String(decoding: defined, as: UTF8.self)
      if lines[name] == nil {
        lines[name] = Line(number: number, text: SymbolDescriber.oneLine(RegisterTableReader.code(line)))
      }
    }
  }

  /// The name that a line defines.
  private static func defined(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    var rest = line.drop(while: isBlank)
    guard rest.first == UInt8(ascii: "#") else { return nil }
    rest = rest.dropFirst().drop(while: isBlank)
    guard rest.starts(with: "define".utf8) else { return nil }
    rest = rest.dropFirst(6)
    guard rest.first.map(isBlank) ?? false else { return nil }
    let name = rest.drop(while: isBlank).prefix { byte in
      byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
    }
    return name.isEmpty ? nil : name
  }

  /// A line as far as its first comment.
  private static func code(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let slash = UInt8(ascii: "/")
    let comment = line.indices.dropLast().first { place in
      line[place] == slash && (line[place + 1] == slash || line[place + 1] == UInt8(ascii: "*"))
    }
    return line[..<(comment ?? line.endIndex)]
  }
}

extension KnowledgeComparer {
  /// Whether a file is a register table on a side that has it.
  func isRegisterTable(_ change: FileChange) -> Bool {
    change.from.map { pair.from.skip(ofFile: $0) == .registerTable } ?? false
      || change.to.map { pair.to.skip(ofFile: $0) == .registerTable } ?? false
  }

  /// What one file that is a register table defines otherwise than before, in order of line. Throws `objectUnreadable`.
  func tableSymbols(of change: FileChange) throws -> [SymbolEntry] {
    try tableSymbols(from: change.from, to: change.to, name: nil)
  }

  /// A name that only register tables define: what became of it in each, those where nothing did included. Throws
  /// `objectUnreadable`.
  func tableSymbols(named name: String, under scope: PathScope?) throws -> [SymbolEntry] {
    let olds = pair.from.tableFiles(naming: name).filter { scope?.contains(.from, $0) ?? true }
    let news = pair.to.tableFiles(naming: name).filter { scope?.contains(.to, $0) ?? true }
    var pairs = olds.map { FilePair(from: $0, to: pair.to.file(pair.from.path(at: $0))?.index) }
    for new in news where !pairs.contains(where: { $0.to == new }) {
      pairs.append(FilePair(from: pair.from.file(pair.to.path(at: new))?.index, to: new))
    }
    return try pairs.flatMap { try tableSymbols(from: $0.from, to: $0.to, name: name) }
      .sorted { ($0.path, $0.name) < ($1.path, $1.name) }
  }

  private func tableSymbols(from old: Int?, to new: Int?, name: String?) throws -> [SymbolEntry] {
    let before = try old.map { RegisterTableReader(try pair.bytes(.from, $0), name: name).lines } ?? [:]
    let after = try new.map { RegisterTableReader(try pair.bytes(.to, $0), name: name).lines } ?? [:]
    func place(_ line: RegisterTableReader.Line?, _ view: SnapshotView, _ file: Int?) -> SymbolPlace? {
      guard let line, let file else { return nil }
      return SymbolPlace(path: view.path(at: file), line: line.number, signature: line.text, linkage: nil)
    }
    let names = Set(before.keys).union(after.keys)
    let entries = names.compactMap { defined -> SymbolEntry? in
      let (left, right) = (before[defined], after[defined])
      let isEqual = left?.text == right?.text
      if isEqual, name == nil { return nil }
      let status: SymbolStatus = left == nil ? .added : right == nil ? .removed : isEqual ? .unchanged : .changed
      return SymbolEntry(
        status: status, kind: .macro, name: defined, from: place(left, pair.from, old), to: place(right, pair.to, new),
        isBodyChanged: status == .changed, isSignatureChanged: false)
    }
    return entries.sorted { left, right in
      ((left.to ?? left.from)?.line ?? 0, left.name) < ((right.to ?? right.from)?.line ?? 0, right.name)
    }
  }
}
