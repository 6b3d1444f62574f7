// SPDX-License-Identifier: Apache-2.0
import CodeReading
import Glossary
import IndexStore

extension CallGraph {
  /// Files that are read at most to find calls through fields, and to learn what a pointer points to.
  private static let mostFieldFiles = 400
  private static let mostTypeFiles = 40

  /// Calls through the fields that tables bind: `ops->read(…)` where `ops` points to the table's type, as far as names
  /// tell.
  mutating func possibleCallers(
    through tables: [CallerHit], glob: PathGlob?, limit: Int
  ) throws -> (hits: [CallerHit], isComplete: Bool) {
    var asked: Set<FieldOfType> = []
    var hits: [CallerHit] = []
    var isComplete = true
    for table in tables {
      guard let field = table.via, let type = try typeOfTable(table) else { continue }
      let wanted = FieldOfType(type: type, field: field)
      guard asked.insert(wanted).inserted else { continue }
      let route = try pages.route(wanted, in: view) {
        let pointers = try pointerNames(to: type)
        let files = filesCalling(field, of: type, through: pointers)
        return CallPages.Route(wanted, pointers, files, most: CallGraph.mostFieldFiles)
      }
      guard hits.count < limit || route.lastFile < 0 else { return (hits, false) }
      var calling: [Int] = []
      for file in route.files {
        guard hits.count < limit else { return (hits, false) }
        let entry = view.file(at: file)
        guard glob?.matches(entry.path) ?? true else { continue }
        let count = hits.count
        try addCalls(in: entry, wanted, route.pointers, table.targets, to: &hits)
        if hits.count > count { calling.append(file) }
      }
      if hits.count >= limit, calling.last ?? -1 < route.lastFile { return (hits, false) }
      if glob == nil, !route.isRead { pages.keep(route.read(calling), in: view) }
      if route.isCut { isComplete = false }
    }
    return (hits, isComplete)
  }

  private mutating func addCalls(
    in entry: SnapshotFile, _ wanted: FieldOfType, _ pointers: Set<String>, _ targets: [CallTarget],
    to hits: inout [CallerHit]
  ) throws {
    let bytes = try texts.bytes(of: entry.object)
    let text = CodeText(bytes)
    var calls = text.calls(throughField: wanted.field).filter { $0.receiver != nil }
    func leads(_ call: NameUse, through names: Set<String>) -> Bool {
      call.receiver.map { names.contains(text.string($0)) } ?? false
    }
    if !calls.allSatisfy({ leads($0, through: pointers) }) {
      let names = pointers.union(TypedPointers.names(pointingTo: wanted.type, in: bytes))
      calls.removeAll { !leads($0, through: names) }
    }
    guard !calls.isEmpty else { return }
    var last: UseOwner?
    for call in SourceUses(bytes, definitions: view.definitions(inFile: entry.index)).possible(calls) {
      if call.owner == last, last != nil {
        hits[hits.count - 1].lines.append(call.line)
        continue
      }
      last = call.owner
      hits.append(
        CallerHit(
          path: entry.path, lines: [call.line], symbol: call.owner?.name, symbolKind: call.owner?.kind,
          symbolLine: call.owner?.line ?? 0, kind: .possible, text: Retriever.oneLine(bytes[call.lineRange]),
          via: "\(wanted.type).\(wanted.field)",
          targets: targets))
    }
  }

  /// The files with chunks that hold the field and either the type or a name of a pointer to it.
  private func filesCalling(_ field: String, of type: String, through pointers: Set<String>) -> [Int] {
    var chunks = self.chunks(holdingAnyOf: [field])
    chunks.formIntersection(self.chunks(holdingAnyOf: pointers.union([type])))
    let fingerprint = [UsedNames.fingerprint(of: field, as: .field)]
    return view.files(holding: chunks).filter { file in
      [.c, .cpp].contains(view.language(ofFile: file)) && view.mayUse(fingerprint, file: file)
    }
  }

  func chunks(holding name: String) -> ChunkSet { chunks(holdingAnyOf: [name]) }

  func chunks(holdingAnyOf names: some Sequence<String>) -> ChunkSet {
    let analyzer = TermAnalyzer()
    return view.chunkSet(withAnyOf: names.compactMap { analyzer.terms(of: $0).last?.term })
  }

  /// `file_operations` of `static const struct file_operations foo = {`.
  private mutating func typeOfTable(_ table: CallerHit) throws -> String? {
    guard let name = table.symbol, let file = view.file(table.path) else { return nil }
    let place = view.definitions(inFile: file.index).last {
      $0.definition.name == name && $0.definition.line <= table.lines[0]
    }
    guard let place else { return nil }
    let bytes = try texts.bytes(of: file.object)
    return CallGraph.structName(in: bytes[place.definition.signature.clamped(to: 0..<bytes.count)])
  }

  static func structName(in declaration: ArraySlice<UInt8>) -> String? {
    let words = declaration.split { !CodeName.holds($0) }
    guard let index = words.lastIndex(where: { $0.elementsEqual("struct".utf8) }), index + 1 < words.endIndex else {
      return nil
    }
    return String(decoding: words[index + 1], as: UTF8.self)
  }

  /// The members of structs that point to a type: `f_op` for `file_operations`.
  private mutating func pointerNames(to type: String) throws -> Set<String> {
    let holding = chunks(holding: type).filter(mayDeclareMembers)
    var names: Set<String> = []
    let files = view.files(holding: holding)
    let headersFirst = files.filter(isHeader) + files.filter { !isHeader($0) }
    for file in headersFirst.prefix(CallGraph.mostTypeFiles * 3) {
      let entry = view.file(at: file)
      let bytes = try texts.bytes(of: entry.object)
      for chunk in view.chunks(inFile: file) where holding.contains(chunk.number) {
        names.formUnion(TypedPointers.names(pointingTo: type, in: bytes, range: chunk.bytes))
      }
    }
    return names
  }

  /// Small structs share their chunk with what stands beside them.
  private func mayDeclareMembers(_ chunk: UInt32) -> Bool {
    let kind = view.kind(ofChunk: chunk)
    return kind == .struct || kind == nil
  }

  private func isHeader(_ file: Int) -> Bool { view.path(at: file).text.hasSuffix(".h") }

  /// What a call through a field can reach: what tables of the pointer's type bind to it.
  mutating func targets(
    ofField field: String, receiver: String?, in bytes: [UInt8], range: Range<Int>, from path: TreePath, limit: Int
  ) throws -> (targets: [CalleeTarget], hasMore: Bool) {
    let (bound, hasMore) = view.bindings(field: field, limit: 5_000)
    guard !bound.isEmpty else { return ([], false) }
    let types = try receiver.map { try self.types(of: $0, withField: field, in: bytes, range: range) } ?? []
    var tables = bound
    if !types.isEmpty {
      let typed = chunks(holdingAnyOf: types)
      tables = bound.filter { typed.contains($0.chunk) }
    }
    let placed = tables.compactMap { table -> (TreePath, BoundField)? in
      view.firstFile(ofChunk: table.chunk).map { (view.path(at: $0), table) }
    }
    let near = placed.sorted { left, right in
      let (a, b) = (CallGraph.distance(left.0, path), CallGraph.distance(right.0, path))
      return (a, left.0, left.1.lineInChunk) < (b, right.0, right.1.lineInChunk)
    }
    var targets: [CalleeTarget] = []
    var isCut = hasMore
    for (tablePath, table) in near {
      guard targets.count < limit else {
        isCut = true
        break
      }
      let choice = TargetChoice(
        definitions(of: table.target).filter { $0.definition.kind != .variable }
          .map { CallTarget($0, path: view.path(at: $0.chunk.file)) })
      let reached = choice.targets(from: tablePath, bytes: [])
      for target in reached.prefix(2) {
        let new = CalleeTarget(name: table.target, definition: target, table: name(of: table))
        if !targets.contains(where: { $0.definition == new.definition && $0.name == new.name }) { targets.append(new) }
      }
    }
    return (targets, isCut)
  }

  /// The table's name; where it shares its chunk, by its line.
  private func name(of table: BoundField) -> String? {
    if let name = table.table { return name }
    guard let file = view.firstFile(ofChunk: table.chunk) else { return nil }
    return view.definitions(inFile: file).last { place in
      place.chunk.number == table.chunk && place.definition.kind == .variable
        && place.definition.line - place.chunk.lines.lowerBound <= table.lineInChunk
    }?.definition.name
  }

  /// Fewer shared directories are farther.
  private static func distance(_ left: TreePath, _ right: TreePath) -> Int {
    let (a, b) = (left.text.split(separator: "/"), right.text.split(separator: "/"))
    return -zip(a, b).prefix { $0 == $1 }.count
  }

  /// The structs that a name may point to and that have the field.
  private mutating func types(
    of receiver: String, withField field: String, in bytes: [UInt8], range: Range<Int>
  ) throws -> Set<String> {
    var types = TypedPointers.types(of: receiver, in: bytes, range: range)
    if types.isEmpty {
      let holding = chunks(holding: receiver).filter(mayDeclareMembers)
      let files = view.files(holding: holding)
      // A name that many structs have tells nothing.
      guard files.count <= CallGraph.mostTypeFiles else { return [] }
      for file in files {
        let text = try texts.bytes(of: view.file(at: file).object)
        for chunk in view.chunks(inFile: file) where holding.contains(chunk.number) {
          types.formUnion(TypedPointers.types(of: receiver, in: text, range: chunk.bytes))
        }
      }
    }
    let withField = chunks(holding: field)
    return types.filter { type in
      view.definitions(named: type).contains { $0.definition.kind == .struct && withField.contains($0.chunk.number) }
    }
  }
}
