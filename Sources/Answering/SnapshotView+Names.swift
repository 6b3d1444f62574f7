// SPDX-License-Identifier: Apache-2.0
package import Glossary
package import IndexStore

extension SnapshotView: SnapshotNames {
  package func hasFile(_ path: TreePath) -> Bool { file(path) != nil }

  /// Paths lie in byte order, so the first that is not before `path/` is below it if any is.
  package func hasDirectory(_ path: TreePath) -> Bool {
    let prefix = TreePath(bytes: path.bytes + [UInt8(ascii: "/")])
    var low = 0
    var high = fileCount
    while low < high {
      let middle = (low + high) / 2
      if file(at: middle).path < prefix { low = middle + 1 } else { high = middle }
    }
    return low < fileCount && file(at: low).path.bytes.starts(with: prefix.bytes)
  }

  /// A name is known as it is defined, as macros and conventions spell it (`CONFIG_X`, `sys_x`, `trace_x`), and where
  /// the text holds it as a whole word: members of structures and variables of functions are no definitions. The names
  /// of register tables are not known here, see `RetrievedNames`.
  package func hasSymbol(_ name: String) -> Bool {
    if !definitions(named: name).isEmpty { return true }
    for prefix in ["CONFIG_", "__x64_sys_", "__arm64_sys_", "__se_sys_", "__do_sys_", "sys_", "trace_"]
    where name.hasPrefix(prefix) && !definitions(named: String(name.dropFirst(prefix.count))).isEmpty {
      return true
    }
    // An identifier's last term is itself, where it has several parts.
    let terms = TermAnalyzer().terms(of: name)
    guard terms.count > 1, let whole = terms.last?.term, whole == name.lowercased() else { return false }
    return !chunks(withTerm: whole).isEmpty
  }

  package func nearSymbol(_ name: String) -> String? { nearNames(name, limit: 1).first }
}
