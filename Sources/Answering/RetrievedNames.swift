// SPDX-License-Identifier: Apache-2.0
package import Glossary
import IndexStore
package import Retrieval

/// The names of a snapshot, those of its register tables included: a table's filter says that its text is worth
/// reading, and the text says whether the name is there.
package struct RetrievedNames: SnapshotNames {
  private let retriever: Retriever

  package init(_ retriever: Retriever) {
    self.retriever = retriever
  }

  package func hasFile(_ path: TreePath) -> Bool { retriever.view.hasFile(path) }

  package func hasDirectory(_ path: TreePath) -> Bool { retriever.view.hasDirectory(path) }

  /// As the view knows it, or as a register table defines it.
  package func hasSymbol(_ name: String) -> Bool {
    if retriever.view.hasSymbol(name) { return true }
    // A table that cannot be read proves nothing.
    return (try? retriever.symbol(name))?.definitions.isEmpty == false
  }

  package func nearPaths(_ path: TreePath, limit: Int) -> [TreePath] { retriever.view.nearPaths(path, limit: limit) }

  package func nearSymbol(_ name: String) -> String? { retriever.view.nearSymbol(name) }
}
