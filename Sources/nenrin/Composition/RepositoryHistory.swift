// SPDX-License-Identifier: Apache-2.0
import Chunking
import CommitSearch
import GitStore
import Glossary

/// A collection's repository, as questions about its history ask it: opened when the first object is wanted, so that
/// what is stored answers without it. For one request.
final class RepositoryHistory: HistorySource {
  private let gitDirectories: [String]
  private let grammars: String
  private var opened: [Repository]?
  private var chunker: Chunker?

  /// - Parameter gitDirectories: the collection's own, then what the home keeps.
  init(gitDirectories: [String], grammars: String) {
    (self.gitDirectories, self.grammars) = (gitDirectories, grammars)
  }

  private func first<Result>(_ body: (Repository) throws -> Result) throws -> Result {
    var failure: (any Error)?
    let repositories =
      opened
      ?? gitDirectories.compactMap { directory in
        do { return try Repository(opening: directory) } catch {
          failure = failure ?? error
          return nil
        }
      }
    opened = repositories
    for repository in repositories {
      do { return try body(repository) } catch { failure = failure ?? error }
    }
    let reason = (failure as? NenrinError)?.description ?? ""
    throw failure.flatMap { $0 as? NenrinError }.flatMap { $0.code == .objectUnreadable ? $0 : nil }
      ?? NenrinError(.objectUnreadable, "the repository behind the history cannot be read", reason: reason)
  }

  func bytes(of blob: ObjectID) throws -> [UInt8] { try first { try $0.bytes(of: blob) } }

  func blob(at path: TreePath, in commit: ObjectID) throws -> ObjectID? {
    try first { try $0.blob(at: path, inCommit: commit) }
  }

  func extents(of name: String, in bytes: [UInt8], path: TreePath) -> [Range<Int>] {
    guard let chunker = chunker ?? makeChunker() else { return [] }
    let analysis = bytes.withUnsafeBytes { chunker.analyze($0, language: Language(path: path)) }
    var found: [Range<Int>] = []
    for (index, chunk) in analysis.chunks.enumerated() where chunk.definitions.contains(where: { $0.name == name }) {
      guard chunk.symbol != name else {
        var end = chunk.bytes.upperBound
        for next in analysis.chunks[(index + 1)...].prefix(while: \.continues) { end = next.bytes.upperBound }
        found.append(chunk.bytes.lowerBound..<end)
        continue
      }
      // One of several small ones: from its line to that of the next.
      let starts = chunk.definitions.map(\.line)
      for definition in chunk.definitions where definition.name == name {
        let next = starts.filter { $0 > definition.line }.min()
        let from = RepositoryHistory.offset(ofLine: definition.line, bytes)
        let to = next.map { RepositoryHistory.offset(ofLine: $0, bytes) } ?? chunk.bytes.upperBound
        if from < to { found.append(from..<to) }
      }
    }
    return found
  }

  private func makeChunker() -> Chunker? {
    chunker = (try? GrammarLibrary.load(grammars, queries: Locations.queries())).map(Chunker.init)
    return chunker
  }

  private static func offset(ofLine line: Int, _ bytes: [UInt8]) -> Int {
    var current = 1
    for (offset, byte) in bytes.enumerated() {
      if current == line { return offset }
      if byte == UInt8(ascii: "\n") { current += 1 }
    }
    return bytes.count
  }
}
