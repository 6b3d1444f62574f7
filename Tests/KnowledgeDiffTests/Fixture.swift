// SPDX-License-Identifier: Apache-2.0
import GitStore
import Glossary
import IndexStore
import KnowledgeDiff
import TestSupport

/// Two commits of a small project, indexed; they go with the object.
final class Fixture {
  let repository: TestRepository
  let home: TestHome

  init(
    _ old: [String: TestFile], _ new: [String: TestFile] = [:], remove: [String] = [],
    move: [(from: String, to: String)] = []
  ) async throws {
    repository = try TestRepository()
    try repository.commit(old, tag: "v1.0")
    try repository.commit(new, remove: remove, move: move, tag: "v1.1")
    home = try TestHome()
    try await home.index(repository, "v1.0", "v1.1")
  }

  func comparer(_ from: String = "v1.0", _ to: String = "v1.1") throws -> KnowledgeComparer {
    let source = try Repository(opening: repository.path)
    return KnowledgeComparer(
      SnapshotPair(from: try home.view(from), to: try home.view(to), fromSource: source, toSource: source))
  }

  func diff(_ request: DiffRequest = DiffRequest(), _ from: String = "v1.0", _ to: String = "v1.1") throws -> DiffResult
  {
    try comparer(from, to).diff(request)
  }
}

extension DiffResult {
  /// `status path` or `status old > new`.
  var fileLines: [String] {
    files.map { file in
      "\(file.status) " + (file.fromPath.map { "\($0.text) > " } ?? "") + file.path.text
    }
  }

  /// `status kind name`.
  var symbolLines: [String] { symbols.map { "\($0.status) \($0.kind) \($0.name)" } }
}
