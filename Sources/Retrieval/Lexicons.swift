// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What is known of words, whatever the snapshot: files that come with the program or that its tools make.
package struct Lexicons: Sendable {
  package let japanese: JapaneseLexicon
  package let thesaurus: Thesaurus

  package init(japanese: JapaneseLexicon = .empty, thesaurus: Thesaurus = .empty) {
    self.japanese = japanese
    self.thesaurus = thesaurus
  }

  /// Knows nothing.
  package static let empty = Lexicons()
}

/// Small files of words.
enum TextFile {
  /// A file as text; nil where it cannot be read.
  static func text(of path: String) -> String? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(contentsOf: buffer[..<count])
    }
  }
}
