// SPDX-License-Identifier: Apache-2.0
import GitStore
package import Glossary

/// What to keep indexed.
package struct WatchRequest: Sendable {
  /// A git directory or a work tree.
  package var source: String
  /// Shell patterns; where there are neither of branches nor of tags, the branch that HEAD names is meant.
  package var branchGlobs: [String]
  package var tagGlobs: [String]
  /// Nil: the folder's name.
  package var collection: String?

  package init(source: String, branchGlobs: [String] = [], tagGlobs: [String] = [], collection: String? = nil) {
    self.source = source
    self.branchGlobs = branchGlobs
    self.tagGlobs = tagGlobs
    self.collection = collection
  }
}

/// What a look at a watched repository came to.
package enum WatchEvent: Sendable {
  /// A snapshot was published.
  case indexed(SnapshotReport)
  /// A commit was indexed before; said only when the name is met for the first time or has moved.
  case indexedBefore(SnapshotReport)
  /// Something failed; it is tried again at the next look. Said once, until the words change.
  case failed(NenrinError)
}

/// Keeps branches and tags of a repository indexed. Looking costs only the reading of references: the home is taken for
/// writing only where a name has moved.
package struct Watcher: Sendable {
  package let indexer: Indexer
  package let request: WatchRequest
  /// The commit that each name was at when it was indexed.
  private var seen: [String: ObjectID] = [:]
  /// The last words of each failure, by the name that it was about.
  private var failures: [String: NenrinError] = [:]

  /// Throws `notARepository`, `repositoryRefused` where the source cannot be watched at all.
  package init(_ indexer: Indexer, _ request: WatchRequest) throws {
    self.indexer = indexer
    self.request = request
    _ = try Repository(opening: request.source)
  }

  /// Looks once and indexes what has moved, one name after the other. Says how many names failed. Throws nothing but
  /// `CancellationError`; what is published by then stays.
  package mutating func look(_ report: @Sendable (WatchEvent) -> Void) async throws -> Int {
    var names: [(name: String, commit: ObjectID)] = []
    var failed = 0
    do {
      names = try movedNames()
      failures[""] = nil
    } catch {
      failed += 1
      note(error, about: "", report)
    }
    for (name, commit) in names {
      try Task.checkCancellation()
      do {
        if let failure = try await index(name, report) { throw failure }
        seen[name] = commit
        failures[name] = nil
      } catch let error as CancellationError {
        throw error
      } catch {
        failed += 1
        note(error, about: name, report)
      }
    }
    return failed
  }

  /// Gives back why vectors are missing, where they are: the snapshot is published, and the next look makes them.
  private func index(_ name: String, _ report: @Sendable (WatchEvent) -> Void) async throws -> NenrinError? {
    let request = IndexRequest(source: request.source, revisions: [name], collection: request.collection)
    var failure: NenrinError?
    for snapshot in try await indexer.index(request) {
      failure = failure ?? snapshot.embeddingFailure
      if snapshot.alreadyIndexed, failure != nil { continue }
      report(snapshot.alreadyIndexed ? .indexedBefore(snapshot) : .indexed(snapshot))
    }
    return failure
  }

  /// The names that are not where they were, tags first, the oldest commit first.
  private func movedNames() throws -> [(name: String, commit: ObjectID)] {
    let repository = try Repository(opening: request.source)
    return try watchedNames(repository).compactMap { name in
      let commit = try repository.resolve(name).id
      return seen[name] == commit ? nil : (name, commit)
    }
  }

  private func watchedNames(_ repository: Repository) throws -> [String] {
    if request.branchGlobs.isEmpty, request.tagGlobs.isEmpty { return [repository.headBranch() ?? "HEAD"] }
    var names: [String] = []
    for glob in request.tagGlobs {
      names += try Watcher.some(try repository.tags(matching: glob), "tag", glob, request.source)
    }
    for glob in request.branchGlobs {
      names += try Watcher.some(try repository.branches(matching: glob), "branch", glob, request.source)
    }
    var met = Set<String>()
    return names.filter { met.insert($0).inserted }
  }

  private static func some(_ names: [String], _ kind: String, _ glob: String, _ path: String) throws -> [String] {
    guard names.isEmpty else { return names }
    throw NenrinError(
      .revisionNotFound, "no \(kind) matches '\(glob)' in \(path)",
      remedies: ["Run `git -C \(path) \(kind)` for the list; quote the pattern, so that the shell leaves it alone."])
  }

  private mutating func note(_ error: any Error, about name: String, _ report: (WatchEvent) -> Void) {
    let error = error as? NenrinError ?? NenrinError(.internalFailure, "\(error)")
    if failures.updateValue(error, forKey: name) != error { report(.failed(error)) }
  }
}
