// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The environment variables of the process.
enum Environment {
  /// The value of a variable; nil where it is not set or empty.
  static func value(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }

  static func isSet(_ name: String) -> Bool { value(name) != nil }

  /// Names of all variables that begin with a prefix, sorted.
  static func names(prefix: String) -> [String] {
    var names: [String] = []
    var cursor = environ
    while let entry = cursor.pointee {
      let text = String(cString: entry)
      if text.hasPrefix(prefix), let equals = text.firstIndex(of: "=") { names.append(String(text[..<equals])) }
      cursor += 1
    }
    return names.sorted()
  }
}
