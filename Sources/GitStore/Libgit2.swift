// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2
internal import Glibc
package import Glossary

/// libgit2 as this process uses it: started once, bounded, read-only in spirit.
enum Libgit2 {
  /// Bytes of trees and commits that libgit2 may keep; the trees of a whole kernel are about 4 MB.
  private static let cacheByteCount = 32 << 20
  /// Bytes of one mapped piece of a pack, and of all pieces together; both count as resident memory.
  private static let windowByteCount = 16 << 20
  private static let mappedByteCount = 256 << 20

  /// Touch it before the first call of libgit2; later touches cost nothing.
  static let started: Bool = {
    // A status is not looked at here: a call can only fail for want of memory, or where this libgit2 lacks an option;
    // then its default holds.
    _ = git_libgit2_init()
    _ = nenrin_git_set_cache_max_size(cacheByteCount)
    _ = nenrin_git_set_mapped_windows(windowByteCount, mappedByteCount)
    // The owner check guards against configuration that makes git run programs (hooks, filters, a pager, fsmonitor).
    // Here only objects and references are read, and libgit2 runs none of these, so another owner's repository is safe.
    _ = nenrin_git_set_owner_validation(0)
    // A person's own configuration has nothing to say about what a commit holds, and a damaged one must not be in
    // the way.
    for level in [GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL]
    {
      _ = nenrin_git_set_search_path(level.rawValue, "")
    }
    // What is written, whole packs and references, is on the disk before an index names it.
    _ = nenrin_git_set_fsync(1)
    _ = acceptExtensions()
    return true
  }()

  /// Extensions that change nothing for one who reads objects and references: `worktreeConfig` moves some settings to
  /// another file, `partialClone` lets objects be missing, `preciousObjects` forbids deletion, `relativeWorktrees`
  /// writes relative paths. `objectFormat` and `refStorage` are let in to be refused with better words.
  private static func acceptExtensions() -> Int32 {
    let names = [
      "worktreeconfig", "partialclone", "preciousobjects", "relativeworktrees", "objectformat", "refstorage",
    ]
    let copies = names.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    var pointers = copies.map { UnsafePointer<CChar>($0) }
    return nenrin_git_set_extensions(&pointers, pointers.count)
  }
}

/// What was asked of libgit2.
enum GitOperation: String, Sendable {
  case open, resolve, listReferences, readObject, create, write
}

/// A call of libgit2 that failed, with the words it left behind.
struct GitFailure: Error, Sendable {
  let operation: GitOperation
  let code: Int32
  let message: String

  var isNotFound: Bool { code == GIT_ENOTFOUND.rawValue }
  var isAmbiguous: Bool { code == GIT_EAMBIGUOUS.rawValue }

  /// For a failure that no caller has better words for.
  func error(at path: String) -> NenrinError {
    if message.contains("No space left on device") {
      return NenrinError(
        .diskFull, "no room left on the disk of \(path)", reason: message,
        remedies: ["Free some room there and run the same command again; what was written stays."])
    }
    return NenrinError(
      .internalFailure, "libgit2 failed to \(operation.rawValue) in \(path)", reason: message,
      remedies: ["Run `git -C \(shellQuoted(path)) fsck` to see whether the repository is sound."])
  }
}

/// Runs one call of libgit2 and throws `GitFailure` for a negative status. It is the only place that looks at a status,
/// and it reads libgit2's message at once, since the next call on this thread may change it.
func git(_ operation: GitOperation, _ call: () throws -> Int32) throws {
  let status = try call()
  guard status < 0 else { return }
  let message = git_error_last().flatMap { $0.pointee.message }.map { String(cString: $0) } ?? ""
  git_error_clear()
  throw GitFailure(operation: operation, code: status, message: message)
}

/// A path as a person can paste it into a shell.
func shellQuoted(_ path: String) -> String {
  let plain = path.utf8.allSatisfy { byte in
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x80...0xff: true
    default: "/._-+,:@%".utf8.contains(byte)
    }
  }
  return plain && !path.isEmpty
    ? path : "'\(path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'"
}

extension ObjectID {
  init(_ id: git_oid) {
    self = withUnsafeBytes(of: id) { ObjectID(bytes: $0) }
  }

  /// The same name as libgit2 writes it.
  var gitID: git_oid {
    var id = git_oid()
    withUnsafeMutableBytes(of: &id) { raw in
      raw.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
      raw.storeBytes(of: middle.bigEndian, toByteOffset: 8, as: UInt64.self)
      raw.storeBytes(of: low.bigEndian, toByteOffset: 16, as: UInt32.self)
    }
    return id
  }

  /// The first 12 digits, which is what people read.
  package var shortHex: String { String(hex.prefix(12)) }
}
