// SPDX-License-Identifier: Apache-2.0
import Glibc
import Glossary

/// The steps of writing that can fail; a test makes the n-th one fail.
enum WriteStep: Sendable { case create, write, sync, rename }

/// Lets a test fail the n-th step of writing, as a full disk or a dying one would.
enum WriteFault {
  /// Called before each step with its kind; an errno other than 0 makes the step fail with it. Of one task alone, so
  /// that tests beside it are left in peace.
  @TaskLocal static var probe: (@Sendable (WriteStep) -> Int32)?

  static func check(_ step: WriteStep) -> Int32 { probe?(step) ?? 0 }
}

/// A file that is written once from front to back, made durable, and only then given the name that readers know.
final class DurableFile {
  private let path: String
  private let temporaryPath: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private(set) var byteCount = 0
  private var isFinished = false

  /// Begins a file that `commit` will name `path`. Throws `diskFull`, `homeNotWritable`.
  init(path: String) throws {
    self.path = path
    temporaryPath = path + ".partial"
    var code = WriteFault.check(.create)
    if code == 0 {
      descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      if descriptor < 0 { code = errno }
    } else {
      descriptor = -1
    }
    if code != 0 { throw DurableFile.failure(path, code) }
    buffer.reserveCapacity(DurableFile.bufferSize)
  }

  deinit {
    close(descriptor)
    if !isFinished { unlink(temporaryPath) }
  }

  private static let bufferSize = 1 << 20

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    byteCount += bytes.count
    if bytes.count >= DurableFile.bufferSize {
      try flush()
      try writeOut(bytes)
      return
    }
    buffer.append(contentsOf: bytes)
    if buffer.count >= DurableFile.bufferSize { try flush() }
  }

  func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

  /// Makes the bytes durable, then the name.
  func commit() throws {
    try flush()
    var code = WriteFault.check(.sync)
    if code == 0, fsync(descriptor) != 0 { code = errno }
    if code != 0 { throw DurableFile.failure(path, code) }
    code = WriteFault.check(.rename)
    if code == 0, rename(temporaryPath, path) != 0 { code = errno }
    if code != 0 { throw DurableFile.failure(path, code) }
    isFinished = true
    try DurableFile.syncFolder(of: path)
  }

  private func flush() throws {
    guard !buffer.isEmpty else { return }
    try buffer.withUnsafeBytes { try writeOut($0) }
    buffer.removeAll(keepingCapacity: true)
  }

  private func writeOut(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while rest.count > 0 {
      let code = WriteFault.check(.write)
      if code != 0 { throw DurableFile.failure(path, code) }
      let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if written < 0 {
        if errno == EINTR { continue }
        throw DurableFile.failure(path, errno)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }

  /// Makes a file that something else wrote durable and gives it its name.
  static func adopt(_ written: String, as path: String) throws {
    let descriptor = open(written, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(written, errno) }
    defer { close(descriptor) }
    var code = WriteFault.check(.sync)
    if code == 0, fsync(descriptor) != 0 { code = errno }
    if code == 0 { code = WriteFault.check(.rename) }
    if code == 0, rename(written, path) != 0 { code = errno }
    if code != 0 { throw failure(path, code) }
    try syncFolder(of: path)
  }

  /// Makes the names in the folder of `path` durable.
  static func syncFolder(of path: String) throws {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(folder, errno) }
    defer { close(descriptor) }
    var code = WriteFault.check(.sync)
    if code == 0, fsync(descriptor) != 0, errno != EINVAL { code = errno }
    if code != 0 { throw failure(folder, code) }
  }

  /// Whether hardly anything could be written beside a path.
  static func isFull(_ path: String) -> Bool {
    var status = statvfs()
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    return statvfs(folder, &status) == 0 && status.f_bavail * status.f_frsize < 1 << 20
  }

  /// What a failed write means to a person; `reason` where more is known than the system's code says.
  static func failure(_ path: String, _ code: Int32, _ reason: String? = nil) -> NenrinError {
    let reason = reason ?? String(cString: strerror(code))
    switch code {
    case ENOSPC, EDQUOT, EFBIG:
      return NenrinError(
        .diskFull, "no room left to write \(path)", reason: reason,
        remedies: [
          "Free some space (a full kernel needs about 0.6 of its source bytes) and run the same command again: "
            + "it goes on from what is finished."
        ])
    case EACCES, EPERM, EROFS, ENOTDIR, ENOENT:
      return NenrinError(
        .homeNotWritable, "cannot write \(path)", reason: reason,
        remedies: ["Choose another home with --home DIR or NENRIN_HOME, or make this one writable."])
    default:
      return NenrinError(
        .homeNotWritable, "writing \(path) failed", reason: reason,
        remedies: ["Check the disk, then run the same command again: it goes on from what is finished."])
    }
  }
}
