// SPDX-License-Identifier: Apache-2.0
import Glossary
import IndexStore

extension CallGraph {
  /// Files that are read at most to find calls through fields, and to learn what a pointer points to.
  private static let mostFieldFiles = 400
  private static let mostTypeFiles = 40

  /// Calls through the fields that tables bind: `ops->read(…)` where `ops` points to the table's type, as far as names
  /// tell.
  mutating func possibleCallers(
    through tables: [CallerHit], scan: CallerScan, limit: Int
  ) throws -> (hits: [CallerHit], isComplete: Bool) {
    var asked: Set<FieldOfType> = []
    var hits: [CallerHit] = []
    var isComplete = true
    for table in tables {
      guard let field = table.via, let type = try typeOfTable(table) else { continue }
      guard asked.insert(FieldOfType(type: type, field: field)).inserted else { continue }
      let pointers = try pointerNames(to: type)
      let files = filesCalling(field, of: type, through: pointers)
      for file in files.prefix(CallGraph.mostFieldFiles) {
        guard hits.count < limit else { return (hits, false) }
        let entry = view.file(at: file)
        guard entry.language == .c || entry.language == .cpp, scan.glob?.matches(entry.path) ?? true else { continue }
        try addCalls(in: entry, FieldOfType(type: type, field: field), pointers, table.targets, to: &hits)
      }
      if files.count > CallGraph.mostFieldFiles { isComplete = false }
    }
    return (hits, isComplete)
  }

  private struct FieldOfType: Hashable {
    var type: String
    var field: String
  }

  private mutating func addCalls(
    in entry: SnapshotFile, _ wanted: FieldOfType, _ pointers: Set<String>, _ targets: [CallTarget],
    to hits: inout [CallerHit]
  ) throws {
    let bytes = try texts.bytes(of: entry.object)
    let calls = SourceUses(bytes, definitions: view.definitions(inFile: entry.index))
      .calls(throughField: wanted.field)
    guard !calls.isEmpty else { return }
    let local = TypedPointers.names(pointingTo: wanted.type, in: bytes)
    var last: UseOwner?
    for call in calls {
      guard let receiver = call.via, pointers.contains(receiver) || local.contains(receiver) else { continue }
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
    var near = chunks(holding: type)
    for pointer in pointers { near.formUnion(chunks(holding: pointer)) }
    return view.files(holding: chunks(holding: field).intersection(near))
  }

  func chunks(holding name: String) -> Set<UInt32> {
    guard let term = TermAnalyzer().terms(of: name).last?.term else { return [] }
    return view.chunks(withTerm: term)
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
    let words = declaration.split { !NameBytes.isPart($0) }
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
      var typed = Set<UInt32>()
      for type in types { typed.formUnion(chunks(holding: type)) }
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

/// Declarations of pointers to structs, on tokens: `const struct file_operations *f_op;`.
enum TypedPointers {
  /// The names that are declared as pointers to (or as) a struct.
  static func names(pointingTo type: String, in bytes: [UInt8], range: Range<Int>? = nil) -> Set<String> {
    let wanted = Array(type.utf8)
    var names: Set<String> = []
    forEach(in: bytes, range: range) { text, structure, name in
      if SourceUses.isEqual(text, structure, wanted) { names.insert(SourceUses.string(text, name)) }
    }
    return names
  }

  /// The structs that a name is declared to point to (or to be).
  static func types(of name: String, in bytes: [UInt8], range: Range<Int>) -> Set<String> {
    let wanted = Array(name.utf8)
    var types: Set<String> = []
    forEach(in: bytes, range: range) { text, structure, name in
      if SourceUses.isEqual(text, name, wanted) { types.insert(SourceUses.string(text, structure)) }
    }
    return types
  }

  private static let qualifiers = ["const", "__rcu", "__user", "__iomem", "restrict", "volatile"].map { Array($0.utf8) }

  /// Calls `found` with each `struct TYPE … NAME`.
  private static func forEach(
    in bytes: [UInt8], range: Range<Int>?, _ found: (UnsafeBufferPointer<UInt8>, Range<Int>, Range<Int>) -> Void
  ) {
    bytes.withUnsafeBufferPointer { text in
      var cursor = CodeCursor(text, in: (range ?? 0..<text.count).clamped(to: 0..<text.count))
      let tag = Array("struct".utf8)
      var isType = false
      var type: Range<Int>?
      while true {
        let token = cursor.next()
        switch token.kind {
        case .end: return
        case .identifier:
          if SourceUses.isEqual(text, token.range, tag) {
            (isType, type) = (true, nil)
          } else if isType {
            (isType, type) = (false, token.range)
          } else if let declared = type, !qualifiers.contains(where: { SourceUses.isEqual(text, token.range, $0) }) {
            found(text, declared, token.range)
            type = nil
          }
        case .mark where token.mark == UInt8(ascii: "*"): break
        default: (isType, type) = (false, nil)
        }
      }
    }
  }
}
