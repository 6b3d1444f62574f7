// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

extension Retriever {
  /// Definitions of a name (`openat2`, `sys_openat2`, `CONFIG_BTRFS_FS`, `trace_sched_switch` …) and, where
  /// `referenceLimit` > 0, the lines that use it. Throws `questionEmpty`, `objectUnreadable`.
  package func symbol(_ name: String, referenceLimit: Int = 0) throws -> SymbolResult {
    let wanted = Retriever.bareName(name)
    guard !wanted.isEmpty else {
      throw NenrinError(.questionEmpty, "no name was given", remedies: ["Name a function, type, macro or option."])
    }
    var places: [SymbolLocation] = []
    // What a prefix stands for comes first: `sys_openat2` is the system call before it is some test's wrapper.
    for variant in SymbolName.variants(of: wanted).reversed() {
      places += view.definitions(named: variant.name).filter { variant.kinds?.contains($0.definition.kind) ?? true }
    }
    var texts = BlobTexts(source: source)
    var definitions = try places.map { try hit($0, &texts) }
    definitions += try tableDefinitions(wanted, &texts)
    var result = SymbolResult(name: wanted, snapshot: view.info, definitions: definitions)
    if referenceLimit > 0 {
      let references = try self.references(to: wanted, limit: referenceLimit, definitions: definitions, &texts)
      result.references = references.lines
      result.referencesTruncated = references.isTruncated
    }
    // A member may share its name with a variable or a tracepoint; a function's or a type's name is hardly ever one.
    if definitions.allSatisfy({ [.variable, .tracepoint, .label].contains($0.definition.kind) }) {
      result.members = try MemberSearch(view: view).members(named: wanted, limit: 40, &texts)
    }
    if definitions.isEmpty, result.members.isEmpty { result.nearMisses = view.nearNames(wanted, limit: 8) }
    return result
  }

  /// `struct sk_buff` → `sk_buff`, `vfs_read()` → `vfs_read`.
  private static func bareName(_ name: String) -> String {
    let last = name.split(whereSeparator: \.isWhitespace).last.map(String.init) ?? ""
    return last.hasSuffix("()") ? String(last.dropLast(2)) : last
  }

  private func hit(_ place: SymbolLocation, _ texts: inout BlobTexts) throws -> DefinitionHit {
    let file = view.file(at: place.chunk.file)
    let bytes = try texts.bytes(of: file.object)
    let range = place.definition.signature.clamped(to: 0..<bytes.count)
    let unit = Passages.unit(of: place.chunk, in: view.chunks(inFile: place.chunk.file))
    let isUnit = place.definition.name == place.chunk.symbol
    return DefinitionHit(
      path: file.path, definition: place.definition,
      endLine: isUnit ? Retriever.lastLine(of: unit, in: bytes) : Retriever.lastLine(of: place.definition, in: bytes),
      signature: place.definition.kind == .macro
        ? Retriever.defineLine(at: range.lowerBound, in: bytes) : Retriever.oneLine(bytes[range]),
      bindings: place.bindings)
  }

  /// A macro's line with its value; where it goes on behind a backslash, its first line.
  private static func defineLine(at offset: Int, in bytes: [UInt8]) -> String {
    let newline = UInt8(ascii: "\n")
    let start = bytes[..<offset].lastIndex(of: newline).map { $0 + 1 } ?? 0
    var end = bytes[offset...].firstIndex(of: newline) ?? bytes.count
    if end > offset, bytes[end - 1] == UInt8(ascii: "\\") { end -= 1 }
    return oneLine(bytes[start..<end])
  }

  /// The last line of a unit that is not blank.
  private static func lastLine(of unit: [ChunkLocation], in bytes: [UInt8]) -> Int {
    guard let last = unit.last else { return 1 }
    var line = last.lines.upperBound
    var end = min(last.bytes.upperBound, bytes.count)
    if end > 0, bytes[end - 1] == UInt8(ascii: "\n") { end -= 1 }
    while end > last.bytes.lowerBound, bytes[end - 1] <= 0x20 {
      if bytes[end - 1] == UInt8(ascii: "\n") { line -= 1 }
      end -= 1
    }
    return max(line, last.lines.lowerBound)
  }

  private static func lastLine(of definition: Definition, in bytes: [UInt8]) -> Int {
    let range = definition.signature.clamped(to: 0..<bytes.count)
    return definition.line + bytes[range].count { $0 == UInt8(ascii: "\n") }
  }

  /// Runs of white space as one space.
  static func oneLine(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// A register table names so many that only its text tells; its filter told that it is worth reading.
  private func tableDefinitions(_ name: String, _ texts: inout BlobTexts) throws -> [DefinitionHit] {
    var hits: [DefinitionHit] = []
    for file in view.tableFiles(naming: name) {
      let entry = view.file(at: file)
      let bytes = try texts.bytes(of: entry.object)
      for (line, range) in RegisterTable.definitions(of: name, in: bytes) {
        let definition = Definition(name: name, kind: .macro, line: line, signature: range)
        hits.append(
          DefinitionHit(
            path: entry.path, definition: definition, endLine: line, signature: Retriever.oneLine(bytes[range])))
      }
    }
    return hits
  }

  /// The lines that hold the name as a whole word, by path and line, definitions left out.
  private func references(
    to name: String, limit: Int, definitions: [DefinitionHit], _ texts: inout BlobTexts
  ) throws -> (lines: [ReferenceHit], isTruncated: Bool) {
    guard let term = TermAnalyzer().terms(of: name).last?.term else { return ([], false) }
    let chunks = view.chunks(withTerm: term)
    let defined = Set(definitions.map { "\($0.path.text):\($0.definition.line)" })
    var lines: [ReferenceHit] = []
    for file in view.files(holding: chunks) {
      let entry = view.file(at: file)
      let bytes = try texts.bytes(of: entry.object)
      let extents = SymbolExtents(view.definitions(inFile: file), in: bytes, language: entry.language)
      for chunk in view.chunks(inFile: file) where chunks.contains(chunk.number) {
        for (line, range, _) in IdentifierScan.lines(
          of: name, in: bytes, range: chunk.bytes, firstLine: chunk.lines.lowerBound)
        {
          if defined.contains("\(entry.path.text):\(line)") { continue }
          if lines.count == limit { return (lines, true) }
          lines.append(
            ReferenceHit(
              path: entry.path, line: line, inSymbol: extents.owner(of: range.lowerBound)?.name ?? chunk.symbol,
              text: Retriever.oneLine(bytes[range])))
        }
      }
    }
    return (lines, false)
  }
}

/// Blobs read for one request, the last few kept.
struct BlobTexts {
  let source: any BlobSource
  private var kept: [(ObjectID, [UInt8])] = []

  init(source: any BlobSource) { self.source = source }

  mutating func bytes(of blob: ObjectID) throws -> [UInt8] {
    if let entry = kept.first(where: { $0.0 == blob }) { return entry.1 }
    let bytes = try source.bytes(of: blob)
    kept.append((blob, bytes))
    if kept.count > 8 { kept.removeFirst() }
    return bytes
  }
}

/// Finds a name among the `#define` lines of a register table.
enum RegisterTable {
  /// The 1-based lines and the byte ranges (without the line's end) that define the name.
  static func definitions(of name: String, in bytes: [UInt8]) -> [(line: Int, range: Range<Int>)] {
    return IdentifierScan.lines(of: name, in: bytes, range: 0..<bytes.count, firstLine: 1).filter { _, range, _ in
      let words = bytes[range].split(whereSeparator: { $0 == 0x20 || $0 == 0x09 }).prefix(3)
      guard let first = words.first else { return false }
      if first.elementsEqual("#define".utf8) { return words.dropFirst().first?.elementsEqual(name.utf8) ?? false }
      return first.elementsEqual("#".utf8) && words.dropFirst().first?.elementsEqual("define".utf8) ?? false
        && words.last?.elementsEqual(name.utf8) ?? false
    }.map { ($0.line, $0.range) }
  }
}

/// Finds a name as a whole word, on bytes.
enum IdentifierScan {
  /// The 1-based lines of a byte range that hold the name, their own ranges, without the lines' ends, and where the name
  /// first ends in each.
  static func lines(
    of name: String, in bytes: [UInt8], range: Range<Int>, firstLine: Int
  ) -> [(line: Int, range: Range<Int>, nameEnd: Int)] {
    let wanted = Array(name.utf8)
    let end = min(range.upperBound, bytes.count)
    guard let first = wanted.first, range.lowerBound < end else { return [] }
    var found: [(Int, Range<Int>, Int)] = []
    bytes.withUnsafeBufferPointer { bytes in
      var line = firstLine
      var lineStart = range.lowerBound
      var index = lineStart
      while index < end {
        let byte = bytes[index]
        if byte == UInt8(ascii: "\n") {
          line += 1
          lineStart = index + 1
        } else if byte == first, isWord(wanted, at: index, in: bytes, from: lineStart, to: end) {
          var lineEnd = index
          while lineEnd < end, bytes[lineEnd] != UInt8(ascii: "\n") { lineEnd += 1 }
          found.append((line, lineStart..<lineEnd, index + wanted.count))
          index = lineEnd
          continue
        }
        index += 1
      }
    }
    return found
  }

  private static func isWord(
    _ wanted: [UInt8], at index: Int, in bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int
  ) -> Bool {
    guard index + wanted.count <= end, index == start || !isNameByte(bytes[index - 1]) else { return false }
    for offset in wanted.indices where bytes[index + offset] != wanted[offset] { return false }
    return index + wanted.count == end || !isNameByte(bytes[index + wanted.count])
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
