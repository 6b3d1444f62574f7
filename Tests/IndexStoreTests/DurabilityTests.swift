// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Glossary
import Testing

@testable import IndexStore

/// Every n-th step of writing fails once; what was published before is whole, and the next run goes on.
@Suite struct DurabilityTests {
  static func blob(_ number: UInt64, _ text: String) -> PreparedBlob {
    let bytes = Array(text.utf8)
    let preparer = BlobPreparer(
      isKnown: { _ in false }, chunkerVersion: 1,
      hash: { ChunkKey(high: TermTable.hash($0), low: UInt64($0.count)) })
    let lines = bytes.count { $0 == 10 }
    let analysis = BlobAnalysis(
      language: .text, byteCount: bytes.count, lineCount: lines,
      chunks: [Chunk(bytes: 0..<bytes.count, lineCount: lines)])
    let key = BlobKey(object: ObjectID(high: number, middle: 0, low: 0), language: .text)
    return bytes.withUnsafeBytes { preparer.prepare(key, bytes: $0, analysis: analysis) }
  }

  static func publish(_ number: UInt64, in home: String) throws {
    let writer = try HomeWriter(home: home)
    let object = ObjectID(high: number, middle: 0, low: 0)
    // As `nenrin index` does: what an interrupted run finished is there already.
    if writer.snapshot(collection: "c", commit: object) != nil { return }
    _ = try writer.add(blob(number, "words of \(number)\nand more\n"))
    let entry = ManifestEntry(path: TreePath(text: "a.txt"), kind: .file, object: object)
    let collection = CollectionInfo(name: "c", gitDirectory: "/nowhere", source: "/nowhere")
    _ = try writer.publish([
      NewSnapshot(
        collection: collection, revision: "v\(number)", commit: object, date: Int64(number),
        manifest: .whole(ManifestTable([entry])))
    ])
  }

  private final class Counter: @unchecked Sendable {  // because only the test's own thread writes
    var steps = 0
    var failing = Int.max
  }

  @Test(arguments: [ENOSPC, EIO]) func aFailedStepLosesNothing(code: Int32) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/durability-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // So many segments that the next publishing merges them first.
    for number in 1...9 { try Self.publish(UInt64(number), in: folder + "/first") }
    let counter = Counter()
    var failures = 0
    for step in 1...60 {
      let home = folder + "/home\(step)"
      try FileManager.default.copyItem(atPath: folder + "/first", toPath: home)
      (counter.steps, counter.failing) = (0, step)
      do {
        let probe: @Sendable (WriteStep) -> Int32 = { _ in
          counter.steps += 1
          return counter.steps == counter.failing ? code : 0
        }
        try WriteFault.$probe.withValue(probe) { try Self.publish(10, in: home) }
      } catch let error as NenrinError {
        failures += 1
        #expect(error.code == (code == ENOSPC ? .diskFull : .homeNotWritable))
      }
      let reopened = try Home(reading: home)
      #expect(try reopened.view(of: reopened.resolve(SnapshotName(revision: "v1"))).fileCount == 1)
      let inspection = try StoreInspection(home: home)
      inspection.inspectFiles { _ in }
      #expect(inspection.problems.isEmpty)
      if (try? reopened.resolve(SnapshotName(revision: "v10"))) == nil { try Self.publish(10, in: home) }
      let published = try Home(reading: home)
      #expect(try published.snapshots().count == 10)
      for snapshot in try published.snapshots() {
        #expect(try published.view(of: snapshot).chunks(withTerm: "more").count == 1)
      }
      if counter.steps < step { break }
    }
    #expect(failures >= 10)
  }
}
