// SPDX-License-Identifier: Apache-2.0
import Chunking
import GitStore
import Glossary
import IndexStore
import Synchronization

/// One thing that is wrong, and what to do about it.
package struct VerifyProblem: Hashable, Sendable {
  package var what: String
  package var `where`: String
  package var remedy: String
}

/// What `nenrin verify` found.
package struct VerifyReport: Sendable {
  /// How many of each thing were looked at.
  package var checked: [String: Int]
  package var problems: [VerifyProblem]
}

/// How far a verification is.
package struct VerifyProgress: Sendable {
  /// What is being looked at: `segment 3`, `blobs of linux`.
  package var subject: String
  /// Blobs read again, and how many there are to read; both 0 before that begins.
  package var done = 0
  package var total = 0
}

/// Checks an index against itself and against the git objects it was made from. Changes nothing.
package struct Verifier: Sendable {
  /// Reads the blobs again as it read them the first time.
  package let indexer: Indexer

  package init(_ indexer: Indexer) { self.indexer = indexer }

  /// Problems of one collection's blobs that are listed; a program that reads otherwise finds thousands alike.
  private static let mostListed = 100

  /// Throws where there is no index; everything else is a problem in the report.
  ///
  /// - Parameter quick: leave out reading every blob from git and chunking it again, which takes as long as indexing.
  package func run(
    quick: Bool = false, progress: @escaping @Sendable (VerifyProgress) -> Void = { _ in }
  ) async throws -> VerifyReport {
    let inspection: StoreInspection
    do { inspection = try StoreInspection(home: indexer.home) } catch let error as NenrinError
      where error.code == .indexDamaged
    {
      let layout = HomeLayout(root: indexer.home)
      let problem = StoreProblem(.published, layout.root, StoreInspection.words(error))
      return VerifyReport(checked: [:], problems: [described(problem)])
    }
    inspection.inspectFiles { progress(VerifyProgress(subject: $0)) }
    let directories = openable(inspection)
    try compareManifests(inspection, directories, progress)
    if !quick { try await readAgain(inspection, directories, progress) }
    return VerifyReport(checked: inspection.checked, problems: inspection.problems.map(described))
  }

  private func described(_ problem: StoreProblem) -> VerifyProblem {
    VerifyProblem(what: problem.what, where: problem.place, remedy: problem.remedy(home: indexer.home))
  }

  /// For each collection the repositories that hold its objects: the one it was made from, and what the home keeps.
  private func openable(_ inspection: StoreInspection) -> [String: [String]] {
    var directories: [String: [String]] = [:]
    for collection in inspection.collections {
      let kept = HomeLayout(root: indexer.home).objects(of: collection.name)
      let candidates = [collection.gitDirectory] + (kept == collection.gitDirectory ? [] : [kept])
      directories[collection.name] = candidates.filter { (try? Repository(opening: $0)) != nil }
      guard directories[collection.name]?.isEmpty == true else { continue }
      do { _ = try Repository(opening: collection.gitDirectory) } catch {
        let words = StoreInspection.words(error)
        inspection.note(.repository, "collection \(collection.name)", "its repository cannot be opened: \(words)")
      }
      directories[collection.name] = nil
    }
    return directories
  }

  /// Each manifest says what its commit's tree says. Where that was so for the one before it, the changes from that one
  /// need to be compared only.
  private func compareManifests(
    _ inspection: StoreInspection, _ directories: [String: [String]],
    _ progress: @escaping @Sendable (VerifyProgress) -> Void
  ) throws {
    let repositories = directories.mapValues { $0.compactMap { try? Repository(opening: $0) } }
    var previous: (collection: String, tree: ObjectID)?
    try inspection.inspectManifests { snapshot, manifest, table in
      try Task.checkCancellation()
      progress(VerifyProgress(subject: "snapshot \(snapshot.name)"))
      let before = previous?.collection == snapshot.collection ? previous?.tree : nil
      previous = nil
      guard let repositories = repositories[snapshot.collection] else { return }
      let tree = compare(manifest, table, of: snapshot, with: repositories, before: before, inspection)
      previous = tree.map { (snapshot.collection, $0) }
    }
  }

  /// The tree, where the manifest is as it is.
  private func compare(
    _ manifest: NewManifest, _ table: ManifestTable, of snapshot: SnapshotInfo, with repositories: [Repository],
    before: ObjectID?, _ inspection: StoreInspection
  ) -> ObjectID? {
    var failure: (any Error)?
    for repository in repositories {
      do {
        let commit = try repository.commit(snapshot.commit, as: snapshot.revision)
        if let before, case .changes(let changes) = manifest {
          if try repository.changes(fromTree: before, toTree: commit.tree) == changes {
            inspection.count("trees")
            return commit.tree
          }
        }
        let count = ManifestTable(try repository.manifest(ofTree: commit.tree)).changes(from: table).count
        inspection.count("trees")
        if count == 0 { return commit.tree }
        inspection.note(
          .snapshot, snapshot.name,
          "its manifest differs from the tree of commit \(snapshot.commit.hex.prefix(12)) in "
            + (count == 1 ? "1 path" : "\(count) paths"))
        return nil
      } catch {
        failure = failure ?? error
      }
    }
    if let failure { inspection.note(.repository, snapshot.name, StoreInspection.words(failure)) }
    return nil
  }

  /// Every blob, read from git and chunked anew, gives what is stored.
  private func readAgain(
    _ inspection: StoreInspection, _ directories: [String: [String]],
    _ progress: @escaping @Sendable (VerifyProgress) -> Void
  ) async throws {
    let library = try GrammarLibrary.load(indexer.grammars, queries: indexer.queries)
    let comparison = inspection.comparison()
    for (collection, keys) in inspection.blobs.sorted(by: { $0.key < $1.key }) {
      guard let directories = directories[collection] else { continue }
      let queue = BatchQueue(keys)
      let problems = try await withThrowingTaskGroup(of: [StoreProblem].self) { group in
        for _ in 0..<indexer.workers {
          group.addTask {
            let workers = try directories.map {
              try BlobWorker(gitDirectory: $0, grammars: library, isKnown: comparison.isCompared)
            }
            var problems: [StoreProblem] = []
            while let batch = queue.next() {
              try Task.checkCancellation()
              progress(VerifyProgress(subject: "blobs of \(collection)", done: batch.startIndex, total: keys.count))
              problems += Verifier.problems(in: batch, collection, workers, comparison)
            }
            return problems
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      note(problems, of: collection, inspection)
      inspection.count("blobs read again", keys.count)
    }
    inspection.count("chunks compared", comparison.chunkCount)
  }

  private func note(_ problems: [StoreProblem], of collection: String, _ inspection: StoreInspection) {
    let sorted = problems.sorted { ($0.place, $0.what) < ($1.place, $1.what) }
    for problem in sorted.prefix(Verifier.mostListed) { inspection.note(problem.kind, problem.place, problem.what) }
    let rest = problems.count - Verifier.mostListed
    if rest > 0 { inspection.note(.reading, "collection \(collection)", "\(rest) more blobs are like that") }
  }

  private static func problems(
    in keys: ArraySlice<BlobKey>, _ collection: String, _ workers: [BlobWorker], _ comparison: BlobComparison
  ) -> [StoreProblem] {
    var problems: [StoreProblem] = []
    var blobs: [PreparedBlob] = []
    for key in keys {
      var words: String?
      for worker in workers {
        do {
          blobs.append(try worker.prepare(key))
          words = nil
          break
        } catch {
          words = words ?? StoreInspection.words(error)
        }
      }
      if let words { problems.append(StoreProblem(.repository, "collection \(collection)", words)) }
    }
    return problems + comparison.problems(in: blobs)
  }
}

/// Blobs that several workers take from.
private final class BatchQueue: Sendable {
  private let keys: [BlobKey]
  private let taken = Mutex(0)

  init(_ keys: [BlobKey]) { self.keys = keys }

  func next() -> ArraySlice<BlobKey>? {
    taken.withLock { taken in
      guard taken < keys.count else { return nil }
      let batch = keys[taken..<min(taken + BlobPipeline.batchSize, keys.count)]
      taken = batch.endIndex
      return batch
    }
  }
}
