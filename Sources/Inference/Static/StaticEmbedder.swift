// SPDX-License-Identifier: Apache-2.0
import CVectorKernels
import Glossary
import Synchronization

/// The embedder that needs no server: a text's vector is the sum of its words' vectors, each with its weight (smooth
/// inverse frequency; Arora, Liang and Ma, 2017), which is fixed with the table and so the same for every home.
package final class StaticEmbedder: Embedder {
  package let identity: EmbedderIdentity
  private let table: StaticTable
  private let idle = Mutex<[TextSum]>([])

  /// Raise when the same text and table give another vector.
  private static let version = 1

  /// Opens a table that `tools/models` made. Throws `fileUnreadable`.
  package init(table path: String) throws {
    table = try StaticTable(path: path)
    identity = EmbedderIdentity(
      name: "static", dimensions: table.dimensions, fingerprint: "\(table.fingerprint).\(StaticEmbedder.version)")
  }

  /// One vector for each text, in their order; never fails. Questions lose the words that say how something is asked.
  package func embed(_ texts: [String], as role: EmbeddingRole) -> [[Float]] {
    withSum { sum in texts.map { embed($0, as: role, with: sum) } }
  }

  /// The vector of one passage, in microseconds.
  package func vector(of passage: String) -> [Float] { withSum { embed(passage, as: .passage, with: $0) } }

  private func embed(_ text: String, as role: EmbeddingRole, with sum: TextSum) -> [Float] {
    var text = text
    return text.withUTF8 { sum.vector(of: $0, leavingOut: role == .query ? QuestionWords.all : []) }
  }

  private func withSum<R>(_ body: (TextSum) -> R) -> R {
    let sum = idle.withLock { $0.popLast() } ?? TextSum(table)
    defer { idle.withLock { $0.append(sum) } }
    return body(sum)
  }
}

/// Adds up the vectors of one text after another.
private final class TextSum: @unchecked Sendable {  // because `StaticEmbedder.idle` lends each to one task at a time
  private let table: StaticTable
  private let scanner = WordScanner()
  private let segmenter: PieceSegmenter
  private var key: [UInt8] = StaticTable.wordStart
  /// The text's words and pieces with how often and with which share each is there.
  private var found: [(entry: Int32, share: Float)] = []

  /// Longer texts are cut: what is embedded are heads and questions.
  private static let mostBytes = 8192

  init(_ table: StaticTable) {
    self.table = table
    segmenter = PieceSegmenter(table)
  }

  /// Of unit length; all zeros where nothing was found.
  func vector(of text: UnsafeBufferPointer<UInt8>, leavingOut words: Set<String>) -> [Float] {
    found.removeAll(keepingCapacity: true)
    scanner.scan(UnsafeBufferPointer(rebasing: text.prefix(TextSum.mostBytes))) { word, kind, letters in
      if !words.isEmpty, kind == .word, words.contains(String(decoding: word, as: UTF8.self)) { return }
      add(word, kind, letters)
    }
    found.sort { $0.entry < $1.entry }
    return [Float](unsafeUninitializedCapacity: table.dimensions) { sum, count in
      sum.initialize(repeating: 0)
      count = table.dimensions
      var index = 0
      while index < found.count {
        let entry = found[index].entry
        var share: Float = 0
        while index < found.count, found[index].entry == entry {
          share += found[index].share
          index += 1
        }
        // A word that is there ten times says more than one that is there once, but not ten times as much.
        let scale = table.scale(Int(entry)) * (share > 1 ? 1 + TextSum.logarithm(share) : share)
        table.withRow(Int(entry)) { nenrin_vector_add($0, scale, sum.baseAddress, sum.count) }
      }
      TextSum.normalize(sum)
    }
  }

  private func add(_ word: UnsafeBufferPointer<UInt8>, _ kind: WordScanner.Kind, _ letters: Int) {
    guard word.count > 1 else { return }
    guard kind == .word else {
      addPieces(word)
      return
    }
    if let entry = wholeWord(word) {
      found.append((Int32(entry), 1))
    } else if letters < word.count, letters > 1 {
      // tg3 may be known; where it is not, what is known of tg must do.
      add(UnsafeBufferPointer(rebasing: word[..<letters]), kind, letters)
    } else if letters > 1 {
      key.withUnsafeBufferPointer { addPieces($0) }
    }
  }

  /// Leaves the word's key in `key`.
  private func wholeWord(_ word: UnsafeBufferPointer<UInt8>) -> Int? {
    key.removeLast(key.count - StaticTable.wordStart.count)
    key.append(contentsOf: word)
    return key.withUnsafeBufferPointer { table.entry($0) }
  }

  /// The pieces of a word share its weight; those of a run are words themselves.
  private func addPieces(_ text: UnsafeBufferPointer<UInt8>) {
    let start = found.count
    let count = segmenter.segment(text) { found.append((Int32($0), 1)) }
    guard text.starts(with: StaticTable.wordStart), count > 1 else { return }
    for index in start..<found.count { found[index].share = 1 / Float(count) }
  }

  /// log₂ of a count, in steps as fine as matter here, without asking a library whose last digit may differ.
  private static func logarithm(_ share: Float) -> Float {
    Float(share.exponent) + (share.significand - 1)
  }

  private static func normalize(_ vector: UnsafeMutableBufferPointer<Float>) {
    let square = nenrin_vector_dot(vector.baseAddress, vector.baseAddress, vector.count)
    guard square > 0 else { return }
    let scale = 1 / square.squareRoot()
    for index in vector.indices { vector[index] *= scale }
  }
}
