// SPDX-License-Identifier: Apache-2.0
import CTreeSitter
import Glossary

/// Reads C: scans the source, parses the skeleton, lays out units.
struct CReader {
  let grammar: CGrammar

  init(_ grammar: GrammarLibrary.Grammar) {
    self.grammar = CGrammar(grammar.language)
  }

  /// Runs of whole statements, each of fewer bytes, and so tokens, than the parser takes. A statement that is longer
  /// by itself, as no person writes one, is left out: the scanner's word for it stands.
  private func pieces(_ scanner: CScanner) -> [Range<Int>] {
    let most = SyntaxParser.tokenLimit / 2
    var pieces: [Range<Int>] = []
    var start = 0
    var last = 0
    for mark in scanner.statements.dropFirst().map(\.mark) + [scanner.skeleton.count] {
      if mark - start > most {
        if last > start { pieces.append(start..<last) }
        start = last
      }
      if mark - start > most { start = mark }
      last = mark
    }
    if last > start { pieces.append(start..<last) }
    return pieces
  }

  func read(_ source: Source, _ parser: SyntaxParser) -> Findings {
    var scanner = CScanner(source)
    scanner.scan()
    var reader = CTreeReader(grammar, bodyCount: scanner.bodies.count)
    scanner.skeleton.text.withUnsafeBufferPointer { text in
      guard let base = text.baseAddress else { return }
      for piece in pieces(scanner) {
        parser.parse(base + piece.lowerBound, piece.count, language: grammar.language) {
          reader.read(scanner, tree: $0, from: piece.lowerBound)
        }
      }
    }
    var definitions = scanner.definitions + reader.finish(scanner)
    definitions.sort { ($0.line, $0.signature.lowerBound) < ($1.line, $1.signature.lowerBound) }
    if !scanner.exports.isEmpty {
      for place in definitions.indices where scanner.exports.contains(definitions[place].name) {
        definitions[place].isExported = definitions[place].kind == .function || definitions[place].kind == .variable
      }
    }
    var layout = CLayout(source, definitions)
    let units = layout.units(scanner.items)
    return Findings(
      units: units, definitions: definitions, bindings: scanner.bindings.sorted { $0.line < $1.line })
  }
}
