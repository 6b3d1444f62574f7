// SPDX-License-Identifier: Apache-2.0
import Glibc
import Glossary

/// Files and folders, as the program's edge needs them.
enum FileAccess {
  enum Kind { case file, folder }

  /// What a path is, links followed, everything but a folder being a file; nil where nothing is there.
  static func kind(_ path: String) -> Kind? {
    if access(path + "/.", F_OK) == 0 { return .folder }
    return access(path, F_OK) == 0 ? .file : nil
  }

  /// The whole file, or standard input where the path is `-`. Throws `fileUnreadable`.
  static func read(_ path: String) throws -> [UInt8] {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path) }
    defer { if descriptor != STDIN_FILENO { close(descriptor) } }
    var bytes: [UInt8] = []
    while true {
      let block = try [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
        let got = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        guard got >= 0 else {
          guard errno == EINTR else { throw unreadable(path) }
          count = 0
          return
        }
        count = got
      }
      if block.isEmpty { return bytes }
      bytes += block
    }
  }

  /// Replaces a file. Throws `fileUnreadable`, `diskFull`.
  static func write(_ text: String, to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw NenrinError(.fileUnreadable, "\(path): cannot be written", reason: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var text = text
    try text.withUTF8 { try Console.write(UnsafeRawBufferPointer($0), to: descriptor, named: path) }
  }

  /// The path with links and `..` resolved; nil where it is not there.
  static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Names in a folder, sorted; empty where it cannot be read.
  static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Bytes that a person without special rights can still write where the path is, or would be.
  static func freeBytes(at path: String) -> Int64? {
    var folder = path
    while kind(folder) == nil {
      guard let parent = parent(of: folder) else { return nil }
      folder = parent
    }
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { return nil }
    return Int64(status.f_bavail) * Int64(status.f_frsize)
  }

  /// The folder that holds a path; nil at the root, `.` for a plain name.
  static func parent(of path: String) -> String? {
    guard path != "/", path != "." else { return nil }
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The last component of a path.
  static func name(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// A path as seen from a folder: absolute paths stay as they are.
  static func path(_ path: String, from folder: String) -> String {
    path.hasPrefix("/") || folder == "." ? path : "\(folder)/\(path)"
  }

  private static func unreadable(_ path: String) -> NenrinError {
    NenrinError(.fileUnreadable, "\(path): cannot be read", reason: String(cString: strerror(errno)))
  }
}
