// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// Puts words to changes: declarations, members, properties, read from git. Changes of one file should come together,
/// since the last blobs read are kept.
package struct SymbolDescriber {
  package let pair: SnapshotPair
  private var kept: [(side: DiffSide, file: Int, bytes: [UInt8])] = []
  private static let keptBlobs = 6

  package init(_ pair: SnapshotPair) {
    self.pair = pair
  }

  /// Throws `objectUnreadable`.
  package mutating func entry(_ change: SymbolChange) throws -> SymbolEntry {
    let old = try change.from.map { try place($0, .from) }
    let new = try change.to.map { try place($0, .to) }
    let oldName = change.from.map { pair.from.name(of: $0.record) }
    let newName = change.to.map { pair.to.name(of: $0.record) }
    var entry = SymbolEntry(
      status: change.status, kind: change.kind, name: newName ?? oldName ?? "",
      fromName: newName != nil && oldName != newName ? oldName : nil, from: old, to: new,
      isBodyChanged: change.isBodyChanged, isSignatureChanged: change.isSignatureChanged)
    guard let from = change.from, let to = change.to, change.isBodyChanged else { return entry }
    let texts = (try text(from, .from), try text(to, .to))
    switch change.kind {
    case .struct, .union:
      entry.members = MemberReader.changes(
        from: MemberReader(texts.0).members, firstLine: firstLine(from, texts.0), to: MemberReader(texts.1).members,
        firstLine: firstLine(to, texts.1))
    case .config:
      entry.properties = OptionReader.changes(from: OptionReader(texts.0), to: OptionReader(texts.1))
    default: break
    }
    return entry
  }

  private mutating func bytes(_ side: DiffSide, _ file: Int) throws -> [UInt8] {
    if let found = kept.first(where: { $0.side == side && $0.file == file }) { return found.bytes }
    let bytes = try pair.bytes(side, file)
    kept.append((side, file, bytes))
    if kept.count > SymbolDescriber.keptBlobs { kept.removeFirst() }
    return bytes
  }

  private mutating func place(_ symbol: SymbolSide, _ side: DiffSide) throws -> SymbolPlace {
    let bytes = try bytes(side, symbol.file)
    let range = symbol.record.signature.clamped(to: 0..<bytes.count)
    let signature = symbol.record.kind == .macro ? SymbolDescriber.macro(range, bytes) : bytes[range]
    return SymbolPlace(
      path: pair.view(side).path(at: symbol.file), line: Int(symbol.record.line),
      signature: SymbolDescriber.oneLine(signature), linkage: symbol.linkage)
  }

  /// From the line that declares to the end of the chunks that hold it.
  private mutating func text(_ symbol: SymbolSide, _ side: DiffSide) throws -> ArraySlice<UInt8> {
    let bytes = try bytes(side, symbol.file)
    let start = min(Int(symbol.record.signatureStart), bytes.count)
    let line = bytes[..<start].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return bytes[line...]
  }

  /// The line that a text from `text(_:_:)` begins with. A declaration may stand on lines before its name.
  private func firstLine(_ symbol: SymbolSide, _ text: ArraySlice<UInt8>) -> Int {
    let signature = text.prefix(Int(symbol.record.signatureCount) + Int(symbol.record.signatureStart) - text.startIndex)
    let above = signature.count { $0 == UInt8(ascii: "\n") }
    return Int(symbol.record.line) - above
  }

  /// `#define` with its value; of one that goes on over lines, the first ones.
  private static func macro(_ range: Range<Int>, _ bytes: [UInt8]) -> ArraySlice<UInt8> {
    let newline = UInt8(ascii: "\n")
    let start = bytes[..<range.lowerBound].lastIndex(of: newline).map { $0 + 1 } ?? 0
    var end = bytes[range.lowerBound...].firstIndex(of: newline) ?? bytes.count
    while end > start, end < bytes.count, bytes[end - 1] == UInt8(ascii: "\\"), end - start < 240 {
      end = bytes[(end + 1)...].firstIndex(of: newline) ?? bytes.count
    }
    return bytes[start..<end]
  }

  /// Runs of white space, and of escaped line ends, as one space.
  static func oneLine(_ bytes: ArraySlice<UInt8>) -> String {
    var out: [UInt8] = []
    for byte in bytes {
      if byte <= 0x20 || byte == UInt8(ascii: "\\") {
        if let last = out.last, last != 0x20 { out.append(0x20) }
      } else {
        out.append(byte)
      }
    }
    if out.last == 0x20 { out.removeLast() }
    return String(decoding: out, as: UTF8.self)
  }
}
