// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// A repository with a work tree to write in: its first commit checked out on `main`.
package final class TestCheckout {
  package let repository: TestRepository
  package var folder: String { repository.folder }
  /// The work tree.
  package var path: String { repository.path }

  /// - Parameter tag: names the first commit.
  package init(_ files: [String: TestFile], tag: String? = nil) throws {
    repository = try TestRepository(bare: false)
    try repository.commit(files, tag: tag)
    try git("reset", "-q", "--hard")
  }

  @discardableResult
  package func git(_ arguments: String...) throws -> String { try repository.git(arguments) }

  /// Writes a file, and the folders above it.
  package func write(_ file: String, _ text: String) throws {
    let url = URL(fileURLWithPath: path + "/" + file)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// Removes a file, or a folder with all that is in it.
  package func remove(_ file: String) throws { try FileManager.default.removeItem(atPath: path + "/" + file) }

  /// Puts a symbolic link where something may stand.
  package func link(_ file: String, to target: String) throws {
    try? remove(file)
    try FileManager.default.createSymbolicLink(atPath: path + "/" + file, withDestinationPath: target)
  }

  package func permissions(_ file: String, _ mode: Int) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path + "/" + file)
  }
}
