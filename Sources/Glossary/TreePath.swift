// SPDX-License-Identifier: Apache-2.0

/// A file's path in a tree: bytes, as git keeps them, separated by `/`, ordered by byte value.
///
/// Its `text` is what people and JSON see: the path itself where it is UTF-8, else git's own quoted form
/// (`"caf\351.c"`, in double quotes with octal escapes), which `init(text:)` reads back.
package struct TreePath: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let bytes: [UInt8]

  package init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Reads a path as `text` writes it.
  package init(text: String) {
    let utf8 = Array(text.utf8)
    bytes = TreePath.unquoted(utf8) ?? utf8
  }

  /// What people and JSON see; `init(text:)` reads it back.
  package var text: String {
    if let text = String(validating: bytes, as: UTF8.self), bytes.first != UInt8(ascii: "\"") { return text }
    return TreePath.quoted(bytes)
  }

  package var description: String { text }

  /// The last component.
  package var name: String { String(decoding: nameBytes, as: UTF8.self) }

  /// The last component's bytes.
  package var nameBytes: ArraySlice<UInt8> {
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return bytes[...] }
    return bytes[(slash + 1)...]
  }

  package static func < (left: TreePath, right: TreePath) -> Bool {
    left.bytes.withUnsafeBufferPointer { left in
      right.bytes.withUnsafeBufferPointer { right in
        let common = min(left.count, right.count)
        var index = 0
        while index < common {
          if left[index] != right[index] { return left[index] < right[index] }
          index += 1
        }
        return left.count < right.count
      }
    }
  }

  private static func quoted(_ bytes: [UInt8]) -> String {
    var text = "\""
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\""): text += "\\\""
      case UInt8(ascii: "\\"): text += "\\\\"
      case 0x20..<0x7f: text.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 8)
        text += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      }
    }
    return text + "\""
  }

  private static func unquoted(_ text: [UInt8]) -> [UInt8]? {
    guard text.count >= 2, text.first == UInt8(ascii: "\""), text.last == UInt8(ascii: "\"") else { return nil }
    var bytes: [UInt8] = []
    var rest = text.dropFirst().dropLast()
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      guard let next = rest.popFirst() else { return nil }
      guard (0x30...0x33).contains(next) else {
        bytes.append(next)
        continue
      }
      guard let second = rest.popFirst(), let third = rest.popFirst(), (0x30...0x37).contains(second),
        (0x30...0x37).contains(third)
      else { return nil }
      bytes.append((next - 0x30) << 6 | (second - 0x30) << 3 | (third - 0x30))
    }
    return bytes
  }
}
