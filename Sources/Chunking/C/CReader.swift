// SPDX-License-Identifier: Apache-2.0
import CTreeSitter
import Glossary

/// Reads C: scans the source, parses the skeleton, lays out units.
struct CReader {
  let grammar: CGrammar

  init(_ grammar: GrammarLibrary.Grammar) {
    self.grammar = CGrammar(grammar.language)
  }

  func read(_ source: Source, _ parser: SyntaxParser) -> Findings {
    var scanner = CScanner(source)
    scanner.scan()
    var reader = CTreeReader(grammar)
    let skeleton = scanner.skeleton.text
    let parsed = skeleton.withUnsafeBufferPointer { text -> [Definition]? in
      guard let base = text.baseAddress, text.count > 0 else { return [] }
      return parser.parse(base, text.count, language: grammar.language) { reader.read(scanner, tree: $0) }
    }
    var definitions = scanner.definitions
    definitions.append(contentsOf: parsed ?? reader.read(scanner, tree: nil))
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
