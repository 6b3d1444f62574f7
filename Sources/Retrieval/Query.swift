// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

/// What a question says, taken apart.
struct Query: Sendable {
  /// Names that look like identifiers, as written: `vfs_read`, `MIGRATE_SYNC_LIGHT`, `openat2` (before `()`).
  var identifiers: [String] = []
  /// Single words that might name a symbol (`memfd_secret` is an identifier, `kfree` is only a word).
  var words: [String] = []
  /// Paths and parts of paths: `fs/btrfs`, `drivers/net/tg3.c`.
  var paths: [String] = []
  /// File names: `locking.c`.
  var fileNames: [String] = []
  /// Terms for the word indexes, stop words left out where anything else is there.
  var terms: [QueryTerm] = []
  var wanted = WantedKinds()
}

/// The kinds of file that a question asks for.
struct WantedKinds: OptionSet, Sendable {
  let rawValue: Int
  static let cSource = WantedKinds(rawValue: 1)
  static let header = WantedKinds(rawValue: 2)
  static let documentation = WantedKinds(rawValue: 4)
  static let kconfig = WantedKinds(rawValue: 8)
  static let makefile = WantedKinds(rawValue: 16)
  static let deviceTree = WantedKinds(rawValue: 32)
  static let test = WantedKinds(rawValue: 64)
  static let tool = WantedKinds(rawValue: 128)
  static let rust = WantedKinds(rawValue: 256)
  static let assembly = WantedKinds(rawValue: 512)
  static let binding = WantedKinds(rawValue: 1024)
  static let script = WantedKinds(rawValue: 2048)
  static let defconfig = WantedKinds(rawValue: 4096)
  static let linkerScript = WantedKinds(rawValue: 8192)
  static let translation = WantedKinds(rawValue: 16384)
}
