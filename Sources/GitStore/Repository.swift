// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2
internal import Glibc
internal import Glossary

/// A git repository, opened for reading its objects and references; its work tree, index and hooks are never looked at.
///
/// Not `Sendable`: libgit2 wants one handle for each thread that reads. Opening one takes well under a millisecond.
package final class Repository: BlobSource {
  /// The absolute path of the git directory that holds objects and references, without a slash at its end. It can be
  /// opened again; for a linked work tree it is that of the main repository.
  package let gitDirectory: String
  /// What a person should know of calls that succeeded: a range that was cut short by a shallow clone.
  package internal(set) var notices: [String] = []

  let handle: OpaquePointer
  let objects: OpaquePointer
  /// Commits whose parents a shallow clone left out.
  let shallowBoundary: Set<ObjectID>

  /// Opens a bare or normal repository, a linked work tree, or what a `.git` file points to. Throws `notARepository`
  /// (also for a folder inside a work tree, which is never taken for the whole) and `repositoryRefused`.
  package init(opening path: String) throws {
    _ = Libgit2.started
    var handle: OpaquePointer?
    do {
      try git(.open) {
        git_repository_open_ext(&handle, path, UInt32(GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue), nil)
      }
    } catch let failure as GitFailure {
      throw Repository.refusal(of: path, failure)
    }
    guard let handle else { throw NenrinError(.internalFailure, "libgit2 opened no repository at \(path)") }
    let directory = Repository.withoutTrailingSlash(String(cString: git_repository_commondir(handle)))
    var objects: OpaquePointer?
    do {
      try Repository.checkFormat(of: directory, named: path)
      objects = try ObjectStores.open(directory + "/objects")
      try git(.open) { git_repository_set_odb(handle, objects) }
    } catch {
      git_odb_free(objects)
      git_repository_free(handle)
      throw (error as? GitFailure).map { Repository.refusal(of: path, $0) } ?? error
    }
    guard let objects else { throw NenrinError(.internalFailure, "libgit2 opened no object store at \(path)") }
    self.handle = handle
    self.objects = objects
    gitDirectory = directory
    shallowBoundary = Repository.shallowBoundary(in: directory)
  }

  deinit {
    git_odb_free(objects)
    git_repository_free(handle)
  }

  /// Whether this is a shallow clone, whose history ends early.
  package var isShallow: Bool { !shallowBoundary.isEmpty }

  static func withoutTrailingSlash(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  private static func shallowBoundary(in directory: String) -> Set<ObjectID> {
    guard let bytes = try? wholeFile(directory + "/shallow") else { return [] }
    return Set(String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { ObjectID(hex: $0) })
  }

  /// A local setting of the repository, nil where there is none.
  static func setting(_ key: String, in directory: String) throws -> String? {
    var configuration: OpaquePointer?
    try git(.open) { git_config_open_ondisk(&configuration, directory + "/config") }
    defer { git_config_free(configuration) }
    var buffer = git_buf()
    defer { git_buf_dispose(&buffer) }
    do {
      try git(.open) { git_config_get_string_buf(&buffer, configuration, key) }
    } catch let failure as GitFailure where failure.isNotFound {
      return nil
    }
    return String(cString: buffer.ptr)
  }
}

/// Reads a small file whole, following symbolic links.
func wholeFile(_ path: String) throws -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw NenrinError(.fileUnreadable, "\(path) cannot be read", reason: systemMessage()) }
  defer { close(descriptor) }
  return try bytes(ofDescriptor: descriptor, path: path)
}

/// Reads from a descriptor to its end.
func bytes(ofDescriptor descriptor: Int32, path: String) throws -> [UInt8] {
  var status = stat()
  guard fstat(descriptor, &status) == 0 else {
    throw NenrinError(.fileUnreadable, "\(path) cannot be read", reason: systemMessage())
  }
  // One byte more than the size, so that the read that fills it is also the one that sees the end.
  var bytes = [UInt8](repeating: 0, count: max(Int(status.st_size), 0) + 1)
  var count = 0
  while true {
    if count == bytes.count { bytes.append(contentsOf: repeatElement(0, count: count)) }
    let got = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress.map { $0 + count }, $0.count - count) }
    if got < 0, errno == EINTR { continue }
    guard got >= 0 else { throw NenrinError(.fileUnreadable, "\(path) cannot be read", reason: systemMessage()) }
    if got == 0 { break }
    count += got
  }
  bytes.removeSubrange(count...)
  return bytes
}

/// The words of the system for the call that failed last.
func systemMessage() -> String { String(cString: strerror(errno)) }
