// SPDX-License-Identifier: Apache-2.0
internal import CLibgit2
internal import Glibc
internal import Glossary

/// A bare repository of Nenrin's own, the only kind that it ever writes to.
final class KeptRepository {
  let gitDirectory: String
  let handle: OpaquePointer
  /// Its own objects, and those of every store that was added to read from.
  let objects: OpaquePointer
  /// Its own objects alone.
  private let ownObjects: OpaquePointer

  /// Opens the repository, making it where there is none.
  init(at gitDirectory: String) throws {
    _ = Libgit2.started
    self.gitDirectory = gitDirectory
    var handle: OpaquePointer?
    var objects: OpaquePointer?
    var ownObjects: OpaquePointer?
    do {
      do {
        try git(.open) { git_repository_open_bare(&handle, gitDirectory) }
      } catch let failure as GitFailure where failure.isNotFound {
        try KeptRepository.create(at: gitDirectory)
        try git(.open) { git_repository_open_bare(&handle, gitDirectory) }
      }
      try git(.open) { git_repository_odb(&objects, handle) }
      try git(.open) { git_odb_open(&ownObjects, gitDirectory + "/objects") }
    } catch {
      git_odb_free(objects)
      git_repository_free(handle)
      throw (error as? GitFailure).map { KeptRepository.unusable(gitDirectory, $0) } ?? error
    }
    guard let handle, let objects, let ownObjects else {
      throw NenrinError(.internalFailure, "libgit2 opened no repository at \(gitDirectory)")
    }
    self.handle = handle
    self.objects = objects
    self.ownObjects = ownObjects
  }

  deinit {
    git_odb_free(ownObjects)
    git_odb_free(objects)
    git_repository_free(handle)
  }

  private static func create(at gitDirectory: String) throws {
    var options = git_repository_init_options()
    try git(.create) { git_repository_init_options_init(&options, UInt32(GIT_REPOSITORY_INIT_OPTIONS_VERSION)) }
    options.flags = GIT_REPOSITORY_INIT_BARE.rawValue | GIT_REPOSITORY_INIT_MKPATH.rawValue
    var handle: OpaquePointer?
    try git(.create) {
      "main".withCString { branch in
        options.initial_head = branch
        return git_repository_init_ext(&handle, gitDirectory, &options)
      }
    }
    git_repository_free(handle)
    var configuration: OpaquePointer?
    try git(.create) { git_config_open_ondisk(&configuration, gitDirectory + "/config") }
    defer { git_config_free(configuration) }
    // libgit2 1.5 takes this setting for the size above which it looks for no delta, so 1 makes packing a mere copy:
    // a kernel takes a minute, not many. Later versions only lose a cache.
    try git(.create) { git_config_set_int64(configuration, "pack.deltaCacheSize", 1) }
  }

  private static func unusable(_ gitDirectory: String, _ failure: GitFailure) -> NenrinError {
    if failure.message.contains("No space left on device") { return failure.error(at: gitDirectory) }
    return NenrinError(
      .homeNotWritable, "\(gitDirectory) cannot be made or opened", reason: failure.message,
      remedies: ["Choose another home with --home, or make this one writable."])
  }

  func writing<R>(_ body: () throws -> R) throws -> R {
    do { return try body() } catch let failure as GitFailure {
      throw failure.message.contains("Permission denied") || failure.message.contains("Read-only")
        ? KeptRepository.unusable(gitDirectory, failure) : failure.error(at: gitDirectory)
    }
  }

  /// Whether it holds an object itself.
  func holds(_ id: ObjectID) -> Bool {
    var gitID = id.gitID
    // Without a second look at the folder for each object that is not there: nobody else writes meanwhile.
    return git_odb_exists_ext(ownObjects, &gitID, GIT_ODB_LOOKUP_NO_REFRESH.rawValue) == 1
  }

  /// The commit of a reference, nil where there is none.
  func target(of reference: String) -> ObjectID? {
    var id = git_oid()
    return (try? git(.resolve) { git_reference_name_to_id(&id, handle, reference) }) == nil ? nil : ObjectID(id)
  }

  func setReference(_ name: String, to id: ObjectID) throws {
    var reference: OpaquePointer?
    var gitID = id.gitID
    try git(.write) { git_reference_create(&reference, handle, name, &gitID, 1, nil) }
    git_reference_free(reference)
  }

  /// Writes objects that `objects` can read into one new pack, which appears whole or not at all.
  func writePack(_ ids: some Sequence<ObjectID>) throws {
    var builder: OpaquePointer?
    try git(.write) { git_packbuilder_new(&builder, handle) }
    defer { git_packbuilder_free(builder) }
    _ = git_packbuilder_set_threads(builder, 1)
    for id in ids {
      var gitID = id.gitID
      try git(.write) { git_packbuilder_insert(builder, &gitID, nil) }
    }
    guard git_packbuilder_object_count(builder) > 0 else { return }
    try git(.write) { git_packbuilder_write(builder, nil, 0, nil, nil) }
    try git(.write) { git_odb_refresh(objects) }
    try git(.write) { git_odb_refresh(ownObjects) }
  }
}
