// SPDX-License-Identifier: Apache-2.0
import CommitSearch
import GitStore
import Glossary
import HTTPAPI
import IndexStore
import Inference
import Retrieval
import Synchronization

/// An opened history and the published state that it is of.
struct KeptLog: Sendable {
  var state: String
  var log: CommitLog
}

extension LocalHome {
  /// A collection's history as far as it was read; kept open until the next is published. Nil where none was read.
  /// Throws `indexDamaged`.
  func commitLog(of collection: String) throws -> CommitLog? {
    let layout = HomeLayout(root: home.path)
    guard let state = CommitLog.state(layout, collection: collection) else { return nil }
    if let kept = logs.withLock({ $0[collection] }), kept.state == state { return kept.log }
    guard let log = try CommitLog(layout, collection: collection) else { return nil }
    logs.withLock { $0[collection] = KeptLog(state: state, log: log) }
    return log
  }

  /// Asks the commits behind a snapshot. Throws what `CommitSearch.search` throws, `snapshotNotFound` and
  /// `revisionNotFound` for the ends of a range, `historyNotRead`.
  func log(_ request: CommitRequest, in snapshot: SnapshotInfo) throws -> CommitResult {
    guard let collection = try home.collections().first(where: { $0.name == snapshot.collection }),
      let log = try commitLog(of: snapshot.collection)
    else { throw LocalHome.historyNotRead(snapshot) }
    var request = request
    if let range = request.range {
      request.after = try commit(range.from, collection, log, snapshot)
      request.upTo = try commit(range.to, collection, log, snapshot)
    } else if log.number(of: snapshot.commit) == nil {
      throw LocalHome.historyNotRead(snapshot)
    }
    let source = RepositoryHistory(gitDirectories: gitDirectories(of: collection), grammars: grammars)
    return try CommitSearch(
      log: log, view: view(of: snapshot), source: source, lexicons: lexicons, meaning: commitMeaning
    ).search(request)
  }

  /// A commit of the history that a snapshot's collection has, whether it is behind the snapshot or not. Throws
  /// `historyNotRead`, `indexDamaged`, what `CommitSearch.id` throws.
  func commit(_ digits: String, in snapshot: SnapshotInfo) throws -> CommitExcerpt {
    guard let log = try commitLog(of: snapshot.collection) else { throw LocalHome.historyNotRead(snapshot) }
    let id = try CommitSearch.id(digits, of: snapshot) { digits in log.numbers(withPrefix: digits).map(log.id(at:)) }
    guard let number = log.number(of: id) else { throw CommitSearch.notRead(id, snapshot) }
    let (commit, view) = (try log.record(at: number), try view(of: snapshot))
    let shown = commit.changes.prefix(CommitExcerpt.mostPaths).map(\.path)
    return CommitExcerpt(
      snapshot: snapshot, commit: commit,
      present: Set(shown.filter { path in view.file(path).map { $0.kind != .submodule } ?? false }))
  }

  /// The request with the commits behind the snapshot; without, where they were not read, and with a note, where what was
  /// read of them is damaged.
  func remembering(_ request: SearchRequest, in view: SnapshotView) -> SearchRequest {
    var request = request
    do {
      request.past = try commitLog(of: view.info.collection).flatMap { PastCommits($0, behind: view.info.commit) }
    } catch {
      request.notes.append("answered without the history: \(error)")
    }
    return request
  }

  /// Only by a table that needs no server: a few hundred texts in a few milliseconds.
  private var commitMeaning: CommitSearch.Meaning? {
    guard let embedder = models.nearEmbedder else { return nil }
    return { question, texts in
      guard let asked = embedder.embed([question], as: .query).first else { return texts.map { _ in 0 } }
      return embedder.embed(texts, as: .passage).map { text in zip(asked, text).reduce(0) { $0 + $1.0 * $1.1 } }
    }
  }

  private static func historyNotRead(_ snapshot: SnapshotInfo) -> NenrinError {
    NenrinError(
      .historyNotRead, "history of \(snapshot.name): not read",
      reason: "a plain folder has none, a long one is only read when it is asked for",
      remedies: ["Run `nenrin index SOURCE --history` with the repository of \(snapshot.collection)."])
  }

  /// A revision: a snapshot of the index, else whatever the repository calls so, else the beginning of an id.
  private func commit(
    _ name: SnapshotName, _ collection: CollectionInfo, _ log: CommitLog, _ snapshot: SnapshotInfo
  ) throws -> ObjectID {
    if let wanted = name.collection, wanted != collection.name {
      throw NenrinError(
        .invalidArgument, "'\(name)' is of another collection than \(snapshot.name)",
        remedies: ["Name both ends of the range, and --at, in one collection."])
    }
    guard let revision = name.revision else { return snapshot.commit }
    var named = name
    named.collection = collection.name
    if let known = try? resolve(named) { return known.commit }
    do {
      return try Repository(opening: collection.gitDirectory).resolve(revision).id
    } catch {
      let numbers = ObjectID.mayBegin(with: revision) ? log.numbers(withPrefix: revision) : []
      if numbers.count == 1 { return log.id(at: numbers[0]) }
      throw error
    }
  }
}
