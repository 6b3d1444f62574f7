// SPDX-License-Identifier: Apache-2.0

/// Declarations of pointers to structs, on tokens: `const struct file_operations *f_op;`.
package enum TypedPointers {
  /// The names that are declared as pointers to (or as) a struct.
  package static func names(pointingTo type: String, in bytes: [UInt8], range: Range<Int>? = nil) -> Set<String> {
    let wanted = Array(type.utf8)
    var names: Set<String> = []
    forEach(in: bytes, range: range) { text, structure, name in
      if CodeText.isEqual(text, structure, wanted) { names.insert(CodeText.string(text, name)) }
    }
    return names
  }

  /// The structs that a name is declared to point to (or to be).
  package static func types(of name: String, in bytes: [UInt8], range: Range<Int>) -> Set<String> {
    let wanted = Array(name.utf8)
    var types: Set<String> = []
    forEach(in: bytes, range: range) { text, structure, name in
      if CodeText.isEqual(text, name, wanted) { types.insert(CodeText.string(text, structure)) }
    }
    return types
  }

  private static let qualifiers = ["const", "__rcu", "__user", "__iomem", "restrict", "volatile"].map { Array($0.utf8) }

  /// Calls `found` with each `struct TYPE … NAME`.
  private static func forEach(
    in bytes: [UInt8], range: Range<Int>?, _ found: (UnsafeBufferPointer<UInt8>, Range<Int>, Range<Int>) -> Void
  ) {
    bytes.withUnsafeBufferPointer { text in
      var cursor = CodeCursor(text, in: (range ?? 0..<text.count).clamped(to: 0..<text.count))
      let tag = Array("struct".utf8)
      var isType = false
      var type: Range<Int>?
      while true {
        let token = cursor.next()
        switch token.kind {
        case .end: return
        case .identifier:
          if CodeText.isEqual(text, token.range, tag) {
            (isType, type) = (true, nil)
          } else if isType {
            (isType, type) = (false, token.range)
          } else if let declared = type, !qualifiers.contains(where: { CodeText.isEqual(text, token.range, $0) }) {
            found(text, declared, token.range)
            type = nil
          }
        case .mark where token.mark == UInt8(ascii: "*"): break
        default: (isType, type) = (false, nil)
        }
      }
    }
  }
}
