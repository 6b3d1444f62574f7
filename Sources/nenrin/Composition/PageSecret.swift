// SPDX-License-Identifier: Apache-2.0
import Glossary
import HTTPAPI
import IndexStore

/// The secret that links to private source pages are signed with.
enum PageSecret {
  /// What `page_secret` names, else the home's own, which is made where it is not there yet and the home may be written.
  /// Throws `configurationInvalid`, never with the secret in its words.
  static func load(_ configured: String, home: String, mayWrite: Bool) throws -> [UInt8] {
    let secret =
      configured.isEmpty
      ? try kept(in: home, mayWrite: mayWrite)
      : Array(try ConfiguredModels.key(configured, of: "[server] page_secret").utf8)
    guard secret.count >= PageSigner.secretByteCount else {
      throw NenrinError(
        .configurationInvalid, "[server] page_secret: too short",
        reason: "links could be forged with fewer than \(PageSigner.secretByteCount) bytes",
        remedies: ["Take what this prints: openssl rand -hex 32"])
    }
    return secret
  }

  private static func kept(in home: String, mayWrite: Bool) throws -> [UInt8] {
    let path = HomeSecret.path(in: home)
    switch HomeSecret(in: home, mayWrite: mayWrite) {
    case .kept(let secret): return secret
    case .missing:
      throw NenrinError(
        .configurationInvalid, "private_pages: nothing to sign links with",
        reason: "\(path) is not there, and cannot be made or read here",
        remedies: ["Set [server] page_secret to env:NAME, the same for all servers of this home."])
    case .exposed:
      throw NenrinError(
        .configurationInvalid, "\(path): others may read it", reason: "who knows it can forge links to source pages",
        remedies: ["Remove it, so that another is made, or: chmod 600 \(path)"])
    }
  }
}
