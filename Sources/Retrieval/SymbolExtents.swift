// SPDX-License-Identifier: Apache-2.0
package import Glossary
package import IndexStore

/// Which definition of a file holds which bytes: small ones share a chunk, so a chunk's own name does not tell.
package struct SymbolExtents {
  private struct Extent {
    var definition: Definition
    var bytes: Range<Int>
  }

  private var extents: [Extent] = []

  /// - Parameter places: the file's definitions, in order of line.
  package init(_ places: [SymbolLocation], in bytes: [UInt8], language: Language) {
    guard language == .c || language == .cpp else { return }
    bytes.withUnsafeBufferPointer { text in
      for place in places {
        guard let end = SymbolExtents.end(of: place.definition, in: text) else { continue }
        var start = min(place.definition.signature.lowerBound, end)
        while start > 0, text[start - 1] != UInt8(ascii: "\n") { start -= 1 }
        extents.append(Extent(definition: place.definition, bytes: start..<end))
      }
    }
  }

  /// The innermost definition with a body on whose lines an offset in the blob lies.
  package func owner(of offset: Int) -> Definition? {
    extents.filter { $0.bytes.contains(offset) }.min { $0.bytes.count < $1.bytes.count }?.definition
  }

  /// One past a definition's closing brace, or the last line of a macro; nil where it has no body.
  private static func end(of definition: Definition, in text: UnsafeBufferPointer<UInt8>) -> Int? {
    let start = definition.signature.upperBound
    guard start <= text.count else { return nil }
    switch definition.kind {
    case .macro: return endOfMacro(from: start, in: text)
    case .struct, .union, .enum, .function, .syscall, .variable, .typedef: return endOfBraces(from: start, in: text)
    default: return nil
    }
  }

  private static func endOfMacro(from start: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
    var offset = start
    while offset < text.count {
      if text[offset] == UInt8(ascii: "\n"), text[offset - 1] != UInt8(ascii: "\\") { return offset }
      offset += 1
    }
    return offset
  }

  /// Braces are counted outside comments, strings and characters; a semicolon before any ends the declaration.
  private static func endOfBraces(from start: Int, in text: UnsafeBufferPointer<UInt8>) -> Int? {
    var offset = start
    var depth = 0
    while offset < text.count {
      switch text[offset] {
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"):
        depth -= 1
        if depth <= 0 { return offset + 1 }
      case UInt8(ascii: ";") where depth == 0: return nil
      case UInt8(ascii: "\""), UInt8(ascii: "'"): offset = endOfQuote(offset, in: text)
      case UInt8(ascii: "/"): offset = endOfComment(offset, in: text)
      default: break
      }
      offset += 1
    }
    return nil
  }

  /// The offset of the closing quote, or of the end of a line that has none.
  private static func endOfQuote(_ open: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
    var offset = open + 1
    while offset < text.count, text[offset] != text[open], text[offset] != UInt8(ascii: "\n") {
      offset += text[offset] == UInt8(ascii: "\\") ? 2 : 1
    }
    return offset
  }

  /// The offset of a comment's last byte; of the slash itself where none begins.
  private static func endOfComment(_ slash: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
    guard slash + 1 < text.count else { return slash }
    var offset = slash + 2
    if text[slash + 1] == UInt8(ascii: "*") {
      while offset + 1 < text.count, !(text[offset] == UInt8(ascii: "*") && text[offset + 1] == UInt8(ascii: "/")) {
        offset += 1
      }
      return offset + 1
    }
    guard text[slash + 1] == UInt8(ascii: "/") else { return slash }
    while offset < text.count, text[offset] != UInt8(ascii: "\n") { offset += 1 }
    return offset
  }
}

/// Finds the members of structs and unions by name: they are not definitions, so the words tell where to look.
struct MemberSearch {
  let view: SnapshotView
  /// Files that are read at most, headers first.
  private static let mostFiles = 400

  /// Lines inside a struct or union that declare the name, by path and line.
  func members(named name: String, limit: Int, _ texts: inout BlobTexts) throws -> [MemberHit] {
    guard let term = TermAnalyzer().terms(of: name).last?.term else { return [] }
    let chunks = view.chunks(withTerm: term)
    let files = view.files(holding: chunks).map(view.file(at:)).filter { $0.language == .c || $0.language == .cpp }
    let headersFirst = files.filter { $0.path.name.hasSuffix(".h") } + files.filter { !$0.path.name.hasSuffix(".h") }
    var hits: [MemberHit] = []
    for file in headersFirst.prefix(MemberSearch.mostFiles) where hits.count < limit {
      let bytes = try texts.bytes(of: file.object)
      var extents: SymbolExtents?
      for chunk in view.chunks(inFile: file.index) where chunks.contains(chunk.number) {
        for (line, range, nameEnd) in IdentifierScan.lines(
          of: name, in: bytes, range: chunk.bytes, firstLine: chunk.lines.lowerBound)
        where MemberSearch.declares(bytes[range], nameEnd) {
          let known = extents ?? SymbolExtents(view.definitions(inFile: file.index), in: bytes, language: file.language)
          extents = known
          guard let owner = known.owner(of: range.lowerBound), owner.kind == .struct || owner.kind == .union else {
            continue
          }
          hits.append(
            MemberHit(
              path: file.path, line: line, owner: "\(owner.kind.name) \(owner.name)",
              text: Retriever.oneLine(bytes[range])))
        }
      }
    }
    return hits.sorted { ($0.path, $0.line) < ($1.path, $1.line) }
  }

  /// Whether the name that ends there is followed by what ends a declarator: `;`, `,`, `[`, a bit field's `:`, or the `)`
  /// of a pointer to a function. A line of a comment declares nothing.
  private static func declares(_ line: ArraySlice<UInt8>, _ nameEnd: Int) -> Bool {
    let text = line.drop { $0 == 0x20 || $0 == 0x09 }
    if text.first == UInt8(ascii: "*") || text.starts(with: "/*".utf8) && !text.contains(UInt8(ascii: ";")) {
      return false
    }
    let next = line[nameEnd...].first { $0 != 0x20 && $0 != 0x09 }
    return next.map { ";,[:)".utf8.contains($0) } ?? false
  }
}
