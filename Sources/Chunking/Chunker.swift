// SPDX-License-Identifier: Apache-2.0
package import Glossary

/// Reads blobs into chunks and definitions. Pure: the same bytes in the same language give the same analysis, on every
/// machine and whatever was read before. One for each worker; it keeps its parser and its buffers.
package final class Chunker {
  /// Changes with anything that changes what `analyze` gives.
  package static let version: UInt32 = 1
  /// Blobs with more bytes are not read.
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
    guard bytes.count <= Chunker.largestByteCount else {
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
    if GeneratedData.holds(source) {
      analysis.skip = .generatedData
      return analysis
    }
    var layout = ChunkLayout(source)
    analysis.chunks = layout.chunks(findings(source, language))
    return analysis
  }

  private func findings(_ source: Source, _ language: Language) -> Findings {
    switch language {
    case .c, .cpp: return cReader?.read(source, parser) ?? Findings()
    default: return Findings()
    }
  }
}
