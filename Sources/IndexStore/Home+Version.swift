// SPDX-License-Identifier: Apache-2.0
import GRDB

extension Home {
  /// The version of the SQLite that is loaded, `3.40.1`. Throws what SQLite throws.
  package static func libraryVersion() throws -> String {
    try DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") } ?? "unknown"
  }
}
