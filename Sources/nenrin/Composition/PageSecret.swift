// SPDX-License-Identifier: Apache-2.0
import Glibc
import Glossary
import HTTPAPI

/// The secret that links to private source pages are signed with.
enum PageSecret {
  private static let fileName = "page-secret"

  /// What `page_secret` names, else the home's own, which is made where it is not there yet and the home may be written.
  /// Throws `configurationInvalid`, never with the secret in its words.
  static func load(_ configured: String, home: String, mayWrite: Bool) throws -> [UInt8] {
    let secret =
      configured.isEmpty
      ? try kept(in: "\(home)/\(fileName)", mayWrite: mayWrite)
      : Array(try ConfiguredModels.key(configured, of: "[server] page_secret").utf8)
    guard secret.count >= PageSigner.secretByteCount else {
      throw NenrinError(
        .configurationInvalid, "[server] page_secret: too short",
        reason: "links could be forged with fewer than \(PageSigner.secretByteCount) bytes",
        remedies: ["Take what this prints: openssl rand -hex 32"])
    }
    return secret
  }

  private static func kept(in path: String, mayWrite: Bool) throws -> [UInt8] {
    if FileAccess.kind(path) == nil, mayWrite { make(path) }
    var status = stat()
    guard stat(path, &status) == 0, let bytes = try? FileAccess.read(path) else {
      throw NenrinError(
        .configurationInvalid, "private_pages: nothing to sign links with",
        reason: "\(path) is not there, and cannot be made or read here",
        remedies: ["Set [server] page_secret to env:NAME, the same for all servers of this home."])
    }
    guard status.st_mode & 0o077 == 0 else {
      throw NenrinError(
        .configurationInvalid, "\(path): others may read it", reason: "who knows it can forge links to source pages",
        remedies: ["Remove it, so that another is made, or: chmod 600 \(path)"])
    }
    return bytes
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
