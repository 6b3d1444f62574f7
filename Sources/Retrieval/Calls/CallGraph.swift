// SPDX-License-Identifier: Apache-2.0
import CodeReading
package import Glossary
package import IndexStore

/// Which calls are wanted.
package struct CallRequest: Sendable {
  package var name: String
  /// How many callers at most (uses and possible callers are bounded by it, too).
  package var limit: Int
  /// How many callers are passed over.
  package var offset: Int
  /// Keeps only callers in paths that match.
  package var pathGlob: String?

  package init(name: String, limit: Int = 200, offset: Int = 0, pathGlob: String? = nil) {
    self.name = name
    self.limit = limit
    self.offset = offset
    self.pathGlob = pathGlob
  }
}

/// Who calls what, in one snapshot. The index tells which files use a name; how each use is meant, and what holds it,
/// their text tells, read from git when asked. Use one for each request, from one task at a time.
package struct CallGraph {
  let view: SnapshotView
  var texts: BlobTexts
  let pages: CallPages
  /// Files that are read at most for one name of those whose uses the index does not know.
  static let mostUnknownFiles = 3_000

  package init(view: SnapshotView, source: any BlobSource, pages: CallPages = CallPages()) {
    self.view = view
    self.pages = pages
    texts = BlobTexts(source: source)
  }

  /// Throws `questionEmpty`, `objectUnreadable`.
  package mutating func callers(_ request: CallRequest) throws -> CallersResult {
    try callers(request, followsFields: true)
  }

  mutating func callers(_ request: CallRequest, followsFields: Bool) throws -> CallersResult {
    let name = try CallGraph.bareName(request.name)
    let places = definitions(of: name)
    let targets = places.map { CallTarget($0, path: view.path(at: $0.chunk.file)) }
    let names = CallGraph.spellings(of: name, places)
    let glob = request.pathGlob.map(PathGlob.init)
    let (limit, offset) = (max(1, request.limit), max(0, request.offset))
    let key = CallPages.Key(names: names, pathGlob: request.pathGlob)
    let files = pages.files(of: key, in: view) { filesUsing(names, glob: glob) }
    var scan = CallerScan(
      choice: TargetChoice(targets), names: names, page: offset..<(offset + limit),
      from: pages.start(before: offset, of: key, in: view))
    try scan.read(files, view: view, texts: &texts)
    pages.keep(files, scan.checkpoints, of: key, in: view)
    let bound = followsFields ? scan.uses.filter { $0.kind == .table } : []
    let possible = try possibleCallers(through: bound, glob: glob, limit: limit)
    return CallersResult(
      name: name, snapshot: view.info, definitions: targets, callers: scan.callers, uses: scan.uses,
      possible: possible.hits, filesRead: scan.reached.position, filesHolding: files.count,
      isComplete: scan.isComplete, hasMoreCallers: scan.hasMoreCallers, isPossibleComplete: possible.isComplete,
      nearMisses: targets.isEmpty && scan.hits.isEmpty ? view.nearNames(name, limit: 8) : [])
  }

  /// `vfs_read()` → `vfs_read`.
  static func bareName(_ name: String) throws -> String {
    var bare = name.split(whereSeparator: \.isWhitespace).last.map(String.init) ?? ""
    if bare.hasSuffix("()") { bare = String(bare.dropLast(2)) }
    guard !bare.isEmpty else {
      throw NenrinError(.questionEmpty, "no name was given", remedies: ["Name a function or a macro."])
    }
    return bare
  }

  /// What can be called by a name.
  func definitions(of name: String) -> [SymbolLocation] {
    var places: [SymbolLocation] = []
    for variant in SymbolName.variants(of: name) {
      places += view.definitions(named: variant.name).filter {
        CallGraph.callable.contains($0.definition.kind) && (variant.kinds?.contains($0.definition.kind) ?? true)
      }
    }
    // A function often shares its name with a tracepoint, which is called by another.
    let others = places.filter { $0.definition.kind != .tracepoint || $0.definition.name != name }
    return others.isEmpty ? places : others
  }

  static let callable: Set<SymbolKind> = [.function, .macro, .syscall, .tracepoint, .label, .variable]

  /// The names under which a definition is called.
  private static func spellings(of name: String, _ places: [SymbolLocation]) -> [String] {
    let kinds = Set(places.map(\.definition.kind))
    var names = [name]
    for place in places where place.definition.name != name { names.append(place.definition.name) }
    // A function often shares its name with the tracepoint that it fires: then the plain name is asked for.
    if kinds.contains(.tracepoint), kinds.isDisjoint(with: [.function, .macro]), !name.hasPrefix("trace_") {
      names.append("trace_" + name)
    }
    if kinds.contains(.syscall), !name.hasPrefix("sys_") { names.append("sys_" + name) }
    return Array(Set(names)).sorted()
  }

  /// The files that may use any of the names, in order of path: those whose words hold one, less those of which the
  /// index knows that they only speak of it; and assembly in which macros make it.
  func filesUsing(_ names: [String], glob: PathGlob?) -> [Int] {
    let fingerprints = names.flatMap { name in
      [UsedNames.Role.call, .mention].map { UsedNames.fingerprint(of: name, as: $0) }
    }
    let spoken = view.files(holding: chunks(holdingAnyOf: names)).filter { file in
      CallGraph.hasCallers(view.language(ofFile: file)) && view.mayUse(fingerprints, file: file)
    }
    let made = view.assemblyFiles(using: fingerprints)
    let files = made.isEmpty ? spoken : Set(spoken).union(made).sorted()
    guard let glob else { return files }
    return files.filter { glob.matches(view.path(at: $0)) }
  }

  /// Whether a language's text is read for who calls what.
  static func hasCallers(_ language: Language) -> Bool { [.c, .cpp, .assembly, .rust].contains(language) }
}
