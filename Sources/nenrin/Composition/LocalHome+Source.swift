// SPDX-License-Identifier: Apache-2.0
import Glossary
import HTTPAPI
import IndexStore

/// A file of a snapshot, or some of its lines, as the git object store has them.
struct SourceBytes {
  var file: SnapshotFile
  /// Of the whole file.
  var lineCount: Int
  /// 1-based; empty (`first..<first`) for an empty file.
  var lines: Range<Int>
  var bytes: ArraySlice<UInt8>
  /// A NUL byte in the first 8,000 bytes, which is git's own test.
  var isBinary: Bool
}

extension LocalHome {
  /// Reads a file of a snapshot, whole or the lines asked for (their end is cut to the file's). Throws `pathNotFound`
  /// with near misses, `invalidArgument` for lines that are not there, `unsupported` for a submodule.
  func source(of view: SnapshotView, path: TreePath, lines: ClosedRange<Int>?) throws -> SourceBytes {
    try sourceAndWhole(of: view, path: path, lines: lines).source
  }

  private func sourceAndWhole(
    of view: SnapshotView, path: TreePath, lines: ClosedRange<Int>?
  ) throws -> (source: SourceBytes, whole: [UInt8]) {
    guard let file = view.file(path) else { throw notFound(path, in: view) }
    guard file.kind != .submodule else {
      throw NenrinError(
        .unsupported, "'\(path)' is a submodule",
        reason: "\(view.info.name) records commit \(file.object.hex.prefix(12)) of another repository there",
        remedies: ["Index that repository on its own, then show the file from its snapshot."])
    }
    let bytes = try withSource(of: view) { try $0.bytes(of: file.object) }
    let starts = lineStarts(bytes)
    var source = SourceBytes(
      file: file, lineCount: starts.count, lines: 1..<(starts.count + 1), bytes: bytes[...],
      isBinary: bytes.prefix(8_000).contains(0))
    guard let lines else { return (source, bytes) }
    guard lines.lowerBound >= 1, lines.lowerBound <= starts.count else {
      throw NenrinError(
        .invalidArgument, "no line \(lines.lowerBound) in '\(path)'",
        reason: "it has \(Figures.counted(starts.count, "line")) in \(view.info.name)",
        remedies: ["Name lines that it has, 1 being the first."])
    }
    let last = min(lines.upperBound, starts.count)
    source.lines = lines.lowerBound..<(last + 1)
    source.bytes = bytes[starts[lines.lowerBound - 1]..<(last < starts.count ? starts[last] : bytes.count)]
    return (source, bytes)
  }

  /// The same as a document shows it: text, and the definitions in the lines.
  func excerpt(of view: SnapshotView, path: TreePath, lines: ClosedRange<Int>?) throws -> SourceExcerpt {
    let (source, whole) = try sourceAndWhole(of: view, path: path, lines: lines)
    let symbols = view.definitions(inFile: source.file.index).compactMap { location -> SourceExcerpt.Symbol? in
      let definition = location.definition
      let end = definition.name == location.chunk.symbol ? lastLine(of: location.chunk, whole) : definition.line
      let lines = definition.line...max(definition.line, end)
      guard lines.overlaps(source.lines) else { return nil }
      return SourceExcerpt.Symbol(name: definition.name, kind: definition.kind, lines: lines)
    }
    return SourceExcerpt(
      snapshot: view.info, path: path, blob: source.file.object, language: source.file.language,
      lineCount: source.lineCount, firstLine: source.lines.lowerBound,
      text: source.isBinary ? "" : String(decoding: source.bytes, as: UTF8.self), symbols: symbols,
      isBinary: source.isBinary)
  }

  /// A chunk's last line with something on it: the empty lines behind a function are part of its chunk, not of it.
  private func lastLine(of chunk: ChunkLocation, _ bytes: [UInt8]) -> Int {
    let space: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D, 0x0C]
    let body = bytes[min(chunk.bytes.lowerBound, bytes.count)..<min(chunk.bytes.upperBound, bytes.count)]
    guard let last = body.lastIndex(where: { !space.contains($0) }) else { return chunk.lines.upperBound }
    return chunk.lines.lowerBound + body[...last].count { $0 == UInt8(ascii: "\n") }
  }

  private func notFound(_ path: TreePath, in view: SnapshotView) -> NenrinError {
    let near = view.nearPaths(path, limit: 3)
    return NenrinError(
      .pathNotFound, "no path '\(path)' in \(view.info.name)",
      reason: near.isEmpty ? "" : "near it are \(near.map(\.text).joined(separator: ", "))",
      remedies: ["Name a file by its path from the top of the tree."])
  }

  /// Where each line begins; an unfinished last line counts.
  private func lineStarts(_ bytes: [UInt8]) -> [Int] {
    var starts: [Int] = bytes.isEmpty ? [] : [0]
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") && index + 1 < bytes.count {
      starts.append(index + 1)
    }
    return starts
  }
}
