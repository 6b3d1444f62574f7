// SPDX-License-Identifier: Apache-2.0
import Answering
import Glossary
import Testing

/// A snapshot of names alone.
private struct Names: SnapshotNames {
  var paths = ["fs/tree/lock.c", "fs/tree/Kconfig", "kernel/lock.c", "Makefile"]
  var symbols: Set<String> = ["tree_lock", "BTREE", "walk"]

  func hasFile(_ path: TreePath) -> Bool { paths.contains(path.text) }
  func hasDirectory(_ path: TreePath) -> Bool { paths.contains { $0.hasPrefix(path.text + "/") } }
  func hasSymbol(_ name: String) -> Bool { symbols.contains(name) }
  func nearPaths(_ path: TreePath, limit: Int) -> [TreePath] {
    Array(paths.map(TreePath.init(text:)).filter { $0.name.prefix(3) == path.name.prefix(3) }.prefix(limit))
  }
  func nearSymbol(_ name: String) -> String? { symbols.first { $0.prefix(4) == name.prefix(4) } }
}

private func mentioned(_ text: String, quoted: [String] = []) -> [String] {
  Grounding.mentions(in: text, quoted: quoted).map { "\($0.kind.rawValue) \($0.name)" }
}

@Suite struct GroundingTests {
  @Test(arguments: [
    ("See `fs/tree/lock.c`.", ["path fs/tree/lock.c"]),
    ("See fs/tree/lock.c, and fs/tree/lock.c again.", ["path fs/tree/lock.c"]),
    ("`fs/tree/lock.c:12-40` and fs/tree/lock.c#L7", ["path fs/tree/lock.c"]),
    ("the directory `fs/tree/`", ["path fs/tree/"]),
    ("in fs/tree/Kconfig and in lock.c.", ["path fs/tree/Kconfig", "fileName lock.c"]),
    ("(see lock.h)", ["fileName lock.h"]),
    ("It calls tree_lock() and `walk()`, not walk().", ["symbol tree_lock", "symbol walk"]),
    ("`CONFIG_BTREE` is set", ["symbol CONFIG_BTREE"]),
    ("read/write and/or 1/2, I/O, e.g. this. 6.12.1", []),
    ("https://example.org/a/b.c and me@example.org", []),
    ("`int` is a type; so is `u8`", []),
    ("/etc/passwd and `/dev/null`", []),
    ("ロックは`fs/tree/lock.c`のtree_lock()で", ["path fs/tree/lock.c", "symbol tree_lock"]),
    ("**[1]** `fs/tree/lock.c` lines 2–6, function `tree_lock`", ["path fs/tree/lock.c", "symbol tree_lock"]),
    ("```c\nfoo_bar(fs/x/y.c);\n```\nafter_it", ["symbol after_it"]),
    ("````\n```\nfoo_bar\n```\nfoo_baz\n````\nafter_it", ["symbol after_it"]),
    ("~~~\nfoo_bar\n~~~\nafter_it", ["symbol after_it"]),
    ("", []), ("`", []), ("```", []), ("_ __ ___", []), ("foo_", []),
  ]) func namesAreFoundInText(text: String, names: [String]) {
    #expect(mentioned(text) == names)
  }

  @Test func symbolsOfThePassagesNeedNoCheck() {
    #expect(mentioned("my_local is set in `a/b.c`", quoted: ["int my_local = 1;"]) == ["path a/b.c"])
    #expect(mentioned("my_local", quoted: ["int my_locals = 1;"]) == ["symbol my_local"])
  }

  @Test func pathsOfThePassagesNeedNoCheck() {
    let odd = TreePath(text: "docs/a b/ü.txt")
    #expect(Grounding.mentions(in: "`docs/a b/ü.txt` [1]", from: [odd]).isEmpty)
    #expect(mentioned("`docs/a b/ü.txt` [1]") == ["path docs/a"])
  }

  @Test func unknownNamesComeWithTheNearest() {
    let text = """
      `fs/tree/lock.c` `fs/tree` `fs/tree/` `lock.c` `tree_lock` `fs/tree/locking.c` `locks.h` `tree_unlock` \
      `fs/nothing` `zzz.c` `no_such`
      """
    let unknown = Grounding.unverified(Grounding.mentions(in: text), in: Names())
    #expect(
      unknown == [
        UnverifiedName(name: "fs/tree/locking.c", nearest: "fs/tree/lock.c"),
        UnverifiedName(name: "locks.h", nearest: "fs/tree/lock.c"),
        UnverifiedName(name: "tree_unlock", nearest: "tree_lock"),
        UnverifiedName(name: "fs/nothing", nearest: nil),
        UnverifiedName(name: "zzz.c", nearest: nil),
        UnverifiedName(name: "no_such", nearest: nil),
      ])
  }
}
