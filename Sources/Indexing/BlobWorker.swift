// SPDX-License-Identifier: Apache-2.0
import Chunking
import GitStore
import Glossary
import IndexStore
import Synchronization

/// Reads, chunks and prepares blobs. Holds what must not be shared between threads: a repository handle, parsers,
/// buffers.
final class BlobWorker: @unchecked Sendable {  // because `BlobWorkers` lends each to one task at a time
  private let repository: Repository
  private let chunker: Chunker
  private let preparer: BlobPreparer
  private let contents: [ObjectID: [UInt8]]

  /// - Parameters:
  ///   - contents: blobs that no repository holds.
  ///   - isKnown: says which chunks' terms need not be counted.
  init(
    gitDirectory: String, contents: [ObjectID: [UInt8]] = [:], grammars: GrammarLibrary, hashesHeads: Bool = false,
    isKnown: @escaping @Sendable (ChunkKey) -> Bool
  ) throws {
    self.contents = contents
    repository = try Repository(opening: gitDirectory)
    chunker = Chunker(grammars: grammars)
    preparer = BlobPreparer(isKnown: isKnown, chunkerVersion: Chunker.version, hashesHeads: hashesHeads) { bytes in
      let (high, low) = Repository.hash16(bytes)
      return ChunkKey(high: high, low: low)
    }
  }

  func prepare(_ keys: some Collection<BlobKey>) throws -> [PreparedBlob] { try keys.map(prepare) }

  func prepare(_ key: BlobKey) throws -> PreparedBlob {
    func prepare(_ bytes: UnsafeRawBufferPointer) -> PreparedBlob {
      preparer.prepare(key, bytes: bytes, analysis: chunker.analyze(bytes, language: key.language))
    }
    if let bytes = contents[key.object] { return bytes.withUnsafeBytes(prepare) }
    return try repository.withBytes(of: key.object, prepare)
  }
}

/// The workers of one run; as many are made as are in use at once.
final class BlobWorkers: Sendable {
  private let idle = Mutex<[BlobWorker]>([])
  private let make: @Sendable () throws -> BlobWorker

  init(_ make: @escaping @Sendable () throws -> BlobWorker) { self.make = make }

  func prepare(_ keys: ArraySlice<BlobKey>) throws -> [PreparedBlob] {
    let worker = try idle.withLock { $0.popLast() } ?? make()
    defer { idle.withLock { $0.append(worker) } }
    return try worker.prepare(keys)
  }
}
