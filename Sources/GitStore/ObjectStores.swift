// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2
internal import Glibc
internal import Glossary

/// Where a repository's objects lie: packs and loose files of its own, and of those that it borrows from.
enum ObjectStores {
  /// git's own limit on how far borrowing may go.
  private static let maximumDepth = 5

  /// Opens an `objects` folder and all that its `info/alternates` names, for reading.
  static func open(_ objectsDirectory: String) throws -> OpaquePointer? {
    var objects: OpaquePointer?
    try git(.open) { git_odb_new(&objects) }
    do {
      try add(objectsDirectory, to: objects)
    } catch {
      git_odb_free(objects)
      throw error
    }
    return objects
  }

  /// Adds an `objects` folder, and all that it borrows from, to those that are read. One that is gone is left out: what
  /// is missed then is said of the object that is asked for.
  static func add(_ objectsDirectory: String, to objects: OpaquePointer?) throws {
    for directory in directories(from: objectsDirectory) {
      var packs: UnsafeMutablePointer<git_odb_backend>?
      try git(.open) { git_odb_backend_pack(&packs, directory) }
      try git(.open) { git_odb_add_alternate(objects, packs, 2) }
      try git(.open) { git_odb_add_alternate(objects, try LooseStore.make(in: directory), 1) }
    }
  }

  /// The packs of an `objects` folder and of all that it borrows from.
  static func packs(of objectsDirectory: String) -> [String] {
    directories(from: objectsDirectory).flatMap { directory -> [String] in
      guard let folder = opendir(directory + "/pack") else { return [] }
      defer { closedir(folder) }
      var names: [String] = []
      while let record = readdir(folder) {
        let name = withUnsafeBytes(of: &record.pointee.d_name) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name.hasPrefix("pack-"), name.hasSuffix(".pack") { names.append(directory + "/pack/" + name) }
      }
      return names.sorted()
    }
  }

  private static func directories(from objectsDirectory: String) -> [String] {
    var found: [String] = []
    var open = [(directory: objectsDirectory, depth: 0)]
    while let (directory, depth) = open.popLast() {
      guard let real = realPath(directory), !found.contains(real) else { continue }
      found.append(real)
      if depth < maximumDepth { open += borrowed(by: real).map { ($0, depth + 1) } }
    }
    return found
  }

  /// Absolute paths; git reads a line that begins with `#` as a remark and a relative path from the folder itself.
  private static func borrowed(by directory: String) -> [String] {
    guard let bytes = try? wholeFile(directory + "/info/alternates") else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
      $0.hasPrefix("/") ? String($0) : directory + "/" + $0
    }
  }

  private static func realPath(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }
}

/// A store of loose objects for libgit2: its own finds them, `LooseObject` reads them.
///
/// libgit2 hands its `git_odb_backend` back to every call, so that must lie at the very start.
private struct LooseStore {
  var backend = git_odb_backend()
  /// libgit2's own, for questions that need no content.
  var finder: UnsafeMutablePointer<git_odb_backend>
  var directory: Unmanaged<Directory>

  final class Directory {
    let path: String
    init(_ path: String) { self.path = path }
  }

  /// libgit2 owns what this gives, from the moment that it is added to an object store.
  static func make(in directory: String) throws -> UnsafeMutablePointer<git_odb_backend> {
    var finder: UnsafeMutablePointer<git_odb_backend>?
    try git(.open) { git_odb_backend_loose(&finder, directory, -1, 0, 0, 0) }
    guard let finder else { throw NenrinError(.internalFailure, "libgit2 opened no object store in \(directory)") }
    let store = UnsafeMutablePointer<LooseStore>.allocate(capacity: 1)
    store.initialize(to: LooseStore(finder: finder, directory: .passRetained(Directory(directory))))
    let backend = UnsafeMutableRawPointer(store).assumingMemoryBound(to: git_odb_backend.self)
    try git(.open) { git_odb_init_backend(backend, UInt32(GIT_ODB_BACKEND_VERSION)) }
    backend.pointee.exists = { backend, id in
      let finder = LooseStore.of(backend).finder
      return finder.pointee.exists(finder, id)
    }
    backend.pointee.exists_prefix = { full, backend, id, length in
      let finder = LooseStore.of(backend).finder
      return finder.pointee.exists_prefix(full, finder, id, length)
    }
    backend.pointee.foreach = { backend, body, payload in
      let finder = LooseStore.of(backend).finder
      return finder.pointee.foreach(finder, body, payload)
    }
    backend.pointee.read_header = { length, type, backend, id in
      LooseStore.of(backend).readHeader(id, length, type)
    }
    backend.pointee.read = { data, length, type, backend, id in
      LooseStore.of(backend).read(id, backend, data, length, type)
    }
    backend.pointee.read_prefix = { full, data, length, type, backend, id, digits in
      let store = LooseStore.of(backend)
      let status = store.finder.pointee.exists_prefix(full, store.finder, id, digits)
      return status == 0 ? store.read(full, backend, data, length, type) : status
    }
    backend.pointee.free = { backend in
      let store = UnsafeMutableRawPointer(backend!).assumingMemoryBound(to: LooseStore.self)
      store.pointee.finder.pointee.free(store.pointee.finder)
      store.pointee.directory.release()
      store.deinitialize(count: 1)
      store.deallocate()
    }
    return backend
  }

  private static func of(_ backend: UnsafeMutablePointer<git_odb_backend>?) -> LooseStore {
    UnsafeMutableRawPointer(backend!).assumingMemoryBound(to: LooseStore.self).pointee
  }

  private func file(_ id: UnsafePointer<git_oid>?) -> Result<[UInt8], Failure> {
    guard let id else { return .failure(.missing) }
    let hex = ObjectID(id.pointee).hex
    let path = directory.takeUnretainedValue().path + "/\(hex.prefix(2))/\(hex.dropFirst(2))"
    do { return .success(try wholeFile(path)) } catch {
      return .failure(access(path, F_OK) == 0 ? .damaged("its file cannot be read") : .missing)
    }
  }

  private func readHeader(
    _ id: UnsafePointer<git_oid>?, _ length: UnsafeMutablePointer<Int>?, _ type: UnsafeMutablePointer<git_object_t>?
  ) -> Int32 {
    LooseStore.status {
      let header = try LooseObject.header(of: file(id).get())
      length?.pointee = header.byteCount
      type?.pointee = header.type
    }
  }

  private func read(
    _ id: UnsafePointer<git_oid>?, _ backend: UnsafeMutablePointer<git_odb_backend>?,
    _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ length: UnsafeMutablePointer<Int>?,
    _ type: UnsafeMutablePointer<git_object_t>?
  ) -> Int32 {
    LooseStore.status {
      let file = try file(id).get()
      let header = try LooseObject.header(of: file)
      var whole = [UInt8](repeating: 0, count: header.length + header.byteCount)
      try whole.withUnsafeMutableBytes { try LooseObject.inflateWhole(file, into: $0) }
      // With a NUL behind the content, as libgit2 has it.
      guard let content = git_odb_backend_data_alloc(backend, header.byteCount + 1) else { throw LooseObject.Damage() }
      whole.withUnsafeBytes { _ = memcpy(content, $0.baseAddress! + header.length, header.byteCount) }
      content.storeBytes(of: 0, toByteOffset: header.byteCount, as: UInt8.self)
      data?.pointee = content
      length?.pointee = header.byteCount
      type?.pointee = header.type
    }
  }

  private enum Failure: Error {
    case missing
    case damaged(String)
  }

  /// What libgit2 wants to hear.
  private static func status(_ body: () throws -> Void) -> Int32 {
    do {
      try body()
      return 0
    } catch Failure.missing {
      git_error_set_str(Int32(GIT_ERROR_ODB.rawValue), "object not found")
      return GIT_ENOTFOUND.rawValue
    } catch Failure.damaged(let reason) {
      git_error_set_str(Int32(GIT_ERROR_ODB.rawValue), reason)
      return GIT_ERROR.rawValue
    } catch {
      git_error_set_str(Int32(GIT_ERROR_ODB.rawValue), "its file does not hold one whole object")
      return GIT_ERROR.rawValue
    }
  }
}
