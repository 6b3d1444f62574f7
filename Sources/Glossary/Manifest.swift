// SPDX-License-Identifier: Apache-2.0

/// What a tree entry is, from git's file mode.
package enum EntryKind: UInt8, Sendable {
  case file = 0
  case executable = 1
  case symlink = 2
  case submodule = 3

  /// git's octal mode.
  package var mode: UInt32 {
    switch self {
    case .file: 0o100644
    case .executable: 0o100755
    case .symlink: 0o120000
    case .submodule: 0o160000
    }
  }

  /// Whether the entry names a blob with text of its own to index. Symlinks and submodules are recorded, not followed.
  package var isFile: Bool { self == .file || self == .executable }
}

/// One path of a commit's tree and the object it holds.
package struct ManifestEntry: Hashable, Sendable {
  package var path: TreePath
  package var kind: EntryKind
  /// The blob's name; for a submodule, the commit's.
  package var object: ObjectID

  package init(path: TreePath, kind: EntryKind, object: ObjectID) {
    self.path = path
    self.kind = kind
    self.object = object
  }
}

/// One difference between two manifests, by path.
package enum ManifestChange: Hashable, Sendable {
  case added(ManifestEntry)
  case removed(ManifestEntry)
  case modified(from: ManifestEntry, to: ManifestEntry)
}
