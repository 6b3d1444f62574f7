// SPDX-License-Identifier: Apache-2.0
import CodeReading
import Glossary
import IndexStore

extension CallGraph {
  /// Definitions of one name that are read at most, and targets of one call that are listed.
  static let mostDefinitions = 40
  static let mostTargets = 20

  /// What the definitions of a name call. Throws `questionEmpty`, `objectUnreadable`.
  package mutating func callees(_ request: CallRequest) throws -> CalleesResult {
    let name = try CallGraph.bareName(request.name)
    let glob = request.pathGlob.map(PathGlob.init)
    var calling: [CallingDefinition] = []
    let places = definitions(of: name).filter { glob?.matches(view.path(at: $0.chunk.file)) ?? true }
    for place in places.prefix(CallGraph.mostDefinitions) {
      let callees = try callees(of: place, limit: max(1, request.limit), followsFields: true)
      let hasBody = place.definition.bodyHash != 0 || !callees.isEmpty
      if hasBody, place.definition.kind != .variable {
        calling.append(
          CallingDefinition(
            definition: CallTarget(place, path: view.path(at: place.chunk.file)), callees: callees))
      }
    }
    return CalleesResult(
      name: name, snapshot: view.info, definitions: calling,
      nearMisses: places.isEmpty ? view.nearNames(name, limit: 8) : [])
  }

  /// The calls in one definition's text, each resolved.
  mutating func callees(of place: SymbolLocation, limit: Int, followsFields: Bool) throws -> [CalleeHit] {
    let entry = view.file(at: place.chunk.file)
    guard CallGraph.readsCallees(of: entry.language) else { return [] }
    let bytes = try texts.bytes(of: entry.object)
    let definitions = view.definitions(inFile: entry.index)
    let calls =
      entry.language == .assembly
      ? AssemblyCalls(bytes, definitions: definitions).calls(inside: place.definition)
      : SourceUses(bytes, definitions: definitions).calls(inside: place.definition)
    var hits: [CalleeHit] = []
    let body = place.definition.signature.lowerBound..<(calls.last?.end ?? place.definition.signature.upperBound)
    for call in calls.prefix(limit) {
      var hit = CalleeHit(
        name: call.name, lines: call.lines, text: Retriever.oneLine(bytes[call.lineRange]),
        isIndirect: call.isThroughField, targets: [], areTargetsTruncated: false)
      if call.isThroughField {
        if followsFields {
          let found = try targets(
            ofField: call.name, receiver: call.receiver, in: bytes, range: body, from: entry.path,
            limit: CallGraph.mostTargets)
          (hit.targets, hit.areTargetsTruncated) = (found.targets, found.hasMore)
        }
      } else {
        let found = targets(named: call.name, from: entry.path, bytes: bytes)
        guard let found else { continue }
        hit.targets = found.prefix(CallGraph.mostTargets).map { CalleeTarget(name: call.name, definition: $0) }
        hit.areTargetsTruncated = found.count > CallGraph.mostTargets
      }
      hits.append(hit)
    }
    return hits
  }

  static func readsCallees(of language: Language) -> Bool { hasCallers(language) }

  /// nil for what is defined, but is nothing that can be called: a type in a cast.
  func targets(named name: String, from path: TreePath, bytes: [UInt8]) -> [CallTarget]? {
    let places = definitions(of: name).filter { $0.definition.kind != .variable }
    if places.isEmpty {
      let others = view.definitions(named: name)
      return others.contains { [.typedef, .struct].contains($0.definition.kind) } ? nil : []
    }
    return TargetChoice(places.map { CallTarget($0, path: view.path(at: $0.chunk.file)) })
      .targets(from: path, bytes: bytes)
  }
}

/// The calls of one name in one definition.
struct FoundCall {
  var name: String
  var lines: [Int]
  var lineRange: Range<Int>
  var isThroughField: Bool
  var receiver: String?
  /// The offset behind the last of them.
  var end: Int
}

extension SourceUses {
  /// What a definition of the file calls, in order of first call.
  func calls(inside definition: Definition) -> [FoundCall] {
    var found: [FoundCall] = []
    var places: [String: Int] = [:]
    var lines = LineCounter()
    for use in text.calls(from: definition.signature.lowerBound) where isInside(use, definition) {
      let name = text.string(use.range)
      if !use.isMember, use.isQuoted || SourceUses.keywords.contains(name) { continue }
      let line = lines.line(of: use.range.lowerBound, in: text.bytes)
      let receiver = use.isMember ? use.receiver.map(text.string) : nil
      let key = use.isMember ? "\(receiver ?? "")->\(name)" : name
      if let place = places[key] {
        if found[place].lines.last != line { found[place].lines.append(line) }
        found[place].end = use.range.upperBound
        continue
      }
      places[key] = found.count
      found.append(
        FoundCall(
          name: name, lines: [line], lineRange: LineCounter.line(around: use.range.lowerBound, in: text.bytes),
          isThroughField: use.isMember, receiver: receiver, end: use.range.upperBound))
    }
    return found
  }

  private func isInside(_ use: NameUse, _ definition: Definition) -> Bool {
    switch use.place {
    case .macroBody: definition.kind == .macro && use.item.overlaps(definition.signature)
    case .function, .typeBody: definition.kind != .macro && self.definition(in: use.item) == definition
    default: false
    }
  }

  /// What `(` may follow without a call.
  private static let keywords: Set<String> = [
    "if", "while", "for", "switch", "return", "sizeof", "typeof", "__typeof__", "__typeof", "_Alignof", "__alignof__",
    "asm", "__asm__", "__asm", "volatile", "__volatile__", "__attribute__", "__attribute", "_Static_assert", "_Generic",
    "defined", "do", "else", "case", "goto", "int", "char", "long", "short", "unsigned", "signed", "void", "float",
    "double", "bool", "const", "struct", "union", "enum", "alignof", "and", "or", "not", "match", "loop", "in", "move",
  ]
}
