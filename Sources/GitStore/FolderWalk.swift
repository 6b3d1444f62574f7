// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2
internal import Glibc
internal import Glossary

/// New objects on their way into a pack: kept in memory up to a bound, then written.
struct PendingPack {
  private static let maximumByteCount = 128 << 20

  private let kept: KeptRepository
  private let memory: UnsafeMutablePointer<git_odb_backend>?
  private var ids: Set<ObjectID> = []
  private var byteCount = 0

  init(in kept: KeptRepository) throws {
    self.kept = kept
    var memory: UnsafeMutablePointer<git_odb_backend>?
    try git(.create) { git_mempack_new(&memory) }
    // It comes before every other store, so that what is written goes to memory. The object store frees it.
    try git(.create) { git_odb_add_backend(kept.objects, memory, 1000) }
    self.memory = memory
  }

  /// Takes an object in unless the repository has it.
  mutating func add(_ bytes: UnsafeRawBufferPointer, type: git_object_t) throws -> ObjectID {
    var id = git_oid()
    let none: [UInt8] = [0]
    try none.withUnsafeBytes { none in
      let start = bytes.baseAddress ?? none.baseAddress
      try git(.write) { git_odb_hash(&id, start, bytes.count, type) }
      let name = ObjectID(id)
      guard !ids.contains(name), !kept.holds(name) else { return }
      try git(.write) { git_odb_write(&id, kept.objects, start, bytes.count, type) }
      ids.insert(name)
      byteCount += bytes.count
    }
    if byteCount > PendingPack.maximumByteCount { try flush() }
    return ObjectID(id)
  }

  /// Writes what is in memory as one pack.
  mutating func flush() throws {
    try kept.writePack(ids.sorted())
    try git(.write) { git_mempack_reset(memory) }
    ids = []
    byteCount = 0
  }
}

/// Reads a folder into blobs and trees, in byte order, and never follows a symbolic link below the root.
struct FolderWalk {
  private(set) var omissions: [FolderImport.Omission] = []

  private struct Entry {
    var mode: String
    var name: [UInt8]
    var id: ObjectID
    /// What git orders by: a subtree as if its name ended in a slash.
    var key: [UInt8] { mode == "40000" ? name + [UInt8(ascii: "/")] : name }
  }

  /// The tree of an open directory, nil where nothing in it can be committed. Closes the descriptor.
  mutating func tree(ofDirectory descriptor: Int32, prefix: [UInt8], pack: inout PendingPack) throws -> ObjectID? {
    guard let directory = fdopendir(descriptor) else {
      omit(prefix, systemMessage())
      close(descriptor)
      return nil
    }
    defer { closedir(directory) }
    var entries: [Entry] = []
    for name in names(in: directory, prefix: prefix) {
      let path = prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
      if let entry = try entry(name, at: path, in: descriptor, pack: &pack) { entries.append(entry) }
    }
    guard !entries.isEmpty else { return nil }
    entries.sort { $0.key.lexicographicallyPrecedes($1.key) }
    var bytes: [UInt8] = []
    for entry in entries { bytes += Array(entry.mode.utf8) + [0x20] + entry.name + [0] + entry.id.bytes }
    return try bytes.withUnsafeBytes { try pack.add($0, type: GIT_OBJECT_TREE) }
  }

  private mutating func names(in directory: OpaquePointer, prefix: [UInt8]) -> [[UInt8]] {
    var names: [[UInt8]] = []
    while true {
      errno = 0
      guard let record = readdir(directory) else {
        if errno != 0 { omit(prefix, systemMessage()) }
        return names
      }
      let name = withUnsafeBytes(of: &record.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name == [0x2e] || name == [0x2e, 0x2e] || isGitDirectory(name) { continue }
      names.append(name)
    }
  }

  /// `.git` in any case is no name for a path in a tree; git refuses it.
  private func isGitDirectory(_ name: [UInt8]) -> Bool {
    name.count == 4 && name.map { $0 | 0x20 } == Array(".git".utf8).map { $0 | 0x20 }
  }

  private mutating func entry(
    _ name: [UInt8], at path: [UInt8], in directory: Int32, pack: inout PendingPack
  ) throws -> Entry? {
    let cName = name.map { CChar(bitPattern: $0) } + [0]
    var status = stat()
    guard fstatat(directory, cName, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return omit(path, systemMessage()) }
    switch status.st_mode & S_IFMT {
    case S_IFDIR:
      let child = openat(directory, cName, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard child >= 0 else { return omit(path, systemMessage()) }
      return try tree(ofDirectory: child, prefix: path, pack: &pack).map { Entry(mode: "40000", name: name, id: $0) }
    case S_IFREG:
      guard let id = try blob(cName, at: path, in: directory, pack: &pack) else { return nil }
      return Entry(mode: status.st_mode & S_IXUSR == 0 ? "100644" : "100755", name: name, id: id)
    case S_IFLNK:
      var target = [UInt8](repeating: 0, count: Int(PATH_MAX) + 1)
      let length = target.withUnsafeMutableBytes {
        readlinkat(directory, cName, $0.baseAddress!.assumingMemoryBound(to: CChar.self), Int(PATH_MAX))
      }
      guard length >= 0 else { return omit(path, systemMessage()) }
      let id = try target.withUnsafeBytes {
        try pack.add(UnsafeRawBufferPointer(rebasing: $0[..<length]), type: GIT_OBJECT_BLOB)
      }
      return Entry(mode: "120000", name: name, id: id)
    case S_IFIFO: return omit(path, "fifo")
    case S_IFSOCK: return omit(path, "socket")
    default: return omit(path, "device")
    }
  }

  private mutating func blob(
    _ name: [CChar], at path: [UInt8], in directory: Int32, pack: inout PendingPack
  ) throws -> ObjectID? {
    // O_NONBLOCK because a fifo could have taken the file's place meanwhile, and opening that would wait for a writer.
    let descriptor = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return omit(path, systemMessage()) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return omit(path, "changed while it was read")
    }
    guard status.st_size <= FolderImport.maximumFileByteCount else { return omit(path, "larger than 512 MiB") }
    let content: [UInt8]
    do {
      content = try bytes(ofDescriptor: descriptor, path: "")
    } catch let error as NenrinError {
      return omit(path, error.reason)
    }
    return try content.withUnsafeBytes { try pack.add($0, type: GIT_OBJECT_BLOB) }
  }

  @discardableResult
  private mutating func omit<T>(_ path: [UInt8], _ reason: String) -> T? {
    omissions.append(FolderImport.Omission(path: TreePath(bytes: path), reason: reason))
    return nil
  }

  private mutating func omit(_ path: [UInt8], _ reason: String) {
    let _: Int? = omit(path, reason)
  }
}
