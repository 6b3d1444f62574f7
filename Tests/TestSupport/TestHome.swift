// SPDX-License-Identifier: Apache-2.0
import Foundation
import GitStore
import Glossary
package import IndexStore
package import Indexing

/// An index in a temporary folder, gone with the object. Files are read without grammars, as windows of lines, unless
/// the checkout's are there.
package final class TestHome {
  package let path: String

  package init() throws { path = try TestRepository.temporaryFolder() + "/home" }

  deinit { try? FileManager.default.removeItem(atPath: String(path.dropLast("/home".count))) }

  /// The checkout that the tests stand in.
  package static var checkout: String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .path
  }

  package var indexer: Indexer {
    Indexer(
      home: path, grammars: TestHome.checkout + "/.cache/grammars", queries: TestHome.checkout + "/grammars", workers: 2
    )
  }

  /// Indexes revisions of a repository.
  @discardableResult
  package func index(_ repository: TestRepository, _ revisions: String...) async throws -> [SnapshotReport] {
    try await indexer.index(IndexRequest(source: repository.path, revisions: revisions, collection: "project"))
  }

  /// What `nenrin verify` finds.
  package func verify(quick: Bool = false) async throws -> [VerifyProblem] {
    try await Verifier(indexer).run(quick: quick).problems
  }

  package func view(_ revision: String) throws -> SnapshotView {
    let home = try Home(reading: path)
    return try home.view(of: home.resolve(SnapshotName(revision: revision)))
  }
}
