// SPDX-License-Identifier: Apache-2.0
import CTreeSitter
import Glibc
package import Glossary

/// The compiled grammars of a folder, and the queries that say what a definition is in their languages. Loaded once,
/// shared by every `Chunker`.
package struct GrammarLibrary: Sendable {
  /// The grammars at hand, by the name of their folder in `grammars/`.
  package private(set) var loaded: [String: Grammar] = [:]
  /// Grammars that were not found; their languages are read as windows of lines.
  package private(set) var missing: [String] = []

  /// A compiled grammar and its query.
  package struct Grammar: @unchecked Sendable {
    // Unchecked because both are constant data once made: tree-sitter documents that they may be shared by threads.
    let language: OpaquePointer
    let query: DefinitionQuery?
    /// tree-sitter's ABI version that the grammar was made for.
    package let abi: UInt32
  }

  /// Loads `<directory>/<name>.so` and `<queries>/<name>/definitions.scm` for each language that has a folder in
  /// `queries`. Throws `grammarUnusable` for a file that is there and cannot be used; one that isn't is `missing`.
  package static func load(_ directory: String, queries: String) throws -> GrammarLibrary {
    var library = GrammarLibrary()
    for name in Language.allCases.compactMap(\.grammarName) {
      let path = "\(directory)/\(name).so"
      guard access(path, R_OK) == 0 else {
        library.missing.append(name)
        continue
      }
      library.loaded[name] = try Grammar(name: name, path: path, queries: queries)
    }
    return library
  }

  func grammar(for language: Language) -> Grammar? { language.grammarName.flatMap { loaded[$0] } }
}

extension Language {
  /// The folder in `grammars/` that reads the language; nil where a reader of our own does, or none.
  package var grammarName: String? {
    switch self {
    case .c, .rust, .python, .kconfig, .devicetree: name
    case .shell: "bash"
    default: nil
    }
  }
}

extension GrammarLibrary.Grammar {
  fileprivate init(name: String, path: String, queries: String) throws {
    let remedies = ["Run tools/grammars to build the grammars anew."]
    guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL), let symbol = dlsym(library, "tree_sitter_\(name)") else {
      throw NenrinError(
        .grammarUnusable, "\(name) grammar cannot be loaded from '\(path)'",
        reason: dlerror().map { String(cString: $0) } ?? "", remedies: remedies)
    }
    let function = unsafeBitCast(symbol, to: (@convention(c) () -> OpaquePointer).self)
    let language = function()
    self.language = language
    abi = ts_language_version(language)
    guard (13...14).contains(abi) else {
      throw NenrinError(
        .grammarUnusable, "\(name) grammar has ABI \(abi)", reason: "libtree-sitter reads 13 and 14",
        remedies: remedies)
    }
    let source = "\(queries)/\(name)/definitions.scm"
    query = try readFile(source).map { try DefinitionQuery($0, language: language, path: source) }
  }
}

/// The bytes of a file; nil where it cannot be read.
private func readFile(_ path: String) -> [UInt8]? {
  guard let file = fopen(path, "rb") else { return nil }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = fread(&buffer, 1, buffer.count, file)
    if count == 0 { return bytes }
    bytes.append(contentsOf: buffer[..<count])
  }
}
