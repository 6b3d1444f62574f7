// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Files of a few bytes, and what a folder weighs.
enum SmallFile {
  /// The text of a file of at most 4 KiB; nil where it is missing or not text.
  static func read(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { return nil }
    return String(validating: bytes[..<count], as: UTF8.self)
  }

  /// The names in a folder, without `.` and `..`, in byte order.
  static func names(in folder: String) -> [String] {
    guard let handle = opendir(folder) else { return [] }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}

extension HomeLayout {
  /// Bytes of all regular files below a folder.
  static func byteCount(below folder: String) -> Int64 {
    var total: Int64 = 0
    for name in SmallFile.names(in: folder) {
      let path = "\(folder)/\(name)"
      var status = stat()
      guard lstat(path, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        total += byteCount(below: path)
      } else if status.st_mode & S_IFMT == S_IFREG {
        total += Int64(status.st_size)
      }
    }
    return total
  }
}
