// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Glossary
import Synchronization
import Testing

@testable import IndexStore

/// Every n-th step of forgetting and freeing fails once; what stays answers all the while, and the next run goes on.
@Suite struct CollectDurabilityTests {
  @Test(arguments: [ENOSPC, EIO]) func aFailedStepLosesNothing(code: Int32) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/collect-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for number in 1...3 { try DurabilityTests.publish(UInt64(number), in: folder + "/first") }
    var failures = 0
    for failing in 1...200 {
      let home = folder + "/home\(failing)"
      try FileManager.default.copyItem(atPath: folder + "/first", toPath: home)
      let reader = try Home(reading: home)
      let steps = Mutex(0)
      let probe: @Sendable (WriteStep) -> Int32 = { _ in
        steps.withLock { steps in
          steps += 1
          return steps == failing ? code : 0
        }
      }
      do {
        try WriteFault.$probe.withValue(probe) { try Self.freeTwo(home) }
      } catch let error as NenrinError {
        failures += 1
        #expect(error.code == (code == ENOSPC ? .diskFull : .homeNotWritable))
      }
      try Self.check(reader)
      try Self.check(Home(reading: home))
      // The next writer sees to what is missing.
      _ = try HomeWriter(home: home)
      try Self.check(reader)
      try Self.freeTwo(home)
      try Self.check(reader)
      #expect(try reader.snapshots().map(\.revision) == ["v3"])
      #expect(SmallFile.names(in: home + "/segments").count == 1)
      if steps.withLock({ $0 }) < failing { break }
    }
    #expect(failures >= 12)
  }

  /// Forgets two of three snapshots, those that are still there, and frees what they had.
  private static func freeTwo(_ home: String) throws {
    let writer = try HomeWriter(home: home)
    try writer.forget(writer.snapshots().filter { $0.revision != "v3" })
    #expect(try writer.collect().blobs.kept == 1)
  }

  /// What was never forgotten is found by its word, and nothing in the home is damaged.
  private static func check(_ reader: Home) throws {
    let view = try reader.view(of: reader.resolve(SnapshotName(revision: "v3")))
    #expect(view.fileCount == 1)
    #expect(view.chunks(withTerm: "word").count + view.chunks(withTerm: "words").count == 1)
    let inspection = try StoreInspection(home: reader.path)
    inspection.inspectFiles { _ in }
    #expect(inspection.problems == [])
  }
}
