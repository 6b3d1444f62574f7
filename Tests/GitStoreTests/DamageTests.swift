// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glossary
import TestSupport
import Testing

@testable import GitStore

@Suite("Damage is named, and nothing else suffers")
struct DamageTests {
  @Test("a loose object with any byte flipped is unreadable or, at worst, still what it was")
  func flippedBytes() throws {
    let fixture = try TestRepository()
    let text = (0..<40).map { "line \($0) of a file\n" }.joined()
    try fixture.commit(["a": "\(text)", "b": "whole\n"], tag: "v1")
    try fixture.git(["config", "fastimport.unpackLimit", "0"])
    let id = try fixture.id(of: "v1:a")
    try unpackAll(fixture)
    let path = fixture.path + "/objects/\(id.hex.prefix(2))/\(id.hex.dropFirst(2))"
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    try FileManager.default.removeItem(atPath: path)
    var refused = 0
    for index in whole.indices {
      var damaged = whole
      damaged[index] ^= 0x55
      try damaged.write(to: URL(fileURLWithPath: path))
      do {
        #expect(try Repository(opening: fixture.path).bytes(of: id) == Array(text.utf8))
      } catch let error as NenrinError {
        refused += 1
        #expect(error.code == .objectUnreadable)
        #expect(error.summary.hasPrefix("object \(id) in \(fixture.path)") || error.summary.contains("is missing"))
        #expect(error.remedies.contains { $0.contains("git -C \(fixture.path) fsck") })
      }
    }
    // zlib does not look at every bit of its header and trailer.
    #expect(refused >= whole.count - 8)
    #expect(try Repository(opening: fixture.path).bytes(of: fixture.id(of: "v1:b")) == Array("whole\n".utf8))
  }

  @Test("an object that holds other bytes than its name says is refused")
  func wrongContent() throws {
    let fixture = try TestRepository()
    try fixture.commit(["a": "one\n", "b": "two\n"], tag: "v1")
    try unpackAll(fixture)
    let (a, b) = (try fixture.id(of: "v1:a"), try fixture.id(of: "v1:b"))
    let path = { (id: ObjectID) in fixture.path + "/objects/\(id.hex.prefix(2))/\(id.hex.dropFirst(2))" }
    try FileManager.default.removeItem(atPath: path(a))
    try FileManager.default.copyItem(atPath: path(b), toPath: path(a))
    let error = try #require(throws: NenrinError.self) { try Repository(opening: fixture.path).bytes(of: a) }
    #expect(error.summary == "object \(a) in \(fixture.path) cannot be read")
    #expect(
      error.remedies == ["Run `git -C \(fixture.path) fsck` to see what is damaged, then fetch or clone again."])
  }

  @Test("a pack cut short names the object that it no longer holds")
  func truncatedPack() throws {
    let fixture = try TestRepository()
    for number in 0..<20 { try fixture.commit(["f\(number)": .bytes(noise(number))], tag: "v\(number)") }
    try fixture.git(["repack", "-a", "-d", "-q"])
    let packs = fixture.path + "/objects/pack/"
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: packs).first { $0.hasSuffix(".pack") })
    let whole = try Data(contentsOf: URL(fileURLWithPath: packs + name))
    try FileManager.default.removeItem(atPath: packs + name)
    try (whole.prefix(whole.count / 2) + whole.suffix(20)).write(to: URL(fileURLWithPath: packs + name))
    let ids = try (0..<20).map { try fixture.git(["hash-object", "--stdin"], input: noise($0)) }
    let repository = try? Repository(opening: fixture.path)
    var refused = 0
    for id in ids.compactMap({ ObjectID(hex: $0) }) {
      do { _ = try repository?.bytes(of: id) } catch let error as NenrinError {
        refused += 1
        #expect(error.code == .objectUnreadable)
        #expect(error.summary.contains(id.hex))
      }
    }
    #expect(refused > 0)
  }

  @Test("a commit, a tree or a branch that leads nowhere is named")
  func missingObjects() throws {
    let fixture = try TestRepository()
    try fixture.commit(["dir/a": "one\n"], tag: "v1")
    try unpackAll(fixture)
    let tree = try fixture.id(of: "v1:dir")
    let commit = try fixture.id(of: "v1")
    for id in [tree, commit] {
      try FileManager.default.removeItem(atPath: fixture.path + "/objects/\(id.hex.prefix(2))/\(id.hex.dropFirst(2))")
      let error = try #require(throws: NenrinError.self) {
        let repository = try Repository(opening: fixture.path)
        _ = try repository.manifest(ofTree: repository.resolve("v1").tree)
      }
      #expect(error.code == .objectUnreadable)
      #expect(error.summary == "object \(id) is missing in \(fixture.path)")
      #expect(error.remedies.first?.hasPrefix("Run `git -C \(fixture.path) fsck`") == true)
    }
  }

  /// Bytes that neither compress nor repeat.
  private func noise(_ seed: Int) -> [UInt8] {
    var random = SplitMix(state: UInt64(seed))
    return (0..<2000).map { _ in UInt8.random(in: 0...255, using: &random) }
  }

  /// Makes every object of the fixture a loose one.
  private func unpackAll(_ fixture: TestRepository) throws {
    let packs = fixture.path + "/objects/pack/"
    for name in try FileManager.default.contentsOfDirectory(atPath: packs) where name.hasSuffix(".pack") {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: packs + name))
      for end in [".pack", ".idx", ".rev"] {
        try? FileManager.default.removeItem(atPath: packs + name.dropLast(5) + end)
      }
      try fixture.git(["unpack-objects", "-q"], input: Array(bytes))
    }
  }
}
