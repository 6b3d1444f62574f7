// SPDX-License-Identifier: Apache-2.0
package import Glossary
package import IndexStore

/// Asks one snapshot. Cheap to make; use one for each request, from one task at a time.
package struct Retriever {
  package let view: SnapshotView
  package let source: any BlobSource

  package init(view: SnapshotView, source: any BlobSource) {
    self.view = view
    self.source = source
  }

  /// The best files and passages for a question. Throws `questionEmpty`, `questionTooLong`, `objectUnreadable`.
  package func search(_ request: SearchRequest) throws -> SearchResult {
    fatalError("being written")
  }

  /// Definitions of a name (`openat2`, `sys_openat2`, `CONFIG_BTRFS_FS`, `trace_sched_switch` …) and, where
  /// `referenceLimit` > 0, the lines that use it.
  package func symbol(_ name: String, referenceLimit: Int = 0) throws -> SymbolResult {
    fatalError("being written")
  }
}
