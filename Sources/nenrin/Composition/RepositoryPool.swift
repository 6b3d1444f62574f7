// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import Synchronization

/// Keeps a few open repository handles for each collection, since opening one costs more than reading a blob.
final class RepositoryPool: Sendable {
  /// Handles kept idle for one git directory; more are opened when more are wanted, and closed after use.
  private static let idleLimit = 8

  /// `@unchecked` because a handle is in the pool only while nobody uses it: `take` removes it before it gives it out.
  private struct Idle: @unchecked Sendable { var repository: Repository }

  private let idle = Mutex<[String: [Idle]]>([:])
  fileprivate let texts = BlobCache()

  /// Gives blobs of the first of several repositories that has them; each is opened when the first blob is read from
  /// it. `body` must not keep the source.
  func withSource<Result>(
    of gitDirectories: [String], _ body: (any BlobSource) throws -> Result
  ) rethrows -> Result {
    let source = PooledSource(gitDirectories: gitDirectories, pool: self)
    defer { source.giveBack() }
    return try body(source)
  }

  fileprivate func take(_ gitDirectory: String) throws -> Repository {
    let kept = idle.withLock { $0[gitDirectory]?.popLast() }
    return try kept?.repository ?? Repository(opening: gitDirectory)
  }

  fileprivate func put(_ repository: Repository, _ gitDirectory: String) {
    let handle = Idle(repository: repository)
    idle.withLock { pool in
      if pool[gitDirectory, default: []].count < RepositoryPool.idleLimit {
        pool[gitDirectory, default: []].append(handle)
      }
    }
  }
}

/// The blobs of one collection, for one request.
private final class PooledSource: BlobSource {
  private let gitDirectories: [String]
  private let pool: RepositoryPool
  private var opened: [String: Repository] = [:]

  init(gitDirectories: [String], pool: RepositoryPool) {
    self.gitDirectories = gitDirectories
    self.pool = pool
  }

  func bytes(of blob: ObjectID) throws -> [UInt8] { try pool.texts.bytes(of: blob) { try read(blob) } }

  /// Where no repository has the blob, the first one's error is the one that helps.
  private func read(_ blob: ObjectID) throws -> [UInt8] {
    var failure: (any Error)?
    for directory in gitDirectories {
      do {
        return try repository(directory).bytes(of: blob)
      } catch {
        failure = failure ?? error
      }
    }
    throw failure ?? NenrinError(.objectUnreadable, "object \(blob) has no repository to be read from")
  }

  func giveBack() {
    for (directory, repository) in opened { pool.put(repository, directory) }
    opened = [:]
  }

  private func repository(_ directory: String) throws -> Repository {
    if let repository = opened[directory] { return repository }
    let repository = try pool.take(directory)
    opened[directory] = repository
    return repository
  }
}
