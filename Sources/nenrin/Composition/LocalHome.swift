// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore
import Indexing
import KnowledgeDiff
import PatternSearch
import Retrieval
import Synchronization

/// A home and the repositories behind it: where concrete types meet for every command that reads.
final class LocalHome: Sendable {
  let home: Home
  private let currentModels: Mutex<QuestionModels>
  private let repositories = RepositoryPool()
  let logs = Mutex<[String: KeptLog]>([:])
  let comparisons = ComparisonCache()
  private let callPages = CallPages()
  let overlays = WorkTreeOverlays()
  /// The folder of compiled grammars.
  let grammars: String
  private let currentAccess: Mutex<WorkTreeAccess>
  let lexicons = Lexicons(
    japanese: JapaneseLexicon(glossary: Locations.glossary("japanese"), tables: Locations.dictionary()),
    thesaurus: Thesaurus(path: Locations.glossary("english")))

  /// - Parameters:
  ///   - models: what questions are asked with.
  ///   - access: whose uncommitted changes may be looked at.
  ///   - grammars: the configured folder of compiled grammars, empty for the usual one.
  /// Throws `homeNotFound`, `formatMismatch`, `indexDamaged`.
  init(
    reading path: String, models: QuestionModels = QuestionModels(), access: WorkTreeAccess = .none,
    grammars: String = ""
  ) throws {
    home = try Home(reading: path)
    currentModels = Mutex(models)
    currentAccess = Mutex(access)
    self.grammars = Locations.grammars(option: nil, configured: grammars)
  }

  var path: String { home.path }

  /// What questions are asked with.
  var models: QuestionModels { currentModels.withLock { $0 } }

  /// Takes other models for all questions from now on.
  func use(_ models: QuestionModels) { currentModels.withLock { $0 = models } }

  /// Whose uncommitted changes may be looked at.
  var workTreeAccess: WorkTreeAccess { currentAccess.withLock { $0 } }

  func use(_ access: WorkTreeAccess) { currentAccess.withLock { $0 = access } }

  /// The view that `--at` means; nil and the empty text mean the newest snapshot.
  func view(at name: String?) throws -> SnapshotView { try view(of: resolve(SnapshotName(at: name))) }

  /// Asks a snapshot, with its git objects at hand. Throws what `body` throws, and `objectUnreadable`.
  func withRetriever<Result>(_ view: SnapshotView, _ body: (Retriever) throws -> Result) throws -> Result {
    try withSource(of: view) { try body(Retriever(view: view, source: $0, lexicons: lexicons)) }
  }

  /// Asks who calls what in a snapshot. Throws what `body` throws, and `objectUnreadable`.
  func withCalls<Result>(_ view: SnapshotView, _ body: (inout CallGraph) throws -> Result) throws -> Result {
    try withSource(of: view) { source in
      var graph = CallGraph(view: view, source: source, pages: callPages)
      return try body(&graph)
    }
  }

  /// Searches a snapshot for a regular expression. Throws what `PatternSearch.search` throws.
  func grep(_ request: PatternRequest, in view: SnapshotView) throws -> PatternResult {
    try withSource(of: view) { try PatternSearch(view: view, source: $0).search(request) }
  }

  /// Reads blobs of a snapshot.
  func withSource<Result>(of view: SnapshotView, _ body: (any BlobSource) throws -> Result) throws -> Result {
    let collection = try home.collections().first { $0.name == view.info.collection }
    guard let collection else {
      throw NenrinError(
        .indexDamaged, "collection '\(view.info.collection)': not in the catalog that names its snapshot",
        remedies: ["Run `nenrin verify`."])
    }
    let directories = gitDirectories(of: collection)
    guard let overlay = overlays.overlay(id: view.info.id) else {
      return try repositories.withSource(of: directories, body)
    }
    // What was committed since the snapshot below is in the checkout's own repository.
    let own = directories.contains(overlay.gitDirectory) ? [] : [overlay.gitDirectory]
    return try repositories.withSource(of: directories + own) { try body(OverlaySource(overlay, over: $0)) }
  }

  /// Its own, then what the home keeps itself, which answers where the repository is gone or was pruned.
  func gitDirectories(of collection: CollectionInfo) -> [String] {
    let kept = HomeLayout(root: home.path).objects(of: collection.name)
    return [collection.gitDirectory] + (collection.gitDirectory == kept || FileAccess.kind(kept) == nil ? [] : [kept])
  }
}

extension SnapshotName {
  /// What `--at` means; nil and the empty text are the newest snapshot.
  init(at text: String?) {
    if let text, !text.isEmpty { self.init(text) } else { self.init() }
  }
}
