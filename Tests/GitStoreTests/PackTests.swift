// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glossary
import TestSupport
import Testing

@testable import GitStore

@Suite("Packs are copied as they lie")
struct PackTests {
  @Test("SHA-1 gives the published values, whatever the pieces")
  func sha1() {
    let cases = [
      ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
      ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
      (String(repeating: "a", count: 1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
    ]
    for (text, expected) in cases {
      for size in [1, 55, 56, 63, 64, 65, 1000, 1_000_000] where text.utf8.count < 1000 || size > 50 {
        var hash = SHA1()
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
          Array(rest.prefix(size)).withUnsafeBytes { hash.update($0) }
          rest = rest.dropFirst(size)
        }
        #expect(hash.finish().map { String(format: "%02x", $0) }.joined() == expected)
      }
    }
  }

  @Test("every length around the block gives what git gives")
  func sha1Lengths() {
    for count in 0..<200 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      var hash = SHA1()
      Array("blob \(count)\0".utf8).withUnsafeBytes { hash.update($0) }
      bytes.withUnsafeBytes { hash.update($0) }
      let expected = bytes.withUnsafeBytes { Repository.objectID(ofBlob: $0) }
      #expect(hash.finish() == expected.bytes)
    }
  }

  @Test(
    "chains of deltas, bases in other packs, borrowed packs and loose objects: git finds the copy whole",
    arguments: [Layout.oneDeepPack, .packEach, .fetchedThin, .borrowed, .loose, .mixed])
  func layouts(_ layout: Layout) throws {
    let fixture = try TestRepository()
    let path = try layout.build(fixture)
    let source = try Repository(opening: path)
    let kept = fixture.folder + "/kept.git"
    for tag in ["v3", "v9"] {
      let commit = try source.resolve(tag)
      try source.copyObjects(ofCommit: commit.id, into: kept)
      let copy = try Repository(opening: kept)
      let manifest = try source.manifest(ofTree: commit.tree)
      #expect(try copy.manifest(ofTree: copy.commit(commit.id, as: tag).tree) == manifest)
      for entry in manifest { #expect(try copy.bytes(of: entry.object) == source.bytes(of: entry.object)) }
    }
    #expect(try fixture.git(["fsck", "--full", "--strict"], in: kept).contains("error") == false)
    for name in try FileManager.default.contentsOfDirectory(atPath: kept + "/objects/pack")
    where name.hasSuffix(".pack") {
      try fixture.git(["index-pack", "--strict", "-o", fixture.folder + "/check.idx", kept + "/objects/pack/" + name])
      #expect(
        FileManager.default.contents(atPath: fixture.folder + "/check.idx")
          == FileManager.default.contents(atPath: kept + "/objects/pack/" + name.dropLast(5) + ".idx"),
        "the index is what git would write")
      try FileManager.default.removeItem(atPath: fixture.folder + "/check.idx")
    }
    #expect(try fixture.git(["count-objects", "-v"], in: kept).contains("garbage: 0"))
  }

  @Test("deltas are copied, not spelled out")
  func staysSmall() throws {
    let fixture = try TestRepository()
    let path = try Layout.oneDeepPack.build(fixture)
    let kept = fixture.folder + "/kept.git"
    let source = try Repository(opening: path)
    for tag in ["v3", "v9"] { try source.copyObjects(ofCommit: source.resolve(tag).id, into: kept) }
    let packs = try FileManager.default.contentsOfDirectory(atPath: kept + "/objects/pack").filter {
      $0.hasSuffix(".pack")
    }
    #expect(packs.count == 2)
    let listing = try packs.map { try fixture.git(["verify-pack", "-v", kept + "/objects/pack/" + $0]) }
    #expect(listing.joined().contains("chain length"))
  }

  @Test("a damaged record is found by its checksum; what is whole is still copied, what is not is named")
  func damagedPack() throws {
    let fixture = try TestRepository()
    let path = try Layout.oneDeepPack.build(fixture)
    let packs = path + "/objects/pack/"
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: packs).first { $0.hasSuffix(".pack") })
    var bytes = try Data(contentsOf: URL(fileURLWithPath: packs + name))
    try FileManager.default.removeItem(atPath: packs + name)
    bytes[bytes.count / 2] ^= 0xff
    try bytes.write(to: URL(fileURLWithPath: packs + name))
    let source = try Repository(opening: path)
    let kept = fixture.folder + "/kept.git"
    var named = 0
    for number in 0..<10 {
      do {
        let commit = try source.resolve("v\(number)").id
        try source.copyObjects(ofCommit: commit, into: kept)
      } catch let error as NenrinError {
        named += 1
        #expect(error.code == .objectUnreadable)
      }
    }
    #expect(named > 0)
    #expect(try fixture.git(["fsck", "--full"], in: kept).contains("error") == false)
    #expect(
      !(try FileManager.default.contentsOfDirectory(atPath: kept + "/objects/pack")).contains { $0.hasPrefix("tmp") })
  }

  @Test("distances are spelled as packs spell them")
  func distances() {
    #expect(PackWriter.distance(1) == [1])
    #expect(PackWriter.distance(127) == [0x7f])
    #expect(PackWriter.distance(128) == [0x80, 0x00])
    #expect(PackWriter.distance(16511) == [0xff, 0x7f])
    #expect(PackWriter.distance(16512) == [0x80, 0x80, 0x00])
  }

  /// How a repository's objects may lie.
  enum Layout: String, CaseIterable {
    case oneDeepPack, packEach, fetchedThin, borrowed, loose, mixed

    /// Ten commits, v0 to v9, of one file that changes a little each time and some that come and go. Gives the path.
    func build(_ fixture: TestRepository) throws -> String {
      let lines = (0..<400).map { "line \($0) \($0 &* 2_654_435_761 % 1_000_003)" }
      if self == .loose { try fixture.git(["config", "fastimport.unpackLimit", "1000"]) }
      let clone = fixture.folder + "/clone.git"
      for number in 0..<10 {
        var text = lines
        text[number * 7] = "changed in \(number)"
        try fixture.commit(
          ["dir/big": .text(text.joined(separator: "\n")), "n\(number)": "\(number)"],
          remove: number == 5 ? ["n1"] : [], tag: "v\(number)")
        if self == .packEach { try fixture.git(["repack", "-d", "-q"]) }
        if self == .fetchedThin {
          if number == 0 { try fixture.git(["clone", "-q", "--bare", "file://" + fixture.path, clone]) }
          // With a limit of 1 a fetch keeps its thin pack, completed with bases at the end.
          try fixture.git(
            ["-c", "fetch.unpackLimit=1", "fetch", "-q", "--tags", "file://" + fixture.path, "main"], in: clone)
        }
        if self == .mixed, number == 6 { try fixture.git(["repack", "-a", "-d", "-q", "-f"]) }
      }
      switch self {
      case .oneDeepPack: try fixture.git(["repack", "-a", "-d", "-q", "-f", "--depth=50", "--window=50"])
      case .borrowed:
        try fixture.git(["repack", "-a", "-d", "-q", "-f"])
        try fixture.git(["clone", "-q", "--bare", "--shared", fixture.path, clone])
        return clone
      case .fetchedThin: return clone
      case .packEach, .loose, .mixed: break
      }
      return fixture.path
    }
  }
}
