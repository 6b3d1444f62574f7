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

  /// Gives blobs of a repository, which is opened when the first is read; `body` must not keep the source.
  func withSource<Result>(of gitDirectory: String, _ body: (any BlobSource) throws -> Result) rethrows -> Result {
    let source = PooledSource(gitDirectory: gitDirectory, pool: self)
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

/// The blobs of one repository, for one request.
private final class PooledSource: BlobSource {
  private let gitDirectory: String
  private let pool: RepositoryPool
  private var repository: Repository?

  init(gitDirectory: String, pool: RepositoryPool) {
    self.gitDirectory = gitDirectory
    self.pool = pool
  }

  func bytes(of blob: ObjectID) throws -> [UInt8] {
    if let repository { return try repository.bytes(of: blob) }
    let opened = try pool.take(gitDirectory)
    repository = opened
    return try opened.bytes(of: blob)
  }

  func giveBack() {
    if let repository { pool.put(repository, gitDirectory) }
    repository = nil
  }
}
