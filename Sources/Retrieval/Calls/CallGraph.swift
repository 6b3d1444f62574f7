// SPDX-License-Identifier: Apache-2.0
package import Glossary
package import IndexStore

/// Which calls are wanted.
package struct CallRequest: Sendable {
  package var name: String
  /// How many callers at most (uses and possible callers are bounded by it, too).
  package var limit: Int
  /// Keeps only callers in paths that match.
  package var pathGlob: String?

  package init(name: String, limit: Int = 200, pathGlob: String? = nil) {
    self.name = name
    self.limit = limit
    self.pathGlob = pathGlob
  }
}

/// Who calls what, in one snapshot. Nothing of it is stored: the word index tells which files hold a name, and their
/// text, read from git when asked, tells how each use is meant. Use one for each request, from one task at a time.
package struct CallGraph {
  let view: SnapshotView
  var texts: BlobTexts
  /// Files that are read at most for one name.
  static let mostFiles = 3_000

  package init(view: SnapshotView, source: any BlobSource) {
    self.view = view
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
    var scan = CallerScan(
      choice: TargetChoice(targets), limit: max(1, request.limit), glob: request.pathGlob.map(PathGlob.init))
    let names = CallGraph.spellings(of: name, places)
    try scan.read(filesHolding(names), names: names, view: view, texts: &texts)
    let direct = scan.result
    let bound = followsFields ? direct.uses.filter { $0.kind == .table } : []
    let possible = try possibleCallers(through: bound, scan: scan, limit: max(1, request.limit))
    let isUnknown = targets.isEmpty && direct.callers.isEmpty && direct.uses.isEmpty
    return CallersResult(
      name: name, snapshot: view.info, definitions: targets, callers: direct.callers, uses: direct.uses,
      possible: possible.hits, filesRead: scan.filesRead, filesHolding: scan.filesHolding,
      isComplete: scan.isComplete, isPossibleComplete: possible.isComplete,
      nearMisses: isUnknown ? view.nearNames(name, limit: 8) : [])
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

  /// The files that hold any of the names, by path, and in which the chunks stand that do.
  func filesHolding(_ names: [String]) -> [Int] {
    var chunks = Set<UInt32>()
    for name in names {
      guard let term = TermAnalyzer().terms(of: name).last?.term else { continue }
      chunks.formUnion(view.chunks(withTerm: term))
    }
    return view.files(holding: chunks)
  }
}

/// Reads files for the uses of a name until enough are found.
struct CallerScan {
  let choice: TargetChoice
  let limit: Int
  let glob: PathGlob?
  private(set) var filesRead = 0
  private(set) var filesHolding = 0
  private(set) var isComplete = true
  private var hits: [CallerHit] = []
  private var callCount = 0
  private var places: [Key: Int] = [:]

  private struct Key: Hashable {
    var file: Int
    var owner: UseOwner?
    var kind: NameUseKind
    var via: String?
  }

  init(choice: TargetChoice, limit: Int, glob: PathGlob?) {
    self.choice = choice
    self.limit = limit
    self.glob = glob
  }

  var result: (callers: [CallerHit], uses: [CallerHit]) {
    let isCall: (CallerHit) -> Bool = { $0.kind == .call || $0.kind == .assembly }
    return (hits.filter(isCall), hits.filter { !isCall($0) })
  }

  mutating func read(_ files: [Int], names: [String], view: SnapshotView, texts: inout BlobTexts) throws {
    let wanted = files.filter { file in
      guard let glob else { return true }
      return glob.matches(view.path(at: file))
    }
    filesHolding = wanted.count
    for file in wanted {
      try Cancellation.check()
      guard callCount < limit, filesRead < CallGraph.mostFiles else {
        isComplete = false
        return
      }
      let entry = view.file(at: file)
      guard CallerScan.languages.contains(entry.language) else {
        filesRead += 1
        continue
      }
      let bytes = try texts.bytes(of: entry.object)
      filesRead += 1
      let uses =
        entry.language == .assembly
        ? AssemblyCalls.uses(of: names, in: bytes, definitions: view.definitions(inFile: file))
        : SourceUses(bytes, definitions: view.definitions(inFile: file)).uses(of: names)
      let shown = uses.filter { !($0.kind == .address && names.contains($0.owner?.name ?? "")) }
      if shown.isEmpty { continue }
      let targets = choice.targets(from: entry.path, bytes: bytes)
      for use in shown { add(use, file: file, path: entry.path, bytes: bytes, targets: targets) }
    }
  }

  private static let languages: Set<Language> = [.c, .cpp, .assembly, .rust]

  private mutating func add(_ use: FoundUse, file: Int, path: TreePath, bytes: [UInt8], targets: [CallTarget]) {
    let key = Key(file: file, owner: use.owner, kind: use.kind, via: use.via)
    if let place = places[key] {
      if hits[place].lines.last != use.line { hits[place].lines.append(use.line) }
      return
    }
    let isCall = use.kind == .call || use.kind == .assembly
    guard isCall || hits.count - callCount < limit else {
      isComplete = false
      return
    }
    if isCall { callCount += 1 }
    places[key] = hits.count
    hits.append(
      CallerHit(
        path: path, lines: [use.line], symbol: use.owner?.name, symbolKind: use.owner?.kind,
        symbolLine: use.owner?.line ?? 0, kind: use.kind, text: Retriever.oneLine(bytes[use.lineRange]), via: use.via,
        targets: targets))
  }
}

/// Finds calls in assembly: a name that is what a jump or a call leads to.
enum AssemblyCalls {
  private static let mnemonics: Set<String> = [
    "call", "callq", "jmp", "jmpq", "bl", "b", "blr", "br", "bal", "jal", "j", "tail", "brasl", "brcl", "jg", "bsr",
    "jsr", "bsrl", "jbsr", "jra", "jbra", "beq", "bne", "bctrl", "balc", "rcall", "pcall", "bl.d", "je", "jne", "jz",
    "jnz", "b.eq", "b.ne", "cbz", "cbnz",
  ]

  static func uses(of names: [String], in bytes: [UInt8], definitions: [SymbolLocation]) -> [FoundUse] {
    var found: [FoundUse] = []
    for name in names {
      for (line, range, _) in IdentifierScan.lines(of: name, in: bytes, range: 0..<bytes.count, firstLine: 1) {
        let words = bytes[range].split { $0 <= 0x20 || $0 == UInt8(ascii: ",") }
        guard let first = words.first else { continue }
        let word = String(decoding: first, as: UTF8.self)
        let kind: NameUseKind
        if mnemonics.contains(word.lowercased()) {
          kind = .assembly
        } else if word.hasPrefix("EXPORT_SYMBOL") {
          kind = .export
        } else {
          continue
        }
        let owner = definitions.last { $0.definition.line <= line }?.definition
        found.append(
          FoundUse(
            kind: kind, line: line, lineRange: range,
            owner: kind == .export ? nil : owner.map { UseOwner(name: $0.name, kind: $0.kind, line: $0.line) },
            via: String(word.prefix { $0 != "(" })))
      }
    }
    return found.sorted { $0.line < $1.line }
  }
}
