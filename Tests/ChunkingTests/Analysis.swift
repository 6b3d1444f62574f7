// SPDX-License-Identifier: Apache-2.0
import Chunking
import Foundation
import Glossary
import Testing

/// What every test of this target reads with: the grammars that `tools/grammars` built, and this checkout's queries.
enum Analysis {
  static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  static let grammars: GrammarLibrary = {
    do {
      return try GrammarLibrary.load("\(root)/.cache/grammars", queries: "\(root)/grammars")
    } catch {
      fatalError("\(error)")
    }
  }()

  static func of(_ text: String, _ language: Language) -> BlobAnalysis { of(Array(text.utf8), language) }

  static func of(_ bytes: [UInt8], _ language: Language) -> BlobAnalysis {
    bytes.withUnsafeBytes { Chunker(grammars: grammars).analyze($0, language: language) }
  }

  /// Each definition as `kind name line`, in order.
  static func definitions(_ text: String, _ language: Language = .c) -> [String] {
    of(text, language).chunks.flatMap(\.definitions).map { "\($0.kind.name) \($0.name) \($0.line)" }
  }

  /// The one definition of a name.
  static func definition(_ name: String, _ text: String, _ language: Language = .c) throws -> Definition {
    let found = of(text, language).chunks.flatMap(\.definitions).filter { $0.name == name }
    #expect(found.count == 1, "\(name) is defined \(found.count) times")
    return try #require(found.first)
  }

  /// Each chunk as `first-last kind symbol`, `-` where it has none, `…` where it carries on.
  static func layout(_ text: String, _ language: Language = .c) -> [String] {
    var line = 1
    return of(text, language).chunks.map { chunk in
      defer { line += chunk.lineCount }
      let kind = chunk.kind?.name ?? "-"
      return "\(line)-\(line + chunk.lineCount - 1) \(kind) \(chunk.symbol ?? "-")\(chunk.continues ? " …" : "")"
    }
  }

  static func slice(_ text: String, _ range: Range<Int>) -> String {
    String(decoding: Array(text.utf8)[range], as: UTF8.self)
  }
}
