// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2

extension Repository {
  /// The branch that HEAD names; nil where it names a commit, or a branch that has none yet.
  package func headBranch() -> String? {
    var head: OpaquePointer?
    guard (try? git(.listReferences) { git_repository_head(&head, handle) }) != nil else { return nil }
    defer { git_reference_free(head) }
    guard git_reference_is_branch(head) == 1, let name = git_reference_shorthand(head) else { return nil }
    return String(cString: name)
  }
}
