// SPDX-License-Identifier: Apache-2.0
internal import Dispatch
internal import Glibc
internal import Glossary
internal import Synchronization

/// What stands in a work tree beside what git last saw of it, from one pass over its directories: one `lstat` for each
/// path that git follows, none for what it does not. Never follows a symbolic link.
struct WorkTreeWalk {
  /// A path whose content has to be looked at.
  struct Candidate: Sendable {
    var path: [UInt8]
    /// Its place in the index; nil where git does not follow it.
    var record: Int?
    var kind: EntryKind
  }

  private(set) var candidates: [Candidate] = []
  /// For each record of the index whether it was found as it was left, or is a candidate; the others are gone.
  private(set) var isPresent: [Bool]
  /// Submodules that are checked out.
  private(set) var submodules: [(path: [UInt8], record: Int)] = []
  private(set) var notes: [String] = []

  private let root: Int32
  private let index: CheckoutIndex
  private let indexTime: timespec
  private let trustsMode: Bool

  private struct Directory: Sendable {
    /// Empty, or with a slash at its end.
    var path: [UInt8]
    var range: Range<Int>
    var rules: IgnoreRules
  }

  /// What one directory came to.
  private struct Listing: Sendable {
    var directories: [Directory] = []
    var candidates: [Candidate] = []
    var present: [Int] = []
    var submodules: [(path: [UInt8], record: Int)] = []
    var notes: [String] = []
  }

  /// - Parameters:
  ///   - root: an open descriptor of the work tree.
  ///   - indexTime: when the index file was written: what changed at that time or later may have changed unseen.
  ///   - trustsMode: whether the file system keeps the executable bit (`core.fileMode`).
  init(root: Int32, index: CheckoutIndex, indexTime: timespec, trustsMode: Bool, rules: IgnoreRules) {
    (self.root, self.index, self.indexTime, self.trustsMode) = (root, index, indexTime, trustsMode)
    isPresent = index.records.map { $0.isSkipped && !$0.isConflict }
    var level = [Directory(path: [], range: 0..<index.count, rules: rules)]
    while !level.isEmpty {
      let listings = lists(level)
      level = []
      for listing in listings {
        level += listing.directories
        candidates += listing.candidates
        submodules += listing.submodules
        notes += listing.notes
        for record in listing.present { isPresent[record] = true }
      }
    }
    for candidate in candidates { if let record = candidate.record { isPresent[record] = true } }
  }

  /// The directories of one depth, on all cores.
  private func lists(_ directories: [Directory]) -> [Listing] {
    let size = max(8, min(64, directories.count / 16))
    let starts = Array(stride(from: 0, to: directories.count, by: size))
    let found = Mutex([Listing](repeating: Listing(), count: starts.count))
    DispatchQueue.concurrentPerform(iterations: starts.count) { part in
      var listing = Listing()
      for directory in directories[starts[part]..<min(starts[part] + size, directories.count)] {
        list(directory, into: &listing)
      }
      let done = listing
      found.withLock { $0[part] = done }
    }
    return found.withLock { $0 }
  }

  private func list(_ directory: Directory, into listing: inout Listing) {
    // Not component by component: the folders above were seen to be no links a moment ago, and names are all it gives.
    let path = directory.path.isEmpty ? [UInt8(ascii: ".")] : Array(directory.path.dropLast())
    let descriptor = openat(
      root, path.map { CChar(bitPattern: $0) } + [0], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0, let stream = fdopendir(descriptor) else {
      let reason = systemMessage()
      if descriptor >= 0 { close(descriptor) }
      if !directory.path.isEmpty { listing.notes.append("left out: \(WorkTreeWalk.text(directory.path)) (\(reason))") }
      return
    }
    defer { closedir(stream) }
    var names: [(name: [UInt8], type: UInt8)] = []
    while let record = readdir(stream) {
      let name = withUnsafeBytes(of: &record.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name == [0x2e] || name == [0x2e, 0x2e] || WorkTreeWalk.isGitDirectory(name) { continue }
      names.append((name, record.pointee.d_type))
    }
    var rules = directory.rules
    if names.contains(where: { $0.name == Array(".gitignore".utf8) }),
      let bytes = try? WorkTreeFile.bytes(Array(".gitignore".utf8), in: descriptor, limit: 1 << 20).content
    {
      rules = rules.adding(IgnoreFile(bytes, base: directory.path))
    }
    for (name, type) in names {
      visit(Place(name: name, type: type, descriptor: descriptor), of: directory, rules, into: &listing)
    }
  }

  /// A name in an open directory.
  private struct Place {
    var name: [UInt8]
    var type: UInt8
    var descriptor: Int32

    func status() -> stat? {
      var status = stat()
      let path = name.map { CChar(bitPattern: $0) } + [0]
      return fstatat(descriptor, path, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status : nil
    }
  }

  private func visit(_ place: Place, of directory: Directory, _ rules: IgnoreRules, into listing: inout Listing) {
    let path = directory.path + place.name
    let record = index.index(of: path[...], in: directory.range)
    var status: stat?
    if record != nil || place.type == UInt8(DT_UNKNOWN) {
      status = place.status()
      if status == nil { return }
    }
    let type = status.map { $0.st_mode & S_IFMT } ?? UInt32(place.type) << 12
    if type == S_IFDIR { return descend(path, record, place, of: directory, rules, into: &listing) }
    if let record, let status {
      return compare(path, record, status, into: &listing)
    }
    guard type == S_IFREG || type == S_IFLNK,
      !rules.ignores(path, nameStart: directory.path.count, isDirectory: false)
    else { return }
    // The executable bit is looked at when the file is read.
    listing.candidates.append(Candidate(path: path, record: nil, kind: type == S_IFLNK ? .symlink : .file))
  }

  private func descend(
    _ path: [UInt8], _ record: Int?, _ place: Place, of directory: Directory, _ rules: IgnoreRules,
    into listing: inout Listing
  ) {
    let inside = path + [UInt8(ascii: "/")]
    let range = index.range(below: inside[...], in: directory.range)
    if let record, index.records[record].mode & 0o170000 == 0o160000 {
      listing.submodules.append((path, record))
      listing.present.append(record)
      return
    }
    var below = rules
    if !rules.ignoresAll, rules.ignores(path, nameStart: directory.path.count, isDirectory: true) {
      below.ignoresAll = true
    }
    if range.isEmpty {
      if below.ignoresAll { return }
      var status = stat()
      let name = (place.name + Array("/.git".utf8)).map { CChar(bitPattern: $0) } + [0]
      if fstatat(place.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 {
        listing.notes.append("left out: \(WorkTreeWalk.text(inside)) (a repository of its own)")
        return
      }
    }
    listing.directories.append(Directory(path: inside, range: range, rules: below))
  }

  private func compare(_ path: [UInt8], _ place: Int, _ status: stat, into listing: inout Listing) {
    let record = index.records[place]
    if record.isSkipped, !record.isConflict { return listing.present.append(place) }
    let kind: EntryKind
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = isExecutable(status, record) ? .executable : .file
    case S_IFLNK: kind = .symlink
    default:
      listing.notes.append("left out: \(WorkTreeWalk.text(path)) (neither a file nor a link any more)")
      return
    }
    if kind.mode == record.mode, isAsLeft(record, status) {
      listing.present.append(place)
    } else {
      listing.candidates.append(Candidate(path: path, record: place, kind: kind))
    }
  }

  private func isExecutable(_ status: stat, _ record: CheckoutIndex.Record) -> Bool {
    trustsMode || record.isConflict ? status.st_mode & S_IXUSR != 0 : record.mode == EntryKind.executable.mode
  }

  /// git's own rule: size and times as they were, and older than the index.
  private func isAsLeft(_ record: CheckoutIndex.Record, _ status: stat) -> Bool {
    guard !record.isConflict, !record.isIntended, record.size == UInt32(truncatingIfNeeded: status.st_size),
      record.seconds == Int32(truncatingIfNeeded: status.st_mtim.tv_sec),
      record.nanoseconds == 0 || record.nanoseconds == UInt32(truncatingIfNeeded: status.st_mtim.tv_nsec),
      record.changeSeconds == 0 || record.changeSeconds == Int32(truncatingIfNeeded: status.st_ctim.tv_sec),
      record.inode == 0 || record.inode == UInt32(truncatingIfNeeded: status.st_ino)
    else { return false }
    let time = status.st_mtim
    return time.tv_sec < indexTime.tv_sec
      || time.tv_sec == indexTime.tv_sec && record.nanoseconds != 0 && time.tv_nsec < indexTime.tv_nsec
  }

  /// `.git` in any case is no name for a path in a tree; git refuses it.
  private static func isGitDirectory(_ name: [UInt8]) -> Bool {
    name.count == 4 && name.map { $0 | 0x20 } == Array(".git".utf8).map { $0 | 0x20 }
  }

  static func text(_ path: [UInt8]) -> String { TreePath(bytes: path).text }

  /// Opens a path below a directory, component by component, so that no link leads out of it; -1 where it cannot be.
  /// The empty path is the directory itself.
  static func open(_ path: ArraySlice<UInt8>, below root: Int32, _ flags: Int32) -> Int32 {
    var descriptor = root
    let components = path.isEmpty ? [[UInt8(ascii: ".")]] : path.split(separator: UInt8(ascii: "/"))
    for (place, component) in components.enumerated() {
      let name = component.map { CChar(bitPattern: $0) } + [0]
      let isLast = place + 1 == components.count
      let next = openat(descriptor, name, (isLast ? flags : O_RDONLY | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC)
      let code = errno
      if descriptor != root { close(descriptor) }
      errno = code
      guard next >= 0 else { return -1 }
      descriptor = next
    }
    return descriptor
  }
}

/// A file of a work tree, read once and whole, as well as that can be while others write to it.
struct WorkTreeFile {
  var content: [UInt8]
  var isExecutable: Bool
  /// It changed each time it was read.
  var isUnsteady = false

  /// Why a file is not read.
  struct Refusal: Error {
    var reason: String
    /// It is there no more.
    var isGone = false
  }

  private static let attempts = 3

  /// Throws `Refusal`.
  static func bytes(_ name: [UInt8], in directory: Int32, limit: Int) throws -> WorkTreeFile {
    var last: WorkTreeFile?
    for _ in 0..<attempts {
      let path = name.map { CChar(bitPattern: $0) } + [0]
      // O_NONBLOCK because a fifo could have taken the file's place meanwhile.
      let descriptor = openat(directory, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard descriptor >= 0 else { throw Refusal(reason: systemMessage(), isGone: errno == ENOENT) }
      defer { close(descriptor) }
      var (before, after) = (stat(), stat())
      guard fstat(descriptor, &before) == 0, before.st_mode & S_IFMT == S_IFREG else {
        throw Refusal(reason: "changed while it was read")
      }
      guard before.st_size <= limit else {
        throw Refusal(reason: "\(Int(before.st_size) >> 20) MiB, more than the \(limit >> 20) that are read")
      }
      let content: [UInt8]
      do { content = try GitStore.bytes(ofDescriptor: descriptor, path: "") } catch let error as NenrinError {
        throw Refusal(reason: error.reason)
      }
      var file = WorkTreeFile(content: content, isExecutable: before.st_mode & S_IXUSR != 0)
      if fstat(descriptor, &after) == 0, after.st_size == before.st_size, content.count == Int(after.st_size),
        after.st_mtim.tv_sec == before.st_mtim.tv_sec, after.st_mtim.tv_nsec == before.st_mtim.tv_nsec
      {
        return file
      }
      file.isUnsteady = true
      last = file
    }
    guard let last else { throw Refusal(reason: "changed while it was read") }
    return last
  }

  /// Where a symbolic link leads. Throws `Refusal`.
  static func target(ofLink name: [UInt8], in directory: Int32) throws -> [UInt8] {
    var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let path = name.map { CChar(bitPattern: $0) } + [0]
    let length = target.withUnsafeMutableBytes { buffer in
      buffer.baseAddress.map { readlinkat(directory, path, $0.assumingMemoryBound(to: CChar.self), buffer.count) } ?? -1
    }
    guard length >= 0 else { throw Refusal(reason: systemMessage(), isGone: errno == ENOENT) }
    return Array(target[..<length])
  }
}
