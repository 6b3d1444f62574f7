// SPDX-License-Identifier: Apache-2.0
import GRDB
import Glibc
import Glossary

/// The relational part of a home: collections, snapshots under their names, manifests, and which segments there are.
///
/// The writer changes `catalog.sqlite` in transactions; readers open copies of it that never change again.
struct Catalog {
  let queue: DatabaseQueue
  let path: String

  /// Opens the writer's catalog, making it where there is none. Throws `formatMismatch`, `diskFull`.
  init(writing path: String) throws {
    var configuration = Configuration()
    configuration.prepareDatabase { database in
      try database.execute(sql: "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON")
    }
    self.path = path
    queue = try Catalog.translating(path) { try DatabaseQueue(path: path, configuration: configuration) }
    // Before anything is changed: a home of another version stays as it is.
    if try read({ try $0.tableExists("meta") }) { try checkFormat() }
    try Catalog.translating(path) { try queue.write { try Catalog.createTables($0) } }
  }

  /// Opens a published copy. Throws `indexDamaged`, `formatMismatch`.
  init(reading path: String) throws {
    // A published copy is never written to again, so SQLite needs no lock and no journal beside it.
    try self.init(path, opening: "file:\(Catalog.escaped(path))?immutable=1")
  }

  /// Opens the writer's catalog to look at it. Throws `indexDamaged`, `formatMismatch`.
  init(inspecting path: String) throws { try self.init(path, opening: path) }

  private init(_ path: String, opening name: String) throws {
    guard access(path, R_OK) == 0 else {
      throw Segment.damage(path, "\(path) cannot be opened: \(String(cString: strerror(errno)))")
    }
    var configuration = Configuration()
    configuration.readonly = true
    self.path = path
    queue = try Catalog.reading(path) { try DatabaseQueue(path: name, configuration: configuration) }
    try checkFormat()
  }

  private func checkFormat() throws {
    let found = try read { try UInt32.fetchOne($0, sql: "SELECT value FROM meta WHERE key = 'format'") ?? 0 }
    guard found == StoreFormat.version else { throw HomeLayout.formatMismatch(path, found: found) }
  }

  /// Reads. Throws `indexDamaged` for what SQLite throws.
  func read<R>(_ body: (Database) throws -> R) throws -> R { try Catalog.reading(path) { try queue.read(body) } }

  /// Writes a copy for readers at `path`, which must not exist.
  func copy(to path: String) throws {
    try Catalog.translating(path) {
      try queue.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [path]) }
    }
  }

  /// Counts a generation in the transaction that changes what readers see; the pointer to its copy follows.
  static func beginGeneration(_ database: Database) throws {
    try database.execute(sql: "UPDATE meta SET value = value + 1 WHERE key = 'generation'")
  }

  private static func createTables(_ database: Database) throws {
    try database.execute(
      sql: """
        CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS collection (
          id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, source TEXT NOT NULL, git_directory TEXT NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS segment (
          number INTEGER PRIMARY KEY, chunk_base INTEGER NOT NULL, chunk_count INTEGER NOT NULL,
          byte_count INTEGER NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS manifest (
          id INTEGER PRIMARY KEY, base_id INTEGER REFERENCES manifest (id), depth INTEGER NOT NULL,
          changed_paths INTEGER NOT NULL, checksum INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS snapshot (
          id INTEGER PRIMARY KEY AUTOINCREMENT, collection_id INTEGER NOT NULL REFERENCES collection (id),
          revision TEXT NOT NULL, commit_id BLOB NOT NULL, date INTEGER NOT NULL, indexed_at INTEGER NOT NULL,
          files INTEGER NOT NULL, bytes INTEGER NOT NULL, chunks INTEGER NOT NULL, own_bytes INTEGER NOT NULL,
          last_segment INTEGER NOT NULL, manifest_id INTEGER NOT NULL REFERENCES manifest (id),
          UNIQUE (collection_id, commit_id)) STRICT;
        CREATE TABLE IF NOT EXISTS ring (
          snapshot_id INTEGER PRIMARY KEY REFERENCES snapshot (id) ON DELETE CASCADE, blobs INTEGER NOT NULL,
          skipped TEXT NOT NULL, own_blobs INTEGER NOT NULL, own_chunks INTEGER NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS revision (
          collection_id INTEGER NOT NULL REFERENCES collection (id), name TEXT NOT NULL,
          snapshot_id INTEGER NOT NULL REFERENCES snapshot (id) ON DELETE CASCADE,
          PRIMARY KEY (collection_id, name)) STRICT;
        INSERT OR IGNORE INTO meta (key, value) VALUES ('format', \(StoreFormat.version)), ('generation', 0);
        """)
  }

  private static func reading<R>(_ path: String, _ body: () throws -> R) throws -> R {
    do { return try body() } catch let error as DatabaseError {
      throw Segment.damage(path, Catalog.told(error))
    }
  }

  /// What SQLite said, with the code that says where: "disk I/O error" alone has thirty causes.
  private static func told(_ error: DatabaseError) -> String {
    "\(error.message ?? "SQLite failed") (result \(error.extendedResultCode.rawValue))"
  }

  /// Runs `body`, which writes; what SQLite throws becomes an error that a person can act on.
  static func translating<R>(_ path: String, _ body: () throws -> R) throws -> R {
    do {
      return try body()
    } catch let error as DatabaseError {
      switch error.resultCode {
      case .SQLITE_FULL: throw DurableFile.failure(path, ENOSPC)
      // SQLite says so of a full disk, too, where it was not a write that found it full.
      case .SQLITE_IOERR where DurableFile.isFull(path): throw DurableFile.failure(path, ENOSPC)
      case .SQLITE_IOERR: throw DurableFile.failure(path, EIO, Catalog.told(error))
      case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM: throw DurableFile.failure(path, EACCES)
      default: throw Segment.damage(path, Catalog.told(error))
      }
    }
  }

  private static func escaped(_ path: String) -> String {
    var text = ""
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "%"): text += "%25"
      case UInt8(ascii: "?"): text += "%3f"
      case UInt8(ascii: "#"): text += "%23"
      default: text.unicodeScalars.append(Unicode.Scalar(byte))
      }
    }
    return text
  }
}
