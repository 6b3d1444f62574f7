// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The secret that a home keeps for those who serve it, in a file that only its owner may read.
package enum HomeSecret {
  /// The secret: 64 hexadecimal digits where it was made here.
  case kept([UInt8])
  /// The file is not there, or cannot be read; it could not be made either, where that was wanted.
  case missing
  /// Others than its owner may read the file.
  case exposed

  /// Where it lies in the home at `root`.
  package static func path(in root: String) -> String { "\(root)/page-secret" }

  /// Reads it; makes it first where it is not there and `mayWrite`.
  package init(in root: String, mayWrite: Bool) {
    let path = HomeSecret.path(in: root)
    if mayWrite, access(path, F_OK) != 0 { HomeSecret.make(path) }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      self = .missing
      return
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & 0o077 == 0 else {
      self = .exposed
      return
    }
    let bytes = [UInt8](unsafeUninitializedCapacity: 4_096) { buffer, count in
      count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
    }
    self = .kept(bytes)
  }

  /// Makes the file whole or not at all, so that of two servers that start at once one wins and both read the same.
  private static func make(_ path: String) {
    let draft = "\(path).\(getpid())"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    let digits = Array("0123456789abcdef".utf8)
    var generator = SystemRandomNumberGenerator()
    let secret = (0..<64).map { _ in digits[Int(generator.next() & 15)] }
    let isWhole = write(descriptor, secret, secret.count) == secret.count && fsync(descriptor) == 0
    close(descriptor)
    if isWhole { link(draft, path) }
    unlink(draft)
  }
}
