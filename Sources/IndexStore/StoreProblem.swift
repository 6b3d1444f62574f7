// SPDX-License-Identifier: Apache-2.0

/// Something in a home that is not as it was written.
package struct StoreProblem: Hashable, Sendable {
  /// What went wrong, as far as the remedy depends on it.
  package enum Kind: Sendable {
    /// What readers open of the catalog; the writer still has its own.
    case published
    /// The writer's catalog; readers still have theirs.
    case catalog
    /// A segment file, or what the catalog says of it.
    case content
    /// A file of vectors, which can be made again.
    case vectors
    /// A file of commits, which can be read again.
    case commits
    /// One snapshot's row or manifest.
    case snapshot
    /// The repository that the snapshots were made from.
    case repository
    /// What is stored for a blob is not what reading it again gives.
    case reading
  }

  /// The file, the snapshot or the collection.
  package var place: String
  package var what: String
  package var kind: Kind

  package init(_ kind: Kind, _ place: String, _ what: String) {
    self.kind = kind
    self.place = place
    self.what = what
  }

  /// What to do about it, a sentence or two.
  package func remedy(home: String) -> String {
    let layout = HomeLayout(root: home)
    switch kind {
    case .published:
      return "Remove \(layout.generations), then run `nenrin index` with any source of this home: it publishes again."
    case .catalog:
      return "Copy the newest file of \(layout.generations) over \(layout.catalog): it holds the same."
    case .content: return "Index again into a fresh home (--home DIR), then remove \(home)."
    case .vectors: return "Remove it, then run `nenrin index` again: it makes its vectors anew."
    case .commits: return "Remove the folder it lies in, then run `nenrin index SOURCE --history`: it reads all anew."
    case .snapshot: return "Run `nenrin forget \(place)`, then index it again."
    case .repository:
      return "Bring the repository back to where it was, or index it again from where it is now."
    case .reading:
      return "Look whether `nenrin doctor` misses a grammar; if not, index again into a fresh home (--home DIR)."
    }
  }
}
