// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The checkout that these tests were compiled from, as text. Nothing here runs the program.
enum Checkout {
  /// The checkout's root, without a slash at its end.
  static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  /// Every file of the project by its path from the root, in order: what is built, kept or written by a tool is left out.
  static let files: [String] = {
    let kept = ["Sources", "Tests", "tools", "docs", "grammars", "snapshots", ".ci"]
    let top = try? FileManager.default.contentsOfDirectory(atPath: root)
    let topFiles = (top ?? []).filter { !$0.hasPrefix(".") && isRegular($0) && $0 != "Package.resolved" }
    let below = kept.flatMap { folder in
      (FileManager.default.enumerator(atPath: "\(root)/\(folder)")?.compactMap { $0 as? String } ?? [])
        .map { "\(folder)/\($0)" }.filter(isRegular)
    }
    return (topFiles + below).filter { !$0.contains("__pycache__") && !$0.hasSuffix(".so") }.sorted()
  }()

  /// The files in which code is written: Swift, C and shell.
  static let sourceFiles = files.filter { isSwift($0) || isC($0) || isTool($0) }

  static func isSwift(_ path: String) -> Bool { path.hasSuffix(".swift") }
  static func isC(_ path: String) -> Bool { path.hasSuffix(".c") || path.hasSuffix(".h") }
  static func isTool(_ path: String) -> Bool {
    (path.hasPrefix("tools/") || path.hasPrefix(".ci/")) && !path.hasSuffix(".md")
  }

  /// The text of a file; a byte that is not UTF-8 is replaced.
  static func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(path)")), as: UTF8.self)
  }

  /// The Swift and C files, scanned once for all tests; a file that cannot be read is left out.
  static let code: [String: CodeText] = files.reduce(into: [:]) { code, path in
    guard isSwift(path) || isC(path), let text = try? text(path) else { return }
    code[path] = CodeText(text, syntax: isC(path) ? .c : .swift)
  }

  /// The Swift files below a folder, in order, as code.
  static func swiftCode(below folder: String = "") -> [(path: String, code: CodeText)] {
    files.filter { $0.hasPrefix(folder) && isSwift($0) }.compactMap { path in code[path].map { (path, $0) } }
  }

  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: "\(root)/\(path)") }

  static func isExecutable(_ path: String) -> Bool { FileManager.default.isExecutableFile(atPath: "\(root)/\(path)") }

  /// The target that holds a file: `Sources/Chunking/Kernel/Macros.swift` is of `Chunking`.
  static func target(of path: String) -> String? {
    let parts = path.split(separator: "/")
    return parts.count > 2 && (parts[0] == "Sources" || parts[0] == "Tests") ? String(parts[1]) : nil
  }

  private static func isRegular(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &isFolder) && !isFolder.boolValue
  }
}
