// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// Reads blobs into chunks and definitions. Pure: the same bytes in the same language give the same analysis, on every
/// machine and whatever was read before. One for each worker; it keeps its parser and its buffers.
package final class Chunker {
  /// Changes with anything that changes what `analyze` gives.
  package static let version: UInt32 = 2
  /// Blobs with more bytes are not read, unless as a register table.
  package static let largestByteCount = 8 * 1024 * 1024

  private let grammars: GrammarLibrary
  private let parser = SyntaxParser()
  private let lines = LineIndex()
  private let cReader: CReader?

  package init(grammars: GrammarLibrary) {
    self.grammars = grammars
    cReader = grammars.grammar(for: .c).map(CReader.init)
  }

  /// Reads one blob. Never fails: what cannot be read as its language is laid out as windows of lines, and what is not
  /// laid out at all has a reason in `skip`.
  package func analyze(_ bytes: UnsafeRawBufferPointer, language: Language) -> BlobAnalysis {
    guard let base = bytes.baseAddress, bytes.count > 0 else {
      return BlobAnalysis(language: language, skip: .empty, byteCount: 0, lineCount: 0)
    }
    let start = base.assumingMemoryBound(to: UInt8.self)
    if memchrZero(start, min(bytes.count, 8000)) {
      return BlobAnalysis(language: language, skip: .binary, byteCount: bytes.count, lineCount: 0)
    }
    // Lines and places are kept in 32 bits; a register table may still be larger than what is parsed.
    guard bytes.count <= (language == .c ? RegisterTable.largestByteCount : Chunker.largestByteCount) else {
      return BlobAnalysis(language: language, skip: .tooLarge, byteCount: bytes.count, lineCount: 0)
    }
    lines.fill(start, bytes.count)
    let source = Source(bytes: start, count: bytes.count, lines: lines)
    let language = language == .unknown ? Interpreter.language(source) : language
    var analysis = BlobAnalysis(language: language, byteCount: bytes.count, lineCount: lines.count)
    if language == .c {
      if let names = RegisterTable.names(source) {
        analysis.skip = .registerTable
        analysis.tableNames = names
        return analysis
      }
    }
    guard bytes.count <= Chunker.largestByteCount else {
      analysis.skip = .tooLarge
      return analysis
    }
    let findings = findings(source, language)
    // Tables with code beside them are read for the code.
    if GeneratedData.holds(source), !findings.definitions.contains(where: { $0.kind == .function }) {
      analysis.skip = .generatedData
      return analysis
    }
    var layout = ChunkLayout(source)
    analysis.chunks = layout.chunks(findings)
    return analysis
  }

  private func findings(_ source: Source, _ language: Language) -> Findings {
    switch language {
    case .c, .cpp: return cReader?.read(source, parser) ?? Findings()
    case .rust, .python, .shell, .kconfig, .devicetree:
      return queryReader(language)?.read(source, parser) ?? Findings()
    case .assembly, .linkerScript, .restructuredText, .markdown, .yaml, .maintainers, .make, .perl:
      return LightReader(source: source, language: language).read()
    case .unknown, .text, .swift, .other: return Findings()
    }
  }

  private func queryReader(_ language: Language) -> QueryReader? {
    guard let grammar = grammars.grammar(for: language), let query = grammar.query else { return nil }
    return QueryReader(language: grammar.language, query: query, comments: CommentStyle(language))
  }
}
