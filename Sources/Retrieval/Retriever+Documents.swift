// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

extension Retriever {
  /// What a reranker reads of each of a result's first files: its path, what is said at its head, the help of the option
  /// that builds it, and its best passage; each text cut to `byteLimit`. Throws `objectUnreadable`.
  package func documents(of result: SearchResult, limit: Int, byteLimit: Int) throws -> [String] {
    let files = result.files.prefix(limit).map { view.file($0.path) }
    let options = view.mostTelling(.option, of: Set(files.compactMap { $0?.index }))
    return try zip(result.files, files).map { hit, file in
      guard let file else { return hit.path.text }
      var parts = [hit.path.text]
      let first = view.chunks(inFile: file.index).first
      let passage = result.passages.first { $0.path == hit.path }
      if let first, passage.map({ $0.lines.lowerBound > first.lines.upperBound }) ?? true {
        parts.append(try text(first.bytes, of: file.object, limit: byteLimit / 4))
      }
      if let option = options[file.index], let place = view.locations(ofChunk: option).first {
        parts.append(try text(place.bytes, of: view.object(at: place.file), limit: byteLimit / 4))
      }
      if let passage { parts.append(passage.text) }
      return Retriever.cut(parts.joined(separator: "\n"), to: byteLimit)
    }
  }

  private func text(_ range: Range<Int>, of object: ObjectID, limit: Int) throws -> String {
    let bytes = try source.bytes(of: object)
    let part = range.clamped(to: 0..<bytes.count)
    return Retriever.cut(String(decoding: bytes[part], as: UTF8.self), to: limit)
  }

  /// A text's beginning, cut between characters.
  private static func cut(_ text: String, to limit: Int) -> String {
    guard text.utf8.count > limit else { return text }
    var end = text.utf8.index(text.utf8.startIndex, offsetBy: limit)
    while end > text.startIndex, text.utf8[end] & 0xc0 == 0x80 { end = text.utf8.index(before: end) }
    return String(text[..<end])
  }
}
