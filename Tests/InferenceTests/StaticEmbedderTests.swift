// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glossary
import Testing

@testable import Inference

@Suite struct StaticEmbedderTests {
  private let fixture: TableFixture
  private let embedder: StaticEmbedder

  init() throws {
    fixture = try TableFixture()
    embedder = try StaticEmbedder(table: fixture.path)
  }

  private func vector(_ text: String, _ role: EmbeddingRole = .passage) -> [Float] {
    embedder.embed([text], as: role)[0]
  }

  private func axes(_ text: String, _ role: EmbeddingRole = .passage) -> [Int] {
    vector(text, role).indices.filter { vector(text, role)[$0] != 0 }
  }

  @Test func identifiersAreTakenApart() {
    #expect(axes("page_lock") == [0, 2])
    #expect(axes("PageLock") == [0, 2])
    #expect(axes("PAGELock(page)") == [0, 2])
    #expect(axes("lockPAGE") == [0, 2])
    #expect(vector("page_lock") == vector("lock page"))
  }

  @Test func vectorsHaveUnitLengthOrNone() {
    for text in ["lock", "mutex page tg3", "ロック機構", "lock lock lock lock page"] {
      let length = vector(text).reduce(0) { $0 + $1 * $1 }
      #expect(abs(length - 1) < 1e-5, "\(text)")
    }
    for text in ["", "   ", "12 0x7f", "§", "の"] { #expect(vector(text).allSatisfy { $0 == 0 }, "\(text)") }
  }

  @Test func digitsStayWithTheirLetters() {
    #expect(axes("tg3") == [3])
    #expect(axes("TG3_PAGE") == [2, 3])
    // tg7 is not known; tg is.
    #expect(axes("tg7") == [4])
  }

  @Test func whatIsNotAWordIsCutIntoPieces() {
    #expect(axes("unlocked") == [0, 5, 6])
    // A word that is only whole is no piece of another.
    #expect(axes("unmutexed").contains(1) == false)
  }

  @Test func scriptsWithoutSpacesAreCutIntoPieces() {
    #expect(axes("ロックの機構") == [0, 7])
    #expect(vector("ロックの機構")[0] > vector("ロックの機構")[7], "the scale of a piece is its weight")
    #expect(axes("ｔｇ３") == [3], "full-width letters are letters")
    #expect(axes("NAÏVE") == [9])
  }

  @Test func repeatsCountLessEachTime() {
    let (once, often) = (vector("lock page"), vector("lock lock lock lock page"))
    #expect(often[0] / often[2] > once[0] / once[2])
    #expect(often[0] / often[2] < 4)
  }

  @Test func questionsAreAskedWithoutTheirFrame() {
    let entries = TableFixture.entries + [TableFixture.Entry(key: "▁where", axes: [10])]
    let table = try? TableFixture(entries)
    let embedder = try? StaticEmbedder(table: table?.path ?? "")
    #expect(embedder?.embed(["Where is the lock"], as: .query)[0][10] == 0)
    #expect(embedder?.embed(["Where is the lock"], as: .passage)[0][10] != 0)
  }

  @Test func wordsOfAnotherLanguageAreNearTheirOwn() {
    let (lock, other, page) = (vector("lock"), vector("ロック"), vector("page"))
    func cosine(_ left: [Float], _ right: [Float]) -> Float { zip(left, right).reduce(0) { $0 + $1.0 * $1.1 } }
    #expect(cosine(lock, other) > 0.99 && cosine(page, other) < cosine(lock, other))
  }

  @Test func theIdentityIsTheTables() {
    #expect(embedder.identity == EmbedderIdentity(name: "static", dimensions: 16, fingerprint: "0123456789abcdef.1"))
  }

  @Test func longAndBrokenTextIsTaken() {
    #expect(axes(String(repeating: "lock ", count: 100_000)) == [0])
    #expect(axes(String(repeating: "ロック", count: 10_000)) == [0])
    #expect(axes(String(repeating: "q", count: 100_000)) == [])
    let broken: [UInt8] = [0xe3, 0x83, 0x20, 0xf0, 0x9f, 0x6c, 0x6f, 0x63, 0x6b, 0xff, 0x80]
    #expect(axes(String(decoding: broken, as: UTF8.self)) == [0])
  }

  @Test func aFileThatIsNoTableIsRefused() throws {
    let whole = TableFixture.bytes(TableFixture.entries)
    let path = fixture.path + ".cut"
    defer { try? FileManager.default.removeItem(atPath: path) }
    for count in [0, 8, 111, 200, whole.count - 1] {
      try Data(whole.prefix(count)).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: NenrinError.self) { try StaticEmbedder(table: path) }
      #expect(error?.code == .fileUnreadable)
      #expect(error?.remedies == ["Run `tools/models --again`."])
    }
    #expect(throws: NenrinError.self) { try StaticEmbedder(table: path + ".missing") }
  }
}
