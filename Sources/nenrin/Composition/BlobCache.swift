// SPDX-License-Identifier: Apache-2.0
import Glossary
import Synchronization

/// Texts of blobs that were read last, so that what is asked after another about the same code does not unpack it again.
final class BlobCache: Sendable {
  /// Two generations: what is found in the old one is young again; when the young one is full, the old one goes.
  private struct State: Sendable {
    var young: [ObjectID: [UInt8]] = [:]
    var old: [ObjectID: [UInt8]] = [:]
    var youngBytes = 0
  }

  private let state = Mutex(State())
  private let generationBytes: Int

  /// - Parameter byteCount: what all texts may take together; one that alone takes an eighth is not kept.
  init(byteCount: Int = 32 << 20) { generationBytes = byteCount / 2 }

  func bytes(of blob: ObjectID, _ read: () throws -> [UInt8]) rethrows -> [UInt8] {
    if let known = find(blob) { return known }
    let bytes = try read()
    if bytes.count <= generationBytes / 4 { state.withLock { keep(bytes, of: blob, &$0) } }
    return bytes
  }

  private func find(_ blob: ObjectID) -> [UInt8]? {
    state.withLock { state in
      if let bytes = state.young[blob] { return bytes }
      guard let bytes = state.old.removeValue(forKey: blob) else { return nil }
      keep(bytes, of: blob, &state)
      return bytes
    }
  }

  private func keep(_ bytes: [UInt8], of blob: ObjectID, _ state: inout State) {
    if state.youngBytes + bytes.count > generationBytes {
      (state.old, state.young, state.youngBytes) = (state.young, [:], 0)
    }
    if state.young.updateValue(bytes, forKey: blob) == nil { state.youngBytes += bytes.count }
  }
}
