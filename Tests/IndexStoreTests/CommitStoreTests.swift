// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Glossary
import Synchronization
import Testing

@testable import IndexStore

/// Commits are stored once, found again, and survive a write that fails at any step.
@Suite struct CommitStoreTests {
  private let folder = FileManager.default.temporaryDirectory.path + "/commits-\(UUID().uuidString)"

  private static func id(_ number: Int) -> ObjectID {
    ObjectID(high: UInt64(number) &* 0x9e37_79b9_7f4a_7c15, middle: UInt64(number), low: 7)
  }

  private static func commit(_ number: Int, message: String? = nil, paths: [String] = []) -> CommitRecord {
    CommitRecord(
      id: id(number), parents: number > 0 ? [id(number - 1)] : [], author: "A\(number % 3) <a@b>",
      authorDate: Int64(number), date: Int64(1_000 + number), message: message ?? "change number\(number)x\n\nbody",
      changes: (paths + ["dir/f\(number % 7).c"]).sorted().map { PathChange(.modified, TreePath(text: $0)) },
      changeCount: paths.count + 1, notes: [])
  }

  private static func write(_ numbers: Range<Int>, in home: String, sealed: Int) throws {
    let writer = try CommitWriter(HomeWriter(home: home), collection: "c", sealed: sealed)
    for number in numbers where !writer.contains(id(number)) { try writer.add(commit(number)) }
    try writer.seal()
  }

  private static func log(_ home: String) throws -> CommitLog {
    try #require(try CommitLog(HomeLayout(root: home), collection: "c"))
  }

  @Test(arguments: [1, 3, 10, 1_000]) func whatIsStoredIsReadAgainHoweverItWasSealed(sealed: Int) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.write(0..<40, in: folder, sealed: sealed)
    try Self.write(20..<55, in: folder, sealed: sealed)
    let log = try Self.log(folder)
    #expect(log.count == 55)
    for number in 0..<55 {
      let place = try #require(log.number(of: Self.id(number)))
      #expect(try log.record(at: place) == Self.commit(number))
    }
    #expect(log.number(of: Self.id(55)) == nil)
    #expect(log.numbers(withPrefix: String(Self.id(9).hex.prefix(12))) == [try #require(log.number(of: Self.id(9)))])
    let head = try #require(log.number(of: Self.id(30)))
    #expect(log.history(of: [head]).count == 31)
    let found = log.matches([QueryTerm(text: "number30x")], in: log.history(of: [head]), limit: 5)
    #expect(found.best.map(\.number) == [head] && found.total == 1)
  }

  @Test func scoresDoNotDependOnWhatElseIsStored() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.write(0..<30, in: folder + "/a", sealed: 1_000)
    try Self.write(0..<30, in: folder + "/b", sealed: 7)
    try Self.write(0..<60, in: folder + "/b", sealed: 7)
    func scores(_ home: String) throws -> [ObjectID: Float] {
      let log = try Self.log(home)
      let set = log.history(of: [try #require(log.number(of: Self.id(29)))])
      let terms = ["number12x", "bodi", "chang", "f3"].map { QueryTerm(text: $0) }
      return Dictionary(
        uniqueKeysWithValues: log.matches(terms, in: set, limit: 30).best.map { (log.id(at: $0.number), $0.score) })
    }
    let alone = try scores(folder + "/a")
    #expect(alone.count == 30)
    #expect(try alone == scores(folder + "/b"))
  }

  @Test func manySmallRunsDoNotLeaveManyFiles() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for number in 0..<40 { try Self.write(0..<(number + 1), in: folder, sealed: 1_000) }
    #expect(try Self.log(folder).count == 40)
    #expect(SmallFile.names(in: folder + "/commits/c").count <= 7)
  }

  @Test func pathsAndRangesNarrow() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.write(0..<21, in: folder, sealed: 8)
    let log = try Self.log(folder)
    let all = log.history(of: [try #require(log.number(of: Self.id(20)))])
    let before = log.history(of: [try #require(log.number(of: Self.id(9)))])
    #expect(all.subtracting(before).count == 11)
    let touching = try log.touching(in: all.subtracting(before)) { $0.text == "dir/f3.c" }
    #expect(touching.numbers.map { log.date(at: $0) - 1_000 } == [10, 17])
  }

  @Test(arguments: [ENOSPC, EIO]) func aFailedStepLosesNothing(code: Int32) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.write(0..<10, in: folder + "/first", sealed: 4)
    var failures = 0
    for failing in 1...100 {
      let home = folder + "/home\(failing)"
      try FileManager.default.copyItem(atPath: folder + "/first", toPath: home)
      let steps = Mutex(0)
      let probe: @Sendable (WriteStep) -> Int32 = { _ in
        steps.withLock { steps in
          steps += 1
          return steps == failing ? code : 0
        }
      }
      do {
        try WriteFault.$probe.withValue(probe) { try Self.write(0..<30, in: home, sealed: 4) }
      } catch let error as NenrinError {
        failures += 1
        #expect(error.code == (code == ENOSPC ? .diskFull : .homeNotWritable))
      }
      let count = try Self.log(home).count
      #expect(count >= 10)
      try Self.write(0..<30, in: home, sealed: 4)
      let log = try Self.log(home)
      #expect(log.count == 30)
      for number in 0..<30 { #expect(try log.number(of: Self.id(number)).map(log.record) == Self.commit(number)) }
      if steps.withLock({ $0 }) < failing { break }
    }
    #expect(failures >= 12)
  }

  @Test func aDamagedFileIsNamedAndReadAnewByTheNextRun() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.write(0..<30, in: folder, sealed: 1_000)
    let path = folder + "/commits/c/1.commits"
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    bytes.removeLast(20)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: NenrinError.self) { _ = try Self.log(folder) }
    #expect(error?.code == .indexDamaged)
    try Self.write(0..<30, in: folder, sealed: 1_000)
    #expect(try Self.log(folder).count == 30)
  }

  @Test func countsOfTheFieldsAreBoundedAndApart() {
    var counts = FieldCounts()
    counts.add(9, to: .subject)
    counts.add(2, to: .body)
    counts.add(1, to: .trailer)
    #expect(FieldCounts.Field.allCases.map { counts[$0] } == [3, 2, 0, 1])
    counts.add(7, to: .body)
    counts.add(1, to: .path)
    #expect(FieldCounts.Field.allCases.map { counts[$0] } == [3, 7, 1, 1])
  }
}
