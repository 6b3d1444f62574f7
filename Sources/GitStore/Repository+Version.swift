// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2

extension Repository {
  /// The version of the libgit2 that is loaded, `1.5.1`.
  package static var libraryVersion: String {
    var major: Int32 = 0
    var minor: Int32 = 0
    var revision: Int32 = 0
    git_libgit2_version(&major, &minor, &revision)
    return "\(major).\(minor).\(revision)"
  }
}
