// SPDX-License-Identifier: Apache-2.0

/// What a definition defines, or a chunk is. The raw values are stored: append, never renumber.
package enum SymbolKind: UInt8, CaseIterable, Sendable {
  case function = 0
  case macro = 1
  case `struct` = 2
  case union = 3
  case `enum` = 4
  case enumerator = 5
  case typedef = 6
  case variable = 7
  case syscall = 8
  case tracepoint = 9
  case config = 10
  case label = 11
  case type = 12
  case trait = 13
  case `impl` = 14
  case target = 15
  case node = 16
  case section = 17

  /// The name in JSON and on the command line.
  package var name: String { "\(self)" }
}

/// One definition in a blob, as `Chunking` finds it and as the symbol index keeps it.
package struct Definition: Hashable, Sendable {
  /// The name as it is written, without the prefixes that macros add (`openat2`, not `__x64_sys_openat2`; `BTRFS_FS`,
  /// not `CONFIG_BTRFS_FS`).
  package var name: String
  package var kind: SymbolKind
  /// The 1-based line of the name in the blob.
  package var line: Int
  /// The byte range in the blob of the full declaration: return type to closing parenthesis, a macro's name and
  /// parameters, `struct name`.
  package var signature: Range<Int>
  /// A hash of the signature with comments and white space out.
  package var signatureHash: UInt32
  /// A hash of the body (a macro's value, an enumerator's value) with comments and white space out; 0 where none.
  package var bodyHash: UInt64
  package var isStatic: Bool
  /// Whether an EXPORT_SYMBOL of its kin names it in the same blob.
  package var isExported: Bool

  package init(
    name: String, kind: SymbolKind, line: Int, signature: Range<Int>, signatureHash: UInt32 = 0, bodyHash: UInt64 = 0,
    isStatic: Bool = false, isExported: Bool = false
  ) {
    self.name = name
    self.kind = kind
    self.line = line
    self.signature = signature
    self.signatureHash = signatureHash
    self.bodyHash = bodyHash
    self.isStatic = isStatic
    self.isExported = isExported
  }
}

/// One name that a chunk binds to another: a designated initialiser of a table (`.read = vfs_read`); an object of a
/// makefile's list (`obj-$(CONFIG_X)`, `a.o`); a pattern of MAINTAINERS (`F`, `fs/btrfs/`); a path that a document names
/// (`path`, `mm/slab.c`).
package struct Binding: Hashable, Sendable {
  package var field: String
  package var target: String
  /// The 1-based line in the blob.
  package var line: Int

  package init(field: String, target: String, line: Int) {
    self.field = field
    self.target = target
    self.line = line
  }
}
