// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import IndexStore

@Suite struct TermDictionaryTests {
  /// A dictionary of these terms in a file of its own; posting lists are as long as the term's number.
  private func dictionary(_ terms: [String], _ body: (TermDictionary) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.path + "/dictionary-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    var writer = TermDictionaryWriter()
    for (number, term) in terms.enumerated() {
      Array(term.utf8).withUnsafeBytes { writer.append($0, postingByteCount: number) }
    }
    let file = try DurableFile(path: path)
    try file.write(writer.index)
    try file.write(writer.entries)
    try file.commit()
    let mapped = try MappedFile(path: path)
    let border = writer.index.count
    try body(TermDictionary(file: mapped, index: 0..<border, entries: border..<mapped.count))
  }

  @Test(arguments: [0, 1, 2, 15, 16, 17, 31, 32, 33, 100])
  func everyTermIsFoundAndNoOther(count: Int) throws {
    let terms = (0..<count).map { "term\($0 * 7)" }.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
    try dictionary(terms) { dictionary in
      var offset = 0
      for (number, term) in terms.enumerated() {
        let entry = try #require(dictionary.find(Array(term.utf8)))
        #expect(entry.number == number)
        #expect(entry.postings == offset..<(offset + number))
        #expect(dictionary.term(at: number) == Array(term.utf8))
        offset += number
      }
      for missing in ["", "term", "term1", "zzz", "term7x"] { #expect(dictionary.find(Array(missing.utf8)) == nil) }
    }
  }

  /// All words of two letters up to six, every third of them in the dictionary: neighbours begin alike in all ways.
  @Test func wordsThatBeginAlikeAreToldApart() throws {
    var words = [""]
    for length in 0..<6 { words += words.filter { $0.count == length }.flatMap { [$0 + "a", $0 + "b"] } }
    words = words.dropFirst().sorted()
    let kept = words.enumerated().filter { $0.offset % 3 == 0 }.map(\.element)
    try dictionary(kept) { dictionary in
      for word in words {
        #expect(dictionary.find(Array(word.utf8))?.number == kept.firstIndex(of: word), "\(word)")
      }
    }
  }

  @Test func prefixesAreWalkedInOrder() throws {
    let terms = (0..<50).map { String(format: "a%02d", $0) } + ["b1", "b2", "c"]
    try dictionary(terms) { dictionary in
      var seen: [String] = []
      dictionary.forEach(prefix: Array("b".utf8)) { term, _ in
        seen.append(String(decoding: term, as: UTF8.self))
        return true
      }
      #expect(seen == ["b1", "b2"])
      var count = 0
      dictionary.forEach(prefix: Array("a".utf8)) { _, _ in
        count += 1
        return count < 20
      }
      #expect(count == 20)
    }
  }
}

@Suite struct NameFilterTests {
  @Test func everyNameIsFoundAndFewOthers() {
    let names = (0..<5000).map { "regSOME_REGISTER_\($0)" }
    let filter = NameFilter(names: names)
    func mayContain(_ name: String) -> Bool {
      filter.bits.withUnsafeBytes { NameFilter.mayContain(NameFilter.hash(name), bits: $0) }
    }
    #expect(names.allSatisfy(mayContain))
    let wrong = (0..<20_000).filter { mayContain("mmOTHER_\($0)") }.count
    #expect(wrong < 60)
  }
}
